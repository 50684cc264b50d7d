import type { Profile } from "./framework.ts";
import { balancedAllocation } from "./plugins/balanced-allocation.ts";
import { interPodAffinityFilter, interPodAffinityScore } from "./plugins/inter-pod-affinity.ts";
import { nodeAffinityFilter, nodeAffinityScore } from "./plugins/node-affinity.ts";
import { nodeName } from "./plugins/node-name.ts";
import { nodePorts } from "./plugins/node-ports.ts";
import { leastAllocated, mostAllocated, nodeResourcesFit } from "./plugins/node-resources-fit.ts";
import { nodeUnschedulable } from "./plugins/node-unschedulable.ts";
import {
  ownTopologySpreadScore,
  podTopologySpreadFilter,
  podTopologySpreadScore,
} from "./plugins/pod-topology-spread.ts";
import { taintTolerationFilter, taintTolerationScore } from "./plugins/taint-toleration.ts";
import { volumeRestrictions } from "./plugins/volume-restrictions.ts";

/** Kubernetes' default plugins, in its order and with its weights, as far as there is here what they are about. */
export const defaultProfile: Profile = {
  filters: [
    nodeUnschedulable,
    nodeName,
    taintTolerationFilter,
    nodeAffinityFilter,
    nodePorts,
    nodeResourcesFit,
    volumeRestrictions,
    podTopologySpreadFilter,
    interPodAffinityFilter,
  ],
  scores: [
    { plugin: taintTolerationScore, weight: 3 },
    { plugin: nodeAffinityScore, weight: 2 },
    { plugin: leastAllocated, weight: 1 },
    { plugin: podTopologySpreadScore, weight: 2 },
    { plugin: interPodAffinityScore, weight: 2 },
    { plugin: balancedAllocation, weight: 1 },
  ],
};

/**
 * Fills nodes one after the other (Kubernetes' `MostAllocated`). What spreads pods for its own sake is left out, for it
 * would outweigh that; what a pod itself asks for stays.
 */
export const packingProfile: Profile = {
  filters: defaultProfile.filters,
  scores: [
    { plugin: taintTolerationScore, weight: 3 },
    { plugin: nodeAffinityScore, weight: 2 },
    { plugin: mostAllocated, weight: 1 },
    { plugin: ownTopologySpreadScore, weight: 2 },
    { plugin: interPodAffinityScore, weight: 2 },
  ],
};
