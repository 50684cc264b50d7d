import { type KubernetesObject, keyOf, type ObjectKey } from "../../../model/meta.ts";
import type { FieldPath, Plan } from "../../../model/plan.ts";
import { sameJson } from "../../../model/validation/equal.ts";
import { holdsQuantity, sameQuantity } from "../../plan/diff.ts";
import { child, item } from "../../plan/paths.ts";
import { titleOf } from "../cluster.ts";
import type { Baseline } from "./baseline.ts";
import { type Step, wordsOf } from "./field-words.ts";
import { fromServer, isTheirs } from "./server-filled.ts";

/** What becomes of an object. */
export interface Change {
  /**
   * `roll`: its pods are replaced one after the other. `replace`: it cannot be changed in place, only deleted and
   * made anew. `unlisted`: live, but not in the file; nothing is done to it.
   */
  readonly action: "create" | "change" | "roll" | "replace" | "remove" | "unlisted";
  readonly key: ObjectKey;
  /** As messages call it: service `web`. */
  readonly title: string;
  readonly fields: readonly FieldChange[];
}

export interface FieldChange {
  /** In the new object, or of what holds it there when the field goes. */
  readonly path: FieldPath;
  /** As the user knows it: `container server image`. */
  readonly words: string;
  /** Undefined where the field is absent. */
  readonly before: unknown;
  readonly after: unknown;
}

/** What differs between the baseline and a plan, in the order of the plan; what goes stands last. */
export function changesBetween(baseline: Baseline, plan: Omit<Plan, "hash">): Change[] {
  const before = new Map(baseline.objects.map((object) => [keyOf(object), object]));
  const after = new Set(plan.objects.map(keyOf));
  const changes: Change[] = [];
  const listed = new Set(baseline.objects.map(({ kind }) => kind));
  for (const object of plan.objects) {
    const key = keyOf(object);
    const old = before.get(key);
    const title = titleOf(object);
    if (!old) {
      // `kubectl get all` lists neither nodes nor namespaces: that says nothing about whether they are there.
      const unknown = baseline.from === "cluster" && /^(?:Node|Namespace)$/.test(object.kind);
      if (!unknown || listed.has(object.kind)) changes.push({ action: "create", key, title, fields: [] });
    } else {
      const fields = fieldChanges(baseline, plan, old, object);
      const rolls =
        object.kind === "ReplicationController" && fields.some(({ path }) => inTemplate.test(path));
      if (fields.length > 0) changes.push({ action: rolls ? "roll" : "change", key, title, fields });
    }
  }
  const namespaces = new Set(plan.objects.map(({ metadata }) => metadata.namespace));
  for (const [key, object] of before) {
    if (after.has(key)) continue;
    if (baseline.from === "plan") changes.push({ action: "remove", key, title: titleOf(object), fields: [] });
    else if (namespaces.has(object.metadata.namespace) && !isTheirs(object))
      changes.push({ action: "unlisted", key, title: titleOf(object), fields: [] });
  }
  return changes;
}

const inTemplate = /^spec\.template\b/;

function fieldChanges(
  baseline: Baseline,
  plan: Omit<Plan, "hash">,
  old: KubernetesObject,
  next: KubernetesObject,
): FieldChange[] {
  const found: FieldChange[] = [];
  const key = keyOf(next);
  const secret = next.kind === "Secret";
  const strip = (object: KubernetesObject) => {
    const { data: _, stringData: __, ...rest } = object as KubernetesObject & Record<string, unknown>;
    return secret ? rest : object;
  };
  compare({ path: "", steps: [] }, strip(old), strip(next), found);
  if (secret) found.push(...secretKeys(baseline, plan, old, key));
  if (next.kind === "ReplicationController") withoutCopies(found);
  if (baseline.plan) {
    const beside = { updates: "update", local: "local" } as const;
    for (const [table, word] of Object.entries(beside) as [keyof typeof beside, string][])
      compare({ path: word, steps: [word] }, baseline.plan[table][key], plan[table][key], found);
  }
  return baseline.from === "cluster"
    ? found.filter((change) => !fromServer(next, change, baseline.own))
    : found;
}

