import { type Random, seededRandom } from "../../../base/random.ts";
import type { ContainerBehaviour } from "../../../model/scenario.ts";
import {
  type EventType,
  eventTypes,
  type SwarmCase,
  type SwarmEvent,
  type SwarmNode,
  type SwarmWorkload,
} from "./case.ts";

const second = 1000;
const minute = 60 * second;

/** A case, all of it from one whole number. Each draws from its own few kinds of events, so that rare company is met, too. */
export function drawCase(seed: number): SwarmCase {
  const random = seededRandom(seed).fork("swarm");
  const nodes = drawList(random.fork("nodes"), 1, 8, drawNode);
  const drawn = fitted(nodes, drawList(random.fork("workloads"), 1, 5, drawWorkload));
  const workloads = chance(random.fork("tight"), 40) ? tightened(nodes, drawn) : drawn;
  const calm = random.fork("driver");
  return {
    seed,
    nodes,
    workloads,
    events: drawEvents(random.fork("events")),
    driver: chance(calm, 30)
      ? { late: calm.below(2 * second), doubled: calm.below(20), lost: calm.below(5) }
      : { late: 0, doubled: 0, lost: 0 },
  };
}

const between = (random: Random, first: number, last: number) => first + random.below(last - first + 1);
const chance = (random: Random, percent: number) => random.below(100) < percent;
const pick = <T>(random: Random, items: readonly T[]): T => items[random.below(items.length)]!;

function drawList<T>(random: Random, least: number, most: number, draw: (random: Random) => T): T[] {
  const count = between(random, least, most);
  return Array.from({ length: count }, (_, index) => draw(random.fork(String(index))));
}

function drawNode(random: Random): SwarmNode {
  return {
    cpu: 1000 * between(random, 1, 8),
    memory: 1024 * between(random, 1, 16),
    zone: random.below(3),
    skew: chance(random, 20) ? between(random, -30 * second, 30 * second) : 0,
    ...(chance(random, 50) ? { pool: pick(random, ["a", "b"]) } : {}),
  };
}

function drawWorkload(random: Random): SwarmWorkload {
  return {
    replicas: between(random, 0, 6),
    cpu: 50 * between(random, 1, 8),
    memory: 32 * between(random, 1, 8),
    grace: pick(random, [0, 1, 5, 30]),
    readiness: chance(random, 60),
    liveness: chance(random, 20),
    behaviour: drawBehaviour(random.fork("behaviour")),
    service: pick(random, ["none", "internal", "internal", "nodePort"]),
    ...drawCompany(random.fork("company")),
    ...(chance(random, 60) ? { update: { surge: random.below(3), unavailable: random.below(3) } } : {}),
    ...drawWishes(random.fork("wishes")),
  };
}

/** What it asks about where it stands, and whom it gives way to: most workloads ask nothing of the kind. */
function drawWishes(random: Random): Partial<SwarmWorkload> {
  const topology = () => pick(random, ["host", "zone"] as const);
  const hard = () => chance(random, 60);
  return {
    ...(chance(random, 40) ? { priority: 100 * between(random, -1, 3) } : {}),
    ...(chance(random, 10) ? { polite: true } : {}),
    ...(chance(random, 15) ? { minReady: pick(random, [1, 10, 60]) } : {}),
    ...(chance(random, 12) ? { hostPort: between(random, 9000, 9001) } : {}),
    ...(chance(random, 15) ? { pool: { name: pick(random, ["a", "b"] as const), hard: hard() } } : {}),
    ...(chance(random, 30) ? { tolerates: pick(random, [null, 10, 60, 600]) } : {}),
    ...(chance(random, 20)
      ? {
          company: drawList(random.fork("company"), 1, 2, (each) => ({
            with: each.below(5),
            apart: chance(each, 65),
            over: pick(each, ["host", "zone"] as const),
            hard: chance(each, 60),
          })),
        }
      : {}),
    ...(chance(random, 15)
      ? { spread: { skew: between(random, 1, 2), over: topology(), hard: hard() } }
      : {}),
    ...(chance(random, 25) ? { volume: pick(random, ["scratch", "claim", "settings"] as const) } : {}),
    ...(chance(random, 10) ? { preStop: pick(random, [1, 5, 40]) } : {}),
  };
}

