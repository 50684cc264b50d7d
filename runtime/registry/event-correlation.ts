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

/** Sources and objects that are remembered; past it the one that was told of longest ago goes. */
const MOST_SOURCES = 4096;

export interface Correlated {
  /** It is one of many alike, and told together with them. */
  readonly combined: boolean;
  /** It may be told now. */
  readonly allowed: boolean;
}

/** What one source has told of one object. */
interface Source {
  tokens: number;
  /** When the tokens were counted. */
  at: number;
  /** Its sorts of events; most sources have one or two. */
  readonly sorts: Sort[];
}

interface Sort {
  readonly name: string;
  /** The last messages, each once. */
  messages: string[];
  last: number;
}

/** `source`: who tells of which object; `sort`: all but the message. `now` in milliseconds. */
export type Correlate = (source: string, sort: string, message: string, now: number) => Correlated;

export function createCorrelator(): Correlate {
  const sources = new Map<string, Source>();
  return (key, sort, message, now) => {
    let source = sources.get(key);
    if (source) sources.delete(key);
    else source = { tokens: BURST, at: now, sorts: [] };
    sources.set(key, source);
    if (sources.size > MOST_SOURCES) sources.delete(sources.keys().next().value!);
    return { combined: isOneOfMany(source, sort, message, now), allowed: takeToken(source, now) };
  };
}

function isOneOfMany({ sorts }: Source, name: string, message: string, now: number): boolean {
  let sort = sorts.find((each) => each.name === name);
  if (!sort) {
    sort = { name, messages: [], last: now };
    sorts.push(sort);
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
