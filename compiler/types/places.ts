import { blockSchemas } from "./blocks/index.ts";
import type { BlockSchema, FieldSchema, Type, VariantSchema } from "./type.ts";

/**
 * Which field of the language is which field of a Kubernetes object: worked out from the block tables, for all who
 * need to find one from the other (`kdsl explain`, the import of manifests, tests).
 */

export interface Place {
  /** The Kubernetes kind of the object. */
  readonly kind: string;
  /**
   * `spec.containers[].livenessProbe`; "" is the object itself. `[]` is each item of a list, `{}` each value of a map.
   * Absent for what is no part of the object: it stays with the plan.
   */
  readonly path?: string;
  /** Blocks, fields, forms of values and their parameters, from the outside: `pod`, `container`, `live`. */
  readonly written: readonly string[];
  /** Absent for a block and for the form of a value. */
  readonly field?: FieldSchema;
  /** The block that the last of `written` is, or that the field stands in. */
  readonly block: BlockSchema;
  /** The Kubernetes type that the field is one of, where it keeps its Kubernetes name. */
  readonly of?: string;
}

/** How deep records may nest that are looked into: no type of Kubernetes' goes deeper. */
const deepest = 12;

export function join(base: string, path: string): string {
  if (path === "") return base;
  if (base === "" || path.startsWith("{}")) return base + path;
  return `${base}.${path}`;
}

/** The paths of a field, seen from the place of what it stands in. */
export function pathsOf(field: Pick<FieldSchema, "path">, name: string, of?: string): readonly string[] {
  const { path } = field;
  if (path === undefined) return of === undefined ? [] : [name];
  return typeof path === "string" ? [path] : path;
}

/** The block around, and its place. */
interface Around {
  readonly kind: string;
  readonly block: BlockSchema;
  readonly base: string;
  readonly places: Place[];
}

/** Every place of the language in objects that a word declares (`rc`), in the order of the tables. */
export function placesOf(word: string): readonly Place[] {
  const block = Object.hasOwn(blockSchemas, word) ? blockSchemas[word] : undefined;
  const places: Place[] = [];
  if (block?.kind !== undefined) visitBlock({ kind: block.kind, block, base: "", places }, [word]);
  return places;
}

function visitBlock(around: Around, written: readonly string[]): void {
  const { kind, block, base, places } = around;
  places.push({ kind, path: base, written, block });
  if (block.namePath !== undefined)
    places.push({ kind, path: join(base, block.namePath), written: [...written, "NAME"], block });
  const { value, target, rest } = block;
  for (const [name, field] of Object.entries({ VALUE: value, TARGET: target, ...block.fields, KEY: rest }))
    if (field) visitField(around, field, name, base, written, undefined);
  for (const member of Object.keys(block.members)) {
    const inner = blockSchemas[`${block.word}.${member}`] ?? blockSchemas[member];
    if (!inner || inner.kind !== undefined) continue;
    if (inner.path !== undefined)
      visitBlock({ kind, block: inner, base: join(base, inner.path), places }, [...written, member]);
    else {
      const here = [...written, member];
      places.push({ kind, written: here, block: inner });
      for (const [name, field] of Object.entries(inner.fields))
        places.push({ kind, written: [...here, name], field, block: inner });
    }
  }
}

function visitField(
  around: Around,
  field: FieldSchema,
  name: string,
  base: string,
  before: readonly string[],
  of: string | undefined,
): void {
  const { kind, block, places } = around;
  const written = [...before, name];
  const paths = pathsOf(field, name, of).map((path) => join(base, path));
  const place = { kind, written, field, block, ...(of === undefined ? {} : { of }) };
  if (paths.length === 0) places.push(place);
  for (const path of paths) places.push({ ...place, path });
  if (written.length < deepest) visitType(around, field.type, paths[0] ?? base, written);
}

function visitType(around: Around, type: Type, base: string, written: readonly string[]): void {
  switch (type.kind) {
    case "record":
      for (const [name, field] of Object.entries(type.fields))
        visitField(around, field, name, base, written, type.of);
      return;
    case "list":
      visitType(around, type.element, base.endsWith("[]") ? base : `${base}[]`, written);
      return;
    case "map":
      visitType(around, type.values, /(\[\]|\{\})$/.test(base) ? base : `${base}{}`, written);
      return;
    case "optional":
      visitType(around, type.type, base, written);
      return;
    case "union":
      for (const option of type.options)
        if (option.kind !== "list" || !type.options.includes(option.element))
          visitType(around, option, base, written);
      return;
    case "variant":
      for (const [name, form] of Object.entries(type.variants)) visitForm(around, form, name, written);
  }
}

/** A form of a value: it and its parameters say their places as seen from the block. */
function visitForm(around: Around, form: VariantSchema, name: string, before: readonly string[]): void {
  const { kind, block, places } = around;
  const written = [...before, name];
  const base = join(around.base, form.path ?? "");
  if (form.path !== undefined) places.push({ kind, path: base, written, block });
  for (const parameter of form.parameters)
    visitField(around, parameter, parameter.name, base, written, form.of);
}
