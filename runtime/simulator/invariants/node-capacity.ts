import type { Node, Pod } from "../../../model/core.ts";
import { keyOf, type Stored } from "../../../model/meta.ts";
import { isTerminal, podRequests } from "../../../model/pod.ts";
import { resourceAmount } from "../../../model/quantity.ts";
import type { Invariant, Violation } from "./invariant.ts";

/** A pod counts from its binding until it has ended or is gone; each binding has to leave room for itself. */
export const nodeCapacity: Invariant = {
  name: "no node holds more than it has",
  watch({ client }) {
    const used = new Map<string, Map<string, number>>();
    const add = (pod: Stored<Pod> | undefined, sign: 1 | -1) => {
      const name = pod?.spec.nodeName;
      if (!pod || !name || isTerminal(pod)) return;
      const sums = used.get(name) ?? new Map<string, number>();
      used.set(name, sums);
      const requests = podRequests(pod.spec);
      for (const resource in requests)
        sums.set(resource, (sums.get(resource) ?? 0) + sign * requests[resource]!);
      sums.set("pods", (sums.get("pods") ?? 0) + sign);
    };
    return {
      change({ kind, previous, next }) {
        if (kind !== "Pod") return undefined;
        const before = previous as Stored<Pod> | undefined;
        const after = next as Stored<Pod> | undefined;
        const bound = before?.spec.nodeName !== after?.spec.nodeName;
        if (before && after && !bound && isTerminal(before) === isTerminal(after)) return undefined;
        add(before, -1);
        add(after, 1);
        const name = bound ? after?.spec.nodeName : undefined;
        const node = name === undefined ? undefined : client().get("Node", undefined, name);
        return after && node && overfull(node, after, used.get(node.metadata.name));
      },
    };
  },
};

function overfull(
  node: Stored<Node>,
  pod: Stored<Pod>,
  sums: ReadonlyMap<string, number> | undefined,
): Violation | undefined {
  for (const [resource, amount] of sums ?? []) {
    const quantity = node.status?.allocatable?.[resource];
    if (quantity === undefined) continue;
    const has = resourceAmount(resource, quantity);
    if (amount <= has) continue;
    const message = `pod ${pod.metadata.name} was put on node ${node.metadata.name}, whose pods ask for ${amount} ${resource} now, of ${has}`;
    return { message, objects: [keyOf(node), keyOf(pod)] };
  }
  return undefined;
}
