import { sha256 } from "../../base/sha256.ts";
import type { Plan } from "../../model/plan.ts";
import { canonicalWriter, keyOrder } from "./canonical-text.ts";

/**
 * Canonical JSON: the same value gives the same bytes, however it was built. Keys stand in Kubernetes' customary
 * order where it has one, else sorted by code unit; lists keep their order; undefined fields are left out.
 */

const customary = [
  "apiVersion",
  "kind",
  "name",
  "namespace",
  "metadata",
  "labels",
  "annotations",
  "spec",
  "type",
  "data",
  "status",
];
const ranks = new Map(customary.map((key, place) => [key, place]));
ranks.set("hash", customary.length + 1);

const rank = (key: string): number => ranks.get(key) ?? customary.length;

/** Orders the keys of an object as canonical JSON has them. */
export function compareKeys(left: string, right: string): number {
  return rank(left) - rank(right) || (left < right ? -1 : left > right ? 1 : 0);
}

const orderOf = keyOrder(compareKeys);

/** The value with its keys in canonical order all the way down, and no undefined fields. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const key of orderOf(value)) {
    const each = (value as Record<string, unknown>)[key];
    if (each !== undefined) entries.push([key, canonical(each)]);
  }
  return Object.fromEntries(entries);
}

/** The value as canonical JSON: on one line, or with `width` blanks for each level. */
export function canonicalText(value: unknown, width = 0): string {
  return canonicalWriter(orderOf)(value, width);
}

/** The plan as a document: canonical JSON, indented, with a line end at its end. */
export function canonicalPlan(plan: Plan): string {
  return `${canonicalText(plan, 2)}\n`;
}

/** The hash over everything in the plan but itself. */
export function planHash(plan: Omit<Plan, "hash">): string {
  const { hash: _, ...rest } = plan as Plan;
  return sha256(canonicalText(rest));
}

/**
 * The plan with its hash, worked out when first asked for: most commands never ask, and it costs as much as parsing.
 * What the plan itself works out on demand stays so.
 */
export function withHash(plan: Omit<Plan, "hash">): Plan {
  let hash: string | undefined;
  return Object.defineProperties({} as Plan, {
    ...Object.getOwnPropertyDescriptors(plan),
    hash: { enumerable: true, configurable: true, get: () => (hash ??= planHash(plan)) },
  });
}
