import { statusFields, texts } from "virtual:kubernetes-texts";
import { type KubernetesField, kubernetesFields, parseFields } from "./tables.ts";

/** Kubernetes' own descriptions: two hundred kilobytes that only those load who show them. */

/** What a type or a field of one is for; "" where nothing is said. */
export function kubernetesText(type: string, field?: string): string {
  const key = field === undefined ? type : `${type}.${field}`;
  return Object.hasOwn(texts, key) ? texts[key]! : "";
}

/** The fields of a type, with those that only the cluster writes. */
export function allKubernetesFields(type: string): readonly KubernetesField[] | undefined {
  return Object.hasOwn(statusFields, type) ? parseFields(statusFields[type]!) : kubernetesFields(type);
}
