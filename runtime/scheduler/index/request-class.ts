import type { Random } from "../../../base/random.ts";
import { type NodeRejection, normalize } from "../framework.ts";
import { type PodInfo, priorityOf } from "../snapshot.ts";
import { labelled, termMatches } from "../terms.ts";
import type { Alike, DomainFilter, DomainScore, Reading, Readings } from "./domains.ts";
import type { Engine } from "./engine.ts";
import type { Foundation } from "./foundation.ts";
import { type Candidates, Overlay } from "./overlay.ts";
import { Supposition } from "./supposition.ts";

/** How a pod of a class fares: the slot of its node, or how often which rejection met it (ids of the engine's). */
export type Decision =
  | { readonly slot: number }
  | { readonly slot: undefined; readonly rejections: ReadonlyMap<number, number> };

interface NamedFilter {
  readonly name: string;
  readonly filter: DomainFilter;
  /** Where the filter's readings begin among all of the class. */
  readonly first: number;
  readonly seen: Seen;
}

interface WeighedScore {
  readonly weight: number;
  readonly score: DomainScore;
  readonly first: number;
  readonly distinct: (reading: number, some: readonly Alike[]) => number;
}

/**
 * Pods whose every rule gives the same answers. What they ask of a node by itself they share with others (`foundation.ts`);
 * what they want of their neighbours is laid over it (`overlay.ts`). Both follow the changes one node at a time and keep
 * nodes that are alike together, so that to decide is to look at a few cells, however many nodes there are.
 */
export class RequestClass {
  readonly key: string;
  readonly info: PodInfo;
  readonly engine: Engine;
  readonly priority: number;
  #foundation!: Foundation;
  #overlay!: Overlay;
  filters: readonly NamedFilter[] = [];
  #scores: readonly WeighedScore[] = [];
  readings: readonly Reading[] = [];
  #epoch = -1;
  #position = 0;
  #termsSeen = 0;
  /** Slots that hold room for another pod, where filters that read domains must be asked once more with it. */
  readonly #reserved = new Set<number>();

  constructor(engine: Engine, info: PodInfo, key: string) {
    this.key = key;
    this.info = info;
    this.engine = engine;
    this.priority = priorityOf(info.pod);
  }

