import type { Node, Pod } from "../../model/core.ts";
import type { Labels, Stored } from "../../model/meta.ts";
import { isTerminal } from "../../model/pod.ts";
import { resourceAmount } from "../../model/quantity.ts";
import { equalStructure } from "../client/structure.ts";
import { balanceOf } from "./balance.ts";
import { type Demand, demandOf } from "./demand.ts";
import { Census, type LabelGroup } from "./index/census.ts";
import { ChangeLog } from "./index/change-log.ts";
import { type PodTerms, termsOf } from "./terms.ts";

/** What the scheduler knows of a pod. */
export interface PodInfo {
  readonly pod: Stored<Pod>;
  readonly demand: Demand;
  readonly terms: PodTerms;
}

export function describePod(pod: Stored<Pod>): PodInfo {
  return { pod, demand: demandOf(pod.spec), terms: termsOf(pod) };
}

export const priorityOf = ({ spec }: Pod): number => spec.priority ?? 0;

/** A node with what stands on it, kept up to date one pod at a time. */
export interface NodeInfo {
  /** The place among all nodes, in order of name. */
  readonly slot: number;
  readonly name: string;
  readonly node: Stored<Node>;
  readonly allocatable: Readonly<Record<string, number>>;
  /** By uid. */
  readonly pods: ReadonlyMap<string, PodInfo>;
  readonly requested: Readonly<Record<string, number>>;
  readonly scoredCpu: number;
  readonly scoredMemory: number;
  /** Pods for which others were driven out of this node and that are not here yet; by uid. */
  readonly nominated: ReadonlyMap<string, PodInfo>;
}

interface Placed extends PodInfo {
  readonly group: LabelGroup;
  readonly at: Entry;
}

interface Entry {
  slot: number;
  readonly name: string;
  node: Stored<Node> | undefined;
  allocatable: Record<string, number>;
  readonly pods: Map<string, Placed>;
  readonly requested: Requested;
  scoredCpu: number;
  scoredMemory: number;
  readonly nominated: Map<string, PodInfo>;
}
/** What nearly all pods request is there from the start, so that it is found where it always stands. */
type Requested = Record<string, number> & { cpu: number; memory: number };
type Live = Entry & { node: Stored<Node> };

/**
 * The numbers of all nodes, for rules that look at many nodes: those of one node stand together, `rowLength` to a slot, in
 * the order of `column`. Replaced when nodes come or go.
 */
export interface Columns {
  readonly values: Float64Array;
  /** By slot how many pods room is held for. */
  readonly reserved: Int32Array;
  readonly nodes: readonly NodeInfo[];
}

export const rowLength = 8;

/** Where in a node's row each number stands. */
export const column = {
  cpuRoom: 0,
  memoryRoom: 1,
  /** How many more pods may come. */
  podsLeft: 2,
  cpuUsed: 3,
  memoryUsed: 4,
  scoredCpu: 5,
  scoredMemory: 6,
  /** As `balanceOf` counts it. */
  balance: 7,
} as const;

/** All nodes with the pods on them. A pod counts while it is bound and has not ended. */
export class Snapshot {
  readonly census: Census;
  /** Slots whose node object changed, and those where anything changed. */
  readonly nodeChanges = new ChangeLog();
  readonly changes = new ChangeLog();
  readonly #entries = new Map<string, Entry>();
  readonly #placed = new Map<string, Placed>();
  readonly #nominations = new Map<string, { readonly node: string; readonly info: PodInfo }>();
  #columns: Columns = columnsOf([]);
  #stale = false;
  #epoch = 0;

  /** `mostNarrow`: see `Topology`. */
  constructor(namespaceLabels: (name: string) => Labels = () => ({}), mostNarrow = 32) {
    this.census = new Census(namespaceLabels, mostNarrow);
  }

  /** Grows when nodes come, go or change their labels: then slots mean other nodes, and all that is kept by slot is void. */
  get epoch(): number {
    this.#sync();
    return this.#epoch;
  }

