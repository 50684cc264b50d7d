import { nearest } from "../base/edit-distance.ts";
import { blockSchemas } from "../compiler/types/blocks/index.ts";
import { displayType } from "../compiler/types/display.ts";
import { allKubernetesFields, kubernetesText } from "../compiler/types/kubernetes/texts.ts";
import { whyLeftOut } from "../compiler/types/kubernetes/types.ts";
import { fieldsWithin, type KubernetesPlace } from "../compiler/types/kubernetes/walk.ts";
import { type Place, placesOf } from "../compiler/types/places.ts";
import type { FieldSchema, Type } from "../compiler/types/type.ts";
import { CommandError } from "./error.ts";
import { scenarioWords } from "./explain-scenario.ts";

/** `kdsl explain rc.pod.container.ready`, `kdsl explain pod.spec.containers.livenessProbe`: what a field is for. */

/** What people call the kinds, beside the words of the language. */
const kindNames: Readonly<Record<string, string>> = {
  po: "pod",
  replicationcontroller: "rc",
  svc: "service",
  no: "node",
  ns: "namespace",
  configmap: "config",
  cm: "config",
};

const words = Object.keys(blockSchemas).filter(
  (word) => blockSchemas[word]!.kind !== undefined && !word.includes(" "),
);

/** Parts of a place that are no words one writes. */
const isWritten = (part: string) => !["NAME", "VALUE", "TARGET", "KEY"].includes(part);
const writtenAs = ({ written }: Pick<Place, "written">) => written.filter(isWritten).join(".");
const bare = (path: string) => path.replace(/\[\]|\{\}|\[\d+\]/g, "").toLowerCase();

/** Explains a field by its path in the language or in Kubernetes. */
export function explainField(query: string): string {
  const wanted = bare(query.trim()).replace(/^\.+|\.+$/g, "");
  const [first = "", ...rest] = wanted.split(".");
  const word = words.find((one) => one === (kindNames[first] ?? first));
  const places = words.flatMap((one) => placesOf(one));
  const inLanguage = places.filter((place) => {
    const own = writtenAs(place).toLowerCase();
    return own === wanted || own.endsWith(`.${wanted}`);
  });
  if (inLanguage.length > 0) return describePlaces(shortest(inLanguage));
  const kind = word === undefined ? undefined : blockSchemas[word]!.kind;
  const path = kind === undefined ? wanted : rest.join(".");
  const inKubernetes = places.filter(
    (place) => place.path && bare(place.path) === path && (kind === undefined || place.kind === kind),
  );
  if (inKubernetes.length > 0) return describePlaces(inKubernetes);
  const left = kubernetesPlaces(kind).find(([, place]) => bare(place.path) === path);
  if (left) return describeLeft(...left);
  throw unknownField(query, wanted, places);
}

/** The matches that are written with the fewest words: `container.ready` of a pod comes before that of an rc's pod. */
function shortest(places: readonly Place[]): readonly Place[] {
  const least = Math.min(...places.map(({ written }) => written.length));
  const first = places.find(({ written }) => written.length === least)!;
  return places.filter((place) => writtenAs(place) === writtenAs(first));
}

function kubernetesPlaces(kind: string | undefined): (readonly [string, KubernetesPlace])[] {
  const kinds = words
    .map((word) => blockSchemas[word]!.kind!)
    .filter((one) => kind === undefined || one === kind);
  return kinds.flatMap((one) =>
    [...fieldsWithin(one, allKubernetesFields, () => true)].map((place) => [one, place] as const),
  );
}

