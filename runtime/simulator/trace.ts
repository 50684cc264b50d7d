import type { PodEvent } from "../environment.ts";
import type { Change } from "../store/history.ts";

/**
 * A running hash over everything that happens: every store write and every answer of the driver, with its instant. Two
 * runs with the same hash did the same. Left out is how often a node says that it is alive, and a container that it is well:
 * leases, times of heartbeats, results of probes (what follows from them is in), and revisions with them.
 */
export interface Trace {
  write(at: number, change: Change): void;
  answer(at: number, event: PodEvent): void;
  /** 16 hex digits. */
  hash(): string;
  /** How many writes and answers there were. */
  readonly length: number;
}

export function createTrace(): Trace {
  const state = { low: 0x811c9dc5, high: 0x9747b28c };
  const known = new WeakMap<object, number>();
  let length = 0;
  const add = (word: number) => {
    state.low = mix(state.low ^ word);
    state.high = mix(Math.imul(state.high, 0x01000193) ^ word ^ state.low);
  };
  const instant = (at: number) => {
    add(at >>> 0);
    add(Math.floor(at / 0x1_0000_0000));
    length++;
  };
  return {
    get length() {
      return length;
    },
    write(at, { kind, previous, next }) {
      if (kind === "Lease") return;
      // A heartbeat of a node's status and nothing else.
      if (kind === "Node" && previous && next && hashValue(previous, known) === hashValue(next, known))
        return;
      instant(at);
      const { name, namespace = "" } = (next ?? previous)!.metadata;
      add(hashText(`${kind}/${namespace}/${name}`));
      add(next ? hashValue(next, known) : 0);
    },
    answer(at, event) {
      if (event.type === "probeResult" || event.type === "healthChanged") return;
      instant(at);
      add(hashValue(event, undefined));
    },
    hash: () => hex(state.high) + hex(state.low),
  };
}

/** Fields that only say when something was said. */
const unsaid: ReadonlySet<string> = new Set(["resourceVersion", "lastHeartbeatTime"]);

const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");

/** The finaliser of MurmurHash3: every bit of the result depends on every bit of the word. */
function mix(word: number): number {
  let z = word;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return z ^ (z >>> 16);
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash);
}

/** Of a JSON value, without the order of its fields. What the store gives out is frozen and shared, so that its hash is kept in `known`. */
function hashValue(value: unknown, known: WeakMap<object, number> | undefined): number {
  if (typeof value === "string") return hashText(value);
  if (typeof value !== "object" || value === null) return hashText(String(value)) ^ 0x5bd1e995;
  const before = known?.get(value);
  if (before !== undefined) return before;
  const hash = Array.isArray(value)
    ? hashItems(value, known)
    : hashFields(value as Record<string, unknown>, known);
  known?.set(value, hash);
  return hash;
}

function hashItems(items: readonly unknown[], known: WeakMap<object, number> | undefined): number {
  let hash = 0x3c6ef372 ^ items.length;
  for (const item of items) hash = mix(Math.imul(hash, 31) ^ hashValue(item, known));
  return hash;
}

function hashFields(
  fields: Readonly<Record<string, unknown>>,
  known: WeakMap<object, number> | undefined,
): number {
  let hash = 0x1b873593;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (value === undefined || unsaid.has(key)) continue;
    hash = (hash + mix(Math.imul(hashText(key), 17) ^ hashValue(value, known))) | 0;
  }
  return mix(hash);
}
