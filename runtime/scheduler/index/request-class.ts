import type { Random } from "../../../base/random.ts";
import { type NodeRejection, normalize } from "../framework.ts";
import { type PodInfo, priorityOf } from "../snapshot.ts";
import { labelled, termMatches } from "../terms.ts";
import { Cells } from "./cells.ts";
import type { Alike, DomainFilter, DomainScore, Reading } from "./domains.ts";
import type { Engine } from "./engine.ts";
import type { NodeIndex } from "./node-index.ts";
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
}

interface WeighedScore {
  readonly weight: number;
  readonly score: DomainScore;
  readonly first: number;
}

/**
 * Pods whose every rule gives the same answers. It keeps for each node where it stands with them, one node at a time as
 * nodes change: rejected, or feasible in a cell (`cells.ts`) with a score of its own; so that to decide is to look at a
 * few cells, however many nodes there are.
 */
export class RequestClass {
  readonly key: string;
  readonly info: PodInfo;
  readonly engine: Engine;
  readonly priority: number;
  readonly #fixed: NodeIndex;
  readonly #usage: NodeIndex;
  #cells!: Cells;
  filters: readonly NamedFilter[] = [];
  #scores: readonly WeighedScore[] = [];
  readings: readonly Reading[] = [];
  #epoch = -1;
  #position = 0;
  #nodePosition = 0;
  #termsSeen = 0;
  /** Slots that hold room for another pod, where filters that read domains must be asked once more with it. */
  readonly #reserved = new Set<number>();

  constructor(engine: Engine, info: PodInfo, key: string) {
    this.key = key;
    this.info = info;
    this.engine = engine;
    this.priority = priorityOf(info.pod);
    this.#fixed = engine.fixedIndex(info);
    this.#usage = engine.usageIndex(info);
  }

  /** Takes over what changed since the last call. */
  refresh(): void {
    const { snapshot } = this.engine;
    const { epoch, changes, nodeChanges } = snapshot;
    const known = this.#epoch === epoch && !this.#termsCameUp();
    if (known && this.#position === changes.end) return;
    this.#fixed.refresh();
    this.#usage.refresh();
    const size = snapshot.columns.nodes.length;
    if (known && changes.reaches(this.#position, size) && nodeChanges.reaches(this.#nodePosition, size)) {
      for (let at = this.#nodePosition; at < nodeChanges.end; at++)
        this.#cells.regroup(nodeChanges.at(at), this.#fixed.value[nodeChanges.at(at)]!);
      for (let at = this.#position; at < changes.end; at++) this.#update(changes.at(at));
    } else {
      if (!known) this.#restart(epoch);
      for (let slot = 0; slot < size; slot++) {
        this.#cells.regroup(slot, this.#fixed.value[slot]!);
        this.#place(slot);
      }
    }
    this.#position = changes.end;
    this.#nodePosition = nodeChanges.end;
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
      return [{ name, filter, first }];
    });
    this.#scores = engine.profile.scores.flatMap(({ plugin: { index }, weight }) => {
      const score = index.reads === "domains" ? index.over(info, census, engine.cluster) : undefined;
      if (!score) return [];
      const first = readings.length;
      readings.push(...score.readings);
      return [{ weight, score, first }];
    });
    this.readings = readings;
    this.#cells = new Cells(engine.snapshot.columns.nodes.length, readings);
  }

  #update(slot: number): void {
    this.#place(slot);
    for (const other of this.#cells.companions(slot)) this.#place(other);
  }

