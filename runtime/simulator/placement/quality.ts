import type { Node, Pod } from "../../../model/core.ts";
import { controllerOf } from "../../../model/meta.ts";
import { resourceAmount } from "../../../model/quantity.ts";
import { demandOf } from "../../scheduler/demand.ts";

/** What stands on a node and what is left of it. Amounts as `resourceAmount` counts them. */
export interface NodeUse {
  readonly name: string;
  readonly pods: readonly string[];
  readonly room: Readonly<Record<string, number>>;
  readonly used: Readonly<Record<string, number>>;
}

/** How good a placement is, as shares from 0 to 1. */
export interface Quality {
  readonly usedNodes: number;
  readonly nodes: number;
  readonly cpu: number;
  readonly memory: number;
  /** Of what is left, the share that lies on nodes where the other resource (or the room for pods) is used up. */
  readonly strandedCpu: number;
  readonly strandedMemory: number;
  /**
   * The share of the cpu that is left which a pod, drawn from those that there are, could not use where it lies (FGD's
   * fragmentation, of cpu).
   */
  readonly fragmentation: number;
  /** The greatest difference between nodes in how many pods of one rc they have, and of which rc. */
  readonly skew: { readonly pods: number; readonly of: string } | undefined;
}

export function nodeUses(nodes: readonly Node[], pods: readonly Pod[]): readonly NodeUse[] {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const name = pod.spec.nodeName;
    if (!name) continue;
    const list = byNode.get(name);
    if (list) list.push(pod);
    else byNode.set(name, [pod]);
  }
  return nodes.map(({ metadata, status }) => {
    const here = byNode.get(metadata.name) ?? [];
    const room: Record<string, number> = {};
    for (const [resource, amount] of Object.entries(status?.allocatable ?? {}))
      room[resource] = resourceAmount(resource, amount);
    const used: Record<string, number> = { pods: here.length };
    for (const { spec } of here)
      for (const [resource, amount] of Object.entries(demandOf(spec).requests))
        used[resource] = (used[resource] ?? 0) + amount;
    return { name: metadata.name, pods: here.map((pod) => pod.metadata.name), room, used };
  });
}

const left = ({ room, used }: NodeUse, resource: string) =>
  Math.max(0, (room[resource] ?? 0) - (used[resource] ?? 0));

export function qualityOf(uses: readonly NodeUse[], pods: readonly Pod[]): Quality {
  const sum = (of: (use: NodeUse) => number) => uses.reduce((total, use) => total + of(use), 0);
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
  const full = (use: NodeUse, other: string) => left(use, other) === 0 || left(use, "pods") === 0;
  const stranded = (resource: string, other: string) =>
    share(
      sum((use) => (full(use, other) ? left(use, resource) : 0)),
      sum((use) => left(use, resource)),
    );
  return {
    usedNodes: uses.filter((use) => use.pods.length > 0).length,
    nodes: uses.length,
    cpu: share(
      sum(({ used }) => used.cpu ?? 0),
      sum(({ room }) => room.cpu ?? 0),
    ),
    memory: share(
      sum(({ used }) => used.memory ?? 0),
      sum(({ room }) => room.memory ?? 0),
    ),
    strandedCpu: stranded("cpu", "memory"),
    strandedMemory: stranded("memory", "cpu"),
    fragmentation: fragmentation(uses, pods),
    skew: skewOf(uses, pods),
  };
}

function fragmentation(uses: readonly NodeUse[], pods: readonly Pod[]): number {
  const shapes = new Map<string, { requests: Readonly<Record<string, number>>; count: number }>();
  for (const { spec } of pods) {
    const { requests } = demandOf(spec);
    const key = JSON.stringify(requests);
    const known = shapes.get(key);
    if (known) known.count++;
    else shapes.set(key, { requests, count: 1 });
  }
  const idle = uses.reduce((total, use) => total + left(use, "cpu"), 0);
  if (idle === 0 || pods.length === 0) return 0;
  let lost = 0;
  for (const { requests, count } of shapes.values())
    for (const use of uses) {
      const fits =
        left(use, "pods") > 0 &&
        Object.entries(requests).every(([name, amount]) => amount <= left(use, name));
      if (!fits) lost += (count / pods.length) * left(use, "cpu");
    }
  return lost / idle;
}

function skewOf(uses: readonly NodeUse[], pods: readonly Pod[]): Quality["skew"] {
  const byOwner = new Map<string, Map<string, number>>();
  for (const pod of pods) {
    const owner = controllerOf(pod)?.name;
    if (!owner || !pod.spec.nodeName) continue;
    const counts = byOwner.get(owner) ?? new Map<string, number>();
    byOwner.set(owner, counts.set(pod.spec.nodeName, (counts.get(pod.spec.nodeName) ?? 0) + 1));
  }
  let worst: Quality["skew"];
  for (const [of, counts] of byOwner) {
    const most = Math.max(...counts.values());
    const least = counts.size < uses.length ? 0 : Math.min(...counts.values());
    if (!worst || most - least > worst.pods) worst = { pods: most - least, of };
  }
  return worst;
}
