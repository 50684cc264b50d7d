import type { Profile } from "./framework.ts";
import { balancedAllocation } from "./plugins/balancedAllocation.ts";
import { nodeAffinityFilter, nodeAffinityScore } from "./plugins/nodeAffinity.ts";
import { nodeName } from "./plugins/nodeName.ts";
import { nodePorts } from "./plugins/nodePorts.ts";
import { leastAllocated, nodeResourcesFit } from "./plugins/nodeResourcesFit.ts";
import { nodeUnschedulable } from "./plugins/nodeUnschedulable.ts";
import { podTopologySpread } from "./plugins/podTopologySpread.ts";
import { taintTolerationFilter, taintTolerationScore } from "./plugins/taintToleration.ts";

/** Kubernetes' default plugins, in its order and with its weights, as far as their rules are served here. */
export const defaultProfile: Profile = {
  filters: [
    nodeUnschedulable,
    nodeName,
    taintTolerationFilter,
    nodeAffinityFilter,
    nodePorts,
    nodeResourcesFit,
  ],
  scores: [
    { plugin: taintTolerationScore, weight: 3 },
    { plugin: nodeAffinityScore, weight: 2 },
    { plugin: leastAllocated, weight: 1 },
    { plugin: podTopologySpread, weight: 2 },
    { plugin: balancedAllocation, weight: 1 },
  ],
};
