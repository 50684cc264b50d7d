import {
  block,
  field,
  layOut,
  type Member,
  type Written,
  type WrittenCall,
  type WrittenRecord,
} from "../write/layout.ts";
import { camelCase, isName } from "../write/literals.ts";

/**
 * One program of several that say nearly the same: a value that differs becomes a parameter, a member that not all of
 * them have stands under an `if`.
 */

/** What one variant says: variants without it are not in the map. */
type ByVariant<T> = ReadonlyMap<string, T>;

export interface Parameter {
  readonly name: string;
  readonly type: string;
  /** As written, by variant. */
  readonly values: ByVariant<string>;
}

export interface Merging {
  readonly variants: readonly string[];
  readonly parameters: Parameter[];
  /** A text of a variant as the variant itself has it. */
  readonly original: (text: string, variant: string) => string;
  /** Whether some member stands under a condition, so that the variant itself has to be known. */
  conditional: boolean;
}

export const conditionName = "variant";

/** Members of one body. `names` lead there, for the names of parameters. */
export function mergeMembers(
  merging: Merging,
  given: ByVariant<readonly Member[]>,
  names: readonly string[],
): Member[] {
  const all = [...given.keys()];
  const merged: { member: Member; variants: readonly string[] }[] = [];
  for (const id of inOneOrder([...given.values()].map((members) => members.map(idOf)))) {
    const found = new Map<string, Member>();
    for (const [variant, members] of given) {
      const member = members.find((one) => idOf(one) === id) ?? implied[id];
      if (member) found.set(variant, member);
    }
    for (const [group, member] of mergeMember(merging, found, names))
      merged.push({ member, variants: group });
  }
  return underConditions(merging, merged, all);
}

/** What a field says that is left out, where that is a plain value. */
const implied: Readonly<Record<string, Member>> = { "replicas: ": field("replicas", "1") };

const idOf = ({ id, head }: Member): string => id ?? head;

/** All ids, each list's order kept as far as the others' allow. */
function inOneOrder(lists: readonly (readonly string[])[]): string[] {
  const order: string[] = [];
  for (const list of lists) {
    let after = -1;
    for (const id of list) {
      const there = order.indexOf(id);
      if (there >= 0) after = there;
      else order.splice(++after, 0, id);
    }
  }
  return order;
}

/** The member, or one for each group of variants that say the same. */
function mergeMember(
  merging: Merging,
  given: ByVariant<Member>,
  names: readonly string[],
): [variants: readonly string[], member: Member][] {
  const variants = [...given.keys()];
  const [first] = given.values();
  if (!first) return [];
  const groups = new Map<string, string[]>();
  for (const [variant, member] of given) {
    const text = layOut([withoutComments(member)]);
    groups.set(text, [...(groups.get(text) ?? []), variant]);
  }
  if (groups.size === 1) return [[variants, first]];
  const inside = [...names, nameOf(first)];
  const value = mergeOptional(
    merging,
    pick(given, ({ value }) => value),
    variants.length,
    inside,
  );
  const body = mergeOptional(
    merging,
    pick(given, ({ body }) => body),
    variants.length,
    inside,
  );
  const sameHead = [...given.values()].every(({ head }) => head === first.head);
  if (sameHead && value !== "no" && body !== "no") {
    const { value: _, body: __, ...rest } = first;
    return [
      [
        variants,
        {
          ...rest,
          ...(value === undefined ? {} : { value }),
          ...(body === undefined ? {} : { body: body as WrittenRecord }),
        },
      ],
    ];
  }
  return [...groups.values()].map((group) => [group, given.get(group[0]!)!]);
}

function pick<T, U>(given: ByVariant<T>, of: (one: T) => U | undefined): Map<string, U> {
  const found = new Map<string, U>();
  for (const [variant, one] of given) {
    const value = of(one);
    if (value !== undefined) found.set(variant, value);
  }
  return found;
}

const withoutComments = ({ comments: _, trailing: __, ...member }: Member): Member => member;

function mergeOptional(
  merging: Merging,
  given: ByVariant<Written>,
  count: number,
  names: readonly string[],
): Written | undefined | "no" {
  if (given.size === 0) return undefined;
  return given.size === count ? (mergeValues(merging, given, names) ?? "no") : "no";
}

