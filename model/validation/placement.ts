import type {
  Affinity,
  LabelSelector,
  PodAffinityRules,
  PodAffinityTerm,
  TopologySpreadConstraint,
} from "../core-placement.ts";
import { type Causes, duplicate, forbidden, invalid, oneOf, required } from "./cause.ts";
import { checkLabels } from "./metadata.ts";
import { dnsLabelError, labelValueFault, qualifiedNameFault } from "./names.ts";

/** Where pods may stand beside each other (`validatePodAffinityTerm`, `validateTopologySpreadConstraints`). */

const whenUnsatisfiable = new Set(["DoNotSchedule", "ScheduleAnyway"]);
const inclusions = new Set(["Honor", "Ignore"]);

/** `ValidateLabelSelector`. */
export function checkLabelSelector(
  causes: Causes,
  path: string,
  selector: LabelSelector | null | undefined,
): void {
  if (selector == null) return;
  checkLabels(causes, `${path}.matchLabels`, selector.matchLabels);
  for (const [index, { key, operator, values }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${index}]`;
    const count = values?.length ?? 0;
    if (operator === "In" || operator === "NotIn") {
      if (count === 0)
        causes.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (count > 0)
        causes.push(
          forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
    } else causes.push(invalid(`${at}.operator`, operator ?? "", "not a valid selector operator"));
    const fault = qualifiedNameFault(key ?? "");
    if (fault !== undefined) causes.push(invalid(`${at}.key`, key ?? "", fault));
    for (const [position, value] of (values ?? []).entries()) {
      const valueFault = labelValueFault(value);
      if (valueFault !== undefined) causes.push(invalid(`${at}.values[${position}]`, value, valueFault));
    }
  }
}

export function checkPodAffinity(causes: Causes, path: string, affinity: Affinity | null | undefined): void {
  if (affinity?.podAffinity) checkRules(causes, `${path}.podAffinity`, affinity.podAffinity);
  if (affinity?.podAntiAffinity) checkRules(causes, `${path}.podAntiAffinity`, affinity.podAntiAffinity);
}

function checkRules(causes: Causes, path: string, rules: PodAffinityRules): void {
  const needed = rules.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, term] of needed.entries())
    checkTerm(causes, `${path}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`, term);
  const preferred = rules.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  for (const [index, { weight, podAffinityTerm }] of preferred.entries()) {
    const at = `${path}.preferredDuringSchedulingIgnoredDuringExecution[${index}]`;
    if (!(weight >= 1 && weight <= 100))
      causes.push(invalid(`${at}.weight`, weight ?? 0, "must be in the range 1-100"));
    checkTerm(causes, `${at}.podAffinityTerm`, podAffinityTerm ?? {});
  }
}

function checkTerm(causes: Causes, path: string, term: PodAffinityTerm): void {
  checkLabelSelector(causes, `${path}.labelSelector`, term.labelSelector);
  checkLabelSelector(causes, `${path}.namespaceSelector`, term.namespaceSelector);
  for (const name of term.namespaces ?? []) {
    const fault = dnsLabelError(name);
    if (fault !== undefined) causes.push(invalid(`${path}.namespace`, name, fault));
  }
  checkTopologyKey(causes, `${path}.topologyKey`, term.topologyKey);
}

function checkTopologyKey(causes: Causes, path: string, key: string | undefined): void {
  if (!key) {
    causes.push(required(path, "can not be empty"));
    return;
  }
  const fault = qualifiedNameFault(key);
  if (fault !== undefined) causes.push(invalid(path, key, fault));
}

type Spread = TopologySpreadConstraint & {
  readonly minDomains?: number | null;
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
};

export function checkSpread(
  causes: Causes,
  path: string,
  constraints: readonly TopologySpreadConstraint[] | null | undefined,
): void {
  const seen = new Set<string>();
  for (const [index, constraint] of (constraints ?? []).entries()) {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, minDomains, whenUnsatisfiable: action, ...more } = constraint as Spread;
    if (!(maxSkew > 0)) causes.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, "must be greater than zero"));
    checkTopologyKey(causes, `${at}.topologyKey`, topologyKey);
    oneOf(causes, `${at}.whenUnsatisfiable`, action ?? "", whenUnsatisfiable);
    const pair = `{${topologyKey ?? ""}, ${action ?? ""}}`;
    if (seen.has(pair)) causes.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, pair));
    seen.add(pair);
    if (minDomains != null) checkMinDomains(causes, `${at}.minDomains`, minDomains, action);
    oneOf(causes, `${at}.nodeAffinityPolicy`, more.nodeAffinityPolicy, inclusions);
    oneOf(causes, `${at}.nodeTaintsPolicy`, more.nodeTaintsPolicy, inclusions);
    checkLabelSelector(causes, `${at}.labelSelector`, more.labelSelector);
    if (more.matchLabelKeys?.length && !more.labelSelector)
      causes.push(forbidden(`${at}.matchLabelKeys`, "must not be specified when labelSelector is not set"));
  }
}

function checkMinDomains(causes: Causes, path: string, count: number, action: string | undefined): void {
  if (count <= 0) causes.push(invalid(path, count, "must be greater than zero"));
  else if (action !== "DoNotSchedule")
    causes.push(
      invalid(path, count, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action ?? ""}`),
    );
}
