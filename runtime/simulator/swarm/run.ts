import type { Node, Pod, ReplicationController, Service, Taint } from "../../../model/core.ts";
import { keyOf, type Stored } from "../../../model/meta.ts";
import { OWNER_FIELD } from "../../client/fields.ts";
import { controllers } from "../../controllers/index.ts";
import { fitsNowhere, standingOf } from "../fitting.ts";
import { createSimulation, type Simulation } from "../simulation.ts";
import type { EventType, SwarmCase, SwarmEvent, SwarmWorkload } from "./case.ts";
import { casePlan, createNode, createRc, createService, nodeName, POOL, rcName, TAINT } from "./plan.ts";

/** What went wrong in a case. Two failures are the same where their `kind` is. */
export interface SwarmFailure {
  /** `invariant: …`, `error: …`, `unsettled: …`, `endless` or `trace`. */
  readonly kind: string;
  readonly message: string;
  /** Milliseconds since the start of the run. */
  readonly at: number;
}

export interface SwarmResult {
  readonly failure: SwarmFailure | undefined;
  readonly traceHash: string;
  /** Milliseconds of virtual time. */
  readonly simulated: number;
}

const minute = 60_000;
/** By then every back-off, eviction and lease has had its time several times over. */
const patience = 60 * minute;
/** After it has converged a cluster is watched a little longer. */
const afterwards = minute;

/** Plays a case to its end: the events, then nothing more fails, and all has to come to rest. */
export function runCase(swarm: SwarmCase): SwarmResult {
  const { nodes, driver } = swarm;
  const simulation = createSimulation({
    plan: casePlan(swarm),
    seed: swarm.seed,
    answers: driver,
    skew: Object.fromEntries(nodes.map(({ skew }, index) => [nodeName(index), skew])),
  });
  const play: Play = { simulation, steps: 0 };
  let failure = playEvents(play, swarm);
  if (!failure) {
    endFaults(simulation, swarm);
    failure = comeToRest(play);
  }
  simulation.stop();
  const simulated = simulation.clock.now() - simulation.startedAt;
  return { failure, traceHash: simulation.traceHash(), simulated };
}

/** A case that is being played, and how many steps it has taken. */
interface Play {
  readonly simulation: Simulation;
  steps: number;
}

/** Many times what a case takes: what goes on for longer turns in a circle. */
const mostSteps = 1_000_000;

function playEvents(play: Play, swarm: SwarmCase): SwarmFailure | undefined {
  const { simulation } = play;
  const versions = swarm.workloads.map(() => 1);
  for (const event of swarm.events) {
    const failure = runUntil(play, simulation.startedAt + event.at);
    if (failure) return failure;
    strike(simulation, swarm, event, versions);
  }
  return failureOf(play);
}

function runUntil(play: Play, at: number): SwarmFailure | undefined {
  while (step(play, at)) {
    const failure = failureOf(play);
    if (failure) return failure;
  }
  return failureOf(play);
}

function step(play: Play, limit: number): boolean {
  play.steps++;
  return play.simulation.step(limit);
}

function failureOf({ simulation, steps }: Play): SwarmFailure | undefined {
  const { broken, errors, startedAt, clock } = simulation;
  if (steps > mostSteps)
    return {
      kind: "endless",
      message: `${mostSteps} steps were not enough`,
      at: clock.now() - startedAt,
    };
  if (broken)
    return { kind: `invariant: ${broken.invariant}`, message: broken.message, at: broken.at - startedAt };
  const first = errors[0];
  if (!first) return undefined;
  const text =
    first.error instanceof Error ? `${first.error.name}: ${first.error.message}` : String(first.error);
  return {
    kind: `error: ${first.loop.split("/")[0]}`,
    message: `${first.key}: ${text}`,
    at: first.at - startedAt,
  };
}

/** What an event means for the node, and for the workload and pod, that it lands on. */
interface Struck {
  readonly simulation: Simulation;
  readonly node: string;
  /** As it was made. */
  readonly created: Node;
  readonly rc: Stored<ReplicationController> | undefined;
  readonly pod: Stored<Pod> | undefined;
  readonly target: number;
  readonly amount: number;
  /** What was drawn for the workload, and its rc with another template. */
  readonly workload: SwarmWorkload;
  nextVersion(): ReplicationController;
  /** Its service, open on the nodes or not; undefined where it has none. */
  service(open: boolean): Service | undefined;
}

const loops = [...Object.keys(controllers), "scheduler", "proxy"];

