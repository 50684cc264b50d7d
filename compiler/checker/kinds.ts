import { isKind, kinds } from "../../model/meta.ts";
import { topLevel } from "../types/blocks/index.ts";
import type { BlockSchema } from "../types/type.ts";

type Schemas = Readonly<Record<string, BlockSchema>>;

/** The words that declare objects. */
export function objectWords(schemas: Schemas): readonly string[] {
  return topLevel.filter((word) => schemas[word]?.kind !== undefined);
}

/** The word whose plural this is: `nodes` → `node`. */
export function pluralOf(schemas: Schemas, name: string): string | undefined {
  return objectWords(schemas).find((word) => `${word}s` === name);
}

/** Whether objects of this Kubernetes kind live in a namespace. */
export const isNamespaced = (kind: string): boolean => !isKind(kind) || kinds[kind].namespaced;
