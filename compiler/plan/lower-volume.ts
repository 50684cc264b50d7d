import type { Volume } from "../../model/core.ts";
import type { FieldPath } from "../../model/plan.ts";
import type { Block, FieldValue, Value } from "../evaluate/value.ts";
import { volume } from "../types/blocks/volume.ts";
import { fieldAt } from "../types/records.ts";
import type { FieldSchema } from "../types/type.ts";
import { type Draft, mark } from "./draft.ts";
import { lowerFields } from "./lower-fields.ts";
import { child, item } from "./paths.ts";
import { fieldsOf, present, readText } from "./read.ts";

/** A `volume` block: the form of its value says which of Kubernetes' sources it is, and where the arguments go. */
export function lowerVolume(draft: Draft, path: FieldPath, block: Block): Volume {
  const name = block.name ?? "";
  mark(draft, path, block.span);
  mark(draft, child(path, "name"), block.span);
  const given = present(block.value);
  if (given?.value.kind !== "variant") return { name };
  const form = volumeForm(given.value.name);
  if (form?.path === undefined) return { name };
  const here = child(path, form.path);
  mark(draft, here, given.span);
  // `""` is what a medium is that is left out.
  const fields = new Map(
    [...given.value.arguments].filter(([key, { value }]) => key !== "medium" || !isEmpty(value)),
  );
  const source = lowerFields(draft, here, fields, form.fields, form.of);
  const items =
    form.of === undefined ? lowerItems(draft, child(here, "items"), fields.get("items")) : undefined;
  return { name, [form.path]: items ? { ...source, items } : source } as unknown as Volume;
}

const isEmpty = (value: Value) => value.kind === "string" && value.parts.join("") === "";

interface Form {
  readonly path: string | undefined;
  readonly of: string | undefined;
  readonly fields: Readonly<Record<string, FieldSchema>>;
}

const forms = new Map<string, Form>();

/** The form with its parameters by name, which is worked out once. */
function volumeForm(name: string): Form | undefined {
  const known = forms.get(name);
  if (known) return known;
  const type = volume.value?.type;
  const schema = type?.kind === "variant" ? fieldAt(type.variants, name) : undefined;
  if (!schema) return undefined;
  const { path, of, parameters } = schema;
  const made: Form = {
    path,
    of,
    fields: Object.fromEntries(
      parameters.filter(({ path: at }) => typeof at === "string" || of).map((one) => [one.name, one]),
    ),
  };
  forms.set(name, made);
  return made;
}

/** The keys that become files, by their paths in the volume; all keys without `items`. */
function lowerItems(draft: Draft, path: FieldPath, field: FieldValue | undefined): object[] | undefined {
  const given = present(field);
  if (!given) return undefined;
  mark(draft, path, given.span);
  return [...fieldsOf(draft, given)].map(([key, file], index) => {
    const here = item(path, index);
    mark(draft, here, file.keySpan);
    const fields = fieldsOf(draft, file);
    if (fields.size === 0) return { key, path: readText(draft, child(here, "path"), file) ?? "" };
    const mode = readText(draft, child(here, "mode"), fields.get("mode"));
    const filePath = readText(draft, child(here, "path"), fields.get("path")) ?? "";
    return { key, path: filePath, ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }) };
  });
}
