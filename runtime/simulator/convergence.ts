import type { Node, Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, type ObjectKey, ROLLOUT_ANNOTATION, type Stored } from "../../model/meta.ts";
import { condition, isActive, isGated, isReady, isTerminal } from "../../model/pod.ts";
import type { Client } from "../client/client.ts";
import type { SimulatedSandbox } from "../kubelet/drivers/simulated.ts";
import type { Faults } from "./faults.ts";
import { formatDuration } from "./scenario/durations.ts";

/** A container that lasts no longer than so many milliseconds from its start. */
export interface Brief {
  readonly podUid: string;
  readonly container: string;
  readonly lasts: number;
}

/** What ends sooner than the shortest back-off has not come up. Milliseconds. */
export const briefest = 10_000;

/** What is known of a simulated cluster beside its objects. */
export interface Surroundings {
  readonly client: Client;
  /** The pods that truly are there, whatever the API says. */
  readonly sandboxes: readonly SimulatedSandbox[];
  /** What of the plan is not created yet. */
  readonly held: readonly ObjectKey[];
  /** Pods that a drain may not evict yet, by node. */
  readonly kept: Faults["kept"];
  /** Containers that run and will have ended by themselves before long. */
  readonly brief: readonly Brief[];
  /** Nodes that are short of disk: their pods have to go. */
  readonly full: ReadonlySet<string>;
  /** Nodes that are dead or cut off. */
  readonly lost: ReadonlySet<string>;
  /** Pods without a node that may go on waiting for one, and rolls and counts with them; absent: none may. */
  readonly waits?: (pod: Stored<Pod>) => boolean;
}

/**
 * What is left to do, as one sentence; undefined when the cluster has converged: every node is seen as it is, every rc
 * has its pods and they are ready, nothing waits for a node or is being deleted, and nothing runs that the API does not
 * know.
 *
 * A node that is dead or cut off stays so: what is on it and cannot be taken away before it is back is left out.
 */
export function unsettled(surroundings: Surroundings): string | undefined {
  const { client, sandboxes, held, kept, brief, full, lost } = surroundings;
  const waiting = new Set<string>();
  if (surroundings.waits)
    for (const pod of client.list("Pod"))
      if (!pod.spec.nodeName && isActive(pod) && surroundings.waits(pod)) waiting.add(pod.metadata.uid);
  if (held.length > 0) return `${held[0]} waits for what it is to come after`;
  for (const [node, [first]] of kept)
    return `pod ${first!.pod} may not be evicted from node ${node}: ${first!.why}`;
  for (const node of client.list("Node")) {
    const reason = nodeUnsettled(node, lost);
    if (reason) return reason;
  }
  for (const rc of client.list("ReplicationController")) {
    const reason = rcUnsettled(client, rc, lost, waiting);
    if (reason) return reason;
  }
  for (const pod of client.list("Pod")) {
    const reason = waiting.has(pod.metadata.uid) ? undefined : podUnsettled(pod, lost);
    if (reason) return reason;
    const { nodeName = "" } = pod.spec;
    if (full.has(nodeName) && !lost.has(nodeName) && isActive(pod))
      return `pod ${pod.metadata.name} is on node ${nodeName}, which is short of disk`;
  }
  for (const { pod, nodeName } of sandboxes) {
    const { namespace, name, uid } = pod.metadata;
    if (lost.has(nodeName) || client.get("Pod", namespace, name)?.metadata.uid === uid) continue;
    return `pod ${name} still runs on node ${nodeName}, though it is gone from the API`;
  }
  // By the API all is well, until then.
  for (const { podUid, container, lasts } of brief) {
    const pod = sandboxes.find((each) => each.podUid === podUid)?.pod;
    if (pod && endsForNothing(pod, container))
      return `pod ${pod.metadata.name} is ready, and its container ${container} exits ${formatDuration(lasts)} after its start`;
  }
  return undefined;
}

/** Of those that are to run on: what ends by itself is begun anew, and that again. */
function endsForNothing({ spec }: Pod, container: string): boolean {
  return (
    (spec.restartPolicy ?? "Always") === "Always" && spec.containers.some(({ name }) => name === container)
  );
}

function nodeUnsettled(node: Stored<Node>, lost: ReadonlySet<string>): string | undefined {
  const { name } = node.metadata;
  const ready = condition(node.status?.conditions, "Ready")?.status === "True";
  if (lost.has(name)) return ready ? `nobody has noticed yet that node ${name} is gone` : undefined;
  if (!ready) return `node ${name} is not Ready`;
  const passing = node.spec.taints?.find(({ key }) =>
    /^node\.kubernetes\.io\/(not-ready|unreachable)$/.test(key),
  );
  return passing && `node ${name} still has the taint ${passing.key}`;
}

function rcUnsettled(
  client: Client,
  rc: Stored<ReplicationController>,
  lost: ReadonlySet<string>,
  waiting: ReadonlySet<string>,
): string | undefined {
  const { namespace, name, generation = 0, annotations } = rc.metadata;
  if (rc.metadata.deletionTimestamp) return `rc ${name} is being deleted`;
  if ((rc.status?.observedGeneration ?? 0) < generation)
    return `the controller has not seen rc ${name} as it is now`;
  const pods = client
    .list("Pod", { namespace: namespace! })
    .filter((pod) => controllerOf(pod)?.uid === rc.metadata.uid && isActive(pod));
  const held = pods.filter(({ metadata }) => waiting.has(metadata.uid)).length;
  if (annotations?.[ROLLOUT_ANNOTATION] !== undefined && held === 0) return `rc ${name} is rolling out`;
  const wanted = rc.spec.replicas ?? 1;
  if (pods.length !== wanted) return `rc ${name} has ${pods.length} pods of ${wanted}`;
  const stranded = pods.find((pod) => lost.has(pod.spec.nodeName ?? ""));
  if (stranded) return `pod ${stranded.metadata.name} is on node ${stranded.spec.nodeName}, which is gone`;
  const barred = pods.map(waitsForGates).find((text) => text !== undefined);
  if (barred !== undefined) return barred;
  const ready = pods.filter(isReady).length;
  if (ready + held !== wanted) return `rc ${name} has ${ready} ready pods of ${wanted}`;
  if ((rc.status?.readyReplicas ?? 0) !== ready) return `the status of rc ${name} is behind`;
  return undefined;
}

/** Gates are opened by somebody outside: on a cluster that nobody else looks after they stay as they are. */
function waitsForGates({ metadata: { name }, spec, status }: Stored<Pod>): string | undefined {
  if (isGated(spec)) {
    const names = spec.schedulingGates!.map((gate) => gate.name).join(", ");
    return `pod ${name} waits for its scheduling gates to be taken away (${names})`;
  }
  const ready = condition(status?.conditions, "Ready");
  if (ready?.reason !== "ReadinessGatesNotReady") return undefined;
  const types = spec.readinessGates!.map((gate) => gate.conditionType).join(", ");
  return `pod ${name} waits for the conditions of its readiness gates (${types})`;
}

function podUnsettled(pod: Stored<Pod>, lost: ReadonlySet<string>): string | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  if (lost.has(pod.spec.nodeName ?? "")) return undefined;
  if (deletionTimestamp) return `pod ${name} is being deleted`;
  if (isTerminal(pod)) return undefined;
  const barred = waitsForGates(pod);
  if (barred !== undefined) return barred;
  if (!pod.spec.nodeName) return `pod ${name} has no node`;
  if (!isReady(pod) && (pod.spec.restartPolicy ?? "Always") === "Always") return `pod ${name} is not ready`;
  return undefined;
}
