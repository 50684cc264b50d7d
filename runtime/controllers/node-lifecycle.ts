import { type Cancel, lastRank } from "../../base/clock.ts";
import type { Lease, Node } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";
import type { Client, WatchEvent } from "../client/client.ts";
import { LEASE_NAMESPACE } from "../client/lease.ts";
import { Loop } from "../client/loop.ts";
import { equalStructure } from "../client/structure.ts";
import { type Controller, type ControllerEnvironment, ifThere, stopAll } from "./controller.ts";
import { deadline, lastHeartbeat, silentConditions, unreadyConditions } from "./node-health.ts";
import {
  conditionTaintKeys,
  NOT_READY,
  UNREACHABLE,
  withConditionTaints,
  withFailureTaint,
} from "./taints.ts";
import { evictionRate, isNodeReady, RateLimiter, zoneOf, zoneState } from "./zones.ts";

const COMPONENT = "node-controller";
/** The one key under which zones are looked at: whether all are down concerns each of them. */
const ZONES = "zones";

/**
 * Watches over the nodes (`pkg/controller/nodelifecycle`): a silent one becomes Unknown and its pods not ready; taints
 * follow conditions; those that evict are set at a rate per zone, and not at all while every node is down, since then
 * it is rather the watcher who is cut off.
 */
export function createNodeLifecycleController(
  client: Client,
  environment: ControllerEnvironment,
): Controller {
  const { clock, onError, heartbeats } = environment;
  // When each node was last heard of, by this clock: a restart gives every node its grace anew. Beats that are known
  // without being sent are not among them.
  const heard = new Map<string, number>();
  /** When a node is to be silent for too long, if nothing is heard of it until then. */
  const deadlines = new Map<string, Cancel>();

  const health = new Loop(
    "node-lifecycle",
    clock,
    (name) => {
      const node = client.get("Node", undefined, name);
      if (node) return checkHealth(node);
      forget(name);
    },
    onError,
  );
  const zones = createZoneLoop(client, environment, heard);

  function checkHealth(node: Stored<Node>): void {
    const { name } = node.metadata;
    if (!heard.has(name)) heard.set(name, clock.now());
    const silent = clock.now() >= silentAt(node);
    const current = silent ? silence(node) : node;
    setTaintsAndPhase(current);
    if (!isNodeReady(current)) markPodsNotReady(name);
    if (!silent) monitor(name);
  }

  /** When a node is called silent, by all that was heard of it until now. */
  function silentAt(node: Node): number {
    const { name } = node.metadata;
    const last = Math.max(heard.get(name) ?? clock.now(), heartbeats?.heard(name)?.last ?? 0);
    return deadline(node, last);
  }

  /**
   * Looks at a node again when it will be silent. Nobody waits for that where its next beat is known to come before:
   * should it not, `heartbeats` says so. Whoever does wait comes last in his instant, for a beat may come in
   * the same.
   */
  function monitor(name: string): void {
    deadlines.get(name)?.();
    deadlines.delete(name);
    const node = client.get("Node", undefined, name);
    if (!node) return;
    const at = silentAt(node);
    if ((heartbeats?.heard(name)?.next ?? Number.POSITIVE_INFINITY) <= at) return;
    const look = () => {
      deadlines.delete(name);
      const current = client.get("Node", undefined, name);
      if (current && clock.now() < silentAt(current)) monitor(name);
      else health.add(name);
    };
    deadlines.set(name, clock.schedule(at, look, lastRank(name)));
  }

  function forget(name: string): void {
    heard.delete(name);
    deadlines.get(name)?.();
    deadlines.delete(name);
  }

  function silence(node: Stored<Node>): Stored<Node> {
    const conditions = silentConditions(node, clock.now());
    if (conditions === node.status?.conditions) return node;
    return client.updateStatus<"Node">({ ...node, status: { ...node.status, conditions } });
  }

  /** Not for scheduling while a condition forbids it. The phase is Kubernetes' old one: Pending until first ready. */
  function setTaintsAndPhase(node: Stored<Node>): void {
    const taints = withConditionTaints(node.spec.taints ?? [], conditionTaintKeys(node), clock.now());
    const current =
      taints === node.spec.taints || (taints.length === 0 && !node.spec.taints)
        ? node
        : client.update<"Node">({ ...node, spec: { ...node.spec, taints } });
    const phase =
      node.metadata.deletionTimestamp !== undefined
        ? "Terminated"
        : isNodeReady(node)
          ? "Running"
          : (node.status?.phase ?? "Pending");
    if (phase !== current.status?.phase)
      client.updateStatus<"Node">({ ...current, status: { ...current.status, phase } });
  }

  function markPodsNotReady(name: string): void {
    for (const pod of client.list("Pod", { fields: { "spec.nodeName": name } })) {
      const conditions = unreadyConditions(pod, clock.now());
      if (!conditions) continue;
      ifThere(() => {
        const marked = client.updateStatus<"Pod">({ ...pod, status: { ...pod.status, conditions } });
        client.event(marked, COMPONENT, "Warning", "NodeNotReady", "Node is not ready");
      });
    }
  }

  function nodeChanged({ type, object, previous }: WatchEvent<Node>): void {
    const { name } = object.metadata;
    const tell = (reason: string, message: string) =>
      client.event(object, COMPONENT, "Normal", reason, `Node ${name} ${message}`);
    // One that has conditions was told of before this controller was started anew.
    if (type === "ADDED" && !object.status?.conditions)
      tell("RegisteredNode", `event: Registered Node ${name} in Controller`);
    if (type === "DELETED") tell("RemovingNode", `event: Removing Node ${name} from Controller`);
    if (type === "DELETED") forget(name);
    else if (!previous || lastHeartbeat(previous) !== lastHeartbeat(object)) heard.set(name, clock.now());
    health.add(name);
    if (type !== "MODIFIED" || concernsZones(previous!, object)) zones.add(ZONES);
    if (type === "MODIFIED" && isNodeReady(previous!) && !isNodeReady(object))
      tell("NodeNotReady", "status is now: NodeNotReady");
  }

  function leaseChanged({ type, object, previous }: WatchEvent<Lease>): void {
    if (type === "DELETED" || object.spec.renewTime === previous?.spec.renewTime) return;
    // The deadline that stands is looked at when it comes, and put off then; a beat costs nothing more.
    const { name } = object.metadata;
    if (heard.has(name)) heard.set(name, clock.now());
  }

  const stops = [
    client.watch("Node", nodeChanged),
    client.watch("Lease", leaseChanged, { namespace: LEASE_NAMESPACE }),
    heartbeats?.onChange((name) => {
      const node = client.get("Node", undefined, name);
      if (node && clock.now() < silentAt(node)) monitor(name);
    }) ?? (() => {}),
  ];
  return {
    name: health.name,
    stop: () => {
      health.stop();
      zones.stop();
      for (const cancel of deadlines.values()) cancel();
      stopAll(stops);
    },
  };
}

