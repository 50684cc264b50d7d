import type { Affinity, Pod, PodAffinityTerm } from "../../model/core.ts";
import type { Labels } from "../../model/meta.ts";
import { labelSelector, matches, type Requirement, type Selector } from "../../model/selector.ts";

/** One term of a pod's affinity or anti-affinity to other pods, with all that the pod itself decides filled in. */
export interface Term {
  /** Terms with equal keys mean the same. */
  readonly key: string;
  readonly topologyKey: string;
  /** Undefined: no pod matches. */
  readonly selector: Selector | undefined;
  readonly namespaces: readonly string[];
  /** Namespaces by their labels, beside those that are named. */
  readonly namespaceSelector: Selector | undefined;
  /** What each matching pod adds to a node's score: of preferred anti-affinity less than nothing. */
  readonly weight: number;
}

export interface PodTerms {
  readonly affinity: readonly Term[];
  readonly antiAffinity: readonly Term[];
  /** Affinity and anti-affinity, the latter with negative weights. */
  readonly preferred: readonly Term[];
}

/** What is looked at of a pod by another's terms and selectors. */
export interface Labelled {
  readonly namespace: string;
  readonly labels: Labels;
}

/** Those of by far most pods. */
export const noTerms: PodTerms = { affinity: [], antiAffinity: [], preferred: [] };

/** What a required affinity of a standing pod adds to the score of a pod that it matches (`HardPodAffinityWeight`). */
export const hardAffinityWeight = 1;

const known = new WeakMap<Affinity, Map<string, PodTerms>>();

/** A pod's terms towards other pods. */
export function termsOf(pod: Pod): PodTerms {
  const { affinity } = pod.spec;
  if (!affinity?.podAffinity && !affinity?.podAntiAffinity) return noTerms;
  let byPod = known.get(affinity);
  if (!byPod) known.set(affinity, (byPod = new Map()));
  const { namespace = "", labels = {} } = pod.metadata;
  const key = namespace + (usesOwnLabels(affinity) ? JSON.stringify(labels) : "");
  let terms = byPod.get(key);
  if (!terms) byPod.set(key, (terms = parse(affinity, { namespace, labels })));
  return terms;
}

function parse({ podAffinity, podAntiAffinity }: Affinity, pod: Labelled): PodTerms {
  const required = (rules: typeof podAffinity, weight: number) =>
    (rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => toTerm(term, pod, weight));
  const preferred = (rules: typeof podAffinity, sign: 1 | -1) =>
    (rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ weight, podAffinityTerm }) =>
      toTerm(podAffinityTerm, pod, sign * weight),
    );
  return {
    affinity: required(podAffinity, hardAffinityWeight),
    antiAffinity: required(podAntiAffinity, 0),
    preferred: [...preferred(podAffinity, 1), ...preferred(podAntiAffinity, -1)],
  };
}

function toTerm(term: PodAffinityTerm, { namespace, labels }: Labelled, weight: number): Term {
  const selector = labelSelector(term.labelSelector);
  const namespaceSelector = labelSelector(term.namespaceSelector);
  const named = term.namespaces ?? [];
  const parts = {
    topologyKey: term.topologyKey,
    selector: selector && [...selector, ...ownLabels(term, labels)],
    namespaces: named.length === 0 && !namespaceSelector ? [namespace] : named,
    namespaceSelector,
    weight,
  };
  return { key: JSON.stringify(parts), ...parts };
}

/** `matchLabelKeys` and `mismatchLabelKeys`: the pod's own values join the selector. */
export function ownLabels(
  {
    matchLabelKeys = [],
    mismatchLabelKeys = [],
  }: { readonly matchLabelKeys?: readonly string[]; readonly mismatchLabelKeys?: readonly string[] },
  labels: Labels,
): readonly Requirement[] {
  const requirements = (keys: readonly string[], operator: "In" | "NotIn") =>
    keys.flatMap((key) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
  return [...requirements(matchLabelKeys, "In"), ...requirements(mismatchLabelKeys, "NotIn")];
}

function usesOwnLabels({ podAffinity, podAntiAffinity }: Affinity): boolean {
  return [podAffinity, podAntiAffinity].some((rules) =>
    [
      ...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) => each.podAffinityTerm),
    ].some(({ matchLabelKeys, mismatchLabelKeys }) => matchLabelKeys?.length || mismatchLabelKeys?.length),
  );
}

/** Whether a pod is one of those that a term speaks of. */
export function termMatches(term: Term, pod: Labelled, namespaceLabels: (name: string) => Labels): boolean {
  if (!term.selector) return false;
  const there =
    term.namespaces.includes(pod.namespace) ||
    (term.namespaceSelector !== undefined && matches(term.namespaceSelector, namespaceLabels(pod.namespace)));
  return there && matches(term.selector, pod.labels);
}

/** Whether a pod matches all of some terms; none at all match nothing. */
export function matchesAll(
  terms: readonly Term[],
  pod: Labelled,
  namespaceLabels: (name: string) => Labels,
): boolean {
  return terms.length > 0 && terms.every((term) => termMatches(term, pod, namespaceLabels));
}

export function labelled({ metadata }: Pod): Labelled {
  return { namespace: metadata.namespace ?? "", labels: metadata.labels ?? {} };
}
