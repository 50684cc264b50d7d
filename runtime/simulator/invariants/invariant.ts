import type { Kind, ObjectKey } from "../../../model/meta.ts";
import type { Client } from "../../client/client.ts";
import type { PodCommand, PodEvent, ProxyRule } from "../../environment.ts";
import type { Failing, SimulatedContainer, SimulatedSandbox } from "../../kubelet/drivers/simulated.ts";
import type { Change } from "../../store/history.ts";
import type { Store } from "../../store/store.ts";
import type { Absence } from "../absences.ts";

/** What holds in every run, whatever the file says. */
export interface Invariant {
  /** As a sentence without its end: what holds. */
  readonly name: string;
  /** Looks at one run from its beginning on. */
  watch(run: Run): Watcher;
}

/** What an invariant sees of a run. */
export interface Run {
  /** The API of now: a restart makes another. */
  client(): Client;
  /** What truly is there, whatever the API says of it: a pod; a container, if it runs. */
  sandbox(podUid: string): SimulatedSandbox | undefined;
  container(podUid: string, name: string): SimulatedContainer | undefined;
  /** When a container was first asked to end, or killed, whatever the API says; undefined: it was not. */
  askedToEnd(podUid: string, name: string): number | undefined;
  /** Since when the probes of a container that runs fail, and whether they have always; undefined: they succeed, or it does not run. */
  failing(podUid: string, name: string): Failing | undefined;
  /** What the proxies were told last. */
  rules(): readonly ProxyRule[];
  /** Whether the watches of a controller, of the "scheduler" or the "proxy" hang, all or those of a kind: it does what was right once. */
  behind(loop: string, kind?: Kind): boolean;
  /** When they hung last. */
  loopAbsence(loop: string): Absence | undefined;
  /** Nodes that are dead or cut off. */
  readonly lostNodes: ReadonlySet<string>;
  /** When a node was dead or cut off last. */
  nodeAbsence(node: string): Absence | undefined;
  /** When the kubelet of a node began, and the cluster: what they keep in mind is no older. */
  kubeletSince(node: string): number;
  clusterSince(): number;
  /** Which loop, by its name, makes the write that is looked at; undefined: somebody else. */
  actor(): string | undefined;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Watcher {
  /** Looks at a write; called for each, once it stands. */
  change?(change: Change): Violation | undefined;
  /** Looks at a command for the driver, before it is carried out. */
  command?(command: PodCommand): Violation | undefined;
  /** Looks at an answer of the driver, once its kubelet has heard it. */
  answer?(event: PodEvent): Violation | undefined;
  /** Compares what was in the store with what came back after a restart. */
  restarted?(before: Store, after: Store): Violation | undefined;
  /** Looks at the whole cluster once it has converged. */
  settled?(): Violation | undefined;
}

export interface Violation {
  /** What is wrong, in the user's words. */
  readonly message: string;
  /** The objects that it is about, the culprit first. */
  readonly objects: readonly ObjectKey[];
}