  #place(slot: number): void {
    const rejected = this.#localRejection(slot);
    this.#cells.place(slot, rejected > 0 ? -rejected : this.#usage.value[slot]!);
    if (this.filters.length === 0) return;
    const node = this.engine.snapshot.columns.nodes[slot]!;
    if (node.nominated.size > 0 && rejected === 0) this.#reserved.add(slot);
    else this.#reserved.delete(slot);
  }

  #localRejection(slot: number): number {
    const fixed = this.#fixed.value[slot]!;
    if (fixed < 0) return -fixed;
    const usage = this.#usage.value[slot]!;
    return usage < 0 ? -usage : 0;
  }

  /** What rejects a pod of this class on one node, as the engine's id; 0 for nothing. */
  rejectionAt(slot: number): number {
    const local = this.#localRejection(slot);
    if (local > 0) return local;
    return this.#reservedRejection(slot) || this.#domainRejection(this.#cells.cellOf(slot));
  }

  /** Whether the node itself would take a pod of this class, whatever stands in its domains. */
  takes(slot: number): boolean {
    return this.#localRejection(slot) === 0;
  }

  /** The engine's id of what filters over domains say of a cell; 0 for nothing. */
  #domainRejection(cell: number): number {
    for (const { name, filter, first } of this.filters) {
      const rejection = filter.reject({
        count: (reading) => this.#cells.count(cell, first + reading),
        minimum: (reading) => this.readings[first + reading]!.counts.minimum,
        total: (reading) => this.readings[first + reading]!.counts.total,
      });
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
    const cells = this.#cells;
    const held = [...this.#reserved].flatMap((slot) => {
      const id = this.#reservedRejection(slot);
      return id > 0 ? [{ slot, id }] : [];
    });
    for (const { slot, id } of held) cells.place(slot, -id);
    const feasible: number[] = [];
    const refused = new Map<number, number>();
    let count = 0;
    for (const cell of cells.occupied()) {
      const size = cells.size(cell);
      const id = this.filters.length === 0 ? 0 : this.#domainRejection(cell);
      if (id > 0) {
        refused.set(id, (refused.get(id) ?? 0) + size);
      } else {
        feasible.push(cell);
        count += size;
      }
    }
    const decision = this.#choose(feasible, count, refused, random);
    for (const { slot } of held) this.#place(slot);
    return decision;
  }

  #choose(
    feasible: readonly number[],
    count: number,
    refused: Map<number, number>,
    random: Random,
  ): Decision {
    const cells = this.#cells;
    if (count === 0) {
      for (const [id, nodes] of cells.rejected()) refused.set(id, (refused.get(id) ?? 0) + nodes);
      return { slot: undefined, rejections: refused };
    }
    if (count === 1) return { slot: cells.pick([{ cell: feasible[0]!, score: cells.top(feasible[0]!) }], 0) };
    const totals = this.#cellTotals(feasible);
    let best = Number.NEGATIVE_INFINITY;
    let places: { cell: number; score: number }[] = [];
    let ties = 0;
    for (let index = 0; index < feasible.length; index++) {
      const cell = feasible[index]!;
      const score = cells.top(cell);
      const total = totals[index]! + score;
      if (total < best) continue;
      if (total > best) {
        places = [];
        ties = 0;
        best = total;
      }
      places.push({ cell, score });
      ties += cells.withScore(cell, score);
    }
    return { slot: cells.pick(places, random.below(ties)) };
  }

  /** What all scores that nodes of a cell share add to those of their own. */
  #cellTotals(feasible: readonly number[]): number[] {
    const { engine } = this;
    const cells = this.#cells;
    const totals = feasible.map(() => 0);
    const add = (weight: number, scores: readonly number[]) => {
      for (let index = 0; index < totals.length; index++) totals[index]! += weight * scores[index]!;
    };
    let column = 0;
    for (const { plugin, weight } of engine.profile.scores) {
      if (plugin.index.reads !== "node") continue;
      const at = column++;
      const counts = feasible.map((cell) => engine.groups[cells.group(cell)]!.counts[at]!);
      if (plugin.index.reverse || plugin.index.key(this.info) !== "")
        add(weight, normalize(counts, plugin.index.reverse));
    }
    for (const { weight, score, first } of this.#scores) {
      const alike: (Alike & { readonly cell: number })[] = feasible.map((cell) => ({
        cell,
        size: cells.size(cell),
        count: (reading) => cells.count(cell, first + reading),
      }));
      const distinct = (reading: number, some: readonly Alike[]) =>
        cells.distinct(
          first + reading,
          (some as typeof alike).map(({ cell }) => cell),
        );
      add(weight, score.score(alike, distinct));
    }
    return totals;
  }

  /** Of every node what it says to a pod of this class: the engine's id of a rejection, or 0. */
  rejections(): Int32Array {
    const byCell = new Map<number, number>();
    return Int32Array.from(this.engine.snapshot.columns.nodes, (node, slot) => {
      const local = this.#localRejection(slot);
      if (local > 0 || this.filters.length === 0) return local;
      const reserved = node.nominated.size > 0 ? this.#reservedRejection(slot) : 0;
      if (reserved > 0) return reserved;
      const cell = this.#cells.cellOf(slot);
      let id = byCell.get(cell);
      if (id === undefined) byCell.set(cell, (id = this.#domainRejection(cell)));
      return id;
    });
  }

  /** The total score of every node that would take the pod; of others −1. */
  scores(): readonly number[] {
    const cells = this.#cells;
    const rejections = this.rejections();
    const feasible = new Set<number>();
    const held: number[] = [];
    rejections.forEach((id, slot) => {
      if (id === 0) feasible.add(cells.cellOf(slot));
      else if (this.takes(slot)) held.push(slot);
    });
    for (const slot of held) cells.place(slot, -rejections[slot]!);
    const list = [...feasible];
    const totals = new Map(this.#cellTotals(list).map((total, index) => [list[index]!, total]));
    for (const slot of held) this.#place(slot);
    return Array.from(rejections, (id, slot) =>
      id === 0 ? totals.get(cells.cellOf(slot))! + this.#usage.value[slot]! : -1,
    );
  }

  describe(id: number): NodeRejection {
    return this.engine.rejections[id]!;
  }
}
