import type { Clock } from "../../../base/clock.ts";
import type { Stored } from "../../../model/meta.ts";
import { badRequest } from "../status.ts";

/** How long and how many lists are kept for the pages that have not been asked for yet. */
const keptMilliseconds = 5 * 60_000;
const keptLists = 64;

interface Token {
  /** The list that the page is of; "" for one that need not be consistent. */
  readonly list: string;
  /** `namespace/name` of the last object that was given. */
  readonly after: string;
  readonly revision: number;
}

export interface Page {
  readonly items: readonly Stored[];
  readonly revision: number;
  readonly continue?: string;
  readonly remaining: number;
}

/**
 * Lists in pages (`limit` and `continue`). All pages of a list are of the revision of its first: objects are frozen,
 * so keeping a list costs its references alone. Where it is kept no longer, `expired` has a token that goes on in the
 * list as it is then.
 */
export class Pages {
  readonly #clock: Clock;
  readonly #lists = new Map<string, { at: number; items: readonly Stored[]; revision: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `query` tells lists of one kind apart that differ in their selectors. */
  first(query: string, items: readonly Stored[], revision: number, limit: number | undefined): Page {
    if (limit === undefined || items.length <= limit) return { items, revision, remaining: 0 };
    const list = `${revision}:${query}`;
    this.#keep(list, items, revision);
    return this.#page({ list, after: "", revision }, items, limit);
  }

  /** 400 for a token that is none of ours. */
  next(
    text: string,
    query: string,
    current: () => readonly Stored[],
    revision: number,
    limit: number | undefined,
  ): Page | { readonly expired: string } {
    const token = readToken(text);
    if (token.list === "") return this.#page({ ...token, revision }, current(), limit);
    if (token.list !== `${token.revision}:${query}`)
      throw badRequest("the continue token belongs to a list with other parameters");
    const kept = this.#lists.get(token.list);
    if (!kept || this.#clock.now() - kept.at > keptMilliseconds)
      return { expired: writeToken({ ...token, list: "" }) };
    return this.#page(token, kept.items, limit);
  }

  #keep(list: string, items: readonly Stored[], revision: number): void {
    this.#lists.delete(list);
    this.#lists.set(list, { at: this.#clock.now(), items, revision });
    for (const [key, { at }] of this.#lists) {
      if (this.#lists.size <= keptLists && this.#clock.now() - at <= keptMilliseconds) break;
      this.#lists.delete(key);
    }
  }

  #page(token: Token, items: readonly Stored[], limit: number | undefined): Page {
    const start = token.after === "" ? 0 : firstAfter(items, token.after);
    const end = Math.min(items.length, start + (limit ?? items.length));
    const page = items.slice(start, end);
    const remaining = items.length - end;
    if (remaining === 0) return { items: page, revision: token.revision, remaining };
    return {
      items: page,
      revision: token.revision,
      remaining,
      continue: writeToken({ ...token, after: positionOf(page.at(-1)!) }),
    };
  }
}

const positionOf = ({ metadata }: Stored) => `${metadata.namespace ?? ""}/${metadata.name}`;

/** Lists stand in order of namespace and name. */
function firstAfter(items: readonly Stored[], position: string): number {
  const [namespace = "", name = ""] = position.split("/");
  const index = items.findIndex(
    ({ metadata }) =>
      (metadata.namespace ?? "") > namespace ||
      ((metadata.namespace ?? "") === namespace && metadata.name > name),
  );
  return index < 0 ? items.length : index;
}

function writeToken({ list, after, revision }: Token): string {
  const json = encodeURIComponent(JSON.stringify([list, after, revision]));
  return btoa(json).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readToken(text: string): Token {
  try {
    const json = decodeURIComponent(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    const [list, after, revision] = JSON.parse(json) as unknown[];
    if (typeof list === "string" && typeof after === "string" && Number.isSafeInteger(revision))
      return { list, after, revision: revision as number };
  } catch {}
  throw badRequest("the continue token is not one of this server's");
}
