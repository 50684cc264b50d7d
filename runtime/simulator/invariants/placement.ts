import type { Node, Pod } from "../../../model/core.ts";
import { keyOf, type Stored } from "../../../model/meta.ts";
import { hostPorts, matchesNodeAffinity, portsConflict, toleratesAny } from "../../../model/placement.ts";
import { isTerminal } from "../../../model/pod.ts";
import type { Invariant } from "./invariant.ts";

const cordon = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

/** What holds of a node and a pod alone, whoever else is there; what is asked of others has no place here. */
export const placement: Invariant = {
  name: "a pod is put only on a node that takes it",
  watch: ({ client, behind }) => ({
    change({ kind, previous, next }) {
      if (kind !== "Pod" || !previous || !next || behind("scheduler")) return undefined;
      const pod = next as Stored<Pod>;
      const name = pod.spec.nodeName;
      if (!name || (previous as Stored<Pod>).spec.nodeName) return undefined;
      const node = client().get("Node", undefined, name);
      const why = node
        ? whyNot(pod, node, () => client().list("Pod", { fields: { "spec.nodeName": name } }))
        : "is gone";
      if (why === undefined) return undefined;
      const message = `pod ${pod.metadata.name} was put on node ${name}, which ${why}`;
      return { message, objects: [keyOf(pod), `Node/${name}`] };
    },
  }),
};

function whyNot(
  { metadata, spec }: Stored<Pod>,
  node: Stored<Node>,
  podsThere: () => readonly Stored<Pod>[],
): string | undefined {
  if (node.spec.unschedulable && !toleratesAny(spec.tolerations, cordon)) return "takes no more pods";
  const taint = node.spec.taints?.find(
    (each) => each.effect !== "PreferNoSchedule" && !toleratesAny(spec.tolerations, each),
  );
  if (taint) return `has the taint ${taint.key}:${taint.effect}`;
  if (!matchesNodeAffinity(spec, node)) return "it does not select";
  const ports = hostPorts(spec);
  if (ports.length === 0) return undefined;
  const taken = podsThere()
    .filter((other) => other.metadata.uid !== metadata.uid && !isTerminal(other))
    .flatMap((other) => hostPorts(other.spec));
  const port = ports.find((each) => taken.some((other) => portsConflict(each, other)));
  return port && `has given its port ${port.port} away`;
}
