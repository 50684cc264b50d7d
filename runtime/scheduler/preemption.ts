import type { Pod } from "../../model/core.ts";
import { parseTimestamp } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";
import { type Engine, suppose, supposeChange } from "./index/engine.ts";
import type { RequestClass } from "./index/request-class.ts";
import { Supposition } from "./index/supposition.ts";
import { Least } from "./least.ts";
import { type NodeInfo, type PodInfo, priorityOf } from "./snapshot.ts";

/**
 * Preemption (Kubernetes' `DefaultPreemption`): where a pod fits nowhere, pods of lower priority may have to go. On each
 * node that is not ruled out for good all of those are thought away; where the pod fits then, as many as possible come
 * back, the most important first; and of all nodes the one is taken that loses least. All nodes are candidates, and
 * what was found for a node is kept until something changes there.
 */

export type PreemptionResult =
  | { readonly node: NodeInfo; readonly victims: readonly PodInfo[] }
  /** Why there is no such node: how many nodes say what. */
  | { readonly node: undefined; readonly reasons: ReadonlyMap<string, number> };

const noVictims = "No preemption victims found for incoming pod";

/** What a node would lose, in the order in which it is compared: less is better, and of the start more. */
interface Loss {
  readonly victims: readonly PodInfo[];
  readonly highest: number;
  readonly sum: number;
  /** When the first of its most important victims started. */
  readonly earliest: number;
}

type Outcome = Loss | { readonly victims: undefined; readonly reasons: readonly string[] };

const unhelpful: Outcome = {
  victims: undefined,
  reasons: ["Preemption is not helpful for scheduling"],
};

/** Why this pod may not drive out others; undefined where it may. */
export function ineligible(
  pod: Pod,
  nominated: NodeInfo | undefined,
  resolvable: boolean,
): string | undefined {
  if (pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  if (!nominated || !resolvable) return undefined;
  for (const { pod: other } of nominated.pods.values())
    if (priorityOf(other) < priorityOf(pod) && terminatingByPreemption(other))
      return "not eligible due to a terminating pod on the nominated node.";
  return undefined;
}

function terminatingByPreemption(pod: Pod): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false;
  const target = condition(pod.status?.conditions, "DisruptionTarget");
  return target?.status === "True" && target.reason === "PreemptionByScheduler";
}

export class Preemption {
  readonly #engine: Engine;
  readonly #byClass = new WeakMap<RequestClass, Outlook>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Where a pod of this class, which fits nowhere, would make room at the least loss. */
  find(of: RequestClass): PreemptionResult {
    let outlook = this.#byClass.get(of);
    if (!outlook) this.#byClass.set(of, (outlook = new Outlook(this.#engine, of)));
    return outlook.best();
  }
}

/** What each node would lose to pods of one class. */
class Outlook {
  readonly #engine: Engine;
  readonly #class: RequestClass;
  readonly #reject: (node: NodeInfo) => number;
  /** By slot. */
  #outcomes: Outcome[] = [];
  #least = new Least(0, () => false);
  #epoch = -1;
  #position = 0;

  constructor(engine: Engine, of: RequestClass) {
    this.#engine = engine;
    this.#class = of;
    this.#reject = engine.usageRejecter(of.info);
  }

