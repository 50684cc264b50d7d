import { controllerOf } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import { type Explanation, explain } from "./explain.ts";
import { createPlacement, type Placement, reasonOf } from "./place.ts";
import { type NodeUse, nodeUses, type Quality, qualityOf } from "./quality.ts";
import { remedies } from "./remedies.ts";

/** Where everything of a plan lands and why. */
export interface PlacementReport {
  readonly cluster: string;
  readonly seed: number;
  readonly nodes: readonly NodeUse[];
  readonly pods: readonly PodReport[];
  readonly quality: Quality;
  /** Objects that the store would not take. */
  readonly refused: Placement["refused"];
}

export interface PodReport {
  readonly namespace: string;
  readonly name: string;
  /** Of which rc; absent for a pod by itself. */
  readonly rc?: string;
  readonly node?: string;
  /** Why it waits, in Kubernetes' words. */
  readonly message?: string;
  /** Another pod of higher priority drove it out of where it was first. */
  readonly preempted?: true;
  /** Absent where the cluster is so large that this is told only of pods that were asked for. */
  readonly explanation?: Explanation;
  /** Of a pod that waits: changes each of which would place it, the smallest first. */
  readonly changes?: readonly string[];
}

export interface ReportOptions {
  readonly plan: Plan;
  readonly seed: number;
  /** Pods of which all must be told, by name or by the name of their rc. */
  readonly explained: string | undefined;
}

/** To explain a decision is to ask every rule about every node once more: past so many questions it is not done for all. */
const mostQuestions = 2_000_000;

export function reportPlacement({ plan, seed, explained }: ReportOptions): PlacementReport {
  const explanations = new Map<string, Explanation>();
  const changes = new Map<string, readonly string[]>();
  const count = (kind: string) => plan.objects.filter((object) => object.kind === kind).length;
  const copies = plan.objects.reduce(
    (sum, object) => sum + ((object as { spec?: { replicas?: number } }).spec?.replicas ?? 1),
    0,
  );
  const small = count("Node") * copies * Math.max(copies, 1) <= mostQuestions;
  const placement = createPlacement({
    plan,
    seed,
    decided: (decision) => {
      const { metadata } = decision.info.pod;
      const key = `${metadata.namespace}/${metadata.name}`;
      const asked = [metadata.name, key, controllerOf(decision.info.pod)?.name].includes(explained);
      if (small || asked) explanations.set(key, explain(decision));
      if (decision.node) changes.delete(key);
      else if (small || asked || changes.size < 20) changes.set(key, remedies(decision));
    },
  });
  placement.settle();
  const pods = placement.pods();
  const nodes = nodeUses(placement.nodes(), pods);
  const waiting = new Set(placement.waiting());
  return {
    cluster: plan.name,
    seed,
    nodes,
    quality: qualityOf(nodes, pods),
    refused: placement.refused,
    pods: pods.map((pod): PodReport => {
      const { namespace = "default", name } = pod.metadata;
      const key = `${namespace}/${name}`;
      const rc = controllerOf(pod)?.name;
      const explanation = explanations.get(key);
      const found = changes.get(key);
      return {
        namespace,
        name,
        ...(rc === undefined ? {} : { rc }),
        ...(waiting.has(pod) ? { message: reasonOf(pod) } : { node: pod.spec.nodeName! }),
        ...(placement.preempted.has(key) ? { preempted: true } : {}),
        ...(explanation && { explanation }),
        ...(waiting.has(pod) && found ? { changes: found } : {}),
      };
    }),
  };
}