/** What runs before and beside the main container. */
function drawCompany(random: Random): Pick<SwarmWorkload, "init" | "sidecar"> {
  return {
    ...(chance(random, 25) ? { init: drawSpanOf(random, 5 * second) } : {}),
    ...(chance(random, 25)
      ? {
          sidecar: {
            ...(chance(random, 50) ? { start: drawSpanOf(random, 5 * second) } : {}),
            ...(chance(random, 30) ? { run: { mean: 30 * minute }, exitCode: random.below(3) } : {}),
            ...(chance(random, 30) ? { stop: drawSpanOf(random, 10 * second) } : {}),
          },
        }
      : {}),
  };
}

const drawSpanOf = (random: Random, most: number) => ({ from: 0, to: between(random, 0, most) });

/** What can come to rest: nothing fails so often that it is never ready. */
function drawBehaviour(random: Random): ContainerBehaviour {
  const drawn: ContainerBehaviour = {
    ...(chance(random, 50) ? { start: { from: 10, to: between(random, 10, 20 * second) } } : {}),
    ...(chance(random, 40) ? { ready: { from: 0, to: between(random, 0, 30 * second) } } : {}),
    ...(chance(random, 15) ? { run: { mean: 30 * minute }, exitCode: random.below(3) } : {}),
    ...(chance(random, 30)
      ? { stop: chance(random, 20) ? ("never" as const) : { from: 0, to: between(random, 0, 10 * second) } }
      : {}),
    ...(chance(random, 15) ? { startFails: pick(random, [0.1, 0.5]) } : {}),
    ...(chance(random, 10)
      ? { unready: { every: { mean: 20 * minute }, lasting: { from: second, to: minute } } }
      : {}),
  };
  // Who fails now and then has to be up again soon: of several there would always be one that is not.
  const recurs = drawn.run !== undefined || drawn.unready !== undefined;
  return recurs && drawn.startFails !== undefined ? { ...drawn, startFails: 0.1 } : drawn;
}

/** What a roll-out may ask for on top of the replicas. */
const surge = 2;

const asks = (replicas: number) => (replicas === 0 ? 0 : replicas + surge);

/**
 * Whether everything that a case runs finds a place when all nodes are there, however badly it is spread: a node that
 * has fewer pods than the largest of all would fit on it has room for any. With pods to spare for roll-outs.
 */
export function hasRoom({ nodes, workloads }: Pick<SwarmCase, "nodes" | "workloads">): boolean {
  const asked = workloads.reduce((sum, { replicas }) => sum + asks(replicas), 0);
  return asked <= slots(nodes, workloads);
}

function slots(nodes: readonly SwarmNode[], workloads: readonly SwarmWorkload[]): number {
  const cpu = Math.max(...workloads.map((workload) => workload.cpu));
  const memory = Math.max(...workloads.map((workload) => workload.memory));
  return nodes.reduce((sum, node) => sum + Math.floor(Math.min(node.cpu / cpu, node.memory / memory)), 0);
}

/** Workloads that the nodes have room for. */
function fitted(nodes: readonly SwarmNode[], workloads: readonly SwarmWorkload[]): SwarmWorkload[] {
  let left = slots(nodes, workloads);
  return workloads.map((workload) => {
    const replicas = Math.max(0, Math.min(workload.replicas, left - surge));
    left -= asks(replicas);
    return { ...workload, replicas };
  });
}

/** The same workloads asking for as much as there is room for: where there is plenty nobody is in another's way. */
function tightened(
  nodes: readonly SwarmNode[],
  workloads: readonly SwarmWorkload[],
): readonly SwarmWorkload[] {
  if (workloads.every(({ replicas }) => replicas === 0)) return workloads;
  const enlarged = (factor: number) => workloads.map((each) => ({ ...each, cpu: each.cpu * factor }));
  let factor = 1;
  while (hasRoom({ nodes, workloads: enlarged(factor + 1) })) factor++;
  return enlarged(factor);
}

function drawEvents(random: Random): SwarmEvent[] {
  const kinds = eventTypes.filter(() => chance(random, 40));
  if (kinds.length === 0) return [];
  const pace = pick(random, [second, 10 * second, minute, 5 * minute]);
  let at = 0;
  return Array.from({ length: random.below(40) }, () => {
    at += random.below(pace);
    const type: EventType = pick(random, kinds);
    return { at, type, target: random.below(100), amount: random.below(8) };
  });
}
