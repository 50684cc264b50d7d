/**
 * Sets of fields (`fieldpath.Set` of Kubernetes' structured-merge-diff). A step into an object is written as in
 * `FieldsV1`: `f:name` a field, `k:{"name":"web"}` the item of a list that is known by its keys, `v:"x"` the item of a
 * list that is a set. A field and what lies in it are members each by themselves.
 */
export interface FieldSet {
  /** The steps that are in the set themselves. */
  readonly members: ReadonlySet<string>;
  /** What of the set lies beyond a step; never empty. */
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { members: new Set(), children: new Map() };

export function isEmptySet({ members, children }: FieldSet): boolean {
  return members.size === 0 && children.size === 0;
}

/** What of a set lies beyond a step. */
export function beyond(set: FieldSet, step: string): FieldSet {
  return set.children.get(step) ?? emptySet;
}

interface Growing {
  readonly members: Set<string>;
  readonly children: Map<string, Growing>;
}

/** The set of these paths; none of them is empty. */
export function setOf(paths: readonly (readonly string[])[]): FieldSet {
  const root: Growing = { members: new Set(), children: new Map() };
  for (const path of paths) {
    let at = root;
    for (const step of path.slice(0, -1)) {
      let child = at.children.get(step);
      if (!child) at.children.set(step, (child = { members: new Set(), children: new Map() }));
      at = child;
    }
    at.members.add(path.at(-1)!);
  }
  return root;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a)) return b;
  if (isEmptySet(b)) return a;
  const children = new Map(a.children);
  for (const [step, child] of b.children) children.set(step, union(beyond(a, step), child));
  return { members: new Set([...a.members, ...b.members]), children };
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmptySet(a) || isEmptySet(b)) return a;
  return build(
    [...a.members].filter((step) => !b.members.has(step)),
    [...a.children].map(([step, child]) => [step, difference(child, beyond(b, step))]),
  );
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return build(
    [...a.members].filter((step) => b.members.has(step)),
    [...a.children].map(([step, child]) => [step, intersection(child, beyond(b, step))]),
  );
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return (
    a === b ||
    (a.members.size === b.members.size &&
      a.children.size === b.children.size &&
      [...a.members].every((step) => b.members.has(step)) &&
      [...a.children].every(([step, child]) => equalSets(child, beyond(b, step))))
  );
}

export function build(members: Iterable<string>, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  return {
    members: new Set(members),
    children: new Map([...children].filter(([, child]) => !isEmptySet(child))),
  };
}

/** All paths of a set, parents before what lies in them, in a fixed order. */
export function pathsOf(set: FieldSet, before: readonly string[] = []): (readonly string[])[] {
  const steps = [...new Set([...set.members, ...set.children.keys()])].sort();
  return steps.flatMap((step) => {
    const path = [...before, step];
    return [...(set.members.has(step) ? [path] : []), ...pathsOf(beyond(set, step), path)];
  });
}

/** As messages name a field: `.spec.containers[name="web"].image`, `.metadata.finalizers[="x"]`. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatStep).join("");
}

function formatStep(step: string): string {
  const text = step.slice(2);
  if (step.startsWith("f:")) return `.${text}`;
  if (step.startsWith("v:")) return `[=${text}]`;
  if (step.startsWith("i:")) return `[${text}]`;
  const keys = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
}

/** The step to an item that is known by these keys. */
export function keyStep(keys: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1));
  return `k:${JSON.stringify(Object.fromEntries(sorted))}`;
}

export function valueStep(value: unknown): string {
  return `v:${JSON.stringify(value)}`;
}

/** The JSON of a set in an object's `managedFields`: a step with `{}` is a member, `.` says so where more lies in it. */
export type FieldsV1 = { readonly [step: string]: FieldsV1 };

export function toFieldsV1(set: FieldSet): FieldsV1 {
  const steps = [...new Set([...set.members, ...set.children.keys()])].sort();
  return Object.fromEntries(
    steps.map((step) => {
      const child = set.children.get(step);
      if (!child) return [step, {}];
      return [step, set.members.has(step) ? { ".": {}, ...toFieldsV1(child) } : toFieldsV1(child)];
    }),
  );
}

/** Reads what a client may have written; undefined where it is no set. */
export function fromFieldsV1(value: unknown): FieldSet | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members: string[] = [];
  const children: [string, FieldSet][] = [];
  for (const [written, inner] of Object.entries(value)) {
    if (written === ".") continue;
    const step = canonicalStep(written);
    const child = fromFieldsV1(inner);
    if (step === undefined || !child) return undefined;
    if (isEmptySet(child) || Object.hasOwn(inner, ".")) members.push(step);
    children.push([step, child]);
  }
  return build(members, children);
}

/** A step as it is written here, whatever spaces and escapes another has written. */
function canonicalStep(text: string): string | undefined {
  if (text.startsWith("f:")) return text;
  if (/^i:\d{1,9}$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text.slice(2));
    if (text.startsWith("v:")) return valueStep(value);
    if (!text.startsWith("k:") || typeof value !== "object" || value === null) return undefined;
    return keyStep(value as Record<string, unknown>);
  } catch {
    return undefined;
  }
}
