import type { Stored } from "../../../model/meta.ts";
import { badRequest } from "../status.ts";

/** Where a list goes on: after which object, and at which revision; 0 for one that need not be consistent. */
export interface Continuation {
  readonly revision: number;
  readonly namespace: string;
  readonly name: string;
}

/** One page of a list (`limit` and `continue`). */
export interface Page {
  readonly items: readonly Stored[];
  readonly continue?: string;
  readonly remaining: number;
}

/** At most `limit` of a list in order of namespace and name that is of `revision`, from where it goes on. */
export function pageOf(
  items: readonly Stored[],
  revision: number,
  limit: number | undefined,
  from?: Continuation,
): Page {
  const start = from ? firstAfter(items, from) : 0;
  const end = limit === undefined ? items.length : Math.min(items.length, start + limit);
  const page = start === 0 && end === items.length ? items : items.slice(start, end);
  const remaining = items.length - end;
  const last = page.at(-1)?.metadata;
  if (remaining === 0 || !last) return { items: page, remaining };
  const { namespace = "", name } = last;
  return { items: page, remaining, continue: writeToken({ revision, namespace, name }) };
}

/** By halves: the list is in order. */
function firstAfter(items: readonly Stored[], { namespace, name }: Continuation): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { metadata } = items[middle]!;
    const at = metadata.namespace ?? "";
    if (at > namespace || (at === namespace && metadata.name > name)) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function writeToken({ revision, namespace, name }: Continuation): string {
  const json = encodeURIComponent(JSON.stringify({ v: "kdsl/v1", rv: revision, start: [namespace, name] }));
  return btoa(json).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** 400 for a token that is none of ours. */
export function readToken(text: string): Continuation {
  try {
    const json = decodeURIComponent(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    const { v, rv, start } = JSON.parse(json) as { v?: unknown; rv?: unknown; start?: unknown[] };
    const [namespace, name] = Array.isArray(start) ? start : [];
    if (v === "kdsl/v1" && isRevision(rv) && typeof namespace === "string" && typeof name === "string")
      return { revision: rv, namespace, name };
  } catch {}
  throw badRequest("continue key is not valid: it is not one of this server's");
}

function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