  /** Takes over what changed since the last call. */
  refresh(): void {
    const { snapshot } = this.engine;
    const { epoch, changes } = snapshot;
    const known = this.#epoch === epoch && !this.#termsCameUp();
    if (known && this.#position === changes.end) return;
    if (!known) this.#restart(epoch);
    this.#foundation.refresh();
    const size = snapshot.columns.nodes.length;
    if (known && changes.reaches(this.#position, size)) {
      if (this.#overlay.hasWide) this.#overlay.follow(changes, this.#position, changes.end);
      if (this.filters.length > 0)
        for (let at = this.#position; at < changes.end; at++) this.#reserve(changes.at(at));
    } else {
      this.#overlay.placeAll();
      if (this.filters.length > 0) for (let slot = 0; slot < size; slot++) this.#reserve(slot);
    }
    this.#position = changes.end;
  }

  /** Whether pods have come that carry terms which speak of this class. */
  #termsCameUp(): boolean {
    const { carried, namespaceLabels } = this.engine.snapshot.census;
    if (this.#termsSeen === carried.length) return false;
    const self = labelled(this.info.pod);
    for (; this.#termsSeen < carried.length; this.#termsSeen++)
      if (termMatches(carried[this.#termsSeen]!.term, self, namespaceLabels)) return true;
    return false;
  }

  #restart(epoch: number): void {
    const { engine, info } = this;
    const { census } = engine.snapshot;
    this.#termsSeen = census.carried.length;
    this.#epoch = epoch;
    this.#reserved.clear();
    const readings: Reading[] = [];
    this.filters = engine.profile.filters.flatMap(({ name, index }) => {
      const filter = index.reads === "domains" ? index.over(info, census, engine.cluster) : undefined;
      if (!filter) return [];
      const first = readings.length;
      readings.push(...filter.readings);
      return [{ name, filter, first, seen: new Seen(filter.readings, first) }];
    });
    this.#scores = engine.profile.scores.flatMap(({ plugin: { index }, weight }) => {
      const score = index.reads === "domains" ? index.over(info, census, engine.cluster) : undefined;
      if (!score) return [];
      const first = readings.length;
      readings.push(...score.readings);
      const distinct = (reading: number, some: readonly Alike[]) =>
        this.#overlay.distinct(first + reading, some as readonly Candidates[]);
      return [{ weight, score, first, distinct }];
    });
    this.readings = readings;
    this.#foundation = engine.foundation(info, readings);
    this.#overlay = new Overlay(this.#foundation, readings, engine.snapshot.columns.nodes.length);
  }

  #reserve(slot: number): void {
    const node = this.engine.snapshot.columns.nodes[slot]!;
    if (node.nominated.size > 0 && this.takes(slot)) this.#reserved.add(slot);
    else this.#reserved.delete(slot);
  }

  /** What rejects a pod of this class on one node, as the engine's id; 0 for nothing. */
  rejectionAt(slot: number): number {
    const local = this.#foundation.buckets.rejectionOf(slot);
    if (local > 0) return local;
    return this.#reservedRejection(slot) || this.#domainRejection(this.#overlay.candidateAt(slot));
  }

  /** Whether the node itself would take a pod of this class, whatever stands in its domains. */
  takes(slot: number): boolean {
    return this.#foundation.buckets.rejectionOf(slot) === 0;
  }

  /** The engine's id of what filters over domains say of candidates; 0 for nothing. */
  #domainRejection(of: Candidates): number {
    for (let index = 0; index < this.filters.length; index++) {
      const { name, filter, seen } = this.filters[index]!;
      seen.counts = of.counts;
      const rejection = filter.reject(seen);
      if (rejection) return this.engine.rejectionId(name, rejection);
    }
    return 0;
  }

  /** With the pods in place for which room is held there. */
  #reservedRejection(slot: number): number {
    const node = this.engine.snapshot.columns.nodes[slot]!;
    if (this.filters.length === 0 || node.nominated.size === 0) return 0;
    const supposition = new Supposition(this, slot);
    for (const other of node.nominated.values())
      if (priorityOf(other.pod) >= this.priority) supposition.change(other, 1);
    return supposition.rejection();
  }

  /** Chooses among the best nodes, each as likely as the others; draws only where there are several feasible ones. */
  decide(random: Random): Decision {
    const overlay = this.#overlay;
    if (this.filters.length === 0) {
      const slot = this.#choose(overlay.candidates(), random);
      return slot === undefined ? { slot, rejections: this.#foundation.buckets.rejections() } : { slot };
    }
    const held: { readonly slot: number; readonly id: number }[] = [];
    for (const slot of this.#reserved) {
      const id = this.#reservedRejection(slot);
      if (id > 0) held.push({ slot, id });
    }
    for (const { slot } of held) overlay.withhold(slot);
    const { feasible, refused } = this.#judge(overlay.candidates());
    const decision = this.#choose(feasible, random);
    for (const { slot, id } of held) {
      overlay.restore(slot);
      refused.set(id, (refused.get(id) ?? 0) + 1);
    }
    if (decision !== undefined) return { slot: decision };
    const rejections = this.#foundation.buckets.rejections();
    for (const [id, nodes] of refused) rejections.set(id, (rejections.get(id) ?? 0) + nodes);
    return { slot: undefined, rejections };
  }

  /** Asks the filters over domains. */
  #judge(all: Candidates[]): { readonly feasible: Candidates[]; readonly refused: Map<number, number> } {
    const refused = new Map<number, number>();
    const feasible = all.filter((each) => {
      const id = this.#domainRejection(each);
      if (id > 0) refused.set(id, (refused.get(id) ?? 0) + each.size);
      return id === 0;
    });
    return { feasible, refused };
  }

  #choose(feasible: readonly Candidates[], random: Random): number | undefined {
    const overlay = this.#overlay;
    const [first] = feasible;
    if (!first) return undefined;
    if (feasible.length === 1 && first.size === 1) {
      overlay.top(first);
      return overlay.pick(feasible, 0);
    }
    this.#score(feasible);
    const likely = this.#likeliest(feasible, first);
    let best = likely.shared + overlay.top(likely);
    let places = [likely];
    let ties = likely.topCount;
    for (let index = 0; index < feasible.length; index++) {
      const of = feasible[index]!;
      if (of === likely || of.most < best) continue;
      const total = of.shared + overlay.top(of);
      if (total < best) continue;
      if (total > best) {
        best = total;
        places = [of];
        ties = of.topCount;
      } else {
        places.push(of);
        ties += of.topCount;
      }
    }
    return overlay.pick(places, random.below(ties));
  }

  /** Which of them can come to most: against that one most others need no look. */
  #likeliest(feasible: readonly Candidates[], first: Candidates): Candidates {
    let likely = first;
    for (let index = 0; index < feasible.length; index++) {
      const of = feasible[index]!;
      of.most = of.shared + this.#overlay.bound(of);
      if (of.most > likely.most) likely = of;
    }
    return likely;
  }

