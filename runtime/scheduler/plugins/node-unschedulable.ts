import { toleratesAny } from "../../../model/placement.ts";
import type { FilterPlugin } from "../framework.ts";
import type { PodInfo } from "../snapshot.ts";

const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

/** A cordoned node takes only pods that tolerate `node.kubernetes.io/unschedulable:NoSchedule`. */
export const nodeUnschedulable: FilterPlugin = {
  name: "NodeUnschedulable",
  filter: (pod) =>
    tolerated(pod)
      ? undefined
      : ({ node }) =>
          node.spec.unschedulable
            ? { reasons: ["node(s) were unschedulable"], unresolvable: true }
            : undefined,
  index: { reads: "node", key: (pod) => (tolerated(pod) ? "" : "cordoned") },
};

const tolerated = ({ pod }: PodInfo) => toleratesAny(pod.spec.tolerations, taint);
