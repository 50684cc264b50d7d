import type { Node, Pod, ReplicationController } from "../../../model/core.ts";
import { controllerOf, isServed, type ObjectKey } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import { createPlacement, type Placement } from "./place.ts";
import { nodeUses } from "./quality.ts";

/** How many more copies of each rc there is room for, one rc at a time. */
export interface Headroom {
  readonly rc: string;
  readonly namespace: string;
  readonly replicas: number;
  /** How many of those wait already. */
  readonly waiting: number;
  /** Copies beyond `replicas` that find a place; `more` says that the count was ended there. */
  readonly fits: number;
  readonly more: boolean;
}

export function headroom(plan: Plan, seed: number, most: number): readonly Headroom[] {
  return rcsOf(plan).map((rc) => {
    const placement = createPlacement({ plan, seed });
    placement.settle();
    const { name, namespace = "default" } = rc.metadata;
    const waiting = placement
      .waiting()
      .filter((pod) => pod.metadata.namespace === namespace && controllerOf(pod)?.name === name).length;
    let fits = 0;
    // Copies come in growing batches, as many as fit are counted in the one that does not.
    for (let batch = 1; fits < most; batch = Math.min(2 * batch, 256)) {
      const before = placement.waiting().length;
      const added = Math.min(batch, most - fits);
      for (let count = 0; count < added; count++) placement.addCopy(rc);
      placement.settle();
      const late = placement.waiting().length - before;
      fits += added - late;
      if (late > 0) break;
    }
    return { rc: name, namespace, replicas: rc.spec.replicas ?? 1, waiting, fits, more: fits >= most };
  });
}

/** How many nodes of a shape have to be added for everything to find a place, with these numbers of replicas. */
export interface Need {
  /** Undefined: so many as were tried at most are not enough. */
  readonly added: number | undefined;
  /** How many were tried at most: with one for each pod, more can hardly help. */
  readonly tried: number;
  /** What still waits with those: with enough of them what is no part of the goal, and no such node could hold. */
  readonly waiting: readonly string[];
}

export function nodesNeeded(
  plan: Plan,
  seed: number,
  shape: Node,
  goals: ReadonlyMap<ObjectKey, number>,
  most: number,
): Need {
  const goal = withReplicas(plan, goals);
  const waitingWith = (added: number) => {
    const placement = createPlacement({ plan: withCopies(goal, shape, added), seed });
    placement.settle();
    return placement.waiting();
  };
  const needed = fewest(goal, most, (added) => waitingWith(added).length === 0);
  if (needed.added !== undefined || goals.size === 0)
    return { ...needed, waiting: needed.added === undefined ? waitingWith(needed.tried).map(nameOf) : [] };
  // What waits for something else than such nodes does not keep the goal from being met.
  const ofGoal = (pod: Pod) => goals.has(`${pod.metadata.namespace}/${controllerOf(pod)?.name}`);
  const own = fewest(goal, most, (added) => !waitingWith(added).some(ofGoal));
  return { ...own, waiting: waitingWith(own.added ?? own.tried).map(nameOf) };
}

const nameOf = ({ metadata: { namespace, name } }: Pod) =>
  namespace === "default" ? name : `${namespace}/${name}`;

/** The smallest number of nodes that is enough; of those that were tried, where none is. */
function fewest(goal: Plan, most: number, enough: (added: number) => boolean): Pick<Need, "added" | "tried"> {
  if (enough(0)) return { added: 0, tried: 0 };
  const single = goal.objects.filter(({ kind }) => kind === "Pod").length;
  const pods = rcsOf(goal).reduce((sum, { spec }) => sum + (spec.replicas ?? 1), single);
  const tried = Math.min(most, pods);
  let high = 1;
  while (high < tried && !enough(high)) high = Math.min(2 * high, tried);
  if (!enough(high)) return { added: undefined, tried };
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return { added: high, tried };
}

/** Nodes without which everything still finds a place, taken away one after the other, the emptiest first. */
export function removable(plan: Plan, seed: number, most: number): readonly string[] {
  const whole = createPlacement({ plan, seed });
  whole.settle();
  const waiting = whole.waiting().length;
  let kept = plan;
  const gone: string[] = [];
  for (const name of emptiestFirst(whole).slice(0, most)) {
    const fewer = withoutNode(kept, name);
    if (!fewer.objects.some(({ kind }) => kind === "Node")) break;
    const placement = createPlacement({ plan: fewer, seed });
    placement.settle();
    if (placement.waiting().length > waiting) continue;
    kept = fewer;
    gone.push(name);
  }
  return gone;
}

function emptiestFirst(placement: Placement): readonly string[] {
  const share = (used = 0, room = 0) => (room > 0 ? used / room : 0);
  return nodeUses(placement.nodes(), placement.pods())
    .map(({ name, used, room }) => ({
      name,
      filled: Math.max(share(used.cpu, room.cpu), share(used.memory, room.memory)),
    }))
    .sort((a, b) => a.filled - b.filled || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

export function rcsOf(plan: Plan): readonly ReplicationController[] {
  return plan.objects.filter(
    (object): object is ReplicationController => object.kind === "ReplicationController" && isServed(object),
  );
}

export function nodesOf(plan: Plan): readonly Node[] {
  return plan.objects.filter((object): object is Node => object.kind === "Node" && isServed(object));
}

function withReplicas(plan: Plan, goals: ReadonlyMap<ObjectKey, number>): Plan {
  const objects = plan.objects.map((object) => {
    const replicas = goals.get(`${object.metadata.namespace ?? "default"}/${object.metadata.name}`);
    if (object.kind !== "ReplicationController" || replicas === undefined) return object;
    const rc = object as ReplicationController;
    return { ...rc, spec: { ...rc.spec, replicas } };
  });
  return { ...plan, objects };
}

/** The plan with so many more nodes of a shape, named after it. That a node is cordoned is no part of its shape. */
export function withCopies(plan: Plan, shape: Node, count: number): Plan {
  const taken = new Set(nodesOf(plan).map(({ metadata }) => metadata.name));
  const added: Node[] = [];
  const { unschedulable: _, ...spec } = shape.spec;
  for (let number = 1; added.length < count; number++) {
    const name = `${shape.metadata.name}-new-${number}`;
    if (taken.has(name)) continue;
    const { "kubernetes.io/hostname": _, ...labels } = shape.metadata.labels ?? {};
    added.push({ ...shape, metadata: { name, labels }, spec });
  }
  return { ...plan, objects: [...added, ...plan.objects] };
}

const withoutNode = (plan: Plan, name: string): Plan => ({
  ...plan,
  objects: plan.objects.filter(({ kind, metadata }) => kind !== "Node" || metadata.name !== name),
});
