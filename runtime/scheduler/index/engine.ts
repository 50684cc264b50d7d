import type { PodSpec } from "../../../model/core.ts";
import {
  type Batch,
  type ClusterView,
  type FilterPlugin,
  type NodeFilter,
  type NodeRejection,
  normalize,
  type Profile,
  type Rejection,
  refused,
} from "../framework.ts";
import { type NodeInfo, type PodInfo, priorityOf, type Snapshot } from "../snapshot.ts";
import type { Reading, Topology } from "./domains.ts";
import { Foundation, type RoomyBatch } from "./foundation.ts";
import { Homes } from "./homes.ts";
import { NodeIndex } from "./node-index.ts";
import { isNarrow } from "./overlay.ts";
import { RequestClass } from "./request-class.ts";
import { judgeResources } from "./resources.ts";
import { slotSet } from "./slot-sets.ts";
import type { SpreadSelectors } from "./spread-selectors.ts";

/** So many classes may be known at once before all are forgotten and found again as pods ask. */
const mostClasses = 20_000;

/** What scores of the node's object alone count there, the same for all nodes of one group. */
export interface NodeGroup {
  readonly counts: readonly number[];
  /** What these come to, all together, where all nodes are of this group. */
  readonly alone: number;
}

/**
 * All classes of identical requests, and the indexes that they share. It gives for each pod the class whose answers are
 * the pod's.
 */
export class Engine {
  readonly profile: Profile;
  readonly snapshot: Snapshot;
  readonly cluster: ClusterView;
  /** Each different rejection by its id; none has the id 0. */
  readonly rejections: (NodeRejection | undefined)[] = [undefined];
  readonly groups: NodeGroup[] = [];
  /** Those of the profile that read the node's object alone, in the order of a group's counts. */
  readonly nodeScores: readonly { readonly weight: number; readonly reverse: boolean }[];
  readonly #rejectionIds = new Map<string, number>();
  readonly #groupIds = new Map<string, number>();
  readonly #fixed = new Map<string, NodeIndex>();
  readonly #homes = new Map<string, Homes>();
  readonly #foundations = new Map<string, Foundation>();
  readonly #classes = new Map<number, Map<number, Map<number, RequestClass>>>();
  #classCount = 0;
  #batch = createBatch(0);
  readonly #requests = new WeakMap<PodSpec, number>();
  readonly #shapes = new Numbers();
  readonly #requestIds = new Map<string, number>();
  readonly #selectors: SpreadSelectors;

  constructor(profile: Profile, snapshot: Snapshot, cluster: ClusterView, selectors: SpreadSelectors) {
    this.profile = profile;
    this.snapshot = snapshot;
    this.cluster = cluster;
    this.#selectors = selectors;
    this.nodeScores = profile.scores.flatMap(({ plugin: { index }, weight }) =>
      index.reads === "node" ? [{ weight, reverse: index.reverse }] : [],
    );
  }

  /** The class of all pods that are answered as this one is, up to date. */
  classOf(info: PodInfo): RequestClass {
    const { pod } = info;
    const group = this.snapshot.census.groupOf(pod, false);
    const selector = pod.spec.topologySpreadConstraints?.length ? 0 : this.#selectors.idOf(pod, group);
    const request = this.#requestId(info);
    let found = this.#classes.get(request)?.get(group.id)?.get(selector);
    if (!found) {
      if (this.#classCount++ >= mostClasses) this.#forget();
      found = new RequestClass(this, info, `${request} ${group.id} ${selector}`);
      const byGroup = shared(this.#classes, request, () => new Map<number, Map<number, RequestClass>>());
      shared(byGroup, group.id, () => new Map<number, RequestClass>()).set(selector, found);
    }
    found.refresh();
    return found;
  }

  #forget(): void {
    this.#classCount = 0;
    this.#classes.clear();
    this.#foundations.clear();
    this.#fixed.clear();
    this.#homes.clear();
  }

  /** Numbers what a spec asks of its node. Pods of one template share their specs, or at least the parts. */
  #requestId({ pod: { spec }, demand }: PodInfo): number {
    const known = this.#requests.get(spec);
    if (known !== undefined) return known;
    const { priority, nodeName, nodeSelector, affinity, tolerations, topologySpreadConstraints, volumes } =
      spec;
    const text = JSON.stringify([
      this.#shapes.of(demand),
      priority,
      nodeName,
      nodeSelector,
      affinity,
      tolerations,
      topologySpreadConstraints,
      volumes,
    ]);
    let id = this.#requestIds.get(text);
    if (id === undefined) this.#requestIds.set(text, (id = this.#requestIds.size));
    this.#requests.set(spec, id);
    return id;
  }

