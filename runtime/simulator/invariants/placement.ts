import type { Pod } from "../../../model/core.ts";
import { keyOf, type Stored } from "../../../model/meta.ts";
import { hostPorts } from "../../../model/placement.ts";
import { isTerminal } from "../../../model/pod.ts";
import { crowded, minds, misfit, standingOf, unsuited } from "../fitting.ts";
import type { Invariant } from "./invariant.ts";

/** In clusters of more pods than these what is asked of pods elsewhere is not looked at: that costs all of them for each pod. */
const few = 2000;

/** Each rule that a binding has to keep, as the cluster is when the pod is bound. */
export const placement: Invariant = {
  name: "a pod is put only on a node that takes it",
  watch({ client, behind }) {
    /** Pods that there are, and of them those that may mind who is where. */
    let count = 0;
    const minding = new Set<string>();
    return {
      change({ kind, previous, next }) {
        if (kind !== "Pod") return undefined;
        const pod = next as Stored<Pod> | undefined;
        if (!previous && pod) {
          count++;
          if (minds(pod)) minding.add(pod.metadata.uid);
        }
        if (previous && !pod) {
          count--;
          minding.delete(previous.metadata.uid);
        }
        if (!previous || !pod || behind("scheduler")) return undefined;
        const name = pod.spec.nodeName;
        if (!name || (previous as Stored<Pod>).spec.nodeName) return undefined;
        const node = client().get("Node", undefined, name);
        const there = () =>
          client()
            .list("Pod", { fields: { "spec.nodeName": name } })
            .filter((other) => other.metadata.uid !== pod.metadata.uid && !isTerminal(other));
        const found =
          node &&
          (minding.size > 0 && count <= few
            ? misfit(pod, node, standingOf(client()))
            : (unsuited(pod, node) ??
              (hostPorts(pod.spec).length > 0 ? crowded(pod, node, there()) : undefined)));
        if (node && !found) return undefined;
        const message = `pod ${pod.metadata.name} was put on node ${name}, which ${found?.why ?? "is gone"}`;
        return { message, objects: [keyOf(pod), `Node/${name}`] };
      },
    };
  },
};
