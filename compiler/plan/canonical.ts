import { sha256 } from "../../base/sha256.ts";
import type { Plan } from "../../model/plan.ts";

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
const last = ["hash"];

const rank = (key: string): number => {
  const place = customary.indexOf(key);
  return place >= 0 ? place : customary.length + (last.includes(key) ? 1 : 0);
};

/** Orders the keys of an object as canonical JSON has them. */
export function compareKeys(left: string, right: string): number {
  return rank(left) - rank(right) || (left < right ? -1 : left > right ? 1 : 0);
}

/** The value with its keys in canonical order all the way down, and no undefined fields. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  entries.sort(([left], [right]) => compareKeys(left, right));
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]));
}

/** The plan as a document: canonical JSON, indented, with a line end at its end. */
export function canonicalPlan(plan: Plan): string {
  return `${JSON.stringify(canonical(plan), null, 2)}\n`;
}

/** The hash over everything in the plan but itself. */
export function planHash(plan: Omit<Plan, "hash">): string {
  const { hash: _, ...rest } = plan as Plan;
  return sha256(JSON.stringify(canonical(rest)));
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