/** An rc takes its labels over from its pods: that they change with these is no change of its own. */
function withoutCopies(found: FieldChange[]): void {
  const inPods = new Set(found.map(({ path }) => path).filter((path) => inTemplate.test(path)));
  const own = found.filter(
    ({ path }) => !(/^metadata\.labels\b/.test(path) && inPods.has(`spec.template.${path}`)),
  );
  found.splice(0, found.length, ...own);
}

/** Of secrets only where values come from is known, and that is all that is ever shown. */
function secretKeys(
  baseline: Baseline,
  plan: Omit<Plan, "hash">,
  old: KubernetesObject,
  key: ObjectKey,
): FieldChange[] {
  const { data = {}, stringData = {} } = old as { data?: object; stringData?: object };
  const hidden = Object.fromEntries(
    Object.keys({ ...data, ...stringData }).map((name) => [name, hiddenValue]),
  );
  const before: Readonly<Record<string, unknown>> = { ...hidden, ...baseline.plan?.secrets[key] };
  const after = plan.secrets[key] ?? {};
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((name) => {
    const [left, right] = [before[name], after[name]];
    const same = left !== undefined && right !== undefined && (left === hiddenValue || sameJson(left, right));
    return same ? [] : [{ path: child("data", name), words: name, before: left, after: right }];
  });
}

export const hiddenValue = "(a secret)";

interface At {
  readonly path: FieldPath;
  readonly steps: readonly Step[];
}

function compare({ path, steps }: At, before: unknown, after: unknown, found: FieldChange[]): void {
  if (sameJson(before, after) || (holdsQuantity(path) && sameQuantity(before, after))) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(after), ...Object.keys(before)]))
      compare({ path: child(path, key), steps: [...steps, key] }, own(before, key), own(after, key), found);
    return;
  }
  const list = steps.at(-1);
  if (Array.isArray(before) && Array.isArray(after) && typeof list === "string") {
    const [left, right] = [namesOf(list, before), namesOf(list, after)];
    if (left && right) {
      compareItems({ path, steps: steps.slice(0, -1) }, list, { before, after, left, right }, found);
      return;
    }
  }
  found.push({ path, words: wordsOf(steps), before: before ?? undefined, after: after ?? undefined });
}

interface Lists {
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
  readonly left: readonly string[];
  readonly right: readonly string[];
}

/** Items are the same by their names, wherever they stand. */
function compareItems({ path, steps }: At, list: string, lists: Lists, found: FieldChange[]): void {
  const { before, after, left, right } = lists;
  const rank = new Map(left.map((name, index) => [name, index]));
  for (const [index, name] of right.entries()) {
    const at = { path: item(path, index), steps: [...steps, { list, item: name }] };
    const old = rank.get(name);
    compare(at, old === undefined ? undefined : before[old], after[index], found);
  }
  const there = new Set(right);
  for (const [index, name] of left.entries())
    if (!there.has(name))
      found.push({
        path,
        words: wordsOf([...steps, { list, item: name }]),
        before: before[index],
        after: undefined,
      });
}

/** What tells the items of a list apart. */
const identities: Readonly<Record<string, (item: Readonly<Record<string, unknown>>) => unknown>> = {
  containers: ({ name }) => name,
  initContainers: ({ name }) => name,
  env: ({ name }) => name,
  volumes: ({ name }) => name,
  volumeMounts: ({ mountPath }) => mountPath,
  ports: ({ name, port, containerPort, protocol }) =>
    name ?? `${port ?? containerPort}${protocol === undefined || protocol === "TCP" ? "" : `/${protocol}`}`,
  taints: ({ key, effect }) => `${key}:${effect}`,
  tolerations: ({ key, effect }) => `${key ?? "*"}:${effect ?? "*"}`,
  items: ({ key }) => key,
};

function namesOf(list: string, items: readonly unknown[]): string[] | undefined {
  const identity = Object.hasOwn(identities, list) ? identities[list] : undefined;
  if (!identity || !items.every(isRecord)) return undefined;
  const names = items.map((each) => String(identity(each)));
  return new Set(names).size === names.length ? names : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const own = (record: Readonly<Record<string, unknown>>, key: string) =>
  Object.hasOwn(record, key) ? record[key] : undefined;
