import type {
  ContainerStatus,
  Endpoints,
  Event,
  Node,
  Pod,
  ReplicationController,
} from "../../../model/core.ts";
import { controllerOf, keyOf, type ObjectKey, objectKey, type Stored } from "../../../model/meta.ts";
import type { Place } from "../../../model/plan.ts";
import { condition, isReady } from "../../../model/pod.ts";
import type { Change } from "../../store/history.ts";
import type { Simulation } from "../simulation.ts";
import type { Failure, Performed } from "./results.ts";
import { shortName } from "./values.ts";

/** What happened to whom in a run, in the order of virtual time. */
export interface Happening {
  /** Milliseconds since the run began. */
  readonly at: number;
  /** `pod web-x2x4c`; absent for a step. */
  readonly subject?: string;
  /** `is put on worker-a`; of a step its text. */
  readonly text: string;
  /** What it is about, the object itself first, then its owner. */
  readonly objects: readonly ObjectKey[];
  /** Of a pod: the node that it is on. */
  readonly node?: ObjectKey;
  /** The store's revision once it had happened; of a step, before it. */
  readonly revision: number;
  /** Of a step. */
  readonly place?: Place;
}

/** Writes down what happens from now on. */
export function record(simulation: Simulation): { readonly happenings: Happening[]; stop(): void } {
  const happenings: Happening[] = [];
  const stop = simulation.cluster.store.subscribe((change) => {
    const at = simulation.clock.now() - simulation.startedAt;
    for (const one of told(change, simulation)) happenings.push({ at, revision: change.revision, ...one });
  });
  return { happenings, stop };
}

type Told = Omit<Happening, "at" | "revision">;

function told({ kind, previous, next }: Change, simulation: Simulation): readonly Told[] {
  switch (kind) {
    case "Node":
      return next ? nodeTold(previous as Stored<Node> | undefined, next as Stored<Node>) : [];
    case "Pod":
      return podTold(previous as Stored<Pod> | undefined, next as Stored<Pod> | undefined);
    case "ReplicationController":
      return rcTold(previous as ReplicationController | undefined, next as ReplicationController | undefined);
    case "Endpoints":
      return endpointsTold(previous as Endpoints | undefined, next as Endpoints | undefined);
    case "Event":
      return next ? eventTold(next as Stored<Event>, previous !== undefined, simulation) : [];
    default:
      return [];
  }
}

function nodeTold(before: Stored<Node> | undefined, node: Stored<Node>): readonly Told[] {
  const subject = `node ${node.metadata.name}`;
  const tell = (text: string): Told => ({ subject, text, objects: [keyOf(node)] });
  const list: Told[] = [];
  const [old, now] = [before, node].map((each) => condition(each?.status?.conditions, "Ready"));
  if (before && old?.status !== now?.status)
    list.push(
      tell(now?.status === "True" ? "is Ready" : `is no longer Ready${because(now?.message ?? now?.reason)}`),
    );
  if ((before?.spec.unschedulable ?? false) !== (node.spec.unschedulable ?? false))
    list.push(tell(node.spec.unschedulable ? "takes no more pods" : "takes pods again"));
  const known = new Set(before?.spec.taints?.map(({ key, effect }) => `${key}:${effect}`));
  for (const { key, effect } of node.spec.taints ?? [])
    if (effect === "NoExecute" && !known.has(`${key}:${effect}`))
      list.push(tell(`has the taint ${key}:${effect}`));
  return list;
}

const because = (why: string | undefined) =>
  why ? `: ${withoutPreemption(why).replace(/[.\s]+$/, "")}` : "";

/** Why a pod has no node; what preemption has to say after it helps nobody. */
export function withoutPreemption(message: string): string {
  return message.replace(/ (no new claims to deallocate, )?preemption: .*$/, "");
}

