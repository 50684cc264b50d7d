import type { Pod } from "../../../model/core.ts";
import { controllerOf, keyOf, type Stored } from "../../../model/meta.ts";
import { isActive } from "../../../model/pod.ts";
import type { Invariant } from "./invariant.ts";

/**
 * A pod is made only where one is missing: a roll-out asks for its surplus by `replicas`. That the count is reached is
 * part of every run's convergence.
 */
export const replicas: Invariant = {
  name: "no rc makes more pods than it wants",
  watch({ client }) {
    const active = new Map<string, number>();
    const count = (pod: Stored<Pod> | undefined, sign: 1 | -1) => {
      const owner = pod && isActive(pod) ? controllerOf(pod)?.uid : undefined;
      if (owner !== undefined) active.set(owner, (active.get(owner) ?? 0) + sign);
    };
    return {
      change({ kind, previous, next }) {
        if (kind !== "Pod") return undefined;
        const before = previous as Stored<Pod> | undefined;
        const after = next as Stored<Pod> | undefined;
        if (before && after && countAlike(before, after)) return undefined;
        count(before, -1);
        count(after, 1);
        const owner = !previous && next ? controllerOf(next) : undefined;
        if (!next || owner?.kind !== "ReplicationController") return undefined;
        const rc = client().get("ReplicationController", next.metadata.namespace, owner.name);
        const wanted = rc?.spec.replicas ?? 1;
        const there = active.get(owner.uid) ?? 0;
        if (rc?.metadata.uid !== owner.uid || there <= wanted) return undefined;
        const message = `rc ${owner.name} wants ${wanted} pods and has made the one that makes it ${there}`;
        return { message, objects: [keyOf(rc), keyOf(next)] };
      },
    };
  },
};

function countAlike(before: Stored<Pod>, after: Stored<Pod>): boolean {
  return (
    before.metadata.ownerReferences === after.metadata.ownerReferences && isActive(before) === isActive(after)
  );
}
