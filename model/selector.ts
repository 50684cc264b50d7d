import type { LabelSelector } from "./core.ts";
import type { Labels } from "./meta.ts";

/** One requirement of a label selector (Kubernetes' `labels.Requirement`). */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  readonly values: readonly string[];
}

/** A conjunction of requirements; an empty one matches everything. */
export type Selector = readonly Requirement[];

/** The selector of an equality map, as rcs and services have it. An empty map matches everything: callers decide what that means. */
export function equalitySelector(map: Labels): Selector {
  return Object.entries(map).map(([key, value]) => ({ key, operator: "In", values: [value] }));
}

/**
 * The requirements of a label selector object (Kubernetes' `LabelSelectorAsSelector`): an empty one matches everything,
 * an absent one nothing, which is undefined here.
 */
export function labelSelector(selector: LabelSelector | undefined): Selector | undefined {
  if (!selector) return undefined;
  const expressions = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => ({
    key,
    operator,
    values,
  }));
  return [...equalitySelector(selector.matchLabels ?? {}), ...expressions];
}

/** Whether an equality map matches; an empty or absent one matches nothing (the rule of rcs and services). */
export function mapMatches(map: Labels | undefined, labels: Labels | undefined): boolean {
  let any = false;
  for (const key in map) {
    if (labels?.[key] !== map[key]) return false;
    any = true;
  }
  return any;
}

export function matches(selector: Selector, labels: Labels = {}): boolean {
  return selector.every((requirement) => meets(requirement, labels));
}

/** `!=` and `notin` hold where the key is absent (Kubernetes' rule); `Gt` and `Lt` do not. */
function meets({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      const bound = Number(values[0]);
      return operator === "Gt" ? Number(value) > bound : Number(value) < bound;
    }
  }
}

/** The text of an equality map as kubectl prints it: `a=b,c=d`, keys sorted; `<none>` when empty. */
export function formatLabels(labels: Labels | undefined): string {
  const entries = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return entries.length === 0 ? "<none>" : entries.map(([key, value]) => `${key}=${value}`).join(",");
}
