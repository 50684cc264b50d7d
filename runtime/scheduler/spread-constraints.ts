import type { Node, Pod, PodSpec } from "../../model/core.ts";
import { controllerOf, type Labels } from "../../model/meta.ts";
import { matchesNodeAffinity, toleratesAny } from "../../model/placement.ts";
import { equalitySelector, labelSelector, mapMatches, matches, type Selector } from "../../model/selector.ts";
import type { Client } from "../client/client.ts";
import type { NodeMask } from "./index/domains.ts";
import { requiredNodes } from "./plugins/node-affinity.ts";
import { type Labelled, ownLabels } from "./terms.ts";

export const hostname = "kubernetes.io/hostname";

/** One rule by which pods are to be spread over the values of a label of nodes. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Undefined: no pod counts. */
  readonly selector: Selector | undefined;
  /** Nodes that the pod's own node affinity, or its want of tolerations, rules out do not take part. */
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}

export interface SpreadConstraints {
  readonly constraints: readonly SpreadConstraint[];
  /** Nodes that lack one of the labels take no part at all; else each label is looked at by itself. */
  readonly allLabels: boolean;
}

/** Those of the pod's own constraints that must hold, or that only score. */
export function ownConstraints(pod: Pod, hard: boolean): readonly SpreadConstraint[] {
  const action = hard ? "DoNotSchedule" : "ScheduleAnyway";
  return (pod.spec.topologySpreadConstraints ?? [])
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map((each) => {
      const selector = labelSelector(each.labelSelector);
      return {
        topologyKey: each.topologyKey,
        maxSkew: each.maxSkew,
        minDomains: each.minDomains ?? 1,
        selector: selector && [...selector, ...ownLabels(each, pod.metadata.labels ?? {})],
        honorAffinity: (each.nodeAffinityPolicy ?? "Honor") === "Honor",
        honorTaints: each.nodeTaintsPolicy === "Honor",
      };
    });
}

/** Kubernetes' system defaults, for pods that declare no constraints: soft, so they only score. */
export function defaultConstraints(labels: Labels): readonly SpreadConstraint[] {
  if (Object.keys(labels).length === 0) return [];
  const common = {
    minDomains: 1,
    selector: equalitySelector(labels),
    honorAffinity: true,
    honorTaints: false,
  };
  return [
    { topologyKey: hostname, maxSkew: 3, ...common },
    { topologyKey: "topology.kubernetes.io/zone", maxSkew: 5, ...common },
  ];
}

export function counts(constraint: SpreadConstraint, namespace: string, pod: Labelled): boolean {
  return (
    constraint.selector !== undefined &&
    pod.namespace === namespace &&
    matches(constraint.selector, pod.labels)
  );
}

/** Which nodes take part in the count of one of these constraints. */
export function nodeMask(
  spec: PodSpec,
  { honorAffinity, honorTaints }: SpreadConstraint,
  { constraints, allLabels }: SpreadConstraints,
): NodeMask | undefined {
  const affinity = honorAffinity ? requiredNodes(spec) : "";
  const keys = allLabels ? constraints.map(({ topologyKey }) => topologyKey) : [];
  if (affinity === "" && !honorTaints && keys.length < 2) return undefined;
  return {
    key: JSON.stringify([affinity, honorTaints ? spec.tolerations : "", keys]),
    readsTaints: honorTaints,
    includes: ({ node }) =>
      (affinity === "" || matchesNodeAffinity(spec, node)) &&
      (!honorTaints || toleratesTaints(spec, node)) &&
      keys.every((key) => node.metadata.labels?.[key] !== undefined),
  };
}

function toleratesTaints({ tolerations }: PodSpec, { spec }: Node): boolean {
  return (spec.taints ?? []).every(
    (taint) => taint.effect === "PreferNoSchedule" || toleratesAny(tolerations, taint),
  );
}

/** The merged selectors of the services that match the pod and of the rc that owns it (Kubernetes' `DefaultSelector`). */
export function spreadSelector(pod: Pod, client: Pick<Client, "get" | "list">): Labels {
  const { namespace, labels } = pod.metadata;
  const merged: Record<string, string> = {};
  for (const { spec } of client.list("Service", namespace ? { namespace } : {})) {
    if (mapMatches(spec.selector, labels)) Object.assign(merged, spec.selector);
  }
  const owner = controllerOf(pod);
  if (owner?.kind === "ReplicationController") {
    Object.assign(merged, client.get("ReplicationController", namespace, owner.name)?.spec.selector);
  }
  return merged;
}