const acts: Readonly<Record<EventType, (struck: Struck) => void>> = {
  kill: ({ simulation, node }) => simulation.faults.killNode(node),
  revive: ({ simulation, node }) => simulation.faults.reviveNode(node),
  // Its service is opened on the nodes, or is closed there; or it goes, until it is opened or closed the next time.
  expose: ({ simulation, amount, service }) => {
    const changed = service(amount % 2 === 0);
    if (changed && amount < 6) simulation.faults.update([changed], []);
    else if (changed) simulation.faults.update([], [keyOf(changed)]);
  },
  // More is asked for twice, while whoever makes the pods does not see those that he has made.
  overtake: ({ simulation: { faults, clock }, rc, workload }) => {
    if (!rc || workload.replicas < 2) return;
    const scaleTo = (replicas: number) => faults.scale(keyOf(rc), replicas);
    const steps = [
      () => scaleTo(workload.replicas - 2),
      () => faults.stallLoop("replication", "Pod"),
      () => scaleTo(workload.replicas - 1),
      () => scaleTo(workload.replicas),
      () => faults.healLoop("replication"),
    ];
    for (const [index, take] of steps.entries()) clock.schedule(clock.now() + index * 2000, take);
  },
  restartKubelet: ({ simulation, node }) => simulation.faults.restartKubelet(node),
  restartCluster: ({ simulation }) => simulation.faults.restartCluster(),
  // Shorter than what a controller waits for what it has asked for (5 min): past that it may act twice, as in Kubernetes.
  lag: ({ simulation: { faults, clock }, target, amount }) => {
    // Sometimes all of them: what one of them does with an old view shows where others act as well; and sometimes only
    // what one hears of pods, for what it hears of all else makes it act meanwhile.
    const lagging = target % 3 === 0 ? loops : [loops[target % loops.length]!];
    for (const loop of lagging) faults.stallLoop(loop, target % 3 === 2 ? "Pod" : undefined);
    clock.schedule(clock.now() + amount * 10_000, () => lagging.forEach(faults.healLoop));
  },
  cut: ({ simulation, node }) => simulation.faults.cutNode(node),
  stall: ({ simulation, node }) => simulation.faults.stallNode(node),
  heal: ({ simulation, node }) => simulation.faults.healNode(node),
  cordon: ({ simulation, node }) => simulation.faults.cordon(node, true),
  uncordon: ({ simulation, node }) => simulation.faults.cordon(node, false),
  drain: ({ simulation, node }) => simulation.faults.drain(node),
  fill: ({ simulation, node }) => simulation.faults.fillNode(node, true),
  empty: ({ simulation, node }) => simulation.faults.fillNode(node, false),
  slow: ({ simulation, node, amount }) => simulation.faults.slowNode(node, amount * 5000),
  crash: ({ simulation, pod, amount }) => {
    if (pod) simulation.faults.crash(pod.metadata.uid, undefined, amount % 3);
  },
  exhaust: ({ simulation, pod }) => {
    if (pod) simulation.faults.exhaustMemory(pod.metadata.uid);
  },
  scale: ({ simulation, rc, amount, workload }) => {
    if (rc) simulation.faults.scale(keyOf(rc), Math.min(amount, workload.replicas));
  },
  update: ({ simulation, nextVersion }) => {
    simulation.faults.update([nextVersion()], []);
  },
  // Its label by which it is selected is another one, or none.
  label: ({ simulation, node, amount }) =>
    changeNode(simulation, node, ({ metadata: { labels, ...metadata }, ...rest }) => {
      const { [POOL]: _, ...others } = labels ?? {};
      const pool = [undefined, "a", "b"][amount % 3];
      return { ...rest, metadata: { ...metadata, labels: pool ? { ...others, [POOL]: pool } : others } };
    }),
  taint: ({ simulation, node, amount }) =>
    changeNode(simulation, node, (found) => withTaint(found, effects[amount % effects.length])),
  untaint: ({ simulation, node }) => changeNode(simulation, node, (found) => withTaint(found, undefined)),
  // Its object is deleted, and made anew a while later.
  replace: ({ simulation, node, amount, created }) => {
    const { faults, clock } = simulation;
    if (!simulation.cluster.client.get("Node", undefined, node)) return;
    faults.update([], [`Node/${node}`]);
    clock.schedule(clock.now() + amount * 5000, () => void faults.update([created], []));
  },
  delete: ({ simulation, pod }) => {
    if (!pod || pod.metadata.deletionTimestamp) return;
    simulation.cluster.client.delete("Pod", pod.metadata.namespace, pod.metadata.name);
  },
};