  rejectionId(plugin: string, { reasons, unresolvable }: Rejection): number {
    const key = `${plugin}\n${unresolvable}\n${reasons.join("\n")}`;
    let id = this.#rejectionIds.get(key);
    if (id === undefined) {
      id = this.rejections.length;
      this.rejections.push({ plugin, reasons, unresolvable });
      this.#rejectionIds.set(key, id);
    }
    return id;
  }

  /** Where every node stands with what a request asks of it by itself; cells keep apart what these readings do. */
  foundation(info: PodInfo, readings: readonly Reading[]): Foundation {
    const narrow: Topology[] = [];
    const wide: Topology[] = [];
    for (const reading of readings) {
      const list = isNarrow(reading) ? narrow : wide;
      if (!list.includes(reading.counts.topology)) list.push(reading.counts.topology);
    }
    const fixed = this.#fixedIndex(info);
    const usage = this.#usage(info);
    const names = (list: readonly Topology[]) => list.map(({ key }) => key);
    const place = JSON.stringify([fixed.key, names(narrow), names(wide)]);
    const homes = shared(this.#homes, place, () => new Homes(this.snapshot, fixed, narrow, wide));
    const key = JSON.stringify([place, usage.key]);
    return shared(
      this.#foundations,
      key,
      () => new Foundation(this.snapshot, homes, usage.prepare, this.#nextBatch),
    );
  }

  /** What the rules that read nodes alone say: a rejection, or the group of nodes that they score alike. */
  #fixedIndex(info: PodInfo): NodeIndex {
    const { filters, scores } = this.profile;
    const asked = filters.filter(({ index }) => index.reads === "node" && index.key(info) !== "");
    const counted = scores.flatMap(({ plugin: { index } }) => (index.reads === "node" ? [index] : []));
    const key = JSON.stringify([
      ...asked.map(({ name, index }) => [name, index.reads === "node" && index.key(info)]),
      ...counted.map((index) => index.key(info)),
    ]);
    return shared(this.#fixed, key, () => {
      const { snapshot } = this;
      return new NodeIndex(key, snapshot, snapshot.nodeChanges, () => {
        const reject = this.#rejecter(asked, info);
        const counts = counted.map((index) => index.count(info));
        return (slot) => {
          const node = snapshot.columns.nodes[slot]!;
          const rejected = reject(node);
          return rejected > 0 ? -rejected : this.#groupId(counts.map((count) => count(node)));
        };
      });
    });
  }

