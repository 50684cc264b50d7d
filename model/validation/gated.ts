import type { NodeSelectorTerm, PodSpec } from "../core.ts";
import { type Causes, forbidden, invalid } from "./cause.ts";
import { sameJson } from "./equal.ts";

/** What may change of a pod that waits for its gates (`validateOnlyDeletedSchedulingGates`, `validateNodeAffinityMutation`). */

/** Gates come off, and are never added to a pod that is there. */
export function checkGatesUpdate(causes: Causes, before: PodSpec, after: PodSpec): void {
  const known = new Set(before.schedulingGates?.map(({ name }) => name));
  for (const [index, { name }] of (after.schedulingGates ?? []).entries())
    if (!known.has(name))
      causes.push(
        forbidden(
          `spec.schedulingGates[${index}].name`,
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
}

/** Who waits may be told more narrowly where to go: labels of nodes are added, and none is changed or taken away. */
export function checkNarrowed(causes: Causes, before: PodSpec, after: PodSpec): void {
  const selector = after.nodeSelector ?? {};
  for (const key in before.nodeSelector ?? {}) {
    if (selector[key] === before.nodeSelector![key]) continue;
    causes.push(
      invalid(
        "spec.nodeSelector",
        selector,
        "only additions to spec.nodeSelector are allowed (no mutations or deletions)",
      ),
    );
    break;
  }
  const path = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
  const old = requiredTerms(before);
  const now = requiredTerms(after);
  if (old.length === 0) return;
  if (old.length !== now.length) {
    const why = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
    causes.push(invalid(path, now, why));
    return;
  }
  for (const [index, term] of now.entries())
    if (!onlyAdds(old[index]!, term))
      causes.push(
        invalid(`${path}[${index}]`, term, "only additions are allowed (no mutations or deletions)"),
      );
}

const requiredTerms = ({ affinity }: PodSpec): readonly NodeSelectorTerm[] =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

/** A term without expressions matches nothing: whatever is added to it makes it match more. */
function onlyAdds(old: NodeSelectorTerm, now: NodeSelectorTerm): boolean {
  const isEmpty = !old.matchExpressions?.length && !old.matchFields?.length;
  if (isEmpty) return !now.matchExpressions?.length && !now.matchFields?.length;
  return (["matchExpressions", "matchFields"] as const).every((field) => {
    const kept = old[field] ?? [];
    return kept.every((each, index) => sameJson(each, now[field]?.[index]));
  });
}