/** What needs its node's object to be there. */
const ofNodes: ReadonlySet<EventType> = new Set([
  "kill",
  "revive",
  "cut",
  "stall",
  "heal",
  "cordon",
  "uncordon",
  "drain",
  "fill",
  "empty",
  "slow",
  "restartKubelet",
]);

const effects = ["NoExecute", "NoSchedule", "NoExecute", "PreferNoSchedule"] as const;

function changeNode(
  { cluster: { client } }: Simulation,
  name: string,
  change: (node: Stored<Node>) => Stored<Node>,
): void {
  const node = client.get("Node", undefined, name);
  if (node) client.update<"Node">(change(node));
}

/** With the taint that is drawn, which some tolerate, in place of what it had of it. */
function withTaint(node: Stored<Node>, effect: Taint["effect"] | undefined): Stored<Node> {
  const others = (node.spec.taints ?? []).filter(({ key }) => key !== TAINT);
  const taints = effect ? [...others, { key: TAINT, effect }] : others;
  return { ...node, spec: { ...node.spec, taints } };
}

function strike(simulation: Simulation, swarm: SwarmCase, event: SwarmEvent, versions: number[]): void {
  const index = event.target % swarm.workloads.length;
  const nodeIndex = event.target % swarm.nodes.length;
  const workload = swarm.workloads[index]!;
  const { client } = simulation.cluster;
  if (ofNodes.has(event.type) && !client.get("Node", undefined, nodeName(nodeIndex))) return;
  const rc = client.get("ReplicationController", "default", rcName(index));
  const pods = rc ? podsOf(simulation, rc) : [];
  acts[event.type]({
    simulation,
    node: nodeName(nodeIndex),
    created: createNode(swarm.nodes[nodeIndex]!, nodeIndex),
    rc,
    pod: pods[event.amount % Math.max(1, pods.length)],
    target: event.target,
    amount: event.amount,
    workload,
    nextVersion: () => {
      versions[index]!++;
      const replicas = rc?.spec.replicas ?? 1;
      return createRc({ ...workload, replicas }, index, versions[index]!, swarm.workloads.length);
    },
    service: (open) => (workload.service === "none" ? undefined : createService(open, index)),
  });
}

function podsOf({ cluster }: Simulation, rc: Stored<ReplicationController>): readonly Stored<Pod>[] {
  return cluster.client.list("Pod", { fields: { [OWNER_FIELD]: rc.metadata.uid } });
}

/** Everything is mended and every node is there: whatever has been asked for is possible now. */
function endFaults(simulation: Simulation, { nodes }: SwarmCase): void {
  const { faults, cluster } = simulation;
  for (let index = 0; index < nodes.length; index++) {
    const name = nodeName(index);
    if (!cluster.client.get("Node", undefined, name)) faults.update([createNode(nodes[index]!, index)], []);
    faults.reviveNode(name);
    faults.healNode(name);
    faults.cordon(name, false);
    faults.fillNode(name, false);
    faults.slowNode(name, 0);
    changeNode(simulation, name, (node) => withTaint(node, undefined));
  }
  for (const loop of loops) faults.healLoop(loop);
  faults.mendAnswers();
}

function comeToRest(play: Play): SwarmFailure | undefined {
  const { simulation } = play;
  const end = simulation.clock.now() + patience;
  const left = restWatch(simulation);
  while (left() !== undefined) {
    const before = simulation.clock.now();
    if (!step(play, end) && before === simulation.clock.now()) break;
    const failure = failureOf(play);
    if (failure) return failure;
    if (simulation.clock.now() >= end) break;
  }
  const message = left();
  if (message !== undefined)
    return {
      kind: `unsettled: ${message.replace(/[a-z]*-\S*|\d+/g, "…")}`,
      message,
      at: simulation.clock.now() - simulation.startedAt,
    };
  simulation.checkSettled();
  return failureOf(play) ?? runUntil(play, simulation.clock.now() + afterwards);
}

/** What is left to do, but for pods that truly find no place. These are looked for once a second at most. */
function restWatch(simulation: Simulation): () => string | undefined {
  let looked = Number.NEGATIVE_INFINITY;
  let found: string | undefined;
  return () => {
    const all = simulation.unsettled();
    const now = simulation.clock.now();
    if (all === undefined) return undefined;
    if (simulation.clock.nextAt() === now) return all;
    if (now < looked + 1000) return found;
    looked = now;
    const standing = standingOf(simulation.cluster.client);
    found = simulation.unsettled((pod) => fitsNowhere(pod, standing));
    return found;
  };
}