  /** Adds up what all scores that candidates share say of each. */
  #score(feasible: readonly Candidates[]): void {
    this.#scoreNodes(feasible);
    for (const { weight, score, first, distinct } of this.#scores)
      addWeighted(feasible, weight, score.score(feasible, first, distinct));
  }

  /** What scores of the node's object alone say; mostly there is nothing by which they tell nodes apart. */
  #scoreNodes(feasible: readonly Candidates[]): void {
    const { engine } = this;
    const group = this.#overlay.group(feasible[0]!);
    const alike = feasible.every((each) => this.#overlay.group(each) === group);
    const alone = alike ? engine.groups[group]!.alone : 0;
    for (let index = 0; index < feasible.length; index++) feasible[index]!.shared = alone;
    if (alike) return;
    engine.nodeScores.forEach(({ weight, reverse }, column) => {
      const counts = feasible.map((each) => engine.groups[this.#overlay.group(each)]!.counts[column]!);
      addWeighted(feasible, weight, normalize(counts, reverse));
    });
  }

  /** Of every node what it says to a pod of this class: the engine's id of a rejection, or 0. */
  rejections(): Int32Array {
    const { buckets } = this.#foundation;
    const found = new Int32Array(this.engine.snapshot.columns.nodes.length);
    for (let slot = 0; slot < found.length; slot++)
      found[slot] = this.filters.length === 0 ? buckets.rejectionOf(slot) : this.rejectionAt(slot);
    return found;
  }

  /** The total score of every node that would take the pod; of others −1. */
  scores(): readonly number[] {
    const overlay = this.#overlay;
    const rejections = this.rejections();
    const held = [...rejections.keys()].filter((slot) => rejections[slot] !== 0 && this.takes(slot));
    for (const slot of held) overlay.withhold(slot);
    const candidates = overlay.candidates();
    if (candidates.length > 0) this.#score(candidates);
    const shared = new Map(candidates.map((each) => [each, each.shared]));
    for (const slot of held) overlay.restore(slot);
    return Array.from(rejections, (id, slot) =>
      id === 0 ? shared.get(overlay.candidateAt(slot))! + this.#foundation.buckets.scoreOf(slot) : -1,
    );
  }

  describe(id: number): NodeRejection {
    return this.engine.rejections[id]!;
  }
}

function addWeighted(feasible: readonly Candidates[], weight: number, scores: readonly number[]): void {
  for (let index = 0; index < feasible.length; index++) feasible[index]!.shared += weight * scores[index]!;
}

/** Candidates as a filter sees them, which counts its readings from 0. */
class Seen implements Readings {
  /** Of the candidates that are looked at, by reading of the class. */
  counts: readonly number[] = [];
  readonly #readings: readonly Reading[];
  readonly #first: number;

  constructor(readings: readonly Reading[], first: number) {
    this.#readings = readings;
    this.#first = first;
  }

  count(reading: number): number {
    return this.counts[this.#first + reading]!;
  }

  minimum(reading: number): number {
    return this.#readings[reading]!.counts.minimum;
  }

  total(reading: number): number {
    return this.#readings[reading]!.counts.total;
  }
}
