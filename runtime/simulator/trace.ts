import { placeOf } from "../../base/versions.ts";
import type { PodEvent } from "../environment.ts";
import type { Change } from "../store/history.ts";
import { countFields } from "../store/version.ts";

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
      const said = next
        ? previous
          ? hashDifference(previous as unknown as Fields, next as unknown as Fields)
          : hashNew(next as unknown as Fields, known)
        : 0;
      // A heartbeat of a node's status and nothing else.
      if (said === undefined) return;
      instant(at);
      const { name, namespace } = (next ?? previous)!.metadata;
      add(hashKey(kind));
      if (namespace !== undefined) add(hashKey(namespace));
      add(hashText(name));
      add(said);
    },
    answer(at, event) {
      if (event.type === "probeResult" || event.type === "healthChanged") return;
      instant(at);
      add(hashValue(event));
    },
    hash: () => hex(state.high) + hex(state.low),
  };
}

type Fields = Readonly<Record<string, unknown>>;
/** Hashes of frozen parts that many objects or versions share. */
type Known = WeakMap<object, number>;

/** Fields that only say when something was said. */
const isUnsaid = (key: string) => key === "resourceVersion" || key === "lastHeartbeatTime";

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

/** Of a JSON value, without the order of its fields. */
function hashValue(value: unknown): number {
  if (typeof value === "string") return hashText(value);
  if (typeof value !== "object" || value === null) return hashText(String(value)) ^ 0x5bd1e995;
  return Array.isArray(value) ? hashItems(value) : hashFields(value as Fields);
}

function hashItems(items: readonly unknown[]): number {
  let hash = 0x3c6ef372 ^ items.length;
  for (let index = 0; index < items.length; index++)
    hash = mix(Math.imul(hash, 31) ^ hashValue(items[index]));
  return hash;
}

/** `known`: where what the fields hold is mostly held by others too. */
function hashFields(fields: Fields, known?: Known): number {
  let hash = 0x1b873593;
  for (const key in fields) {
    const value = fields[key];
    if (value === undefined || isUnsaid(key)) continue;
    hash = (hash + hashField(key, known ? hashShared(value, known) : hashValue(value))) | 0;
  }
  return mix(hash);
}

const hashField = (key: string, value: number) => mix(Math.imul(hashKey(key), 17) ^ value);

function hashShared(value: unknown, known: Known): number {
  if (typeof value !== "object" || value === null) return hashValue(value);
  let hash = known.get(value);
  if (hash !== undefined) return hash;
  hash = hashValue(value);
  if (Object.isFrozen(value)) known.set(value, hash);
  return hash;
}

/** Of a new object. What its spec consists of is mostly that of a template. */
function hashNew(object: Fields, known: Known): number {
  let hash = 0x1b873593;
  for (const key in object) {
    const value = object[key];
    const part = key === "spec" ? hashFields(value as Fields, known) : hashValue(value);
    hash = (hash + hashField(key, part)) | 0;
  }
  return mix(hash);
}

/** Of lists of more items only those that came, went or changed are hashed. */
const LONG = 8;

/** Of what makes `next` another than `before`; undefined where that is nothing. What both share is not looked at. */
function hashDifference(before: Fields, next: Fields): number | undefined {
  let hash = 0x2545f491;
  let any = false;
  let common = 0;
  for (const key in next) {
    const old = before[key];
    const now = next[key];
    if (old !== undefined) common++;
    if (old === now || isUnsaid(key)) continue;
    const part = hashPartDifference(old, now);
    if (part === undefined) continue;
    any = true;
    hash = (hash + hashField(key, part)) | 0;
  }
  if (common === countFields(before)) return any ? mix(hash) : undefined;
  for (const key in before) {
    if (key in next || isUnsaid(key)) continue;
    any = true;
    hash = (hash + hashField(key, 0x68e31da4)) | 0;
  }
  return any ? mix(hash) : undefined;
}

function hashPartDifference(before: unknown, next: unknown): number | undefined {
  if (isFields(before) && isFields(next)) return hashDifference(before, next);
  if (!Array.isArray(before) || !Array.isArray(next)) return hashValue(next);
  if (before.length <= LONG && next.length <= LONG) return hashListDifference(before, next);
  return hashMoves(before, next);
}

function hashListDifference(before: readonly unknown[], next: readonly unknown[]): number | undefined {
  if (before.length !== next.length) return hashItems(next);
  let hash = 0x3c6ef372 ^ next.length;
  let any = false;
  for (let index = 0; index < next.length; index++) {
    const old = before[index];
    const now = next[index];
    if (old === now) continue;
    const part = hashPartDifference(old, now);
    if (part === undefined) continue;
    any = true;
    hash = mix(Math.imul(hash, 31) ^ Math.imul(index + 1, 0x9e3779b1) ^ part);
  }
  return any ? hash : undefined;
}

/** Of the items that are new in a list and of how many are left out between those that stay. */
function hashMoves(before: readonly unknown[], next: readonly unknown[]): number | undefined {
  let hash = 0x3c6ef372 ^ next.length;
  let any = false;
  const add = (index: number, value: number) => {
    any = true;
    hash = mix(Math.imul(hash, 31) ^ Math.imul(index + 1, 0x9e3779b1) ^ value);
  };
  let from = 0;
  for (let index = 0; index < next.length; index++) {
    const at = placeOf(before, next[index], from);
    if (at >= 0) {
      if (at > from) add(index, at - from);
      from = at + 1;
      continue;
    }
    const item = hashValue(next[index]);
    if (from < before.length && item === hashValue(before[from])) from++;
    else add(index, item);
  }
  if (from < before.length) add(next.length, before.length - from);
  return any ? hash : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names of fields are few, and so are kinds and namespaces. */
const keys = new Map<string, number>();
const MOST_KEYS = 10_000;

function hashKey(key: string): number {
  let hash = keys.get(key);
  if (hash === undefined) {
    hash = hashText(key);
    if (keys.size < MOST_KEYS) keys.set(key, hash);
  }
  return hash;
}
