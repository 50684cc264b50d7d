import type { Kind, KubernetesObject } from "../../model/meta.ts";
import { fieldValue, selectableFields } from "../client/fields.ts";
import { badRequest } from "./status.ts";

/** A field selector: terms of equality, which the store answers, and terms of inequality, which it does not know. */
export interface FieldSelector {
  readonly equal: Readonly<Record<string, string>>;
  readonly unequal: readonly (readonly [field: string, value: string])[];
}

/** What is served and not stored knows these alone. */
const everywhere: readonly string[] = ["metadata.name", "metadata.namespace"];

/**
 * `a=b,c!=d`; 400 for a field that Kubernetes does not support for the kind, or a text that is no selector, in the words
 * of Kubernetes (`k8s.io/apimachinery/pkg/fields`).
 */
export function parseFieldSelector(kind: Kind, text: string): FieldSelector {
  const equal: Record<string, string> = {};
  const unequal: [string, string][] = [];
  const known = selectableFields[kind] ?? everywhere;
  // Kubernetes looks at them in order, so that the first mistake is its first, too.
  for (const term of splitTerms(text).sort()) {
    const match = /^(.*?)(!=|==|=)([\s\S]*)$/.exec(term);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = "", operator, escaped = ""] = match;
    const value = unescapeValue(escaped);
    if (!known.includes(field)) throw badRequest(unknownField(field, known));
    if (operator === "!=") {
      unequal.push([field, value]);
      continue;
    }
    // Two values for one field match nothing: the one is asked for, and refused.
    if (Object.hasOwn(equal, field) && equal[field] !== value) unequal.push([field, value]);
    equal[field] = value;
  }
  return { equal, unequal };
}

/** Kinds with fields of their own have another text than those without. */
function unknownField(field: string, known: readonly string[]): string {
  return known.length > everywhere.length
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** Takes the backslashes away that stand before backslashes, commas and equals signs; nothing else may have one. */
function unescapeValue(text: string): string {
  const rest = text.replace(/\\[\\,=]/g, "");
  const escaped = /\\[\s\S]?/.exec(rest);
  if (escaped) throw badRequest(`invalid field selector: invalid escape sequence: ${escaped[0]}`);
  const bare = /[,=]/.exec(rest);
  if (bare)
    throw badRequest(`invalid field selector: unescaped character in value: ${bare[0].codePointAt(0)}`);
  return text.replace(/\\([\\,=])/g, "$1");
}

/** Whether the terms of inequality hold. */
export function passesUnequal({ unequal }: FieldSelector, object: KubernetesObject): boolean {
  return unequal.every(([field, value]) => fieldValue(object, field) !== value);
}

/** At commas that are not escaped. */
function splitTerms(text: string): string[] {
  return text.match(/(?:\\[\s\S]?|[^,\\])+/g) ?? [];
}
