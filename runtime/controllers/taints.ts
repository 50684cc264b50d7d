import type { Node, Taint, TaintEffect } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";

const PREFIX = "node.kubernetes.io/";
export const NOT_READY = `${PREFIX}not-ready`;
export const UNREACHABLE = `${PREFIX}unreachable`;

/** Which condition of a node, in which status, has which taint (`nodeConditionToTaintKeyStatusMap`). */
const conditionTaints: readonly (readonly [type: string, status: string, key: string])[] = [
  ["Ready", "False", NOT_READY],
  ["Ready", "Unknown", UNREACHABLE],
  ["MemoryPressure", "True", `${PREFIX}memory-pressure`],
  ["DiskPressure", "True", `${PREFIX}disk-pressure`],
  ["PIDPressure", "True", `${PREFIX}pid-pressure`],
  ["NetworkUnavailable", "True", `${PREFIX}network-unavailable`],
];
const UNSCHEDULABLE = `${PREFIX}unschedulable`;
const conditionKeys = new Set([...conditionTaints.map(([, , key]) => key), UNSCHEDULABLE]);

/** The NoSchedule taints that a node's conditions and a cordon call for. A node of which nobody has heard is not ready. */
export function conditionTaintKeys(node: Node): readonly string[] {
  const keys = conditionTaints
    .filter(([type, status]) => condition(node.status?.conditions, type)?.status === status)
    .map(([, , key]) => key);
  if (!condition(node.status?.conditions, "Ready")) keys.push(NOT_READY);
  if (node.spec.unschedulable) keys.push(UNSCHEDULABLE);
  return keys;
}

/** Taints with those that follow from conditions set to `keys`; the list itself where nothing differs. `now` in milliseconds. */
export function withConditionTaints(
  taints: readonly Taint[],
  keys: readonly string[],
  now: number,
): readonly Taint[] {
  const isOurs = ({ key, effect }: Taint) => effect === "NoSchedule" && conditionKeys.has(key);
  const stale = taints.some((taint) => isOurs(taint) && !keys.includes(taint.key));
  const missing = keys.filter((key) => !taints.some((taint) => isOurs(taint) && taint.key === key));
  if (!stale && missing.length === 0) return taints;
  return [
    ...taints.filter((taint) => !isOurs(taint) || keys.includes(taint.key)),
    ...missing.map((key): Taint => ({ key, effect: "NoSchedule", timeAdded: timestamp(now) })),
  ];
}

/** Taints with the NoExecute one of a node's failure set to `key`, or with none of them; the list itself where nothing differs. */
export function withFailureTaint(
  taints: readonly Taint[],
  key: typeof NOT_READY | typeof UNREACHABLE | undefined,
  now: number,
): readonly Taint[] {
  const isOurs = (taint: Taint) =>
    taint.effect === "NoExecute" && (taint.key === NOT_READY || taint.key === UNREACHABLE);
  const present = taints.filter(isOurs);
  if (present.length === (key ? 1 : 0) && present.every((taint) => taint.key === key)) return taints;
  const others = taints.filter((taint) => !isOurs(taint));
  return key ? [...others, { key, effect: "NoExecute", timeAdded: timestamp(now) }] : others;
}

export function taintsWith(node: Node, effect: TaintEffect): readonly Taint[] {
  return (node.spec.taints ?? []).filter((taint) => taint.effect === effect);
}
