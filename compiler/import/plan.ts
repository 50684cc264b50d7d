import { sha256 } from "../../base/sha256.ts";
import { withDefaults } from "../../model/defaults.ts";
import { isKind, isServed, type KubernetesObject, keyOf, kinds, type ObjectKey } from "../../model/meta.ts";
import type { Plan, SecretSource } from "../../model/plan.ts";
import { objectTwiceInYaml } from "../diagnostics/catalog/manifests.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { inOrder } from "../plan/order.ts";
import { provenance } from "../plan/provenance.ts";
import { recordSpans, type SpanRecorder } from "../plan/spans.ts";
import type { FieldPlace, Manifest } from "../source/manifest.ts";
import type { SourceFile, Span } from "../source/source.ts";
import { firstLine } from "./identity.ts";

/** An object as it goes into a plan, with the manifest that it was read from. */
export interface Placed {
  readonly manifest: Manifest;
  readonly object: KubernetesObject;
}

/** Values of secrets in base64, by secret, then by key. They go beside the plan, never into it. */
export type SecretValues = ReadonlyMap<ObjectKey, Readonly<Record<string, string>>>;

export interface PlannedManifests {
  readonly plan: Omit<Plan, "hash">;
  readonly spans: SpanRecorder;
  readonly diagnostics: readonly Diagnostic[];
  readonly secretValues: SecretValues;
}

/** From objects as they were written to a plan: with namespaces and defaults, without the values of secrets. */
export function planOf(
  placed: readonly Placed[],
  { name, files }: { readonly name: string; readonly files: readonly SourceFile[] },
): PlannedManifests {
  const spans = recordSpans();
  const diagnostics: Diagnostic[] = [];
  const secrets: Record<ObjectKey, Record<string, SecretSource>> = {};
  const secretValues = new Map<ObjectKey, Readonly<Record<string, string>>>();
  const objects = new Map<ObjectKey, KubernetesObject>();
  for (const { manifest, object: written } of placed) {
    const inNamespace = withNamespace(written);
    const key = keyOf(inNamespace);
    if (objects.has(key)) {
      diagnostics.push(twice(spans, manifest, inNamespace, key));
      continue;
    }
    noteSpans(spans, key, manifest);
    const { object, values } = withoutValues(inNamespace);
    if (values) {
      secretValues.set(key, values);
      secrets[key] = Object.fromEntries(
        Object.keys(values).map((each) => [each, { manifest: manifest.file.path }]),
      );
    }
    objects.set(key, isServed(object) ? withDefaults(object) : object);
  }
  const all = [...missingNamespaces(objects, spans), ...objects.values()];
  const plan: Omit<Plan, "hash"> = {
    version: 1,
    name,
    objects: inOrder(all, new Map()),
    provenance: provenance(spans),
    local: {},
    references: {},
    secrets,
    after: {},
    updates: {},
    sources: files.map(({ path, text }) => ({
      path,
      get hash() {
        return sha256(text);
      },
    })),
    params: {},
  };
  return { plan, spans, diagnostics, secretValues };
}

/** Kinds of other groups that are known to lie in a namespace. */
const namespaced = new Set(
  `Deployment ReplicaSet StatefulSet DaemonSet Job CronJob Ingress NetworkPolicy PodDisruptionBudget
  HorizontalPodAutoscaler Role RoleBinding ServiceAccount PersistentVolumeClaim LimitRange ResourceQuota
  PodTemplate`.split(/\s+/),
);

function withNamespace(object: KubernetesObject): KubernetesObject {
  const { namespace, ...rest } = object.metadata;
  if (isServed(object) && isKind(object.kind)) {
    if (!kinds[object.kind].namespaced) return { ...object, metadata: rest };
  } else if (!namespaced.has(object.kind)) return object;
  return { ...object, metadata: { ...rest, namespace: namespace || "default" } };
}

function twice(
  spans: SpanRecorder,
  manifest: Manifest,
  { kind, metadata }: KubernetesObject,
  key: ObjectKey,
): Diagnostic {
  const where =
    metadata.namespace && metadata.namespace !== "default" ? ` in namespace \`${metadata.namespace}\`` : "";
  const first = spans.at(key);
  return objectTwiceInYaml(
    nameSpan(manifest),
    { title: `${kind} \`${metadata.name}\`${where}` },
    first ? { secondary: [{ span: first, text: "first here" }] } : {},
  );
}

/** The secret without its values, and those. */
function withoutValues(object: KubernetesObject): {
  object: KubernetesObject;
  values?: Readonly<Record<string, string>>;
} {
  if (object.kind !== "Secret" || !isServed(object)) return { object };
  const {
    data = {},
    stringData = {},
    ...rest
  } = object as KubernetesObject & {
    readonly data?: Readonly<Record<string, string>>;
    readonly stringData?: Readonly<Record<string, string>>;
  };
  const values = {
    ...data,
    ...Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, toBase64(value)])),
  };
  return { object: rest, values };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function toBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let result = "";
  for (let index = 0; index < bytes.length; index += 3) {
    const [a = 0, b, c] = bytes.subarray(index, index + 3);
    result += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]!;
    result += b === undefined ? "=" : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]!;
    result += c === undefined ? "=" : alphabet[c & 63]!;
  }
  return result;
}

/** A namespace for every one that is used without being there; `default` is there anyway. */
function missingNamespaces(
  objects: ReadonlyMap<ObjectKey, KubernetesObject>,
  spans: SpanRecorder,
): KubernetesObject[] {
  const missing = new Map<string, KubernetesObject>();
  for (const [key, { metadata }] of objects) {
    const { namespace } = metadata;
    if (namespace === undefined || namespace === "default" || missing.has(namespace)) continue;
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
    if (objects.has(keyOf(object))) continue;
    missing.set(namespace, withDefaults(object));
    const span = spans.nearest(key, "metadata.namespace");
    if (span) spans.record(keyOf(object), "", span);
  }
  return [...missing.values()];
}

// ── Places ─────────────────────────────────────────────────────────────────────────────────────────────────

function nameSpan({ places, file }: Manifest): Span {
  const place = places.get("metadata.name") ?? places.get("metadata.generateName") ?? places.get("kind");
  return place?.value ?? { file, start: 0, end: 0 };
}

/** Where messages point: at values where they are short enough to be seen, else at their keys. */
function noteSpans(spans: SpanRecorder, key: ObjectKey, manifest: Manifest): void {
  spans.record(key, "", nameSpan(manifest));
  for (const [path, place] of manifest.places) {
    if (path === "") continue;
    spans.record(key, path, spanOf(place));
    // Values of secrets stand in `data`, whichever way they were written.
    if (path.startsWith("stringData.")) spans.record(key, path.replace("stringData", "data"), spanOf(place));
  }
}

const mostLines = 3;

function spanOf({ key, value, style, flow }: FieldPlace): Span {
  if (style === "plain" || style === "quoted") return value;
  const most = flow ? 1 : mostLines;
  const short = style !== "block" && value.file.text.slice(value.start, value.end).split("\n").length <= most;
  return short ? value : (key ?? firstLine(value));
}
