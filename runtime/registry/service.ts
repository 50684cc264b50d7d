import type { Service, ServicePort, ServiceSpec } from "../../model/core.ts";
import { isRecord } from "./context.ts";

export const needsClusterIP = (spec: ServiceSpec) => spec.type !== "ExternalName";

export const needsNodePorts = (spec: ServiceSpec) =>
  spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);

/** Whether nodes may have ports for it, allocated or asked for. */
export const mayHaveNodePorts = (spec: ServiceSpec) =>
  spec.type === "NodePort" || spec.type === "LoadBalancer";

/** Whether a balancer asks nodes which of them have pods of it, at a port of its own. */
export const needsHealthPort = (spec: ServiceSpec) =>
  spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";

export const isHeadless = (spec: ServiceSpec) => spec.clusterIP === "None";

export const portsOf = (spec: ServiceSpec): readonly ServicePort[] =>
  Array.isArray(spec.ports) ? spec.ports : [];

/**
 * What an update leaves out and the server had given stays; what the new type has no use for goes, unless the update
 * changed it (`patchAllocatedValues` and `dropTypeDependentFields` of Kubernetes' service strategy). Not validated yet.
 */
export function prepareServiceUpdate(previous: Service, next: Service): Service {
  if (!isRecord(next.spec) || (next.spec.ports !== undefined && !Array.isArray(next.spec.ports))) return next;
  let spec: ServiceSpec = next.spec as ServiceSpec;
  const before = previous.spec;
  if (needsClusterIP(before) && needsClusterIP(spec)) {
    if (!spec.clusterIP && before.clusterIP) spec = withAddress(spec, before.clusterIP);
    else if (spec.clusterIP === before.clusterIP && !spec.clusterIPs && before.clusterIPs)
      spec = { ...spec, clusterIPs: before.clusterIPs };
  } else if (needsClusterIP(before) && spec.clusterIP === before.clusterIP) {
    const { clusterIP: _address, clusterIPs: _addresses, ipFamilies: _families, ...rest } = spec;
    const { ipFamilyPolicy: _policy, internalTrafficPolicy: _traffic, ...kept } = rest;
    spec = kept;
  }
  spec = withHealthPort(before, spec);
  if (mayHaveNodePorts(before) && mayHaveNodePorts(spec)) spec = keepNodePorts(before, spec);
  else if (mayHaveNodePorts(before)) spec = dropNodePorts(before, spec);
  return spec === next.spec ? next : { ...next, spec };
}

function withAddress(spec: ServiceSpec, address: string): ServiceSpec {
  return { ...spec, clusterIP: address, clusterIPs: [address] };
}

/** It stays as long as it is needed; what the update leaves of it when it is not, goes. */
function withHealthPort(before: ServiceSpec, spec: ServiceSpec): ServiceSpec {
  const { healthCheckNodePort: had } = before;
  if (!had) return spec;
  if (needsHealthPort(spec)) return spec.healthCheckNodePort ? spec : { ...spec, healthCheckNodePort: had };
  if (spec.healthCheckNodePort !== had) return spec;
  const { healthCheckNodePort: _, ...rest } = spec;
  return rest;
}

/** A port that names none keeps the node port of the port before with the same protocol and number. */
function keepNodePorts(before: ServiceSpec, spec: ServiceSpec): ServiceSpec {
  const used = new Set(portsOf(spec).map((port) => port?.nodePort));
  const old = new Map(portsOf(before).map((port) => [`${port.protocol}/${port.port}`, port.nodePort]));
  let changed = false;
  const ports = portsOf(spec).map((port) => {
    if (!isRecord(port) || port.nodePort) return port;
    const nodePort = old.get(`${port.protocol ?? "TCP"}/${port.port}`);
    if (!nodePort || used.has(nodePort)) return port;
    used.add(nodePort);
    changed = true;
    return { ...port, nodePort };
  });
  return changed ? { ...spec, ports } : spec;
}

/** Leaving NodePort and LoadBalancer drops the node ports, unless the update changed one of them. */
function dropNodePorts(before: ServiceSpec, spec: ServiceSpec): ServiceSpec {
  const old = portsOf(before).map((port) => port.nodePort);
  const asked = portsOf(spec).filter((port) => isRecord(port) && port.nodePort !== undefined);
  if (asked.length === 0 || asked.some((port) => !old.includes(port.nodePort))) return spec;
  const ports = portsOf(spec).map((port) => {
    if (!isRecord(port)) return port;
    const { nodePort: _nodePort, ...rest } = port;
    return rest;
  });
  const { externalTrafficPolicy: policy, ...rest } = { ...spec, ports };
  return spec.externalIPs?.length && policy !== undefined ? { ...rest, externalTrafficPolicy: policy } : rest;
}
