import type { ObjectKey } from "../../../model/meta.ts";
import type { Client } from "../../client/client.ts";
import type { PodEvent, ProxyRule } from "../../environment.ts";
import type { SimulatedContainer, SimulatedSandbox } from "../../kubelet/drivers/simulated.ts";
import type { Change } from "../../store/history.ts";
import type { Store } from "../../store/store.ts";

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
  /** What the proxies were told last. */
  rules(): readonly ProxyRule[];
  /** Whether the watches of a controller, of the "scheduler" or the "proxy" hang: it does what was right once. */
  behind(loop: string): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Watcher {
  /** Looks at a write; called for each, once it stands. */
  change?(change: Change): Violation | undefined;
  /** Looks at an answer of the driver. */
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
