import type { Affinity, NodeSelectorRequirement, NodeSelectorTerm, Toleration } from "../core.ts";
import { type Causes, forbidden, invalid, notSupported, oneOf, required } from "./cause.ts";
import { labelValueFault, qualifiedNameFault } from "./names.ts";

/** What decides where a pod may run: tolerations and node affinity (`ValidateTolerations`, `validateAffinity`). */

export const taintEffects = new Set(["NoSchedule", "PreferNoSchedule", "NoExecute"]);
const operators = new Set(["Equal", "Exists"]);
const requirementOperators = new Set(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);

export function checkTolerations(
  causes: Causes,
  path: string,
  tolerations: readonly Toleration[] | null | undefined,
): void {
  for (const [index, toleration] of (tolerations ?? []).entries()) {
    const at = `${path}[${index}]`;
    const { key, operator, value, effect, tolerationSeconds } = toleration;
    if (key) {
      const fault = qualifiedNameFault(key);
      if (fault !== undefined) causes.push(invalid(`${at}.key`, key, fault));
    } else if (operator !== "Exists") {
      causes.push(
        invalid(
          `${at}.operator`,
          operator ?? "",
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    }
    if (tolerationSeconds != null && effect !== "NoExecute")
      causes.push(
        invalid(`${at}.effect`, effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      );
    if (operator === "Exists") {
      if (value)
        causes.push(invalid(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
    } else if (operator == null || operator === "Equal" || (operator as string) === "") {
      const fault = labelValueFault(value ?? "");
      if (fault !== undefined) causes.push(invalid(`${at}.operator`, value, fault));
    } else {
      causes.push(notSupported(`${at}.operator`, operator, operators));
    }
    if (effect) oneOf(causes, `${at}.effect`, effect, taintEffects);
  }
}

export function checkAffinity(causes: Causes, path: string, affinity: Affinity | null | undefined): void {
  const node = affinity?.nodeAffinity;
  if (node == null) return;
  const needed = node.requiredDuringSchedulingIgnoredDuringExecution;
  const base = `${path}.nodeAffinity`;
  if (needed != null) {
    const at = `${base}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
    if (!(needed.nodeSelectorTerms?.length > 0))
      causes.push(required(at, "must have at least one node selector term"));
    else
      for (const [index, term] of needed.nodeSelectorTerms.entries())
        checkTerm(causes, `${at}[${index}]`, term);
  }
  for (const [index, each] of (node.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
    const at = `${base}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    if (!(each.weight >= 1 && each.weight <= 100))
      causes.push(invalid(`${at}.weight`, each.weight ?? 0, "must be in the range 1-100"));
    checkTerm(causes, `${at}.preference`, each.preference ?? {});
  }
}

function checkTerm(causes: Causes, path: string, term: NodeSelectorTerm): void {
  for (const [index, requirement] of (term.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    const fault = qualifiedNameFault(requirement.key ?? "");
    if (fault !== undefined) causes.push(invalid(`${at}.key`, requirement.key ?? "", fault));
    checkRequirement(causes, at, requirement);
  }
  for (const [index, requirement] of (term.matchFields ?? []).entries()) {
    const at = `${path}.matchFields[${index}]`;
    if (requirement.key !== "metadata.name")
      causes.push(invalid(`${at}.key`, requirement.key ?? "", "not a valid field selector key"));
    if (requirement.operator !== "In" && requirement.operator !== "NotIn")
      causes.push(invalid(`${at}.operator`, requirement.operator ?? "", "not a valid selector operator"));
    else if (requirement.values?.length !== 1)
      causes.push(
        required(
          `${at}.values`,
          "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        ),
      );
  }
}

function checkRequirement(causes: Causes, path: string, requirement: NodeSelectorRequirement): void {
  const { operator } = requirement;
  const count = requirement.values?.length ?? 0;
  if (!requirementOperators.has(operator))
    causes.push(invalid(`${path}.operator`, operator ?? "", "not a valid selector operator"));
  else if ((operator === "In" || operator === "NotIn") && count === 0)
    causes.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  else if ((operator === "Exists" || operator === "DoesNotExist") && count > 0)
    causes.push(
      forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
    );
  else if ((operator === "Gt" || operator === "Lt") && count !== 1)
    causes.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
}