function concernsZones(before: Stored<Node>, after: Stored<Node>): boolean {
  const status = (node: Node) => condition(node.status?.conditions, "Ready")?.status;
  return (
    status(before) !== status(after) ||
    zoneOf(before) !== zoneOf(after) ||
    !equalStructure(before.spec.taints, after.spec.taints)
  );
}

/** Sets and takes away the taints that evict, as fast as each zone's state allows. */
function createZoneLoop(
  client: Client,
  { clock, onError }: ControllerEnvironment,
  heard: Map<string, number>,
): Loop {
  const limiters = new Map<string, RateLimiter>();
  let allDown = false;

  function taint(node: Stored<Node>, key: typeof NOT_READY | typeof UNREACHABLE | undefined): void {
    const taints = withFailureTaint(node.spec.taints ?? [], key, clock.now());
    if (taints !== node.spec.taints && !(taints.length === 0 && !node.spec.taints))
      client.update<"Node">({ ...node, spec: { ...node.spec, taints } });
  }

  /** Taints what a zone's rate allows now; gives in how many milliseconds it allows more, if more is to do. */
  function processZone(zone: string, nodes: readonly Stored<Node>[]): number {
    const rate = evictionRate(zoneState(nodes), nodes.length);
    let limiter = limiters.get(zone);
    if (limiter?.rate !== rate) limiters.set(zone, (limiter = new RateLimiter(rate)));
    for (const node of nodes) {
      const ready = condition(node.status?.conditions, "Ready")?.status;
      const key = ready === "False" ? NOT_READY : ready === "Unknown" ? UNREACHABLE : undefined;
      const taints = node.spec.taints ?? [];
      if (key === undefined) taint(node, undefined);
      else if (withFailureTaint(taints, key, 0) === taints) continue;
      // One failure in place of another was paid for already.
      else if (withFailureTaint(taints, undefined, 0) !== taints) taint(node, key);
      else {
        const permission = limiter.take(clock.now());
        if (permission !== true) return permission;
        taint(node, key);
      }
    }
    return Number.POSITIVE_INFINITY;
  }

  return new Loop(
    "node-zones",
    clock,
    () => {
      const byZone = new Map<string, Stored<Node>[]>();
      for (const node of client.list("Node")) {
        const zone = zoneOf(node);
        const others = byZone.get(zone);
        if (others) others.push(node);
        else byZone.set(zone, [node]);
      }
      for (const zone of limiters.keys()) if (!byZone.has(zone)) limiters.delete(zone);
      const down =
        byZone.size > 0 && [...byZone.values()].every((nodes) => zoneState(nodes) === "FullDisruption");
      if (down) {
        // Nobody answers: nobody is evicted, and those that were to be are no more.
        for (const nodes of byZone.values()) for (const node of nodes) taint(node, undefined);
        allDown = true;
        return;
      }
      if (allDown) {
        // Whoever was not heard of meanwhile could not be: each has its whole grace again.
        for (const name of heard.keys()) heard.set(name, clock.now());
        limiters.clear();
        allDown = false;
      }
      const after = Math.min(...[...byZone].map(([zone, nodes]) => processZone(zone, nodes)));
      return Number.isFinite(after) ? { after } : undefined;
    },
    onError,
  );
}
