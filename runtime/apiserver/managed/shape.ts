import type { TypeName } from "../../../model/api/fields.ts";
import { type FieldType, fieldsOf, isAtomic } from "../../../model/api/types.ts";
import { isRecord } from "../schema/decode.ts";
import { keyStep, valueStep } from "./field-set.ts";

/**
 * How the parts of a value are owned (Kubernetes' schemas for structured-merge-diff): one owner has the whole, or each
 * part has its own.
 */
export type Shape =
  | { readonly form: "whole" }
  | { readonly form: "object"; field(name: string): Shape | undefined }
  | { readonly form: "map"; readonly value: Shape }
  /** A list of plain values, each of which is there or is not. */
  | { readonly form: "set" }
  /** A list whose items are known by some of their fields. */
  | { readonly form: "items"; readonly item: Shape; step(item: unknown): string | undefined };

const whole: Shape = { form: "whole" };

const known = new Map<string, Shape>();

/** The shape of a kind's objects. */
export function shapeOfType(type: TypeName): Shape {
  return shapeOf({ form: "object", type });
}

function shapeOf(type: FieldType): Shape {
  switch (type.form) {
    case "scalar":
      return whole;
    case "map":
      return type.atomic ? whole : { form: "map", value: shapeOf(type.value) };
    case "list":
      if (type.listType === "set") return { form: "set" };
      if (type.listType !== "map") return whole;
      return { form: "items", item: shapeOf(type.item), step: stepper(type.item, type.mapKeys ?? []) };
    case "object":
      return objectShape(type.type);
  }
}

/** Made once for each type, field by field as they are asked for: types can lie in themselves. */
function objectShape(type: Parameters<typeof fieldsOf>[0]): Shape {
  const found = known.get(type);
  if (found) return found;
  const fields = new Map<string, Shape | undefined>();
  const shape: Shape = isAtomic(type)
    ? whole
    : {
        form: "object",
        field(name) {
          if (!fields.has(name)) {
            const field = fieldsOf(type).get(name);
            fields.set(name, field && shapeOf(field));
          }
          return fields.get(name);
        },
      };
  known.set(type, shape);
  return shape;
}

/** An item's keys as a step; undefined where it lacks one that has no default. */
function stepper(item: FieldType, keys: readonly string[]): (value: unknown) => string | undefined {
  const defaults = keys.map((key) =>
    item.form === "object" ? fieldsOf(item.type).get(key)?.default : undefined,
  );
  return (value) => {
    if (!isRecord(value)) return undefined;
    const found = keys.map((key, index) => [key, value[key] ?? defaults[index]] as const);
    if (found.some(([, each]) => each === undefined)) return undefined;
    return keyStep(Object.fromEntries(found));
  };
}

/** What lies in a list, by the step to it; of items with the same step the first. What has none is left out. */
export function itemsByStep(
  shape: Extract<Shape, { form: "set" | "items" }>,
  list: readonly unknown[],
): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const item of list) {
    const step = stepOf(shape, item);
    if (step !== undefined && !result.has(step)) result.set(step, item);
  }
  return result;
}

export function stepOf(shape: Extract<Shape, { form: "set" | "items" }>, item: unknown): string | undefined {
  return shape.form === "set" ? valueStep(item) : shape.step(item);
}

/** The shape of a field of an object or a map. */
export function inField(shape: Extract<Shape, { form: "object" | "map" }>, name: string): Shape {
  return (shape.form === "map" ? shape.value : shape.field(name)) ?? whole;
}