  best(): PreemptionResult {
    this.#refresh();
    const slot = this.#least.first;
    const found = this.#outcomes[slot];
    if (found?.victims) return { node: this.#engine.snapshot.columns.nodes[slot]!, victims: found.victims };
    const reasons = new Map<string, number>();
    for (const outcome of this.#outcomes)
      for (const reason of outcome.victims ? [] : outcome.reasons)
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return { node: undefined, reasons };
  }

  /** Looks again at the nodes where something has changed. */
  #refresh(): void {
    const { snapshot } = this.#engine;
    this.#class.refresh();
    const { epoch, changes, columns } = snapshot;
    const size = columns.nodes.length;
    // What stands elsewhere counts too for rules over domains.
    const known = this.#epoch === epoch && this.#class.filters.length === 0;
    if (known && changes.reaches(this.#position, size)) {
      for (let at = this.#position; at < changes.end; at++) this.#look(changes.at(at));
    } else {
      this.#outcomes = new Array<Outcome>(size).fill(unhelpful);
      this.#least = new Least(size, (a, b) => isLess(this.#outcomes[a] as Loss, this.#outcomes[b] as Loss));
      for (let slot = 0; slot < size; slot++) this.#look(slot);
    }
    this.#epoch = epoch;
    this.#position = changes.end;
  }

  #look(slot: number): void {
    const id = this.#class.rejectionAt(slot);
    const helps = id > 0 && !this.#class.describe(id).unresolvable;
    const outcome = helps ? this.#lossOf(this.#engine.snapshot.columns.nodes[slot]!) : unhelpful;
    // A change that leaves it as it was need not be fought out.
    if (outcome.victims === undefined && this.#outcomes[slot]!.victims === undefined)
      this.#outcomes[slot] = outcome;
    else {
      this.#outcomes[slot] = outcome;
      this.#least.set(slot, outcome.victims !== undefined);
    }
  }

  #lossOf(node: NodeInfo): Outcome {
    const { priority } = this.#class;
    const lower = [...node.pods.values()].filter(({ pod }) => priorityOf(pod) < priority);
    if (lower.length === 0) return { victims: undefined, reasons: [noVictims] };
    const room = [...node.nominated.values()].filter(({ pod }) => priorityOf(pod) >= priority);
    const supposed = suppose(node, room, lower);
    const rejection = this.#rejection(supposed, room, lower);
    if (rejection > 0) return { victims: undefined, reasons: this.#class.describe(rejection).reasons };
    let gone: readonly PodInfo[] = lower;
    for (const info of lower.sort(byImportance)) {
      const fewer = gone.filter((each) => each !== info);
      supposeChange(supposed, info, 1);
      if (this.#rejection(supposed, room, fewer) === 0) gone = fewer;
      else supposeChange(supposed, info, -1);
    }
    return lossOf([...gone].sort(byImportance));
  }

  /** What is said of the node without these pods, and with those for which room is held; 0 for nothing. */
  #rejection(supposed: NodeInfo, room: readonly PodInfo[], gone: readonly PodInfo[]): number {
    const local = this.#reject(supposed);
    if (local > 0 || this.#class.filters.length === 0) return local;
    const supposition = new Supposition(this.#class, supposed.slot);
    for (const info of gone) supposition.change(info, -1);
    const without = supposition.rejection();
    if (without > 0 || room.length === 0) return without;
    for (const info of room) supposition.change(info, 1);
    return supposition.rejection();
  }
}

function lossOf(victims: readonly PodInfo[]): Loss {
  const highest = victims.length === 0 ? Number.NEGATIVE_INFINITY : priorityOf(victims[0]!.pod);
  let sum = 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (const { pod } of victims) {
    // So that a few pods of negative priority are not dearer than many (Kubernetes' `MaxInt32 + 1`).
    sum += priorityOf(pod) + 2 ** 31;
    if (priorityOf(pod) === highest) earliest = Math.min(earliest, startOf(pod));
  }
  return { victims, highest, sum, earliest };
}

/** In milliseconds; a pod that has not started counts as starting last. */
function startOf({ status }: Pod): number {
  return parseTimestamp(status?.startTime) ?? Number.MAX_SAFE_INTEGER;
}

/** Priority first, then the earlier start. */
function byImportance(a: PodInfo, b: PodInfo): number {
  return priorityOf(b.pod) - priorityOf(a.pod) || startOf(a.pod) - startOf(b.pod);
}

/** Kubernetes' order of criteria; of equals the first in order of name stays. */
function isLess(a: Loss, b: Loss): boolean {
  if (a.highest !== b.highest) return a.highest < b.highest;
  if (a.sum !== b.sum) return a.sum < b.sum;
  if (a.victims.length !== b.victims.length) return a.victims.length < b.victims.length;
  return a.earliest > b.earliest;
}
