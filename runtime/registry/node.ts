import type { Node, Taint } from "../../model/core.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import type { NetworkPlan } from "../environment.ts";
import { createNodeBlocks } from "../network/nodes.ts";
import type { Allocator } from "./context.ts";

/** A node starts not ready; the node life cycle takes this away (`plugin/pkg/admission/nodetaint`). */
const notReady: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

export function prepareNodeCreate(node: Node): Node {
  const taints = node.spec.taints ?? [];
  const tainted = taints.some((taint) => taint.key === notReady.key && taint.effect === notReady.effect);
  return {
    ...node,
    spec: tainted ? node.spec : { ...node.spec, taints: [...taints, notReady] },
    status: { phase: "Pending", ...node.status },
  };
}

/**
 * Each node has a block of pod addresses of its own, from its creation on; one that names another's gets none. (In
 * Kubernetes a controller hands them out a moment later.) A node beyond the last block has none, and no pod on it can
 * have an address.
 */
export function createNodeAllocator(network: NetworkPlan): Allocator {
  const blocks = createNodeBlocks(network);
  const block = (object: KubernetesObject | undefined) => (object as Node | undefined)?.spec.podCIDR;
  return {
    allocate: (previous, next) => {
      const asked = block(next);
      if (block(previous) !== undefined && (asked === undefined || asked === block(previous)))
        return { object: next, undo: () => {}, commit: () => {} };
      const taken = asked === undefined ? blocks.take() : blocks.claim(asked) ? asked : undefined;
      const { podCIDR: _one, podCIDRs: _all, ...rest } = (next as Node).spec;
      const spec = taken === undefined ? rest : { ...rest, podCIDR: taken, podCIDRs: [taken] };
      return {
        object: { ...next, spec } as KubernetesObject,
        undo: () => taken !== undefined && blocks.release(taken),
        commit: () => {},
      };
    },
    release: (object) => {
      const own = block(object);
      if (own !== undefined) blocks.release(own);
    },
    restore: (object) => {
      const own = block(object);
      if (own !== undefined) blocks.claim(own);
    },
  };
}
