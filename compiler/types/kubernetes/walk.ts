import type { KubernetesField } from "./tables.ts";

/** A field of a Kubernetes object, wherever in it. */
export interface KubernetesPlace {
  /** `spec.containers[].livenessProbe`: `[]` is each item of a list. */
  readonly path: string;
  /** The type that it is a field of. */
  readonly type: string;
  readonly field: KubernetesField;
  /** Whether its value has fields of its own. */
  readonly inner: boolean;
}

type FieldsOf = (type: string) => readonly KubernetesField[] | undefined;

/** No type of Kubernetes' nests deeper; those that hold themselves would have no end. */
const deepest = 16;

/** Every field of a kind's objects, those outside first. `enter` says which are looked into. */
export function* fieldsWithin(
  type: string,
  fieldsOf: FieldsOf,
  enter: (place: KubernetesPlace) => boolean,
  base = "",
  depth = 0,
): Generator<KubernetesPlace> {
  for (const field of fieldsOf(type) ?? []) {
    const path = base === "" ? field.name : `${base}.${field.name}`;
    const inner = fieldsOf(field.type) !== undefined;
    const place: KubernetesPlace = { path, type, field, inner };
    yield place;
    if (!inner || depth >= deepest || !enter(place)) continue;
    const suffix = field.form === "list" ? "[]" : field.form === "map" ? "{}" : "";
    yield* fieldsWithin(field.type, fieldsOf, enter, path + suffix, depth + 1);
  }
}
