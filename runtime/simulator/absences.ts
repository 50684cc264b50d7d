import type { Clock } from "../../base/clock.ts";

/** A time during which somebody could not be reached or stood still, in milliseconds since the epoch. */
export interface Absence {
  readonly since: number;
  /** Undefined: it goes on. */
  readonly until: number | undefined;
}

/** Who is away, and when he was away last. */
export interface Absences {
  readonly away: ReadonlySet<string>;
  /** The last absence; undefined: there was none. */
  of(name: string): Absence | undefined;
  /** Who is away already or not at all stays so. */
  set(name: string, away: boolean): void;
}

export function createAbsences(clock: Clock): Absences {
  const last = new Map<string, Absence>();
  const away = new Set<string>();
  return {
    away,
    of: (name) => last.get(name),
    set(name, isAway) {
      if (away.has(name) === isAway) return;
      if (isAway) {
        away.add(name);
        last.set(name, { since: clock.now(), until: undefined });
      } else {
        away.delete(name);
        last.set(name, { since: last.get(name)!.since, until: clock.now() });
      }
    },
  };
}
