import type { Kind, Stored } from "../../model/meta.ts";
import type { ListQuery, WatchEvent } from "../client/client.ts";
import { matchesQuery } from "../client/fields.ts";
import type { Change } from "./history.ts";
import { type Index, indexesOf, lookupFor } from "./indexes.ts";
import { atRevision } from "./version.ts";

export type Handler = (event: WatchEvent<never>, revision: number) => void;

interface Watcher {
  readonly order: number;
  /** Whether an object is among those that it asks for. */
  readonly shows: (object: Stored) => boolean;
  readonly handler: Handler;
  /** Changes up to this revision are not for it: it has seen them in its list. */
  readonly from: number;
  /** It asks for all that there is, or that has one value of this index: no object needs to be looked at. */
  readonly exact: Index | "everything" | undefined;
  /** It is shown what leaves at the revision at which it left. */
  readonly revised: boolean;
  stopped: boolean;
}

/** Those who ask for one value of an index. */
interface Group {
  own: readonly Watcher[];
  /** With all who ask for everything, in order, as of `everything`. */
  all: readonly Watcher[];
  everything: readonly Watcher[];
}

/**
 * What a change looks like through a query: entering it is ADDED and leaving it is DELETED (the rule of Kubernetes'
 * watch cache). An object that leaves is shown as it was; where it is `revised`, at the revision at which it left.
 */
export function project(
  change: Change,
  shows: (object: Stored) => boolean,
  revised: boolean,
): WatchEvent<never> | undefined {
  const { previous, next } = change;
  const before = previous && shows(previous) ? previous : undefined;
  const after = next && shows(next) ? next : undefined;
  return before || after ? eventOf(change, before, after, revised) : undefined;
}

/** `before` and `after`: the object where the watcher sees it. */
function eventOf(
  change: Change,
  before: Stored | undefined,
  after: Stored | undefined,
  revised: boolean,
): WatchEvent<never> {
  const type = after ? (before ? "MODIFIED" : "ADDED") : "DELETED";
  const object = after ?? (revised ? atItsEnd(change, before!) : before!);
  return { type, object, previous: change.previous } as unknown as WatchEvent<never>;
}

/** One that is gone is the same for all to whom it is shown. */
function atItsEnd(change: Change, last: Stored): Stored {
  if (change.next) return atRevision(last, change.revision);
  change.deleted ??= atRevision(last, change.revision);
  return change.deleted;
}

/** The watchers of one kind, by the index value that they ask for: a write costs what its listeners cost. */
export class Watchers {
  readonly #kind: Kind;
  readonly #indexes: readonly Index[];
  /** In the order in which they came. Lists are replaced and never changed, for one may be gone through just now. */
  #everything: readonly Watcher[] = [];
  readonly #indexed: readonly Map<string, Group>[];
  #order = 0;

  constructor(kind: Kind) {
    this.#kind = kind;
    this.#indexes = indexesOf(kind);
    this.#indexed = this.#indexes.map(() => new Map());
  }

  add(query: ListQuery, handler: Handler, from: number, revised: boolean): () => void {
    const lookup = lookupFor(this.#kind, query);
    const exact = lookup
      ? lookup.exact
        ? this.#indexes[lookup.at]
        : undefined
      : isEmptyQuery(query)
        ? "everything"
        : undefined;
    const shows =
      exact && exact !== "everything"
        ? (object: Stored) => exact.valueOf(object) === lookup!.value
        : showsQuery(query);
    const watcher: Watcher = { order: this.#order++, shows, handler, from, exact, revised, stopped: false };
    if (!lookup) {
      this.#everything = [...this.#everything, watcher];
      return () => {
        watcher.stopped = true;
        this.#everything = this.#everything.filter((each) => each !== watcher);
      };
    }
    const groups = this.#indexed[lookup.at]!;
    const setOwn = (own: readonly Watcher[]) => {
      if (own.length === 0) groups.delete(lookup.value);
      else groups.set(lookup.value, { own, all: own, everything: [] });
    };
    const own = () => groups.get(lookup.value)?.own ?? [];
    setOwn([...own(), watcher]);
    return () => {
      watcher.stopped = true;
      setOwn(own().filter((each) => each !== watcher));
    };
  }

  /** Tells those whom the change concerns, in the order in which they came. `failed` hears what a handler throws. */
  notify(change: Change, failed: (error: unknown) => void): void {
    const { previous, next, revision } = change;
    // Those to whom it looks the same are told by one event.
    const whole = eventOf(change, previous, next, false);
    let atEnd: WatchEvent<never> | undefined;
    const concerned = this.#concerned(change);
    for (let index = 0; index < concerned.length; index++) {
      const { stopped, from, exact, shows, handler, revised } = concerned[index]!;
      if (stopped || from >= revision) continue;
      const stays =
        exact === "everything" ||
        (exact && (!previous || !next || exact.sourceOf(previous) === exact.sourceOf(next)));
      let event: WatchEvent<never> | undefined = whole;
      if (!stays) event = project(change, shows, revised);
      else if (revised && !next) event = atEnd ??= eventOf(change, previous, next, true);
      if (!event) continue;
      try {
        handler(event, revision);
      } catch (error) {
        failed(error);
      }
    }
  }

  #concerned({ previous, next }: Change): readonly Watcher[] {
    let found = this.#everything;
    for (let at = 0; at < this.#indexes.length; at++) {
      const groups = this.#indexed[at]!;
      if (groups.size === 0) continue;
      const index = this.#indexes[at]!;
      const before = previous && index.valueOf(previous);
      if (before !== undefined) found = this.#with(found, groups.get(before));
      if (!next || (previous && index.sourceOf(previous) === index.sourceOf(next))) continue;
      const after = index.valueOf(next);
      if (after !== before) found = this.#with(found, groups.get(after));
    }
    return found;
  }

  /** Most changes concern one group and those who ask for everything: that list is kept. */
  #with(found: readonly Watcher[], group: Group | undefined): readonly Watcher[] {
    if (!group) return found;
    if (found !== this.#everything) return merge(found, group.own);
    if (group.everything !== found) {
      group.all = merge(found, group.own);
      group.everything = found;
    }
    return group.all;
  }
}

/** Whether an object is in what a query asks for, as a question of the object alone. */
export function showsQuery(query: ListQuery): (object: Stored) => boolean {
  return (object) => matchesQuery(object, query);
}

/** Whether it asks for all objects of a kind. */
export function isEmptyQuery(query: ListQuery): boolean {
  return query.namespace === undefined && !query.selector?.length && query.fields === undefined;
}

/** Two lists of watchers as one, in order. */
function merge(one: readonly Watcher[], other: readonly Watcher[]): readonly Watcher[] {
  if (one.length === 0) return other;
  const all = [...one, ...other];
  return one[one.length - 1]!.order < other[0]!.order ? all : all.sort((a, b) => a.order - b.order);
}
