import type { Pod } from "../../../model/core.ts";
import type { Labels } from "../../../model/meta.ts";
import type { Selector } from "../../../model/selector.ts";
import type { NodeInfo } from "../snapshot.ts";
import { noTerms, type PodTerms, type Term } from "../terms.ts";
import { ChangeLog } from "./change-log.ts";
import { DomainCounts, type NodeMask, Topology } from "./domains.ts";
import { SortedByLabel } from "./sorted-by-label.ts";

/** Pods that no selector can tell apart: one namespace, the same labels, and being deleted or not. */
export interface LabelGroup {
  readonly id: number;
  readonly namespace: string;
  readonly labels: Labels;
  readonly terminating: boolean;
  /** How many of them stand in which slot. */
  readonly slots: Map<number, number>;
  /** Those that count them. */
  readonly counters: PodCounter[];
}

/** So many changes of a counter are known, a power of two: who looks at it less often looks at all slots. */
const recent = 256;

/** How many pods of some sort stand in each slot: by what they are labelled, or how often they carry a term. */
export class PodCounter {
  readonly domains: DomainCounts[] = [];
  /** How often a pod counts. */
  readonly of: (group: LabelGroup, terms: PodTerms) => number;
  perSlot = new Int32Array(0);
  /** The slots that were counted anew last. */
  readonly changes = new ChangeLog(recent);

  constructor(of: (group: LabelGroup, terms: PodTerms) => number) {
    this.of = of;
  }

  add(slot: number, change: number): void {
    this.perSlot[slot] = this.perSlot[slot]! + change;
    this.changes.add(slot);
    for (const domain of this.domains) domain.add(slot, change);
  }
}

/** A term that some pod carries. */
export interface Carried {
  readonly key: string;
  readonly kind: TermKind;
  readonly term: Term;
  readonly counter: PodCounter;
}

/**
 * Who stands where, by labels and by terms of affinity: counters that rules ask for once, shared by all that ask alike, and
 * that each pod that comes or goes moves by one.
 */
export class Census {
  readonly namespaceLabels: (name: string) => Labels;
  readonly #groups = new Map<string, LabelGroup>();
  readonly #byLabels = new WeakMap<Labels, LabelGroup>();
  readonly #sorted = new SortedByLabel();
  readonly #counters = new Map<string, PodCounter>();
  readonly #carriers = new Map<string, Carried>();
  readonly #topologies = new Map<string, Topology>();
  readonly #domains = new Map<string, DomainCounts>();
  #nodes: readonly NodeInfo[] = [];
  #groupCount = 0;
  /** Some count leaves out nodes by their taints. */
  readsTaints = false;

  readonly #mostNarrow: number;

  constructor(namespaceLabels: (name: string) => Labels, mostNarrow: number) {
    this.namespaceLabels = namespaceLabels;
    this.#mostNarrow = mostNarrow;
  }

  get size(): number {
    return this.#nodes.length;
  }

  groupOf({ metadata }: Pod, terminating = metadata.deletionTimestamp !== undefined): LabelGroup {
    const { namespace = "", labels = noLabels } = metadata;
    const known = this.#byLabels.get(labels);
    if (known?.namespace === namespace && known.terminating === terminating) return known;
    const key = `${terminating ? "-" : "+"}${namespace}${JSON.stringify(labels)}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { id: this.#groupCount++, namespace, labels, terminating, slots: new Map(), counters: [] };
      this.#groups.set(key, group);
      this.#sorted.add(group);
      for (const counter of this.#sorted.countersFor(group))
        if (counter.of(group, noTerms) > 0) group.counters.push(counter);
    }
    this.#byLabels.set(labels, group);
    return group;
  }

  /** Empties all counts and takes these as the nodes. */
  restart(nodes: readonly NodeInfo[]): void {
    this.#nodes = nodes;
    for (const group of this.#groups.values()) group.slots.clear();
    for (const topology of this.#topologies.values()) topology.restart(nodes);
    for (const counter of this.#allCounters()) counter.perSlot = new Int32Array(nodes.length);
    for (const domain of this.#domains.values()) domain.restart(nodes);
  }

  *#allCounters(): Iterable<PodCounter> {
    yield* this.#counters.values();
    for (const { counter } of this.#carriers.values()) yield counter;
  }

  /** A pod comes to a slot (1) or goes (−1). */
  count(slot: number, group: LabelGroup, terms: PodTerms, sign: 1 | -1): void {
    const left = (group.slots.get(slot) ?? 0) + sign;
    if (left > 0) group.slots.set(slot, left);
    else group.slots.delete(slot);
    for (const counter of group.counters) counter.add(slot, sign);
    if (terms === noTerms) return;
    for (const kind of termKinds) for (const term of terms[kind]) this.#carrier(kind, term).add(slot, sign);
  }

  /**
   * Counts the pods that match; matchers with one key are one. `selector` is what all of them meet, so that not everyone
   * need be asked.
   */
  counter(key: string, selector: Selector | undefined, matches: (group: LabelGroup) => boolean): PodCounter {
    let counter = this.#counters.get(key);
    if (counter) return counter;
    counter = new PodCounter((group) => (matches(group) ? 1 : 0));
    counter.perSlot = new Int32Array(this.#nodes.length);
    this.#counters.set(key, counter);
    for (const group of this.#sorted.groupsFor(counter, selector ?? [])) {
      if (!matches(group)) continue;
      group.counters.push(counter);
      for (const [slot, count] of group.slots) counter.add(slot, count);
    }
    return counter;
  }

  #carrier(kind: TermKind, term: Term): PodCounter {
    const key = `${kind} ${term.key}`;
    let found = this.#carriers.get(key);
    if (!found) {
      const carried = (terms: PodTerms) => terms[kind].filter((each) => each.key === term.key).length;
      found = { key, term, kind, counter: new PodCounter((_, terms) => carried(terms)) };
      found.counter.perSlot = new Int32Array(this.#nodes.length);
      this.#carriers.set(key, found);
      this.carried.push(found);
    }
    return found.counter;
  }

  /** The terms that pods which stand somewhere carry or have carried, with who counts them; it only grows. */
  readonly carried: Carried[] = [];

  /** A counter's counts summed up by the values of a label of nodes. `key` names the counter. */
  domains(key: string, counter: PodCounter, topologyKey: string, mask?: NodeMask): DomainCounts {
    const whole = JSON.stringify([key, topologyKey, mask?.key ?? ""]);
    let found = this.#domains.get(whole);
    if (!found) {
      found = new DomainCounts(counter, this.topology(topologyKey), mask);
      if (mask?.readsTaints) this.readsTaints = true;
      found.restart(this.#nodes);
      counter.domains.push(found);
      this.#domains.set(whole, found);
    }
    return found;
  }

  topology(key: string): Topology {
    let found = this.#topologies.get(key);
    if (!found) {
      found = new Topology(key, this.#mostNarrow);
      found.restart(this.#nodes);
      this.#topologies.set(key, found);
    }
    return found;
  }
}

export type TermKind = keyof PodTerms;
const termKinds: readonly TermKind[] = ["affinity", "antiAffinity", "preferred"];
const noLabels: Labels = Object.freeze({});
