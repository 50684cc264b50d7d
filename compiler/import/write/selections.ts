import type { Written } from "./layout.ts";
import { quoted } from "./literals.ts";
import { entries, items, type Part, take, textMapOf, textOf, textsOf, untaken } from "./reader.ts";
import { labelName, type Scene } from "./scene.ts";

/** Selectors as `pods where …` and `nodes where …`. */

/** `app == "web"`, `zone in ["a", "b"]`, `has gpu`; undefined for an operator without a word. */
function term(scene: Scene, part: Part): string | undefined {
  const key = textOf(take(part, "key"));
  const operator = textOf(take(part, "operator"));
  const given = take(part, "values");
  const values = textsOf(given) ?? [];
  if (key === undefined || untaken(part).length > 0 || (given && !textsOf(given))) return undefined;
  const name = labelName(scene, key);
  const quotedValues = values.map(quoted);
  switch (operator) {
    case "In":
      return values.length > 0 ? `${name} in [${quotedValues.join(", ")}]` : undefined;
    case "NotIn":
      return values.length === 1
        ? `${name} != ${quotedValues[0]}`
        : values.length > 0
          ? `${name} not in [${quotedValues.join(", ")}]`
          : undefined;
    case "Exists":
      return `has ${name}`;
    case "DoesNotExist":
      return `not has ${name}`;
    default:
      return undefined;
  }
}

function terms(scene: Scene, parts: readonly Part[]): string[] | undefined {
  const written = parts.map((one) => term(scene, one));
  return written.every((one) => one !== undefined) ? written : undefined;
}

/** A label selector, as the pods that it means. */
export function podSelector(scene: Scene, part: Part): Written | undefined {
  const labels = take(part, "matchLabels");
  const equalities = entries(labels).map(
    ([key, { value }]) => `${labelName(scene, key)} == ${quoted(String(value))}`,
  );
  const others = terms(scene, items(take(part, "matchExpressions")));
  if (!others || untaken(part).length > 0 || equalities.length + others.length === 0) return undefined;
  return `pods where ${[...equalities, ...others].join(" and ")}`;
}

/** A term of a node selector, as the nodes that it means. */
export function nodeTerm(scene: Scene, part: Part): Written | undefined {
  const written = terms(scene, items(take(part, "matchExpressions")));
  if (!written || written.length === 0 || untaken(part).length > 0) return undefined;
  return `nodes where ${written.join(" and ")}`;
}

/** `key == value` of a map of labels. */
export function equalityTerms(scene: Scene, selector: unknown): string {
  return Object.entries(textMapOf(selector))
    .map(([key, value]) => `${labelName(scene, key)} == ${quoted(value)}`)
    .join(" and ");
}
