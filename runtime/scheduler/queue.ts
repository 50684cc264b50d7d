import { createHeap } from "../../base/heap.ts";
import type { Pod } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { priorityOf } from "./snapshot.ts";
import { WaitingGroup } from "./waiting-group.ts";

/** A pod that waits to be placed. Instants in milliseconds since the epoch. */
export interface QueuedPod {
  readonly key: string;
  /** As it was last seen. */
  pod: Stored<Pod>;
  readonly priority: number;
  /** How often it was tried in vain. */
  attempts: number;
  enqueuedAt: number;
  /** Whom it failed with: pods of one class fail and fit alike. Undefined before it first failed. */
  group: string | undefined;
}

interface Entry extends QueuedPod {
  place: "active" | "backoff" | "unschedulable" | "out";
  order: number;
  backoffUntil: number;
  /** After an error of ours the back-off is waited out; after a lack of room only the others go first. */
  error: boolean;
}

const initialBackoff = 1_000;
const maximumBackoff = 10_000;
const unschedulableLimit = 5 * 60_000;
const flushPeriod = 30_000;

/**
 * The scheduling queue of Kubernetes: pods that may be tried, by priority and then by age; pods that failed and were
 * moved while still backing off, by when that ends; pods that wait for something in the cluster to change.
 *
 * Those that wait do so in groups of pods that fit alike. A change that may help a group moves one of it; when that one has
 * found its place, or is gone, the next is moved. So a change costs what it helps, and not what waits.
 */
export interface Queue {
  /** Takes a pod in, or what it asks now; a pod that waits for a change is tried again. */
  add(key: string, pod: Stored<Pod>, now: number): void;
  /** Takes a pod out, which has found its place or is gone: the next of its group is moved. */
  remove(key: string, now: number): void;
  get(key: string): QueuedPod | undefined;
  /** How many pods are in it, whatever they wait for. */
  readonly size: number;
  pop(now: number): QueuedPod | undefined;
  /** Puts a popped pod back: it waits with its group for a change or, after an error, for its back-off. */
  failed(pod: QueuedPod, now: number, group: string | "error"): void;
  /** Moves one of each group that the change may help. */
  move(now: number, helped: (group: string, pod: QueuedPod) => boolean): void;
  /** Moves one more of a group, since one of it has found its place. */
  moveNext(group: string, now: number): void;
  /** Whether any pod of a group waits. */
  waits(group: string): boolean;
  /** Moves this pod, if it waits. */
  wake(key: string, now: number): void;
  /** Moves pods that have waited for over five minutes, whatever happened. */
  flush(now: number): void;
  /** When there is next something to pop or flush; undefined for never. */
  nextAt(now: number): number | undefined;
}

/** Back-off after `attempts` failures: 1 s, 2 s, 4 s, 8 s, then 10 s. */
export function backoff(attempts: number): number {
  return Math.min(initialBackoff * 2 ** Math.min(Math.max(attempts - 1, 0), 10), maximumBackoff);
}

