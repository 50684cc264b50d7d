import type { SwarmCase } from "./case.ts";
import { hasRoom } from "./draw.ts";

/**
 * The smallest case found that still fails in the same way: pieces are left out as long as that is so, the largest
 * first (the "delta debugging" of Zeller and Hildebrandt), then what remains is made plainer. At most `budget` trials.
 */
export function shrinkCase(
  swarm: SwarmCase,
  fails: (smaller: SwarmCase) => boolean,
  budget = 400,
): SwarmCase {
  let best = swarm;
  let left = budget;
  const accept = (smaller: SwarmCase) => {
    if (left <= 0 || !hasRoom(smaller)) return false;
    left--;
    if (!fails(smaller)) return false;
    best = smaller;
    return true;
  };
  for (let before: SwarmCase | undefined; before !== best && left > 0; ) {
    before = best;
    shrinkList(
      () => best.events,
      (events) => accept({ ...best, events }),
    );
    shrinkList(
      () => best.workloads,
      (workloads) => workloads.length > 0 && accept({ ...best, workloads }),
    );
    shrinkList(
      () => best.nodes,
      (nodes) => nodes.length > 0 && accept({ ...best, nodes }),
    );
    for (const plainer of plainerCases(() => best)) accept(plainer);
  }
  return best;
}

/** Leaves out runs of items, from half of the list down to one. */
function shrinkList<T>(current: () => readonly T[], accept: (items: readonly T[]) => boolean): void {
  for (let size = current().length; size >= 1; size = size >> 1) {
    for (let start = 0; start < current().length; ) {
      const items = current();
      if (!accept([...items.slice(0, start), ...items.slice(start + size)])) start += size;
    }
  }
}

function* plainerCases(current: () => SwarmCase): Generator<SwarmCase> {
  yield { ...current(), driver: { late: 0, doubled: 0, lost: 0 } };
  yield { ...current(), nodes: current().nodes.map((node) => ({ ...node, skew: 0, zone: 0 })) };
  for (let index = 0; index < current().workloads.length; index++) {
    const replace = (part: Partial<SwarmCase["workloads"][number]>): SwarmCase => ({
      ...current(),
      workloads: current().workloads.map((each, at) => (at === index ? { ...each, ...part } : each)),
    });
    yield replace({ behaviour: {} });
    yield replace({ readiness: false });
    yield replace({ liveness: false });
    yield replace({ service: "none" });
    yield replace({ grace: 1 });
    if (current().workloads[index]!.replicas > 1) yield replace({ replicas: 1 });
    for (const name of Object.keys(current().workloads[index]!.behaviour)) {
      const { [name as "run"]: _, ...behaviour } = current().workloads[index]!.behaviour;
      yield replace({ behaviour });
    }
  }
  for (const unit of [60_000, 10_000, 1_000]) {
    yield {
      ...current(),
      events: current().events.map((event) => ({ ...event, at: Math.round(event.at / unit) * unit })),
    };
  }
}
