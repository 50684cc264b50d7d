import { nearest } from "../../base/edit-distance.ts";
import {
  type AnyTypeName,
  type FieldType,
  fieldsOf,
  isAnyTypeName,
  type Scalar,
} from "../../model/api/types.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { parseQuantity } from "../../model/quantity.ts";
import {
  fieldMissing,
  misplacedField,
  modeIsDecimal,
  notBase64,
  numberWanted,
  textWanted,
  unknownField,
  wrongForm,
} from "../diagnostics/catalog/manifests.ts";
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import { child, item } from "../plan/paths.ts";
import type { FieldPlace, Manifest } from "../source/manifest.ts";
import type { Span } from "../source/source.ts";
import { homeOf } from "./homes.ts";
import { firstLine, gluedColon, typeName } from "./identity.ts";
import { isCurrent } from "./kinds.ts";
import { requiredFields } from "./required.ts";

export interface Shaped {
  /** The object as it was meant, where that is plain: with the mistakes mended that are told. Of its type, unless `broken`. */
  readonly object: KubernetesObject;
  readonly diagnostics: readonly Diagnostic[];
  /** Whether something is missing of it that nobody can guess: what follows from it would be told as a mistake too. */
  readonly broken: boolean;
}

interface Check {
  readonly manifest: Manifest;
  readonly diagnostics: Diagnostic[];
  broken: boolean;
}

/** The types around a place, from the object inwards, with their paths. */
export type Around = readonly { readonly type: AnyTypeName; readonly path: FieldPath }[];

