import type { Random } from "../../base/random.ts";
import type { Service, ServicePort, ServiceSpec } from "../../model/core.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import type { NetworkPlan } from "../environment.ts";
import { createNodePorts, createServiceAddresses } from "../network/pool.ts";
import type { Allocation, Allocator } from "./context.ts";
import { isRecord } from "./context.ts";
import { internalError, invalid } from "./errors.ts";

export const needsClusterIP = (spec: ServiceSpec) => spec.type !== "ExternalName";

export const needsNodePorts = (spec: ServiceSpec) =>
  spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);

/** Whether nodes may have ports for it, allocated or asked for. */
const mayHaveNodePorts = (spec: ServiceSpec) => spec.type === "NodePort" || spec.type === "LoadBalancer";

const headless = (spec: ServiceSpec) => spec.clusterIP === "None";

const portsOf = (spec: ServiceSpec): readonly ServicePort[] => (Array.isArray(spec.ports) ? spec.ports : []);

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
  if (mayHaveNodePorts(before) && mayHaveNodePorts(spec)) spec = keepNodePorts(before, spec);
  else if (mayHaveNodePorts(before)) spec = dropNodePorts(before, spec);
  return spec === next.spec ? next : { ...next, spec };
}

function withAddress(spec: ServiceSpec, address: string): ServiceSpec {
  return { ...spec, clusterIP: address, clusterIPs: [address] };
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
    const { nodePort: _nodePort, ...rest } = port;
    return rest;
  });
  const { externalTrafficPolicy: policy, ...rest } = { ...spec, ports };
  return spec.externalIPs?.length && policy !== undefined ? { ...rest, externalTrafficPolicy: policy } : rest;
}

/** Cluster addresses and node ports: each is one service's at a time. */
export function createServiceAllocator(network: NetworkPlan, random: Random): Allocator {
  const addresses = createServiceAddresses(network, random.fork("addresses"));
  const nodePorts = createNodePorts(network, random.fork("nodePorts"));
  const range = `${network.nodePorts.first}-${network.nodePorts.last}`;

  /** The address of a service that needs one, taken or found to be its own already. */
  const address = (old: string | undefined, service: Service, taken: string[]): string => {
    const { clusterIP, clusterIPs } = service.spec;
    if (!clusterIP) {
      const found = addresses.take();
      if (found === undefined) throw internalError("failed to allocate a serviceIP: range is full");
      taken.push(found);
      return found;
    }
    if (clusterIP === old) return clusterIP;
    const outcome = addresses.claim(clusterIP);
    if (outcome === "claimed") {
      taken.push(clusterIP);
      return clusterIP;
    }
    const why =
      outcome === "taken"
        ? "provided IP is already allocated"
        : `the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is ${network.serviceCIDR}`;
    throw invalid("Service", service.metadata.name, [
      {
        reason: "FieldValueInvalid",
        field: "spec.clusterIPs",
        message: `Invalid value: ${JSON.stringify(clusterIPs ?? [clusterIP])}: failed to allocate IP ${clusterIP}: ${why}`,
      },
    ]);
  };

  /** Ports of one number share a node port across protocols, as far as they do not ask for another. */
  const ports = (old: ReadonlySet<number>, service: Service, taken: number[]): readonly ServicePort[] => {
    const own = new Set(old);
    const byPort = new Map<number, number>();
    const claim = (nodePort: number, index: number) => {
      if (own.has(nodePort)) return nodePort;
      const outcome = nodePorts.claim(nodePort);
      if (outcome === "claimed") {
        own.add(nodePort);
        taken.push(nodePort);
        return nodePort;
      }
      const why =
        outcome === "taken"
          ? "provided port is already allocated"
          : `provided port is not in the valid range. The range of valid ports is ${range}`;
      throw invalid("Service", service.metadata.name, [
        {
          reason: "FieldValueInvalid",
          field: `spec.ports[${index}].nodePort`,
          message: `Invalid value: ${nodePort}: ${why}`,
        },
      ]);
    };
    const take = () => {
      const found = nodePorts.take();
      if (found === undefined) throw internalError("failed to allocate a nodePort: range is full");
      own.add(found);
      taken.push(found);
      return found;
    };
    const given = portsOf(service.spec);
    // What is asked for by number comes first, so that no free choice takes it.
    for (const [index, port] of given.entries()) {
      if (port.nodePort) byPort.set(port.port, byPort.get(port.port) ?? claim(port.nodePort, index));
    }
    return given.map((port, index) => {
      if (port.nodePort) return { ...port, nodePort: claim(port.nodePort, index) };
      const nodePort = byPort.get(port.port) ?? take();
      byPort.set(port.port, nodePort);
      return { ...port, nodePort };
    });
  };

  const held = (service: Service | undefined) => ({
    address:
      service && needsClusterIP(service.spec) && !headless(service.spec) ? service.spec.clusterIP : undefined,
    ports: new Set(
      service && mayHaveNodePorts(service.spec)
        ? portsOf(service.spec).flatMap((port) => port.nodePort || [])
        : [],
    ),
  });

  const free = (before: ReturnType<typeof held>, after: ReturnType<typeof held>) => {
    if (before.address && before.address !== after.address) addresses.release(before.address);
    for (const port of before.ports) if (!after.ports.has(port)) nodePorts.release(port);
  };

  return {
    allocate: (previous, next): Allocation => {
      const before = held(previous as Service | undefined);
      const takenAddresses: string[] = [];
      const takenPorts: number[] = [];
      const undo = () => {
        for (const each of takenAddresses) addresses.release(each);
        for (const each of takenPorts) nodePorts.release(each);
      };
      try {
        let service = next as Service;
        if (needsClusterIP(service.spec)) {
          const clusterIP = headless(service.spec)
            ? "None"
            : address(before.address, service, takenAddresses);
          service = { ...service, spec: withFamilies(service.spec, clusterIP) };
        }
        const asks = portsOf(service.spec).some((port) => port.nodePort);
        if (needsNodePorts(service.spec))
          service = {
            ...service,
            spec: { ...service.spec, ports: ports(before.ports, service, takenPorts) },
          };
        else if (asks && mayHaveNodePorts(service.spec)) claimAsked(service);
        const after = held(service);
        return { object: service as KubernetesObject, undo, commit: () => free(before, after) };
      } catch (error) {
        undo();
        throw error;
      }

      /** A balancer without ports of its own may still name some. */
      function claimAsked(service: Service): void {
        const named = portsOf(service.spec).filter((port) => port.nodePort);
        ports(before.ports, { ...service, spec: { ...service.spec, ports: named } }, takenPorts);
      }
    },
    release: (object) => free(held(object as Service), held(undefined)),
    restore: (object) => {
      const own = held(object as Service);
      if (own.address) addresses.claim(own.address);
      for (const port of own.ports) nodePorts.claim(port);
    },
  };
}

function withFamilies(spec: ServiceSpec, clusterIP: string): ServiceSpec {
  return {
    ...spec,
    clusterIP,
    clusterIPs: [clusterIP],
    ipFamilies: spec.ipFamilies ?? ["IPv4"],
    ipFamilyPolicy: spec.ipFamilyPolicy ?? "SingleStack",
  };
}
