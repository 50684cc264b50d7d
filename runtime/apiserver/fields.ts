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

/** `a=b,c!=d`; 400 for a field that Kubernetes does not support for the kind, or a text that is no selector. */
export function parseFieldSelector(kind: Kind, text: string): FieldSelector {
  const equal: Record<string, string> = {};
  const unequal: [string, string][] = [];
  const known = selectableFields[kind] ?? everywhere;
  for (const term of splitTerms(text)) {
    const match = /^([^=!]+?)(!=|==|=)(.*)$/.exec(term);
    if (!match) throw badRequest(`invalid field selector: ${JSON.stringify(term)}; can't understand it`);
    const [, field = "", operator, escaped = ""] = match;
    if (!known.includes(field))
      throw badRequest(`field label not supported: ${field}; for ${kind} it is one of ${known.join(", ")}`);
    const value = escaped.replace(/\\([\\,=])/g, "$1");
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

/** Whether the terms of inequality hold. */
export function passesUnequal({ unequal }: FieldSelector, object: KubernetesObject): boolean {
  return unequal.every(([field, value]) => fieldValue(object, field) !== value);
}

/** At commas that are not escaped. */
function splitTerms(text: string): string[] {
  const terms = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  return terms.map((term) => term.trim()).filter((term) => term !== "");
}
