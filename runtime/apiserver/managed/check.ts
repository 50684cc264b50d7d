import type { TypeName } from "../../../model/api/fields.ts";
import { type FieldType, fieldsOf, type ListType, type Scalar } from "../../../model/api/types.ts";
import { isRecord } from "../schema/decode.ts";
import { formatPath, keyStep, valueStep } from "./field-set.ts";

/**
 * What is wrong with a configuration that is to be applied, in the words of structured-merge-diff: fields that the type
 * does not have, values of another type, items that cannot be told apart. One line each.
 */
export function checkConfig(type: TypeName, config: unknown): string[] {
  const faults: string[] = [];
  check(faults, { form: "object", type }, config, []);
  return faults;
}

/** As Kubernetes puts several into one message. */
export function joinFaults(faults: readonly string[]): string {
  return faults.length === 1 ? faults[0]! : ["errors:", ...faults.map((fault) => `  ${fault}`)].join("\n");
}

const mostFaults = 50;

function check(faults: string[], type: FieldType, value: unknown, path: readonly string[]): void {
  if (value === null || value === undefined || faults.length >= mostFaults) return;
  const fail = (text: string) => faults.push(path.length === 0 ? text : `${formatPath(path)}: ${text}`);
  switch (type.form) {
    case "scalar": {
      const wanted = wantedOf(type.scalar, value);
      if (wanted) fail(`expected ${wanted}, got ${show(value)}`);
      return;
    }
    case "list":
      if (!Array.isArray(value)) fail(`expected list, got ${show(value)}`);
      else checkItems(faults, type, value, path, fail);
      return;
    default:
      if (!isRecord(value)) {
        fail(`expected map, got ${show(value)}`);
        return;
      }
      for (const [name, inner] of Object.entries(value)) {
        const field = type.form === "map" ? type.value : fieldsOf(type.type).get(name);
        const at = [...path, `f:${name}`];
        if (field) check(faults, field, inner, at);
        else faults.push(`${formatPath(at)}: field not declared in schema`);
      }
  }
}

function checkItems(
  faults: string[],
  type: ListType,
  list: readonly unknown[],
  path: readonly string[],
  fail: (text: string) => void,
): void {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const step = stepIn(type, item, index, fail);
    if (step === undefined) continue;
    if (seen.has(step)) fail(`duplicate entries for key ${formatPath([step])}`);
    seen.add(step);
    check(faults, type.item, item, [...path, step]);
  }
}

function stepIn(
  { listType, mapKeys, item: itemType }: ListType,
  item: unknown,
  index: number,
  fail: (text: string) => void,
): string | undefined {
  if (listType === "set") return valueStep(item);
  if (listType !== "map") return `i:${index}`;
  if (!isRecord(item)) {
    fail(`element ${index}: associative list with keys may not have non-map elements`);
    return undefined;
  }
  const found: Record<string, unknown> = {};
  for (const key of mapKeys ?? []) {
    found[key] =
      item[key] ?? (itemType.form === "object" ? fieldsOf(itemType.type).get(key)?.default : undefined);
    if (found[key] !== undefined) continue;
    fail(
      `element ${index}: associative list with keys has an element that omits key field ${JSON.stringify(key)} (and doesn't have default value)`,
    );
    return undefined;
  }
  return keyStep(found);
}

/** What a scalar should be where it is not. */
function wantedOf(scalar: Scalar, value: unknown): string | undefined {
  switch (scalar) {
    case "any":
      return undefined;
    case "bool":
      return typeof value === "boolean" ? undefined : "boolean";
    case "int32":
    case "int64":
    case "number":
      return typeof value === "number" ? undefined : "numeric (int or float)";
    case "quantity":
    case "intOrString":
      return typeof value === "string" || typeof value === "number" ? undefined : "string or number";
    default:
      return typeof value === "string" ? undefined : "string";
  }
}

function show(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return isRecord(value)
    ? "map"
    : `${typeof value === "boolean" ? "boolean" : typeof value} ${JSON.stringify(value)}`;
}