function podTold(before: Stored<Pod> | undefined, pod: Stored<Pod> | undefined): readonly Told[] {
  const { metadata } = (pod ?? before)!;
  const owner = controllerOf((pod ?? before)!);
  const objects = [
    `Pod/${metadata.namespace}/${metadata.name}`,
    ...(owner ? [objectKey(owner.kind, metadata.namespace, owner.name)] : []),
  ];
  const subject = `pod ${shortName(objects[0]!)}`;
  const { nodeName } = (pod ?? before)!.spec;
  const tell = (text: string): Told => ({
    subject,
    text,
    objects,
    ...(nodeName !== undefined && { node: `Node/${nodeName}` }),
  });
  if (!pod) return [tell("is gone")];
  const list: Told[] = [];
  if (!before) list.push(tell(owner ? `is made for rc ${owner.name}` : "is made"));
  if (!before?.spec.nodeName && pod.spec.nodeName) list.push(tell(`is put on node ${pod.spec.nodeName}`));
  const [waited, waits] = [before, pod].map((each) => condition(each?.status?.conditions, "PodScheduled"));
  if (waits?.status === "False" && waits.message !== waited?.message)
    list.push(tell(`finds no node${because(waits.message)}`));
  list.push(...containersTold(before, pod).map(tell));
  if (before && isReady(before) !== isReady(pod))
    list.push(tell(isReady(pod) ? "is ready" : "is no longer ready"));
  if (!before?.metadata.deletionTimestamp && metadata.deletionTimestamp) {
    const why = condition(pod.status?.conditions, "DisruptionTarget")?.message;
    list.push(tell(`is to end${because(why)}`));
  }
  if (before?.status?.phase !== "Failed" && pod.status?.phase === "Failed")
    list.push(tell(`has failed${because(pod.status.message ?? pod.status.reason)}`));
  return list;
}

function containersTold(before: Pod | undefined, pod: Pod): readonly string[] {
  const old = new Map((before?.status?.containerStatuses ?? []).map((status) => [status.name, status]));
  return (pod.status?.containerStatuses ?? []).flatMap((status) =>
    containerTold(old.get(status.name), status),
  );
}

function containerTold(before: ContainerStatus | undefined, status: ContainerStatus): readonly string[] {
  const { name, state, restartCount } = status;
  const list: string[] = [];
  const ended = state.terminated ?? status.lastState.terminated;
  const known = before?.state.terminated ?? before?.lastState.terminated;
  const waiting = state.waiting?.reason;
  const waits =
    waiting && waiting !== before?.state.waiting?.reason && /BackOff|Err/.test(waiting)
      ? `waits: ${waiting}`
      : undefined;
  if (ended && ended.finishedAt !== known?.finishedAt) {
    const why = ended.reason && ended.reason !== "Error" ? ` (${ended.reason})` : "";
    list.push(`container ${name} exits with ${ended.exitCode}${why}${waits ? `, and ${waits}` : ""}`);
  } else if (waits) list.push(`container ${name} ${waits}`);
  if (before && restartCount > before.restartCount)
    list.push(`container ${name} is started again (${restartCount})`);
  return list;
}

function rcTold(
  before: ReplicationController | undefined,
  rc: ReplicationController | undefined,
): readonly Told[] {
  const key = keyOf((rc ?? before)!);
  const tell = (text: string): Told => ({ subject: `rc ${shortName(key)}`, text, objects: [key] });
  if (!rc) return [tell("is gone")];
  if (!before || before.spec.replicas === rc.spec.replicas) return [];
  return [tell(`wants ${rc.spec.replicas ?? 1} pods, and wanted ${before.spec.replicas ?? 1}`)];
}

function endpointsTold(before: Endpoints | undefined, after: Endpoints | undefined): readonly Told[] {
  const [old, now] = [before, after].map(
    (each) =>
      new Set((each?.subsets ?? []).flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip))).size,
  );
  if (old === now) return [];
  const { metadata } = (after ?? before)!;
  const key = objectKey("Service", metadata.namespace, metadata.name);
  return [
    {
      subject: `service ${shortName(key)}`,
      text: `has ${now} ${now === 1 ? "endpoint" : "endpoints"}, and had ${old}`,
      objects: [key],
    },
  ];
}

