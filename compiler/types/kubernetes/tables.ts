import { fields } from "virtual:kubernetes-fields";

/**
 * The types of Kubernetes' core/v1 objects, from its published types. In their compact form a field is `name:type`,
 * with `!` behind it where it is required; `[T]` is a list and `{T}` a map of texts to T.
 */

export interface KubernetesField {
  readonly name: string;
  /** `Container`, `string`, `number`, `boolean`, `Quantity`, `intOrString`, `Time`. */
  readonly type: string;
  readonly form: "one" | "list" | "map";
  readonly required: boolean;
}

/** The fields in a type's compact form. */
export function parseFields(text: string): readonly KubernetesField[] {
  return text
    .split(" ")
    .filter((part) => part !== "")
    .map((part) => {
      const colon = part.indexOf(":");
      const required = part.endsWith("!");
      const type = part.slice(colon + 1, required ? -1 : undefined);
      const form = type.startsWith("[") ? "list" : type.startsWith("{") ? "map" : "one";
      return {
        name: part.slice(0, colon),
        type: form === "one" ? type : type.slice(1, -1),
        form,
        required,
      };
    });
}

const parsed = new Map<string, readonly KubernetesField[]>();

/** The fields of a Kubernetes type; undefined where it is none that has fields. Parsed when first asked for. */
export function kubernetesFields(type: string): readonly KubernetesField[] | undefined {
  const known = parsed.get(type);
  if (known) return known;
  const text = Object.hasOwn(fields, type) ? fields[type] : undefined;
  if (text === undefined) return undefined;
  const found = parseFields(text);
  parsed.set(type, found);
  return found;
}
