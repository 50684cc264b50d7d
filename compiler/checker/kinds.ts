import { isKind, kinds } from "../../model/meta.ts";
import type { ObjectSymbol } from "../binder/symbol.ts";
import type { Declaration } from "../syntax/ast.ts";
import { topLevel } from "../types/blocks/index.ts";
import type { BlockSchema } from "../types/type.ts";

type Schemas = Readonly<Record<string, BlockSchema>>;

/** The words that declare objects. */
export function objectWords(schemas: Schemas): readonly string[] {
  return topLevel.filter((word) => schemas[word]?.kind !== undefined);
}

/** The words of what can live outside, with `external` before them. */
export function externalWords(schemas: Schemas): readonly string[] {
  return Object.keys(schemas).filter(
    (word) => word.startsWith("external ") && schemas[word]?.kind !== undefined,
  );
}

/** What declares objects, here and outside, with the Kubernetes kinds that they are. */
export const declaringWords = (schemas: Schemas): ReadonlyMap<string, string> =>
  new Map([...objectWords(schemas), ...externalWords(schemas)].map((word) => [word, schemas[word]!.kind!]));

/** Where the table of a declaration of objects stands among the schemas. */
export const schemaKey = ({ word, external }: Pick<Declaration, "word" | "external">): string =>
  external ? `external ${word.text}` : word.text;

/** Whether some place declares that an object of this name lives outside: then nothing more is known of it anywhere. */
export const isExternal = (symbol: ObjectSymbol): boolean =>
  symbol.sites.some((site) => site.declaration.external);

/** The word whose plural this is: `nodes` → `node`. */
export function pluralOf(schemas: Schemas, name: string): string | undefined {
  return objectWords(schemas).find((word) => `${word}s` === name);
}

/** Whether objects of this Kubernetes kind live in a namespace. */
export const isNamespaced = (kind: string): boolean => !isKind(kind) || kinds[kind].namespaced;
