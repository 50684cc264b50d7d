import type { FieldPath } from "../../model/plan.ts";
import { parseQuantity } from "../../model/quantity.ts";
import { child, item } from "./paths.ts";

/** One field that differs. `before` or `after` is undefined where the field is absent. */
export interface Difference {
  readonly path: FieldPath;
  readonly before: unknown;
  readonly after: unknown;
}

/** Where two objects differ, field by field, in the order of their fields. Quantities that are equal (`1` and `1000m`) are no difference. */
export function diffObjects(before: unknown, after: unknown): Difference[] {
  const differences: Difference[] = [];
  compare("", before, after, differences);
  return differences;
}

function compare(path: FieldPath, before: unknown, after: unknown, found: Difference[]): void {
  if (Object.is(before, after)) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++)
      compare(item(path, index), before[index], after[index], found);
  } else if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(child(path, key), own(before, key), own(after, key), found);
  } else if (!(holdsQuantity(path) && sameQuantity(before, after))) {
    found.push({ path, before, after });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const own = (record: Readonly<Record<string, unknown>>, key: string) =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Only these fields are quantities: a label `1000m` is not the label `1`. */
export function holdsQuantity(path: FieldPath): boolean {
  return /(\.(requests|limits|overhead)|^status\.(capacity|allocatable))(\.[^.[]+|\[[^\]]+\])$|\.(sizeLimit|divisor)$/.test(
    path,
  );
}

/** Whether both are one amount, however it is written. */
export function sameQuantity(before: unknown, after: unknown): boolean {
  const isText = (value: unknown) => typeof value === "string" || typeof value === "number";
  if (!isText(before) || !isText(after)) return false;
  const left = parseQuantity(String(before));
  return left !== undefined && left === parseQuantity(String(after));
}
