import type { KubernetesObject } from "../../../model/meta.ts";
import { isRecord } from "../schema/decode.ts";
import { difference, type FieldSet, union } from "./field-set.ts";
import { compare, fieldsIn } from "./fields.ts";
import type { Shape } from "./shape.ts";

/** Where `kubectl apply` keeps what it has applied, when it merges by itself. */
const annotation = "kubectl.kubernetes.io/last-applied-configuration";

export function lastAppliedOf(object: KubernetesObject): string | undefined {
  return object.metadata.annotations?.[annotation] || undefined;
}

/** The fields of the annotation that hold what it says of them; undefined without an annotation that can be read. */
export function allowedByLastApplied(shape: Shape, live: KubernetesObject): FieldSet | undefined {
  const text = lastAppliedOf(live);
  if (text === undefined) return undefined;
  let last: unknown;
  try {
    last = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { added, removed, modified } = compare(shape, last, live);
  return difference(fieldsIn(shape, last), union(union(added, removed), modified));
}

/** An object whose annotation says what has been applied now, so that `kubectl apply` can go on by itself again. */
export function withLastApplied(
  object: Record<string, unknown>,
  config: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const metadata = isRecord(object.metadata) ? object.metadata : {};
  const before = isRecord(metadata.annotations) ? metadata.annotations : {};
  const annotations = { ...before, [annotation]: `${sortedJson(withoutAnnotation(config))}\n` };
  return { ...object, metadata: { ...metadata, annotations } };
}

function withoutAnnotation(config: Readonly<Record<string, unknown>>): unknown {
  const metadata = isRecord(config.metadata) ? config.metadata : {};
  if (!isRecord(metadata.annotations)) return config;
  const { [annotation]: _, ...annotations } = metadata.annotations;
  return { ...config, metadata: { ...metadata, annotations } };
}

/** JSON with keys in order, as Go writes maps. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
