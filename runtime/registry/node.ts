import type { Node, Taint } from "../../model/core.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import type { ApiError } from "../client/client.ts";
import type { NetworkPlan } from "../environment.ts";
import { createNodeBlocks } from "../network/nodes.ts";
import { type Allocator, isRecord } from "./context.ts";
import { invalid } from "./errors.ts";

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

/** An update that does not speak of the block of pod addresses leaves it as it is. Not validated yet. */
export function prepareNodeUpdate(previous: Node, next: Node): Node {
  const { podCIDR, podCIDRs } = previous.spec;
  if (podCIDR === undefined || !isRecord(next.spec) || next.spec.podCIDR || next.spec.podCIDRs) return next;
  return { ...next, spec: { ...next.spec, podCIDR, ...(podCIDRs ? { podCIDRs } : {}) } as Node["spec"] };
}

/**
 * Each node has a block of pod addresses of its own, from its creation on. (In Kubernetes a controller hands them out a
 * moment later.) One that is asked for has to be free and ours. A node beyond the last block has none, and no pod on it
 * can have an address.
 */
export function createNodeAllocator(network: NetworkPlan): Allocator {
  const blocks = createNodeBlocks(network);
  const blockOf = (object: KubernetesObject | undefined) =>
    (object as Node | undefined)?.spec.podCIDR || undefined;
  const nothing = () => {};
  return {
    allocate: (previous, next) => {
      const asked = blockOf(next);
      if (asked !== undefined && asked === blockOf(previous))
        return { object: next, undo: nothing, commit: nothing };
      if (asked !== undefined && !blocks.claim(asked)) throw notFree(next, asked, network);
      const taken = asked ?? blocks.take();
      const { podCIDR: _one, podCIDRs: _all, ...rest } = (next as Node).spec;
      const spec = taken === undefined ? rest : { ...rest, podCIDR: taken, podCIDRs: [taken] };
      return {
        object: { ...next, spec } as KubernetesObject,
        undo: () => taken !== undefined && blocks.release(taken),
        commit: () => {
          const before = blockOf(previous);
          if (before !== undefined) blocks.release(before);
        },
      };
    },
    release: (object) => {
      const own = blockOf(object);
      if (own !== undefined) blocks.release(own);
    },
    restore: (object) => {
      const own = blockOf(object);
      if (own !== undefined) blocks.claim(own);
    },
  };
}

function notFree(node: KubernetesObject, asked: string, network: NetworkPlan): ApiError {
  const message = `Invalid value: ${JSON.stringify(asked)}: is not a free block of ${network.podCIDR}; leave it out to be given one`;
  return invalid("Node", node.metadata.name, [
    { reason: "FieldValueInvalid", field: "spec.podCIDR", message },
  ]);
}