  /** In order of name. */
  nodes(): readonly NodeInfo[] {
    return this.columns.nodes;
  }

  get columns(): Columns {
    this.#sync();
    return this.#columns;
  }

  node(name: string): NodeInfo | undefined {
    this.#sync();
    const found = this.#entries.get(name);
    return found?.node ? (found as Live) : undefined;
  }

  /** What namespaces or their labels mean may have changed. */
  invalidate(): void {
    this.#stale = true;
  }

  /**
   * Takes over what stands in the store now; undefined where there is no such node any more. Gives whether it is new or
   * something changed that matters to pods, which heartbeats do not.
   */
  setNode(name: string, node: Stored<Node> | undefined): boolean {
    const target = this.#entry(name);
    const before = target.node;
    target.node = node;
    if (!node) {
      if (before) this.#stale = true;
      this.#forgetEmpty(target);
      return false;
    }
    const room = !before || !equalStructure(before.status?.allocatable, node.status?.allocatable);
    if (room) {
      target.allocatable = {};
      for (const [resource, quantity] of Object.entries(node.status?.allocatable ?? {}))
        target.allocatable[resource] = resourceAmount(resource, quantity);
    }
    if (!before || !equalStructure(before.metadata.labels, node.metadata.labels)) {
      this.#stale = true;
      return true;
    }
    const doors =
      (before.spec.unschedulable ?? false) !== (node.spec.unschedulable ?? false) ||
      !equalStructure(before.spec.taints, node.spec.taints);
    if (!doors && !room) return false;
    if (doors && this.census.readsTaints) this.#stale = true;
    if (!this.#stale) {
      this.#write(target);
      this.nodeChanges.add(target.slot);
      this.changes.add(target.slot);
    }
    return true;
  }

  /**
   * Takes over what stands in the store now under this key; gives the name of a node on which room was freed. A pod
   * that is `like` another asks the same and has the same terms.
   */
  setPod(key: string, pod: Stored<Pod> | undefined, like?: PodInfo): string | undefined {
    const before = this.#placed.get(key);
    const node = pod && !isTerminal(pod) ? pod.spec.nodeName : undefined;
    if (!pod || !node) {
      if (!before) return undefined;
      this.#count(before, -1);
      this.#placed.delete(key);
      return before.at.name;
    }
    const same = before && before.at.name === node && before.pod.metadata.uid === pod.metadata.uid;
    if (same && sameStanding(before.pod, pod)) {
      const info: Placed = { ...before, pod };
      this.#placed.set(key, info);
      before.at.pods.set(pod.metadata.uid, info);
      return undefined;
    }
    if (before) this.#count(before, -1);
    const { demand, terms } = like ?? describePod(pod);
    const info: Placed = { pod, demand, terms, group: this.census.groupOf(pod), at: this.#entry(node) };
    this.#placed.set(key, info);
    this.#count(info, 1);
    return before && !same ? before.at.name : undefined;
  }

  /** Notes for which node a pod that has none is meant; undefined for none. Gives the node it was meant for before. */
  setNomination(key: string, pod: Stored<Pod> | undefined, node: string | undefined): string | undefined {
    const before = this.#nominations.get(key);
    if (before && before.node === node && before.info.pod === pod) return node;
    if (before) {
      this.#entry(before.node).nominated.delete(before.info.pod.metadata.uid);
      this.#nominations.delete(key);
      this.#touch(before.node);
    }
    if (pod && node) {
      const info = describePod(pod);
      this.#nominations.set(key, { node, info });
      this.#entry(node).nominated.set(pod.metadata.uid, info);
      this.#touch(node);
    }
    return before?.node;
  }

  /** Whether any pod is meant for a node on which it is not yet. */
  get holdsRoom(): boolean {
    return this.#nominations.size > 0;
  }

  nominatedNode(key: string): string | undefined {
    return this.#nominations.get(key)?.node;
  }

  #entry(name: string): Entry {
    let found = this.#entries.get(name);
    if (!found) {
      found = {
        slot: -1,
        name,
        node: undefined,
        allocatable: {},
        pods: new Map(),
        requested: { cpu: 0, memory: 0 },
        scoredCpu: 0,
        scoredMemory: 0,
        nominated: new Map(),
      };
      this.#entries.set(name, found);
    }
    return found;
  }

