import { nearest } from "../../base/edit-distance.ts";
import type { FieldPath } from "../../model/plan.ts";
import {
  composeFile,
  notAnObject,
  textWanted,
  toolInput,
  yamlColon,
} from "../diagnostics/catalog/manifests.ts";
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import type { FieldPlace } from "../source/manifest.ts";
import type { SourceFile, Span } from "../source/source.ts";

/** Whether a document is a Kubernetes object at all, and if not, what it is. */

interface Read {
  readonly file: SourceFile;
  readonly places: ReadonlyMap<FieldPath, FieldPlace>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a file is that means no Kubernetes object; undefined where it seems to mean one. */
export function otherFile(value: unknown): string | undefined {
  if (!isRecord(value)) return "no Kubernetes object";
  const { apiVersion, kind } = value;
  if (isCompose(value)) return "a compose file";
  if (typeof apiVersion === "string" && apiVersion.startsWith("kustomize.config.k8s.io/"))
    return "a kustomization";
  if (
    kind === undefined &&
    typeof value.name === "string" &&
    value.version !== undefined &&
    apiVersion !== undefined
  )
    return "a Helm chart's description";
  if (kind === undefined && apiVersion === undefined) {
    if (Array.isArray(value.resources) && value.metadata === undefined) return "a kustomization";
    const keys = Object.keys(value).map((key) => key.toLowerCase());
    return keys.includes("apiversion") || keys.includes("kind") || isRecord(value.metadata)
      ? undefined
      : "no Kubernetes object";
  }
  if (kind === "Config" && Array.isArray(value.clusters)) return "a kubeconfig";
  if (kind === "Cluster" && apiVersion === "kind.x-k8s.io/v1alpha4") return "a configuration of kind";
  return undefined;
}

function isCompose({ services, apiVersion, kind }: Record<string, unknown>): boolean {
  if (!isRecord(services) || apiVersion !== undefined || kind !== undefined) return false;
  return Object.values(services).some(
    (each) => isRecord(each) && ("image" in each || "build" in each || "extends" in each),
  );
}

/** What keeps a document from being an object; undefined when it is one. */
export function objectProblem(read: Read, value: unknown): Diagnostic[] | undefined {
  const whole = read.places.get("")?.value ?? { file: read.file, start: 0, end: 0 };
  const start = firstLine(whole);
  if (!isRecord(value)) {
    const what = Array.isArray(value) ? "it is a list" : "it is a single value";
    return [notAnObject(start, { why: what })];
  }
  const other = otherFile(value);
  if (other === "a compose file")
    return [composeFile(keyOr(read, "services", start), {}, { fixes: [advice("kdsl import compose.yaml")] })];
  if (other !== undefined && other !== "no Kubernetes object") return [toolInput(start, { what: other })];
  for (const field of ["apiVersion", "kind"] as const) {
    if (typeof value[field] === "string" && value[field] !== "") continue;
    return [missing(read, start, value, field)];
  }
  return metadataProblem(read, start, value);
}

function metadataProblem(read: Read, start: Span, value: Record<string, unknown>): Diagnostic[] | undefined {
  const { metadata, kind } = value;
  if (!isRecord(metadata)) {
    const glued = typeof metadata === "string" ? gluedColon(read.places.get("metadata")?.value) : undefined;
    if (glued) return [glued];
    if (metadata !== undefined && metadata !== null)
      return [notAnObject(keyOr(read, "metadata", start), { why: "its `metadata` is no map" })];
    return [missing(read, start, value, "metadata")];
  }
  for (const field of ["name", "namespace", "generateName"]) {
    const given = metadata[field];
    if (given === undefined || given === null || typeof given === "string") continue;
    const span = read.places.get(`metadata.${field}`)?.value ?? start;
    const text = span.file.text.slice(span.start, span.end);
    const scalar = typeof given !== "object";
    const fixes: Fix[] = scalar
      ? [{ title: "put it in quotes", edits: [{ span, text: JSON.stringify(text) }] }]
      : [];
    return [
      textWanted(
        span,
        { field: `metadata.${field}`, text: scalar ? text : "a map or list", is: typeName(given) },
        { fixes },
      ),
    ];
  }
  if (metadata.name || metadata.generateName) return undefined;
  const span = keyOr(read, "metadata", start);
  return [
    notAnObject(
      span,
      { why: `this ${String(kind)} has no name` },
      { fixes: [advice("metadata: { name: … }")] },
    ),
  ];
}

/** `name:web` where a map should stand: a colon without its space. */
export function gluedColon(span: Span | undefined): Diagnostic | undefined {
  const text = span ? firstLineText(span) : "";
  const key = /^[A-Za-z][\w./-]*:(?=[^\s/])/.exec(text)?.[0];
  if (!span || key === undefined) return undefined;
  const at = { file: span.file, start: span.start + key.length, end: span.start + key.length };
  const fixes: Fix[] = [{ title: "put a space behind the colon", edits: [{ span: at, text: " " }] }];
  return yamlColon({ ...span, end: span.start + text.length }, { text }, { fixes });
}

const firstLineText = (span: Span) => {
  const { file, start, end } = firstLine(span);
  return file.text.slice(start, end).trimEnd();
};

export const typeName = (value: unknown): string =>
  value === null
    ? "nothing"
    : Array.isArray(value)
      ? "a list"
      : ({ number: "a number", boolean: "a boolean", string: "a text" }[typeof value as string] ?? "a map");

function missing(read: Read, start: Span, value: Record<string, unknown>, field: string): Diagnostic {
  const own = read.places.get(field)?.key;
  if (own && (value[field] ?? null) === null) {
    const inner = ["name", "labels"].find((key) => value[key] !== undefined);
    const beside = inner ? `: \`${inner}\` stands beside it, not below` : "";
    return notAnObject(own, { why: `its \`${field}\` is empty${beside}` });
  }
  const keys = Object.keys(value);
  const near =
    keys.find((key) => key.toLowerCase() === field.toLowerCase()) ??
    nearest(
      field,
      keys.filter((key) => !["apiVersion", "kind", "metadata", "spec", "data"].includes(key)),
    );
  if (value[field] !== undefined && value[field] !== null)
    return notAnObject(read.places.get(field)?.value ?? start, {
      why: `its \`${field}\` is ${typeName(value[field])}`,
    });
  const at = near === undefined ? undefined : read.places.get(near)?.key;
  if (near !== undefined && at)
    return notAnObject(
      at,
      { why: `it says \`${near}\` where \`${field}\` should stand` },
      { fixes: [{ title: `did you mean \`${field}\`?`, edits: [{ span: at, text: field }] }] },
    );
  const both = field === "apiVersion" && value.kind === undefined;
  const known = field === "apiVersion" ? versions[String(value.kind)] : undefined;
  const why = both ? "it says neither `apiVersion` nor `kind`" : `it has no \`${field}\``;
  const flow = read.places.get("")?.flow === true;
  const fixes: Fix[] =
    known === undefined
      ? []
      : flow
        ? [advice(`"apiVersion": "${known}"`)]
        : [
            {
              title: `add \`apiVersion: ${known}\``,
              edits: [
                {
                  span: { ...start, end: start.start },
                  text: `apiVersion: ${known}\n${" ".repeat(columnOf(start))}`,
                },
              ],
            },
          ];
  return notAnObject(start, { why }, { fixes });
}

const versions: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["Pod", "Service", "ReplicationController", "ConfigMap", "Secret", "Namespace", "Node", "Endpoints"].map(
      (kind) => [kind, "v1"],
    ),
  ),
  ...Object.fromEntries(
    ["ServiceAccount", "PersistentVolumeClaim", "PersistentVolume"].map((kind) => [kind, "v1"]),
  ),
  ...Object.fromEntries(
    ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].map((kind) => [kind, "apps/v1"]),
  ),
  Job: "batch/v1",
  CronJob: "batch/v1",
  Ingress: "networking.k8s.io/v1",
};

const columnOf = ({ file, start }: Span) => start - (file.text.lastIndexOf("\n", start - 1) + 1);

const advice = (title: string): Fix => ({ title: `write \`${title}\``, edits: [] });

const keyOr = ({ places }: Read, path: string, otherwise: Span): Span => places.get(path)?.key ?? otherwise;

/** The first line of a place: enough to see which document is meant. */
export function firstLine(span: Span): Span {
  const newline = span.file.text.indexOf("\n", span.start);
  const end = newline < 0 ? span.end : Math.min(newline, span.end);
  return { ...span, end: Math.max(span.start, end) };
}
