import { policyViolated } from "../diagnostics/catalog/policies.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { blameUse, useLabels } from "../diagnostics/uses.ts";
import type { Via } from "../source/source.ts";
import { type Evaluator, type Held, isLibrary } from "./context.ts";

/** What is said at the `require`. */
export const requiredHere = "required here";

/**
 * Whom the mistakes in templates are blamed on. What shows for every use of a template is a mistake of its body and is
 * reported there, once; what shows for some uses only is reported at these, with the places below. A template of the
 * library is never to blame, nor one with a single use, of which nothing can be told apart.
 */
export function blamed(evaluator: Evaluator): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  let held: readonly Held[] = evaluator.held;
  while (held.length > 0) {
    const further: Held[] = [];
    for (const group of together(held).values()) settle(evaluator, group, found, further);
    held = further;
  }
  return found;
}

function settle(evaluator: Evaluator, group: readonly Held[], found: Diagnostic[], further: Held[]): void {
  const first = group[0]!;
  const template = evaluator.uses.get(first.via);
  const all = [...evaluator.uses.values()].filter((one) => one === template).length;
  const isEvery = new Set(group.map(({ via }) => via)).size === all && all > 1;
  if (isEvery && !isLibrary(evaluator, first.diagnostic.primary.span.file)) {
    const [use] = useLabels(first.via);
    found.push({ ...first.diagnostic, secondary: [...first.diagnostic.secondary, ...(use ? [use] : [])] });
    return;
  }
  for (const { diagnostic, via } of group) {
    const moved = blameUse(diagnostic, via);
    const outer: Via | undefined = via.span.via;
    if (outer) further.push({ diagnostic: moved, via: outer });
    else found.push(moved);
  }
}

/** Where a policy requires what does not hold: several of its rules may be broken at one place. */
function requirement({ secondary }: Diagnostic): string {
  const place = secondary.find(({ text }) => text === requiredHere)?.span;
  return place ? `${place.file.path} ${place.start}` : "";
}

/** Those of one code at one place; of a policy's, those of one rule. */
function together(held: readonly Held[]): ReadonlyMap<string, readonly Held[]> {
  const groups = new Map<string, Held[]>();
  for (const one of held) {
    const { file, start, end } = one.diagnostic.primary.span;
    const rule = one.diagnostic.code === policyViolated.entry.code ? requirement(one.diagnostic) : "";
    const key = `${one.diagnostic.code} ${file.path} ${start} ${end} ${rule}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
