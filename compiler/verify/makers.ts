import type { PodSpec, PodTemplate, ReplicationController, Volume } from "../../model/core.ts";
import { withDefaults } from "../../model/defaults.ts";
import type { KubernetesObject, Labels } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { validateShape } from "../../model/validation.ts";
import { at } from "./json.ts";

/**
 * Kinds of other groups that make pods: what is asked of an rc's pods is asked of theirs too. Only of those whose template
 * has the shape of one: a manifest may hold anything.
 */
interface Maker {
  readonly template: readonly string[];
  /** Whether its pods are to run until they are told to end. */
  readonly lasting: boolean;
}

const ofSpec = ["spec", "template"] as const;

const makers: Readonly<Record<string, Maker>> = {
  "apps/v1 Deployment": { template: ofSpec, lasting: true },
  "apps/v1 ReplicaSet": { template: ofSpec, lasting: true },
  "apps/v1 StatefulSet": { template: ofSpec, lasting: true },
  "apps/v1 DaemonSet": { template: ofSpec, lasting: true },
  "batch/v1 Job": { template: ofSpec, lasting: false },
  "batch/v1 CronJob": { template: ["spec", "jobTemplate", "spec", "template"], lasting: false },
};

export interface Made {
  readonly lasting: boolean;
  readonly replicas: number;
  readonly labels: Labels;
  readonly spec: PodSpec;
  readonly templatePath: FieldPath;
  readonly selector?: Labels;
}

/** The pods that an object of another group makes; undefined where it makes none, or nobody can tell. */
export function madeBy(object: KubernetesObject): Made | undefined {
  const maker = makers[`${object.apiVersion} ${object.kind}`];
  const template = maker && at(object, ...maker.template);
  if (!maker || at(template, "spec", "containers") === undefined) return undefined;
  const standIn = {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: object.metadata,
    spec: { template: template as PodTemplate },
  } as ReplicationController;
  if (validateShape(standIn).length > 0) return undefined;
  const { metadata, spec } = withDefaults(standIn).spec.template;
  const replicas = at(object, "spec", "replicas");
  const selector = labelsOf(at(object, "spec", "selector", "matchLabels"));
  const exact = at(object, "spec", "selector", "matchExpressions") === undefined;
  return {
    lasting: maker.lasting,
    replicas: Number.isInteger(replicas) ? (replicas as number) : 1,
    labels: metadata?.labels ?? {},
    spec: withClaims(spec, at(object, "spec", "volumeClaimTemplates")),
    templatePath: maker.template.join("."),
    ...(selector && exact && maker.lasting ? { selector } : {}),
  };
}

function labelsOf(value: unknown): Labels | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.values(value).every((each) => typeof each === "string") ? (value as Labels) : undefined;
}

/** The claims that a StatefulSet makes for each of its pods are volumes of theirs. */
function withClaims(spec: PodSpec, claims: unknown): PodSpec {
  if (!Array.isArray(claims)) return spec;
  const volumes = claims.flatMap((claim): Volume[] => {
    const name = at(claim, "metadata", "name");
    return typeof name === "string" ? [{ name } as Volume] : [];
  });
  return { ...spec, volumes: [...(spec.volumes ?? []), ...volumes] };
}
