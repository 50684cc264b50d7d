import { intrinsics } from "../../compiler/checker/intrinsics.ts";
import { blockSchemas } from "../../compiler/types/blocks/index.ts";
import { displayType } from "../../compiler/types/display.ts";
import { allKubernetesFields } from "../../compiler/types/kubernetes/texts.ts";
import { kubernetes, whyLeftOut } from "../../compiler/types/kubernetes/types.ts";
import { fieldsWithin } from "../../compiler/types/kubernetes/walk.ts";
import { placesOf } from "../../compiler/types/places.ts";
import { observations, steps } from "../../compiler/types/scenarios.ts";
import type { BlockSchema, FieldSchema, Type } from "../../compiler/types/type.ts";

/** The tables of docs/language.md, made from the tables that the compiler itself works by. */

const cell = (text: string) => text.replace(/\|/g, "\\|").replace(/\n/g, " ");
const code = (text: string) => `\`${cell(text)}\``;

/** Types of fields that have fields of their own, by name, to be listed below the block. */
type Found = Map<string, Readonly<Record<string, FieldSchema>>>;

function records(type: Type, found: Found): void {
  switch (type.kind) {
    case "record":
      // Those of Kubernetes stand in docs/fields.md.
      if (type.of !== undefined || type.name === undefined || found.has(type.name)) return;
      found.set(type.name, type.fields);
      for (const field of Object.values(type.fields)) records(field.type, found);
      return;
    case "list":
      records(type.element, found);
      return;
    case "map":
      records(type.values, found);
      return;
    case "union":
      for (const option of type.options) records(option, found);
  }
}

function typeText(type: Type): string {
  const text = displayType(type).includes("`") ? cell(displayType(type)) : code(displayType(type));
  const links = kubernetesTypes(type).map((of) => `[${of}](fields.md#${of.toLowerCase()})`);
  return links.length > 0 && type.kind === "record" ? links[0]! : [text, ...links].join(" → ");
}

/** The Kubernetes types that a type is made of, one step deep. */
function kubernetesTypes(type: Type): readonly string[] {
  switch (type.kind) {
    case "record":
      return type.of === undefined || type.of !== type.name ? [] : [type.of];
    case "list":
      return kubernetesTypes(type.element);
    case "map":
      return kubernetesTypes(type.values);
    case "union":
      return [...new Set(type.options.flatMap(kubernetesTypes))];
    default:
      return [];
  }
}

function fieldTable(fields: Readonly<Record<string, FieldSchema>>, extra: readonly string[] = []): string {
  const rows = Object.entries(fields).map(
    ([name, { type, help, required }]) =>
      `| \`${name}\`${required ? " (required)" : ""} | ${typeText(type)} | ${cell(help ?? "")} |`,
  );
  return ["| field | type | |", "| --- | --- | --- |", ...rows, ...extra].join("\n");
}

function form(schema: BlockSchema): string {
  const name = { required: " NAME", optional: " [NAME]", none: "" }[schema.name];
  const family = schema.family ? ` or \`${schema.word}${name}[x in xs] { … }\`` : "";
  if (schema.word === "mount") return "`mount VOLUME at PATH [readonly] [{ … }]`";
  if (schema.value) return `\`${schema.word}${name}: VALUE${schema.target ? " [-> PORT]" : ""} [{ … }]\``;
  return `\`${schema.word}${name} { … }\`${family}`;
}

function variants(type: Type | undefined): readonly string[] {
  if (type?.kind === "union") return type.options.flatMap(variants);
  if (type?.kind !== "variant") return [];
  return Object.entries(type.variants).map(([name, { parameters, help, of }]) => {
    if (of !== undefined)
      return `| \`${name}(…)\` | ${cell(help ?? "")} Arguments: [${of}](fields.md#${of.toLowerCase()}) |`;
    const list = parameters.map((one) => `${one.name}${one.optional ? "?" : ""}: ${displayType(one.type)}`);
    return `| ${code(list.length > 0 ? `${name}(${list.join(", ")})` : name)} | ${cell(help ?? "")} |`;
  });
}

const titles: Readonly<Record<string, string>> = {
  "rc.pod": "`pod` in an `rc`",
  "service.port": "`port` of a `service`",
  "external service.port": "`port` of an `external service`",
  "external namespace": "`external namespace`",
  port: "`port` of a container",
};