/** Decisions that no state shows; what states show is told from them. */
const telling = new Set([
  "TaintManagerEviction",
  "Preempted",
  "Evicted",
  "Unhealthy",
  "FailedCreate",
  "FailedMount",
  "FailedCreatePodSandBox",
]);

function eventTold(
  { involvedObject, reason, message }: Stored<Event>,
  again: boolean,
  { cluster }: Simulation,
): readonly Told[] {
  // That a container is stopped with its pod is known from the pod; that a probe has it killed is news each time.
  const killed = reason === "Killing";
  if (killed ? !/ failed \w+ probe/.test(message) : again || !telling.has(reason)) return [];
  const { kind, namespace, name } = involvedObject;
  const key = objectKey(kind, kind === "Node" ? undefined : namespace, name);
  const word = kind === "ReplicationController" ? "rc" : kind.toLowerCase();
  const pod = kind === "Pod" ? cluster.store.get("Pod", namespace, name) : undefined;
  // That a program which starts is not ready yet goes without saying.
  if (reason === "Unhealthy" && !message.startsWith("Liveness") && !(pod && isReady(pod))) return [];
  const owner = pod && controllerOf(pod);
  const node = pod && (pod as Stored<Pod>).spec.nodeName;
  return [
    {
      subject: `${word} ${shortName(key)}`,
      text: `${reason}: ${message.trimEnd()}`,
      objects: [key, ...(owner ? [objectKey(owner.kind, namespace, owner.name)] : [])],
      ...(node !== undefined && { node: `Node/${node}` as const }),
    },
  ];
}

/** The first are how it began, the last how it ended; what repeats lies between. */
const mostLines = { first: 18, last: 22 };

export interface Relevant {
  readonly shown: readonly Happening[];
  readonly left: number;
  /** So many lines are left out before the line `before` of `shown`. */
  readonly gap?: { readonly before: number; readonly lines: number };
}

/**
 * What of a run matters to its failure: the steps, what befell what they struck and what the assertion speaks of, of a
 * node that it speaks of with the pods there; the start up to the first fault is left out where there is one. `left`
 * says how much is not shown, `gap` what of it would stand between two lines that are.
 */
export function relevant(
  happenings: readonly Happening[],
  history: readonly Performed[],
  failure: Failure,
): Relevant {
  const asserted = new Set(failure.objects);
  const about = new Set([...asserted, ...history.flatMap(({ struck }) => struck)]);
  const matters = ({ objects, node }: Happening) =>
    asserted.size === 0 ||
    objects.some((key) => about.has(key)) ||
    (node !== undefined && asserted.has(node));
  const firstFault = history.find(({ kind }) => kind === "fault");
  const kept = happenings.filter(
    (one) => matters(one) && (!firstFault || one.revision > firstFault.revision),
  );
  const steps = history.map(
    ({ at, text, place, struck, revision }): Happening => ({ at, text, place, objects: struck, revision }),
  );
  // A step stands behind what was written before it, and before what comes of it.
  const order = ({ revision, subject }: Happening) => revision + (subject === undefined ? 0.5 : 0);
  const all = grouped([...steps, ...kept].sort((a, b) => order(a) - order(b)));
  const { first, last } = mostLines;
  const left = happenings.length - kept.length;
  const lines = all.length - first - last;
  if (lines <= 0) return { shown: all, left };
  return { shown: [...all.slice(0, first), ...all.slice(-last)], left, gap: { before: first, lines } };
}

/** The same said of several at one instant is one line. */
function grouped(list: readonly Happening[]): readonly Happening[] {
  const found: Happening[] = [];
  for (const one of list) {
    const before = found.at(-1);
    const word = one.subject?.slice(0, one.subject.indexOf(" "));
    if (
      before?.subject &&
      one.subject &&
      before.at === one.at &&
      before.text === one.text &&
      before.subject.startsWith(word!)
    ) {
      found[found.length - 1] = {
        ...before,
        subject: `${before.subject}, ${one.subject.slice(word!.length + 1)}`,
        objects: [...before.objects, ...one.objects],
      };
    } else found.push(one);
  }
  return found;
}
