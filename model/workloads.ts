import type { PodTemplate, ReplicationController } from "./core.ts";
import type { KubernetesObject } from "./meta.ts";
import type { UpdateStrategy } from "./plan.ts";

/** Workloads of the group `apps`, as far as they are what an rc is. */

/** A workload as far as it is looked at. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly strategy?: Strategy;
    readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[];
    readonly template: PodTemplate;
  };
}

interface Strategy {
  readonly type?: string;
  readonly rollingUpdate?: { readonly maxSurge?: number | string; readonly maxUnavailable?: number | string };
}

/** Whether it has what pods are made of: in a `manifest` may stand what it likes. */
export function isWorkload(object: KubernetesObject): object is Workload {
  const { template } = (object as Partial<Workload>).spec ?? {};
  return Array.isArray(template?.spec?.containers) && template.metadata?.labels !== undefined;
}

const replicated = new Set(["apps/v1 Deployment", "apps/v1 ReplicaSet", "apps/v1 StatefulSet"]);

/** `apps/v1 Deployment`. */
export const sortOf = ({ apiVersion, kind }: KubernetesObject): string => `${apiVersion} ${kind}`;

/** Whether it keeps a number of pods as an rc does. */
export function isReplicated(object: KubernetesObject): object is Workload {
  return replicated.has(sortOf(object)) && isWorkload(object);
}

/** The rc of this name that keeps the same pods. */
export function rcOf({ metadata, spec }: Workload, name = metadata.name): ReplicationController {
  const { labels, annotations, namespace = "default" } = metadata;
  const { minReadySeconds, template, volumeClaimTemplates = [] } = spec;
  const { volumes = [] } = template.spec;
  const claimed = volumeClaimTemplates.map((claim) => ({ name: claim.metadata?.name ?? "", emptyDir: {} }));
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) },
    spec: {
      replicas: spec.replicas ?? 1,
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: spec.selector?.matchLabels ?? template.metadata?.labels ?? {},
      template:
        claimed.length === 0
          ? template
          : { ...template, spec: { ...template.spec, volumes: [...volumes, ...claimed] } },
    },
  };
}

/** How it rolls: of a Deployment its strategy, with Kubernetes' roundings; others go one by one. */
export function updateOf({ kind, spec }: Workload): UpdateStrategy {
  if (kind === "ReplicaSet") return "never";
  if (kind === "StatefulSet") return { surge: 0, unavailable: 1 };
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === "Recreate") return { surge: 0, unavailable: Math.max(replicas, 1) };
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
  const surge = partOf(maxSurge, replicas, Math.ceil);
  const unavailable = partOf(maxUnavailable, replicas, Math.floor);
  // What would let nothing move is one (`ResolveFenceposts`).
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** A number, or a share of `whole` in percent, as Kubernetes writes both. */
export function partOf(part: number | string, whole: number, round: (value: number) => number): number {
  if (typeof part === "number") return part;
  const number = Number.parseFloat(part);
  return part.endsWith("%") ? round((number * whole) / 100) : number;
}