function block(key: string, schema: BlockSchema, told: Set<string>): string {
  const parts = [`### ${titles[key] ?? `\`${schema.word}\``}`, `${form(schema)}. ${schema.help}`];
  if (schema.kind) parts.push(`Kubernetes' kind: \`${schema.kind}\`.`);
  if (key === "rc.pod") return [...parts, "Its fields are those of `pod`."].join("\n\n");
  if (schema.value) parts.push(`The value is ${typeText(schema.value.type)}: ${schema.value.help}`);
  if (schema.target) parts.push(`After \`->\` stands ${typeText(schema.target.type)}: ${schema.target.help}`);
  const rest = schema.rest
    ? [`| any other key | ${typeText(schema.rest.type)} | ${cell(schema.rest.help ?? "")} |`]
    : [];
  if (Object.keys(schema.fields).length + rest.length > 0) parts.push(fieldTable(schema.fields, rest));
  for (const [name, field] of [["", schema.value] as const, ...Object.entries(schema.fields)]) {
    const rows = variants(field?.type);
    if (rows.length > 0)
      parts.push([`| ${name ? `\`${name}\` can be` : "value"} | |`, "| --- | --- |", ...rows].join("\n"));
  }
  const members = Object.entries(schema.members).map(
    ([word, count]) => `\`${word}\`${{ any: "", one: " (at most one)", required: " (required)" }[count]}`,
  );
  if (members.length > 0) parts.push(`In it stand the blocks ${members.join(", ")}.`);
  const found: Found = new Map();
  for (const field of Object.values(schema.fields)) records(field.type, found);
  for (const [name, fields] of found) {
    if (told.has(name)) continue;
    told.add(name);
    parts.push(`**${name}**`, fieldTable(fields));
  }
  return parts.join("\n\n");
}

const rows = (list: readonly (readonly [form: string, help: string])[]): string =>
  ["| | |", "| --- | --- |", ...list.map(([form, help]) => `| ${code(form)} | ${cell(help)} |`)].join("\n");

/** The steps of scenarios that are sentences: what is done, then what is asserted. */
export function stepTable(): string {
  const all = Object.values(steps);
  const those = (asserts: boolean) => all.filter((step) => (step.asserts === true) === asserts);
  const table = (asserts: boolean) => rows(those(asserts).map(({ form, help }) => [form, help]));
  return `${table(false)}\n\nand these assert:\n\n${table(true)}`;
}

export function observationTable(): string {
  const list = Object.values(observations).map(({ form, help }) => [form, help] as const);
  return rows([
    ...list,
    ["time", "How long ago the run began."],
    ["count(xs)", "How many there are of a list or set."],
  ]);
}

export function blockTables(): string {
  const told = new Set<string>();
  return Object.entries(blockSchemas)
    .map(([key, schema]) => block(key, schema, told))
    .join("\n\n");
}

/** Every Kubernetes type that fields are taken over from, with those of the types inside. */
export function kubernetesTables(): string {
  const found = new Map<string, Readonly<Record<string, FieldSchema>>>();
  const visit = (type: Type): void => {
    for (const of of kubernetesTypes(type)) enter(of);
    if (type.kind === "variant") for (const { of } of Object.values(type.variants)) if (of) enter(of);
    if (type.kind === "union") type.options.forEach(visit);
    if (type.kind === "record" && type.of !== type.name)
      for (const field of Object.values(type.fields)) visit(field.type);
  };
  const enter = (of: string): void => {
    const record = kubernetes(of);
    if (found.has(of) || record.kind !== "record") return;
    found.set(of, record.fields);
    for (const field of Object.values(record.fields)) visit(field.type);
  };
  for (const schema of Object.values(blockSchemas))
    for (const field of [schema.value, ...Object.values(schema.fields)]) if (field) visit(field.type);
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, fields]) => {
      const rows = Object.entries(fields).map(
        ([field, { type, required }]) =>
          `| \`${field}\`${required ? " (required)" : ""} | ${typeText(type).replaceAll("fields.md#", "#")} |`,
      );
      return [`### ${name}`, "", "| field | type |", "| --- | --- |", ...rows].join("\n");
    })
    .join("\n\n");
}

/** Where each field of a block stands in the Kubernetes object. */
export function placeTables(): string {
  const words = Object.keys(blockSchemas).filter((word) => blockSchemas[word]!.kind !== undefined);
  return words
    .flatMap((word) => {
      const places = placesOf(word).filter(
        ({ written, path, block }) =>
          path && !(written[0] === "rc" && block.word !== "rc") && written.length < 5,
      );
      const rows = new Map<string, string[]>();
      for (const { written, path, of } of places)
        if (of === undefined) rows.set(written.join(" "), [...(rows.get(written.join(" ")) ?? []), path!]);
      if (rows.size === 0) return [];
      const lines = [...rows].map(([written, paths]) => `| \`${written}\` | ${paths.map(code).join(", ")} |`);
      return [
        [
          `### ${code(word)}: ${places[0]!.kind}`,
          "",
          "| written | in Kubernetes |",
          "| --- | --- |",
          ...lines,
        ].join("\n"),
      ];
    })
    .join("\n\n");
}

/** The fields of Kubernetes that have no place, and why. */
export function leftOutTable(): string {
  const rows = new Map<string, string>();
  for (const { kind } of Object.values(blockSchemas)) {
    if (kind === undefined) continue;
    const places = new Set(
      placesOf(Object.keys(blockSchemas).find((word) => blockSchemas[word]!.kind === kind)!).map(
        ({ path = "" }) => path.replace(/(\[\]|\{\})$/, ""),
      ),
    );
    for (const { path, type, field } of fieldsWithin(
      kind,
      allKubernetesFields,
      (place) => place.field.name !== "status",
    )) {
      const why = whyLeftOut(path, type, field.name);
      if (why !== undefined && !places.has(path) && path !== "metadata.namespace")
        rows.set(`${type}.${field.name}`, why);
    }
  }
  const lines = [...rows].map(([name, why]) => `| ${code(name)} | ${cell(why)} |`);
  return ["| field | why not |", "| --- | --- |", ...lines].join("\n");
}

export function functionTable(): string {
  const rows = Object.entries(intrinsics).map(([name, { parameters, help }]) => {
    const list = parameters.map((one) => `${one.name}${one.optional ? "?" : ""}${one.rest ? "…" : ""}`);
    return `| ${code(`${name}(${list.join(", ")})`)} | ${cell(help)} |`;
  });
  return ["| function | gives |", "| --- | --- |", ...rows].join("\n");
}
