import { Recency, type Recent } from "../../base/recency.ts";

/**
 * Which events are told, and which are told as one: the rules of Kubernetes' `EventCorrelator` and their numbers
 * (`client-go/tools/record/events_cache.go`).
 */

/** So many events that differ in their message alone are told; the next ones as one. */
const MOST_SIMILAR = 10;

/** Events of one sort that are further apart begin anew. Milliseconds. */
const SIMILAR_WITHIN = 600_000;

/** So many events one source may tell of one object at once; then one in each period of so many milliseconds. */
const BURST = 25;
const PERIOD = 300_000;

/** Sources that are remembered; past it the one that told something longest ago begins anew. */
const MOST_SOURCES = 4096;

export interface Correlated {
  /** It is one of many alike, and told together with them. */
  readonly combined: boolean;
  /** It may be told now. */
  readonly allowed: boolean;
}

/** Who tells of which object, and what it has told. */
export interface Source extends Recent {
  tokens: number;
  /** When the tokens were counted. */
  at: number;
  /** Its sorts of events, all but the message; most sources have one or two. */
  sorts: readonly Sort[];
}

interface Sort {
  readonly type: string;
  readonly reason: string;
  /** The last messages, each once. */
  messages: string[];
  last: number;
}

export interface Correlator<T extends Source> {
  /** `now` in milliseconds. */
  correlate(source: T, type: string, reason: string, message: string, now: number): Correlated;
  /** Whether it knows what the source has told. */
  remembers(source: T): boolean;
}

/** `forgotten` is told of a source that is not remembered any more. */
export function createCorrelator<T extends Source>(forgotten: (source: T) => void): Correlator<T> {
  const sources = new Recency<T>();
  return {
    remembers: (source) => sources.has(source),
    correlate(source, type, reason, message, now) {
      if (!sources.has(source)) {
        source.tokens = BURST;
        source.at = now;
        source.sorts = none;
      }
      sources.touch(source);
      const { oldest } = sources;
      if (oldest && sources.size > MOST_SOURCES) {
        sources.delete(oldest);
        forgotten(oldest);
      }
      const combined = isOneOfMany(source, type, reason, message, now);
      return { combined, allowed: takeToken(source, now) };
    },
  };
}

const none: readonly Sort[] = [];

function isOneOfMany(source: Source, type: string, reason: string, message: string, now: number): boolean {
  const { sorts } = source;
  const sort = sorts.find((each) => each.reason === reason && each.type === type);
  if (!sort) {
    // Of nearly all there are so few that a list with room for more would mostly be that room.
    source.sorts = [...sorts, { type, reason, messages: [message], last: now }];
    return false;
  }
  if (now - sort.last > SIMILAR_WITHIN) sort.messages = [];
  sort.last = now;
  if (!sort.messages.includes(message)) sort.messages.push(message);
  if (sort.messages.length < MOST_SIMILAR) return false;
  sort.messages.shift();
  return true;
}

function takeToken(source: Source, now: number): boolean {
  source.tokens = Math.min(BURST, source.tokens + Math.max(0, now - source.at) / PERIOD);
  source.at = now;
  if (source.tokens < 1) return false;
  source.tokens--;
  return true;
}