/** Holds an object against the fields of its kind, and their types. Of kinds that are not known only the metadata. */
export function shapeOf(manifest: Manifest): Shaped {
  const check: Check = { manifest, diagnostics: [], broken: false };
  const { object } = manifest;
  const known = isCurrent(object) && isAnyTypeName(object.kind) ? object.kind : undefined;
  const shaped = known
    ? record(check, known, object, "", [])
    : { ...object, metadata: record(check, "ObjectMeta", object.metadata, "metadata", []) };
  return {
    object: shaped as unknown as KubernetesObject,
    diagnostics: check.diagnostics,
    broken: check.broken,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function placeOf(check: Check, path: FieldPath): FieldPlace {
  const { places, file } = check.manifest;
  return places.get(path) ?? places.get("") ?? { value: { file, start: 0, end: 0 }, style: "plain" };
}

const keySpan = (check: Check, path: FieldPath): Span => {
  const { key, value } = placeOf(check, path);
  return key ?? firstLine(value);
};

const whatIs = (check: Check, path: FieldPath): string =>
  path === "" ? `a ${check.manifest.object.kind}` : `\`${path}\``;

function record(check: Check, type: AnyTypeName, value: unknown, path: FieldPath, around: Around): unknown {
  if (!isRecord(value)) return wrong(check, path, value, "a map");
  const fields = fieldsOf(type);
  const here = [...around, { type, path }];
  const result: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    if (path === "" && key === "status" && check.manifest.object.kind !== "Node") continue;
    const at = child(path, key);
    const field = fields.get(key);
    const meant = field ? key : unknown(check, type, value, key, at, here);
    if (meant === undefined) continue;
    if (meant !== key && !hasForm(fields.get(meant)!, given)) {
      check.broken = true; // told by its name: that it has another form than the field that was meant is no second mistake
      continue;
    }
    const shaped = shape(check, fields.get(meant)!, given, at, meant, here);
    if (shaped !== undefined) result[meant] = shaped;
  }
  for (const name of requiredFields[type] ?? [])
    if (result[name] === undefined && !check.broken) missing(check, name, path);
  return result;
}

const hasForm = ({ form }: FieldType, value: unknown): boolean =>
  form === "list" ? Array.isArray(value) : form === "scalar" ? typeof value !== "object" : isRecord(value);

function missing(check: Check, name: string, path: FieldPath): void {
  check.broken = true;
  check.diagnostics.push(fieldMissing(keySpan(check, path), { field: name, what: whatIs(check, path) }));
}

/** Reports a field that its type does not have; gives the name of the one that was meant, if that is plain. */
function unknown(
  check: Check,
  type: AnyTypeName,
  value: Record<string, unknown>,
  key: string,
  at: FieldPath,
  around: Around,
): string | undefined {
  const span = keySpan(check, at);
  const path = around.at(-1)!.path;
  const what = whatIs(check, path);
  const free = [...fieldsOf(type).keys()].filter((name) => value[name] === undefined);
  const meant =
    free.find((name) => name.toLowerCase() === key.toLowerCase().replace(/[-_]/g, "")) ??
    aliases[key]?.find((name) => free.includes(name));
  const home =
    meant === undefined ? homeOf(key, around, (place) => check.manifest.places.has(place)) : undefined;
  const near = meant ?? (home === undefined ? nearest(key, free) : undefined);
  if (near !== undefined) {
    const fixes: Fix[] = [{ title: `did you mean \`${near}\`?`, edits: editsOf(span, key, near) }];
    check.diagnostics.push(unknownField(span, { field: key, what }, { fixes }));
    return near;
  }
  if (home !== undefined) {
    check.broken = true;
    check.diagnostics.push(misplacedField(span, { field: key, what, home }));
    return undefined;
  }
  const notes =
    free.length > 0 && free.length <= 10 ? [`it has ${[...fieldsOf(type).keys()].join(", ")}`] : [];
  check.diagnostics.push(unknownField(span, { field: key, what }, { notes }));
  return undefined;
}

/** What people write for another field of the same place. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  environment: ["env"],
  envs: ["env"],
  envVars: ["env"],
  cmd: ["command"],
  entrypoint: ["command"],
  mounts: ["volumeMounts"],
  volumes: ["volumeMounts"],
  replica: ["replicas"],
  label: ["labels"],
  annotation: ["annotations"],
  matchLabel: ["matchLabels"],
  pullPolicy: ["imagePullPolicy"],
  livenessprobe: ["livenessProbe"],
};

function editsOf(span: Span, old: string, text: string) {
  const offset = span.file.text.slice(span.start, span.end).indexOf(old);
  if (offset < 0) return [];
  const start = span.start + offset;
  return [{ span: { ...span, start, end: start + old.length }, text }];
}

function shape(
  check: Check,
  field: FieldType,
  value: unknown,
  path: FieldPath,
  name: string,
  around: Around,
): unknown {
  switch (field.form) {
    case "scalar":
      return scalar(check, field.scalar, value, path, name);
    case "object":
      return record(check, field.type, value, path, around);
    case "list": {
      const list = Array.isArray(value) ? value : single(check, field, value, path, name);
      if (list === undefined) return undefined;
      return list
        .map((each, index) =>
          shape(check, field.item, each, list === value ? item(path, index) : path, name, around),
        )
        .filter((each) => each !== undefined);
    }
    case "map": {
      if (!isRecord(value)) return wrong(check, path, value, "a map");
      const entries = Object.entries(value).map(([key, each]): [string, unknown] => [
        key,
        shape(check, field.value, each, child(path, key), key, around),
      ]);
      return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
    }
  }
}

/** A value where a list of such values should stand, as a list; undefined where that does not help. */
function single(
  check: Check,
  field: FieldType & { form: "list" },
  value: unknown,
  path: FieldPath,
  name: string,
): unknown[] | undefined {
  const { value: span, style } = placeOf(check, path);
  const scalars = field.item.form === "scalar";
  const text = span.file.text.slice(span.start, span.end);
  const inLine = style !== "block" && style !== "map" && !text.includes("\n");
  const brackets = [{ span, text: `[${text}]` }];
  const fixes: Fix[] = [];
  if (scalars && typeof value === "string" && inLine && /\s/.test(value) && /^(command|args)$/.test(name))
    fixes.push({
      title: 'one word an item: `["program", "argument"]`, or `["sh", "-c", "…"]` for a shell',
      edits: [],
    });
  else if (scalars && inLine && !isRecord(value))
    fixes.push({ title: "put it in brackets", edits: brackets });
  if (name === "env" && isRecord(value))
    fixes.push({ title: "write each as an item: `- name: KEY` and below it `value: …`", edits: [] });
  else if (isRecord(value)) fixes.push({ title: "begin the item with `- `", edits: [] });
  const at = style === "map" ? keySpan(check, path) : span;
  check.diagnostics.push(wrongForm(at, { field: path, wanted: "a list", is: typeName(value) }, { fixes }));
  if (!isRecord(value) && scalars) return [value];
  if (field.item.form === "object" && isRecord(value) && name !== "env") return [value];
  check.broken = true;
  return undefined;
}

function wrong(check: Check, path: FieldPath, value: unknown, wanted: string): undefined {
  const { value: span, style } = placeOf(check, path);
  const at = style === "map" || style === "list" || style === "block" ? keySpan(check, path) : span;
  const glued = typeof value === "string" ? gluedColon(span) : undefined;
  check.diagnostics.push(glued ?? wrongForm(at, { field: path, wanted, is: typeName(value) }));
  check.broken = true;
  return undefined;
}

function scalar(check: Check, type: Scalar, value: unknown, path: FieldPath, name: string): unknown {
  if (type === "any") return value;
  if (typeof value === "object") return wrong(check, path, value, wanted[type]);
  switch (type) {
    case "string":
    case "time":
    case "microTime":
      return typeof value === "string" ? value : text(check, value, path);
    case "bytes":
      return bytes(check, value, path);
    case "bool":
      return boolean(check, value, path);
    case "quantity":
      return quantity(check, value, path);
    case "intOrString": {
      const port = /[pP]ort$/.test(name);
      if (typeof value === "string")
        return port && /^\d+$/.test(value) ? unquoted(check, value, path) : value;
      return whole(check, value, path, name);
    }
    default:
      return typeof value === "string" && /^[-+]?\d+$/.test(value)
        ? unquoted(check, value, path)
        : whole(check, value, path, name);
  }
}

const wanted: Readonly<Record<Scalar, string>> = {
  string: "a text",
  bool: "true or false",
  int32: "a whole number",
  int64: "a whole number",
  number: "a number",
  quantity: "an amount, such as `500m` or `128Mi`",
  time: "a time, such as `2024-01-01T00:00:00Z`",
  microTime: "a time, such as `2024-01-01T00:00:00.000000Z`",
  bytes: "a text in base64",
  intOrString: "a whole number or a name",
  any: "anything",
};

/** A number or a boolean where a text should stand, as it is written. */
function text(check: Check, value: unknown, path: FieldPath): string {
  const { value: span, style } = placeOf(check, path);
  const source = style === "plain" ? span.file.text.slice(span.start, span.end) : String(value);
  const fixes: Fix[] = [{ title: "put it in quotes", edits: [{ span, text: JSON.stringify(source) }] }];
  check.diagnostics.push(textWanted(span, { field: path, text: source, is: typeName(value) }, { fixes }));
  return source.includes("*") ? String(value) : source;
}

function unquoted(check: Check, value: string, path: FieldPath): number {
  const { value: span } = placeOf(check, path);
  const fixes: Fix[] = [{ title: "leave the quotes out", edits: [{ span, text: value }] }];
  check.diagnostics.push(numberWanted(span, { field: path, text: JSON.stringify(value) }, { fixes }));
  return Number(value);
}

function whole(check: Check, value: unknown, path: FieldPath, name: string): unknown {
  const { value: span } = placeOf(check, path);
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    return wrong(check, path, value, wanted.int32);
  const source = span.file.text.slice(span.start, span.end);
  if (!/^(defaultMode|mode)$/.test(name) || value <= 0o777 || !/^[0-7]{3,4}$/.test(source)) return value;
  const mode = Number.parseInt(source, 8);
  const json = placeOf(check, "").flow === true;
  const fixes: Fix[] = [
    {
      title: `write \`${json ? mode : `0${source}`}\``,
      edits: [{ span, text: json ? String(mode) : `0${source}` }],
    },
  ];
  check.diagnostics.push(modeIsDecimal(span, { text: source, octal: `0${source}` }, { fixes }));
  return mode;
}

function boolean(check: Check, value: unknown, path: FieldPath): unknown {
  if (typeof value === "boolean") return value;
  const { value: span } = placeOf(check, path);
  if (value !== "true" && value !== "false") return wrong(check, path, value, wanted.bool);
  const fixes: Fix[] = [{ title: "leave the quotes out", edits: [{ span, text: value }] }];
  check.diagnostics.push(wrongForm(span, { field: path, wanted: wanted.bool, is: "a text" }, { fixes }));
  return value === "true";
}

function quantity(check: Check, value: unknown, path: FieldPath): unknown {
  const given = String(value);
  if (typeof value !== "boolean" && parseQuantity(given) !== undefined) return given;
  const { value: span } = placeOf(check, path);
  const better = betterQuantity(given);
  const fixes: Fix[] =
    better === undefined ? [] : [{ title: `did you mean \`${better}\`?`, edits: [{ span, text: better }] }];
  const is = typeof value === "boolean" ? "a boolean" : `\`${given.slice(0, 40)}\``;
  check.diagnostics.push(wrongForm(span, { field: path, wanted: wanted.quantity, is }, { fixes }));
  if (better === undefined) check.broken = true;
  return better;
}

/** `512MB`, `1 Gi`, `500mi`, `2cores` as Kubernetes writes them. */
function betterQuantity(written: string): string | undefined {
  const parts = /^([0-9.]+)\s*([A-Za-z]*)$/.exec(written.trim());
  if (!parts) return undefined;
  const unit = parts[2]!.toLowerCase();
  const suffix =
    /^[kmgtpe]i?b$/.test(unit) || /^[kmgtpe]i$/.test(unit)
      ? `${unit[0]!.toUpperCase()}${unit.includes("i") ? "i" : ""}`.replace(/^K$/, "k")
      : /^(b|bytes?|cpus?|cores?)$/.test(unit)
        ? ""
        : unit === "millicores" || unit === "mcpu"
          ? "m"
          : undefined;
  const better = suffix === undefined ? undefined : `${parts[1]}${suffix}`;
  return better !== undefined && parseQuantity(better) !== undefined ? better : undefined;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What the value is must not be told: it is a secret's. */
function bytes(check: Check, value: unknown, path: FieldPath): unknown {
  if (typeof value === "string" && base64.test(value.replace(/[\r\n]/g, "")))
    return value.replace(/[\r\n]/g, "");
  const key = path.replace(/^.*?[.[]/, "").replace(/\]$/, "");
  const { value: span } = placeOf(check, path);
  check.diagnostics.push(notBase64(firstLine(span), { key }));
  return "";
}