  #groupId(counts: readonly number[]): number {
    const key = counts.join();
    let id = this.#groupIds.get(key);
    if (id === undefined) {
      id = this.groups.length;
      const alone = this.nodeScores.reduce(
        (sum, { weight, reverse }, column) => sum + weight * normalize([counts[column]!], reverse)[0]!,
        0,
      );
      this.groups.push({ counts, alone });
      this.#groupIds.set(key, id);
    }
    return id;
  }

  /** What the rules that read one node's usage say: a rejection, or the sum of their weighted scores. */
  #usage(info: PodInfo): { readonly key: string; readonly prepare: () => (batch: Batch) => void } {
    const { filters, scores } = this.profile;
    const asked = filters.filter(({ index }) => index.reads === "usage" && index.key(info) !== "");
    const scored = scores.filter(({ plugin }) => plugin.index.reads === "usage");
    const key = JSON.stringify([
      priorityOf(info.pod),
      ...asked.map(({ name, index }) => [name, index.reads === "usage" && index.key(info)]),
      ...scored.map(({ plugin: { index } }) => index.reads === "usage" && index.key(info)),
    ]);
    return { key, prepare: () => this.#usageOf(info, asked, scored) };
  }

  #usageOf(info: PodInfo, asked: readonly FilterPlugin[], scored: Profile["scores"]): (batch: Batch) => void {
    const { snapshot } = this;
    const { columns } = snapshot;
    const { nodes, reserved } = columns;
    const reject = this.#rejecter(asked, info);
    const sieves = asked.flatMap(
      ({ index }) => (index.reads === "usage" && index.sift?.(info, columns)) || [],
    );
    const quick = sieves.length === asked.length;
    const scores = scored.flatMap(({ plugin: { index }, weight }) =>
      index.reads === "usage" ? [index.add(info, columns, weight)] : [],
    );
    const priority = priorityOf(info.pod);
    /** Refuses nodes of which the sieves do not know enough. */
    const doubt = ({ slots, values, size }: Batch) => {
      for (let index = 0; index < size; index++)
        if (values[index]! >= 0 && !(quick && reserved[slots[index]!] === 0)) values[index] = refused;
    };
    const decide = ({ slots, values, size }: Batch) => {
      for (let index = 0; index < size; index++)
        if (values[index] === refused)
          values[index] = -reject(withNominated(nodes[slots[index]!]!, priority));
    };
    const judge = judgeResources(info, asked, scored, columns);
    return (batch) => {
      if (judge && !snapshot.holdsRoom) {
        judge(batch);
        decide(batch);
        return;
      }
      if (!quick || snapshot.holdsRoom) doubt(batch);
      for (const sift of sieves) sift(batch);
      decide(batch);
      for (const add of scores) add(batch);
    };
  }

  /** For all nodes; there is one, which is used again. */
  readonly #nextBatch = (): RoomyBatch => {
    const size = this.snapshot.columns.nodes.length;
    if (this.#batch.slots.length < size) this.#batch = createBatch(size);
    return this.#batch;
  };

  /** The id of what the first filter says that rejects a node; 0 where none does. */
  #rejecter(plugins: readonly FilterPlugin[], info: PodInfo): (node: NodeInfo) => number {
    const rules = plugins.flatMap(({ name, filter }): { name: string; rule: NodeFilter }[] => {
      const rule = filter(info, this.cluster);
      return rule ? [{ name, rule }] : [];
    });
    return (node) => {
      for (const { name, rule } of rules) {
        const rejection = rule(node);
        if (rejection) return this.rejectionId(name, rejection);
      }
      return 0;
    };
  }

  /** Whether the usage filters take the pod on this node, which may be a supposed one. */
  usageRejecter(info: PodInfo): (node: NodeInfo) => number {
    const asked = this.profile.filters.filter(
      ({ index }) => index.reads === "usage" && index.key(info) !== "",
    );
    return this.#rejecter(asked, info);
  }
}

function createBatch(size: number): RoomyBatch {
  return { slots: new Int32Array(size), values: new Int32Array(size), size: 0, seen: slotSet(size) };
}

/** Numbers values by what they say, and knows those again that it was shown. */
class Numbers {
  readonly #known = new WeakMap<object, number>();
  readonly #byText = new Map<string, number>();

  of(value: object): number {
    let id = this.#known.get(value);
    if (id !== undefined) return id;
    const text = JSON.stringify(value);
    id = this.#byText.get(text);
    if (id === undefined) this.#byText.set(text, (id = this.#byText.size));
    this.#known.set(value, id);
    return id;
  }
}

function shared<K, T>(map: Map<K, T>, key: K, make: () => T): T {
  let found = map.get(key);
  if (found === undefined) map.set(key, (found = make()));
  return found;
}

/** The node as if those pods stood there already for which room was made there and that matter no less. */
export function withNominated(node: NodeInfo, priority: number): NodeInfo {
  if (node.nominated.size === 0) return node;
  const others = [...node.nominated.values()].filter(({ pod }) => priorityOf(pod) >= priority);
  return others.length === 0 ? node : suppose(node, others, []);
}

/** A node as it might be: more pods can come to it or leave it. */
export interface SupposedNode extends NodeInfo {
  readonly pods: Map<string, PodInfo>;
  readonly requested: Record<string, number>;
}

/** A node as if some pods stood there too and others did not. */
export function suppose(
  node: NodeInfo,
  added: readonly PodInfo[],
  removed: readonly PodInfo[],
): SupposedNode {
  const supposed = { ...node, pods: new Map(node.pods), requested: { ...node.requested } };
  for (const info of removed) supposeChange(supposed, info, -1);
  for (const info of added) supposeChange(supposed, info, 1);
  return supposed;
}

/** A pod comes to a supposed node (1) or leaves it (−1). */
export function supposeChange({ pods, requested }: SupposedNode, info: PodInfo, sign: 1 | -1): void {
  const { demand, pod } = info;
  if (sign > 0) pods.set(pod.metadata.uid, info);
  else pods.delete(pod.metadata.uid);
  for (const resource in demand.requests)
    requested[resource] = (requested[resource] ?? 0) + sign * demand.requests[resource]!;
}