  #count(info: Placed, sign: 1 | -1): void {
    const { demand, pod, group, terms, at: target } = info;
    if (sign > 0) target.pods.set(pod.metadata.uid, info);
    else target.pods.delete(pod.metadata.uid);
    const { requested } = target;
    requested.cpu += sign * demand.cpu;
    requested.memory += sign * demand.memory;
    for (const [resource, amount] of demand.others)
      requested[resource] = (requested[resource] ?? 0) + sign * amount;
    target.scoredCpu += sign * demand.scoredCpu;
    target.scoredMemory += sign * demand.scoredMemory;
    if (!target.node) {
      this.#forgetEmpty(target);
      return;
    }
    if (this.#stale) return;
    this.census.count(target.slot, group, terms, sign);
    this.#writeUse(target);
    this.changes.add(target.slot);
  }

  #forgetEmpty(target: Entry): void {
    if (!target.node && target.pods.size === 0 && target.nominated.size === 0)
      this.#entries.delete(target.name);
  }

  #touch(name: string): void {
    const target = this.#entries.get(name);
    if (target?.node && !this.#stale) {
      this.#write(target);
      this.changes.add(target.slot);
    } else if (target) this.#forgetEmpty(target);
  }

  #write(target: Entry): void {
    const { slot, allocatable } = target;
    const { values, reserved } = this.#columns;
    const row = slot * rowLength;
    values[row + column.cpuRoom] = allocatable.cpu ?? 0;
    values[row + column.memoryRoom] = allocatable.memory ?? 0;
    reserved[slot] = target.nominated.size;
    this.#writeUse(target);
  }

  #writeUse({ slot, allocatable, requested, scoredCpu, scoredMemory, pods }: Entry): void {
    const { values } = this.#columns;
    const row = slot * rowLength;
    const { cpu, memory } = requested;
    values[row + column.podsLeft] = (allocatable.pods ?? 0) - pods.size;
    values[row + column.cpuUsed] = cpu;
    values[row + column.memoryUsed] = memory;
    values[row + column.balance] = balanceOf(
      values[row + column.cpuRoom]!,
      cpu,
      values[row + column.memoryRoom]!,
      memory,
    );
    values[row + column.scoredCpu] = scoredCpu;
    values[row + column.scoredMemory] = scoredMemory;
  }

  /** Numbers the nodes anew, where that has become necessary. */
  #sync(): void {
    if (!this.#stale) return;
    this.#stale = false;
    const live = [...this.#entries.values()].filter((each): each is Live => each.node !== undefined);
    live.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#columns = columnsOf(live);
    live.forEach((each, slot) => {
      each.slot = slot;
      this.#write(each);
    });
    this.census.restart(live);
    for (const { slot, pods } of live)
      for (const { group, terms } of pods.values()) this.census.count(slot, group, terms, 1);
    this.#epoch++;
  }
}

/** Whether a pod takes the same of its node, and looks the same to others' rules, as before. */
function sameStanding(before: Pod, after: Pod): boolean {
  if (before === after) return true;
  const { metadata: a } = before;
  const { metadata: b } = after;
  return (
    (before.spec === after.spec || equalStructure(before.spec, after.spec)) &&
    (a.labels === b.labels || equalStructure(a.labels, b.labels)) &&
    (a.deletionTimestamp === undefined) === (b.deletionTimestamp === undefined)
  );
}

function columnsOf(nodes: readonly NodeInfo[]): Columns {
  return {
    values: new Float64Array(nodes.length * rowLength),
    reserved: new Int32Array(nodes.length),
    nodes,
  };
}