/** One value for all; undefined where no parameter could make the difference. */
function mergeValues(
  merging: Merging,
  given: ByVariant<Written>,
  names: readonly string[],
): Written | undefined {
  const values = [...given.values()];
  const [first] = values;
  if (first === undefined) return undefined;
  const text = (value: Written) => layOut([{ head: "", value }]);
  if (values.every((value) => text(value) === text(first))) return first;
  const originals = new Map(
    [...given].map(([variant, value]) => [variant, originalOf(merging, variant, value)]),
  );
  const [original] = originals.values();
  if ([...originals.values()].every((value) => text(value) === text(original!))) return original;
  if (values.every((value) => typeof value === "string"))
    return parameter(merging, originals as ByVariant<string>, names);
  if (values.every(isRecord)) {
    const members = new Map(
      [...given].map(([variant, value]) => [variant, (value as WrittenRecord).members]),
    );
    return { ...(first as WrittenRecord), members: mergeMembers(merging, members, names) };
  }
  if (values.every(isList)) {
    const { length } = values[0]!.items;
    if (!values.every(({ items }) => items.length === length)) return wholeList(merging, given, names);
    const lists = new Map(
      [...given].map(([variant, value]) => [variant, (value as (typeof values)[0]).items]),
    );
    const items = values[0]!.items.map((_, index) =>
      mergeValues(
        merging,
        pick(lists, (list) => list[index]),
        [...names, String(index + 1)],
      ),
    );
    return items.every((one) => one !== undefined) ? { items } : undefined;
  }
  if (values.every(isCall)) return mergeCalls(merging, given as ByVariant<WrittenCall>, names);
  return undefined;
}

/** What differs says what it says without stand-ins for what is shared. */
function originalOf({ original }: Merging, variant: string, value: Written): Written {
  if (typeof value === "string") return original(value, variant);
  return "lines" in value ? { lines: value.lines.map((line) => original(line, variant)) } : value;
}

/** What std/probe's functions take for what is not said. */
const standard: Readonly<Record<string, Written>> = {
  path: '"/"',
  every: "10s",
  timeout: "1s",
  after: "0s",
  failures: "3",
  successes: "1",
};

/** Calls of one function; undefined where an argument is missing that nothing stands for. */
function mergeCalls(
  merging: Merging,
  given: ByVariant<WrittenCall>,
  names: readonly string[],
): Written | undefined {
  const calls = [...given.values()];
  const [first] = calls;
  if (!first || !calls.every(({ call }) => call === first.call)) return undefined;
  const keyOf = ([name]: WrittenCall["arguments"][number], index: number) => name ?? String(index);
  const known = ["http", "tcp", "exec"].includes(first.call) ? standard : {};
  const merged: (readonly [string | undefined, Written])[] = [];
  for (const key of inOneOrder(calls.map((call) => call.arguments.map(keyOf)))) {
    const name = /^\d+$/.test(key) ? undefined : key;
    const values = pick(
      given,
      (call) => call.arguments.find((one, index) => keyOf(one, index) === key)?.[1] ?? known[key],
    );
    const value =
      values.size === given.size
        ? mergeValues(merging, values, name === undefined ? names : [...names, name])
        : undefined;
    if (value === undefined) return undefined;
    merged.push([name, value]);
  }
  return { call: first.call, arguments: merged };
}

const isRecord = (value: Written): value is WrittenRecord => typeof value === "object" && "members" in value;
const isList = (value: Written): value is Extract<Written, { items: unknown }> =>
  typeof value === "object" && "items" in value;
const isCall = (value: Written): value is WrittenCall => typeof value === "object" && "call" in value;

/** Lists of texts that differ in length are one value. */
function wholeList(
  merging: Merging,
  given: ByVariant<Written>,
  names: readonly string[],
): Written | undefined {
  const lists = new Map<string, string>();
  for (const [variant, value] of given) {
    if (
      !isList(value) ||
      !value.items.every((one) => typeof one === "string" && literalType(one) === "String")
    )
      return undefined;
    lists.set(variant, `[${value.items.map((one) => merging.original(one as string, variant)).join(", ")}]`);
  }
  return declare(merging, names, "[String]", lists);
}

// ── Parameters ─────────────────────────────────────────────────────────────────────────────────────────────

/** The type of a literal as it is written; undefined for what refers to something. */
export function literalType(text: string): string | undefined {
  if (/^"(?:[^"\\{}]|\\.)*"$/s.test(text) || /^r"[^"]*"$/.test(text)) return "String";
  if (/^-?\d+$/.test(text)) return "Int";
  if (/^\d+(?:\.\d+)?$/.test(text)) return "Number";
  if (/^(?:true|false)$/.test(text)) return "Bool";
  if (/^\d+m$/.test(text)) return "Cpu";
  if (/^\d+(?:B|[kMGTPE]|[KMGTPE]i)$/.test(text)) return "Memory";
  if (/^\d+(?:ms|s|min|h)$/.test(text)) return "Duration";
  return undefined;
}