function describePlaces(places: readonly Place[]): string {
  const [place] = places;
  const { field, block, kind, of } = place!;
  const type = field && place!.written.at(-1) !== "NAME" ? field.type : undefined;
  const name = place!.written.filter(isWritten).at(-1) ?? "";
  const lines = [
    type && type.kind !== "none" ? `${writtenAs(place!)}: ${displayType(type)}` : writtenAs(place!),
    "",
  ];
  const help = field?.help ?? (field ? undefined : block.help);
  if (help) lines.push(help, "");
  if (field?.required) lines.push("Required.", "");
  const paths = [...new Set(places.flatMap(({ path }) => (path === undefined ? [] : [path])))];
  if (paths.length === 0) lines.push("It is no part of the Kubernetes object: it stays with the plan.");
  else for (const path of paths) lines.push(`In Kubernetes: ${path === "" ? kind : `${kind}.${path}`}`);
  const values = Object.entries(field?.values ?? {}).map(([own, theirs]) => `${own} is ${theirs}`);
  if (values.length > 0) lines.push(`As there: ${values.join(", ")}`);
  const text = of ? kubernetesText(of, name) : textAt(kind, paths);
  if (text) lines.push("", `Kubernetes says: ${text}`);
  const inner = field ? fieldLines(field.type) : fieldLines({ kind: "record", fields: block.fields });
  if (inner.length > 0) lines.push("", isForms(type) ? "It can be:" : "Fields:", ...inner);
  return lines.join("\n");
}

/** What Kubernetes says of the first of these paths that it says anything of. */
function textAt(kind: string, paths: readonly string[]): string {
  for (const [, { path, type, field }] of kubernetesPlaces(kind))
    if (paths.some((one) => one.replace(/\[\]$|\{\}$/, "") === path)) return kubernetesText(type, field.name);
  return "";
}

function describeLeft(kind: string, { path, type, field }: KubernetesPlace): string {
  const why = whyLeftOut(path, type, field.name);
  const text = kubernetesText(type, field.name);
  return [
    `${kind}.${path}`,
    "",
    why === undefined
      ? "It has no word of its own in the language."
      : `It cannot be written in a .kdsl file: ${why}.`,
    ...(text ? ["", `Kubernetes says: ${text}`] : []),
  ].join("\n");
}

const isForms = (type: Type | undefined): boolean =>
  type?.kind === "variant" || (type?.kind === "union" && type.options.some(isForms));

/** The fields of a record, or the forms of a value, one a line. */
function fieldLines(type: Type): readonly string[] {
  switch (type.kind) {
    case "record": {
      const shown = ([name, field]: [string, FieldSchema]) =>
        [
          `${name}${field.required ? "!" : ""}: ${displayType(field.type)}`,
          field.help ?? (type.of ? firstSentence(kubernetesText(type.of, name)) : ""),
        ] as const;
      return aligned(Object.entries(type.fields).map(shown));
    }
    case "variant":
      return aligned(
        Object.entries(type.variants).map(([name, { parameters, help }]) => {
          const list = parameters.filter(({ optional }) => !optional).map(({ name: one }) => `${one}: …`);
          return [list.length > 0 ? `${name}(${list.join(", ")})` : name, help ?? ""] as const;
        }),
      );
    case "list":
      return fieldLines(type.element);
    case "map":
      return fieldLines(type.values);
    case "optional":
      return fieldLines(type.type);
    case "union":
      return type.options.map(fieldLines).find((lines) => lines.length > 0) ?? [];
    default:
      return [];
  }
}

const firstSentence = (text: string) => /^.*?[.](?= |$)/.exec(text)?.[0] ?? text;

function aligned(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.min(36, Math.max(0, ...rows.map(([left]) => left.length)));
  const before = (left: string) =>
    left.length > width ? `${left}\n${" ".repeat(width + 2)}` : left.padEnd(width);
  return rows.map(([left, right]) => (right ? `  ${before(left)}  ${right}` : `  ${left}`));
}

function unknownField(query: string, wanted: string, places: readonly Place[]): CommandError {
  const depth = wanted.split(".").length;
  const names = new Set<string>();
  for (const place of places) {
    const parts = place.written.filter(isWritten);
    for (let start = 0; start < parts.length; start++)
      if (parts.length - start === depth) names.add(parts.slice(start).join("."));
  }
  if (depth === 1) for (const word of scenarioWords) names.add(word);
  const byLower = new Map([...names].map((name) => [name.toLowerCase(), name]));
  const meant = byLower.get(nearest(wanted, byLower.keys()) ?? "");
  const help = meant
    ? `did you mean \`${meant}\`?`
    : "write the path of a field, such as `container.ready` or `service.spec.ports.targetPort`, or a word of scenarios";
  return new CommandError(`there is no field ${JSON.stringify(query)}`, undefined, help);
}
