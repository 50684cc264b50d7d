import type { NodeSystemInfo, ResourceList } from "../../model/core.ts";
import type { ClusterSettings } from "../../model/plan.ts";
import type { Machine, NetworkPlan } from "../environment.ts";
import { kubernetesVersion } from "../kubelet/node.ts";
import { findBlock } from "../network/address.ts";

/** What a node has that does not say it: the same on every machine, since a run must not depend on where it is run. */
const capacity: ResourceList = { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi", pods: "110" };

const info: NodeSystemInfo = {
  architecture: "amd64",
  bootID: "00000000-0000-4000-8000-000000000000",
  containerRuntimeVersion: "simulated://1.0.0",
  kernelVersion: "6.1.0",
  kubeProxyVersion: kubernetesVersion,
  kubeletVersion: kubernetesVersion,
  machineID: "00000000000000000000000000000000",
  operatingSystem: "linux",
  osImage: "simulated",
  systemUUID: "00000000-0000-4000-8000-000000000000",
};

/** `pressure` is asked each time the node says how it is. */
export function simulatedMachine(pressure: NonNullable<Machine["pressure"]> = () => []): Machine {
  return { capacity, info, hostname: "simulated", pressure };
}

/**
 * The ranges that the file says, else such as have room for the largest clusters: 32,768 nodes of 254 pods. Addresses are
 * IPv4 here; nothing that a simulation says depends on it, so a range of others is taken for none.
 */
export function simulatedNetwork(settings: ClusterSettings = {}): NetworkPlan {
  return {
    nodeCIDR: "172.16.0.0/12",
    serviceCIDR: rangeOf(settings.serviceRange) ?? "10.96.0.0/12",
    podCIDR: rangeOf(settings.podRange) ?? "10.128.0.0/9",
    nodePorts: settings.nodePorts ?? { first: 30_000, last: 32_767 },
    openPort: (port) => port,
  };
}

const rangeOf = (cidr: string | undefined) => (cidr !== undefined && findBlock(cidr) ? cidr : undefined);