/** What a field of this name takes, where a literal alone does not say so. */
const ofFields: Readonly<Record<string, string>> = { cpu: "Cpu", image: "Image" };

function parameter(
  merging: Merging,
  given: ByVariant<string>,
  names: readonly string[],
): Written | undefined {
  const types = new Set([...given.values()].map(literalType));
  const field = names.at(-1) ?? "";
  const type = types.size === 1 ? [...types][0] : mixed(types);
  if (type === undefined) return undefined;
  if (type === "String" && field === "image") return imageParameter(merging, given, names);
  return declare(merging, names, ofFields[field] ?? type, given);
}

/** `1` and `500m` are both amounts of processor time; texts and numbers together are texts. */
function mixed(types: ReadonlySet<string | undefined>): string | undefined {
  const only = (...names: string[]) => [...types].every((type) => type !== undefined && names.includes(type));
  if (only("Int", "Number")) return "Number";
  if (only("Int", "Number", "Cpu")) return "Cpu";
  return undefined;
}

/** Images that differ in their tag only have it as a parameter, which others with the same tags share. */
function imageParameter(merging: Merging, given: ByVariant<string>, names: readonly string[]): Written {
  const split = new Map(
    [...given].map(([variant, text]) => [variant, /^"(.*):([\w.-]+)"$/.exec(text)] as const),
  );
  const matches = [...split.values()];
  const [first] = matches;
  if (!first || !matches.every((match) => match?.[1] === first[1]))
    return declare(merging, names, "Image", given);
  const tags = new Map([...split].map(([variant, match]) => [variant, `"${match![2]!}"`]));
  const shared = merging.parameters.find(
    ({ name, values }) => /tag$/i.test(name) && sameValues(values, tags),
  );
  const name = shared?.name ?? declare(merging, [...names.slice(0, -1), "tag"], "String", tags);
  return `"${first[1]}:{${name}}"`;
}

const sameValues = (left: ByVariant<string>, right: ByVariant<string>): boolean =>
  left.size === right.size && [...left].every(([variant, value]) => right.get(variant) === value);

/** Words on the way that say nothing about what is meant. */
const silent = new Set([
  "rc",
  "pod",
  "container",
  "service",
  "config",
  "secret",
  "namespace",
  "env",
  "manifest",
  "spec",
]);

function declare(
  merging: Merging,
  names: readonly string[],
  type: string,
  values: ByVariant<string>,
): string {
  const words = names.flatMap((name) => name.split(/\s+/)).filter((word) => word !== "" && !silent.has(word));
  const distinct = words.filter((word, index) => word !== words[index - 1]);
  const used = new Set([...merging.parameters.map(({ name }) => name), conditionName]);
  // Whose it is and what it is; the whole way where that is not enough.
  const short = distinct.length > 3 ? [distinct[0]!, ...distinct.slice(-2)] : distinct;
  const inWords = (some: readonly string[]) => camelCase(some.map((word) => word.toLowerCase()).join(" "));
  const name = used.has(inWords(short)) ? inWords(distinct) : inWords(short);
  let free = isName(name) ? name : `${name}Value`;
  for (let count = 2; used.has(free); count++) free = `${name}${count}`;
  merging.parameters.push({ name: free, type, values });
  return free;
}

/** What leads into a member: the name of a block, or a field's own. */
const nameOf = ({ head }: Member): string =>
  head
    .replace(/^namespace .*$/, "")
    .replace(/: .*$|: $/, "")
    .replace(/"/g, "")
    .trim();

// ── Conditions ─────────────────────────────────────────────────────────────────────────────────────────────

/** Members that only some variants have stand under an `if`, neighbours with the same variants under one. */
function underConditions(
  merging: Merging,
  merged: readonly { member: Member; variants: readonly string[] }[],
  all: readonly string[],
): Member[] {
  const result: Member[] = [];
  let open: { condition: string; members: Member[] } | undefined;
  for (const { member, variants } of merged) {
    if (variants.length === all.length) {
      open = undefined;
      result.push(member);
      continue;
    }
    merging.conditional = true;
    const quoted = variants.map((variant) => `"${variant}"`);
    const condition = quoted.length === 1 ? `== ${quoted[0]}` : `in [${quoted.join(", ")}]`;
    if (open?.condition === condition) {
      open.members.push(member);
      continue;
    }
    open = { condition, members: [member] };
    result.push({
      head: `if ${conditionName} ${condition} `,
      value: block(open.members),
      ...(member.apart === undefined ? {} : { apart: member.apart }),
    });
  }
  return result;
}