export function createQueue(): Queue {
  const entries = new Map<string, Entry>();
  // In the order in which they failed, hence by age.
  const waiting = new Set<Entry>();
  const groups = new Map<string, WaitingGroup<Entry>>();
  const active = createHeap<Entry>(
    (a, b) =>
      a.priority > b.priority ||
      (a.priority === b.priority &&
        (a.enqueuedAt < b.enqueuedAt || (a.enqueuedAt === b.enqueuedAt && a.order < b.order))),
  );
  const backingOff = createHeap<Entry>(
    (a, b) => a.backoffUntil < b.backoffUntil || (a.backoffUntil === b.backoffUntil && a.order < b.order),
  );
  let orders = 0;

  /** Heap entries are not removed in place; one whose place has changed is skipped when it comes up. */
  function place(entry: Entry, to: Entry["place"]): void {
    if (entry.place === "unschedulable") leave(entry);
    entry.place = to;
    if (to === "unschedulable") join(entry);
    if (to === "active") active.push(entry);
    if (to === "backoff") backingOff.push(entry);
  }

  function join(entry: Entry): void {
    waiting.add(entry);
    let group = groups.get(entry.group!);
    if (!group) groups.set(entry.group!, (group = new WaitingGroup()));
    group.add(entry);
  }

  function leave(entry: Entry): void {
    waiting.delete(entry);
    const group = groups.get(entry.group!)!;
    group.delete(entry);
    if (group.size === 0) groups.delete(entry.group!);
  }

  function settle(heap: typeof active, at: Entry["place"]): Entry | undefined {
    while (heap.peek() && heap.peek()!.place !== at) heap.pop();
    return heap.peek();
  }

  function release(entry: Entry, now: number): void {
    place(entry, entry.backoffUntil > now ? "backoff" : "active");
  }

  function take(now: number): Entry | undefined {
    for (let due = settle(backingOff, "backoff"); due; due = settle(backingOff, "backoff")) {
      if (due.backoffUntil > now) break;
      backingOff.pop();
      place(due, "active");
    }
    if (settle(active, "active")) return active.pop();
    const early = settle(backingOff, "backoff");
    // Nothing else is there to try, so the back-off protects nobody (Kubernetes' SchedulerPopFromBackoffQ).
    return early && !early.error ? backingOff.pop() : undefined;
  }

  const nextFlush = (entry: Entry) =>
    Math.ceil((entry.enqueuedAt + unschedulableLimit + 1) / flushPeriod) * flushPeriod;

  return {
    add(key, pod, now) {
      const known = entries.get(key);
      const priority = priorityOf(pod);
      if (known && isSame(known.pod, pod)) {
        known.pod = pod;
        if (known.place !== "unschedulable" && known.priority === priority) return;
        const { place: waits } = known;
        const copy = replace(known, priority);
        if (waits === "unschedulable") release(copy, now);
        else place(copy, waits);
        return;
      }
      if (known) this.remove(key, now);
      const entry: Entry = {
        key,
        pod,
        priority,
        attempts: 0,
        enqueuedAt: now,
        group: undefined,
        place: "out",
        order: orders++,
        backoffUntil: 0,
        error: false,
      };
      entries.set(key, entry);
      place(entry, "active");
    },
    remove(key, now) {
      const entry = entries.get(key);
      if (!entry) return;
      entries.delete(key);
      const moved = entry.place !== "unschedulable" && entry.group !== undefined;
      place(entry, "out");
      if (moved) this.moveNext(entry.group!, now);
    },
    get: (key) => entries.get(key),
    get size() {
      return entries.size;
    },
    pop(now) {
      const entry = take(now);
      if (entry) place(entry, "out");
      return entry;
    },
    failed({ key, pod }, now, group) {
      const entry = entries.get(key);
      if (!entry || !isSame(entry.pod, pod)) return;
      entry.attempts++;
      entry.enqueuedAt = now;
      entry.backoffUntil = now + backoff(entry.attempts);
      entry.error = group === "error";
      if (group !== "error") entry.group = group;
      place(entry, entry.error ? "backoff" : "unschedulable");
    },
    move(now, helped) {
      for (const [group, members] of [...groups]) {
        const first = members.foremost(now)!;
        if (helped(group, first)) release(first, now);
      }
    },
    moveNext(group, now) {
      const members = groups.get(group);
      if (members) release(members.foremost(now)!, now);
    },
    waits: (group) => groups.has(group),
    wake(key, now) {
      const entry = entries.get(key);
      if (entry?.place === "unschedulable") release(entry, now);
    },
    flush(now) {
      for (const entry of waiting) {
        if (nextFlush(entry) > now) break;
        release(entry, now);
      }
    },
    nextAt(now) {
      if (settle(active, "active")) return now;
      const early = settle(backingOff, "backoff");
      if (early && !early.error) return now;
      const [oldest] = waiting;
      if (!oldest) return early?.backoffUntil;
      return Math.min(early?.backoffUntil ?? Number.POSITIVE_INFINITY, nextFlush(oldest));
    },
  };

  /** A copy in the books, so that the old one, which may be in a heap, is skipped there and never reordered. */
  function replace(entry: Entry, priority: number): Entry {
    const copy: Entry = { ...entry, priority, place: "out" };
    place(entry, "out");
    entries.set(entry.key, copy);
    return copy;
  }
}

/** Whether two objects are versions of one pod, and not of another with the same name. */
function isSame(a: Stored<Pod>, b: Stored<Pod>): boolean {
  return a.metadata.uid === b.metadata.uid;
}
