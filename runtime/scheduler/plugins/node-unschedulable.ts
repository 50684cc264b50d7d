import { toleratesAny } from "../../../model/placement.ts";
import type { FilterPlugin } from "../framework.ts";

/** A cordoned node takes only pods that tolerate `node.kubernetes.io/unschedulable:NoSchedule`. */
export const nodeUnschedulable: FilterPlugin = {
  name: "NodeUnschedulable",
  filter({ pod }, { node }) {
    if (!node.spec.unschedulable) return undefined;
    const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;
    if (toleratesAny(pod.spec.tolerations, taint)) return undefined;
    return { reasons: ["node(s) were unschedulable"], unresolvable: true };
  },
};
