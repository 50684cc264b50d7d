import { heldPlace } from "../write/literals.ts";
import { isRecord } from "../write/reader.ts";
import { aliasFor } from "../write/scene.ts";

/**
 * One namespace under a name of its own in each variant (`shop-dev`, `shop-prod`): the commonest difference of all. The variants are
 * written with one stand-in for its names, so that everything in it is compared, and texts that hold the name agree too.
 */
export interface SharedNamespace {
  /** What stands for it while the program is written: its name in the program, and a character that no file has. */
  readonly standIn: string;
  /** Its name in the program. */
  readonly alias: string;
  /** Its names in the cluster, by variant. */
  readonly names: ReadonlyMap<string, string>;
  /** How the program writes these: `shop-{variant}`; undefined where the name of the variant is no part of them. */
  readonly pattern?: string;
}

interface Variant {
  readonly name: string;
  readonly objects: readonly unknown[];
}

/** The namespaces that are one under several names. None where there is a choice which of them that are. */
export function sharedNamespaces(variants: readonly Variant[]): SharedNamespace[] {
  const spaces = new Map(variants.map(({ name, objects }) => [name, namespacesOf(objects)]));
  const sets = [...spaces.values()];
  const own = new Map(
    [...spaces].map(([name, all]) => [name, all.filter((one) => !sets.every((set) => set.includes(one)))]),
  );
  const taken = new Set([...variants.flatMap(({ objects }) => objects.map(nameOf)), ...sets.flat()]);
  const [first] = own;
  if (!first) return [];
  const [firstVariant, firstNames] = first;
  const shared = firstNames.flatMap((name): SharedNamespace[] => {
    const pattern = patternOf(name, firstVariant);
    const named = new Map(
      [...own].map(([variant, names]) => [variant, names.find((one) => patternOf(one, variant) === pattern)]),
    );
    if (pattern !== undefined && [...named.values()].every((one) => one !== undefined))
      return [shareOf(named as Map<string, string>, taken, pattern)];
    const only = new Map(
      [...own].map(([variant, names]) => [variant, names.length === 1 ? names[0]! : undefined]),
    );
    return [...only.values()].every((one) => one !== undefined)
      ? [shareOf(only as Map<string, string>, taken)]
      : [];
  });
  return shared;
}

const metadataOf = (object: unknown) =>
  isRecord(object) && isRecord(object.metadata) ? object.metadata : {};
const nameOf = (object: unknown) => String(metadataOf(object).name ?? "");
const isNamespace = (object: unknown) =>
  isRecord(object) && object.kind === "Namespace" && object.apiVersion === "v1";

function namespacesOf(objects: readonly unknown[]): string[] {
  const found = objects.map((object) =>
    isNamespace(object) ? nameOf(object) : metadataOf(object).namespace,
  );
  return [...new Set(found)].filter(
    (one): one is string => typeof one === "string" && one !== "" && one !== "default",
  );
}

const hole = "{variant}";

/** `shop-{variant}` for `shop-dev` of the variant `dev`. */
function patternOf(name: string, variant: string): string | undefined {
  const at = `-${name}-`.indexOf(`-${variant}-`);
  return at < 0 ? undefined : name.slice(0, at) + hole + name.slice(at + variant.length);
}

function shareOf(names: ReadonlyMap<string, string>, taken: Set<string>, pattern?: string): SharedNamespace {
  const common = pattern?.replace(hole, "") ?? commonStart([...names.values()]);
  const base = common.replace(/^-+|-+$/g, "").replace(/--+/g, "-") || "own";
  // Before a `.` it is not to be taken for an object of the same name.
  let free = taken.has(base) ? `${base}-namespace` : base;
  for (let count = 2; taken.has(free); count++) free = `${base}-namespace${count}`;
  taken.add(free);
  const standIn = `${free}${heldPlace}`;
  const alias = aliasFor(standIn, "namespace");
  return { standIn, alias, names, ...(pattern !== undefined && { pattern }) };
}

function commonStart(names: readonly string[]): string {
  const [first = ""] = names;
  let length = first.length;
  while (!names.every((name) => name.startsWith(first.slice(0, length)))) length--;
  return first.slice(0, length);
}

/** Texts that every variant has as they are: a name in one of them (`/dev/shm`, where a namespace is called `dev`) is no name. */
export function textsOfAll(variants: readonly Variant[]): ReadonlySet<string> {
  const [first = new Set<string>(), ...rest] = variants.map(({ objects }) => {
    const texts = new Set<string>();
    const visit = (value: unknown): void => {
      if (typeof value === "string") texts.add(value);
      else if (Array.isArray(value)) value.forEach(visit);
      else if (isRecord(value)) Object.values(value).forEach(visit);
    };
    objects.forEach(visit);
    return texts;
  });
  return new Set([...first].filter((text) => rest.every((texts) => texts.has(text))));
}

/** Keys under which nothing is looked for: images have a type of their own, and what is secret or coded never stands in the program. */
const untouched: ReadonlySet<string> = new Set(["image", "binaryData"]);
const isSecret = (object: unknown) => isRecord(object) && object.kind === "Secret";

/** Keys whose values are names of namespaces and nothing else. */
const naming: ReadonlySet<string> = new Set(["namespace", "namespaces", "kubernetes.io/metadata.name"]);

/** An object of a variant, with stand-ins in place of the names. */
export function withStandIns<T>(
  object: T,
  variant: string,
  shared: readonly SharedNamespace[],
  ofAll: ReadonlySet<string>,
): T {
  return shared.reduce<T>((whole, { names, standIn }) => {
    const name = names.get(variant)!;
    const escaped = name.replace(/[.]/g, "\\.");
    // As a part of a host name or an argument; a text of its own may well mean something else.
    const inside = new RegExp(
      `(?<=[.=:/])${escaped}(?![A-Za-z0-9-])|(?<![A-Za-z0-9-])${escaped}(?=[.:])`,
      "g",
    );
    const secret = isSecret(whole);
    const visit = (value: unknown, key: string): unknown => {
      if (untouched.has(key) || (secret && (key === "data" || key === "stringData"))) return value;
      if (typeof value === "string") {
        if (value === name && naming.has(key)) return standIn;
        return ofAll.has(value) ? value : value.replace(inside, standIn);
      }
      if (Array.isArray(value)) return value.map((item) => visit(item, key));
      if (!isRecord(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([inner, one]) => [inner, visit(one, inner)]));
    };
    const changed = visit(whole, "") as Record<string, unknown>;
    const metadata = {
      ...metadataOf(changed),
      name: isNamespace(whole) && nameOf(whole) === name ? standIn : metadataOf(whole).name,
    };
    return { ...changed, metadata } as T;
  }, object);
}

/** A text of a variant with the names themselves. */
export const withNames = (text: string, variant: string, shared: readonly SharedNamespace[]): string =>
  shared.reduce((whole, { standIn, names }) => whole.replaceAll(standIn, names.get(variant)!), text);

/** The text of the whole program, with what it says in place of stand-ins; `nameOf` gives the name in the cluster as it is written. */
export const spelledOut = (
  text: string,
  shared: readonly SharedNamespace[],
  written: (one: SharedNamespace) => string,
): string =>
  shared.reduce(
    (whole, one) =>
      whole
        .replaceAll(`namespace "${one.standIn}" as `, `namespace "${written(one)}" as `)
        .replaceAll(`/secrets/${one.standIn}/`, `/secrets/${one.alias}/`)
        .replaceAll(one.standIn, `{${one.alias}.name}`),
    text,
  );
