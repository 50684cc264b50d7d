import type { Random } from "../../base/random.ts";
import type { Service, ServicePort, ServiceSpec } from "../../model/core.ts";
import type { ApiError } from "../client/client.ts";
import type { NetworkPlan } from "../environment.ts";
import { type AddressPool, createNodePorts, createServiceAddresses, type Pool } from "../network/pool.ts";
import type { Allocation, Allocator } from "./context.ts";
import { internalError, invalid } from "./errors.ts";
import {
  isHeadless,
  mayHaveNodePorts,
  needsClusterIP,
  needsHealthPort,
  needsNodePorts,
  portsOf,
} from "./service.ts";

interface Pools {
  readonly network: NetworkPlan;
  readonly addresses: AddressPool;
  readonly nodePorts: Pool;
  /** The last address of services that are gone, by namespace and name. */
  readonly former: Map<string, string>;
}

const formerKept = 1024;

/** What a service has of the pools. */
interface Held {
  readonly address: string | undefined;
  readonly ports: ReadonlySet<number>;
}

/**
 * Cluster addresses and node ports: each is one service's at a time, from the write that takes it to the one that
 * gives it up (`pkg/registry/core/service/storage/alloc.go`). A service that is made anew under the name of one that is
 * gone has its address again while nobody else took it: pods find services by addresses that they were started with,
 * where those of Kubernetes would ask a name server.
 */
export function createServiceAllocator(network: NetworkPlan, random: Random): Allocator {
  const addresses = createServiceAddresses(network, random.fork("addresses"));
  const nodePorts = createNodePorts(network, random.fork("nodePorts"));
  const former = new Map<string, string>();
  const free = (before: Held, after: Held) => {
    if (before.address && before.address !== after.address) addresses.release(before.address);
    for (const port of before.ports) if (!after.ports.has(port)) nodePorts.release(port);
  };
  return {
    allocate: (previous, next): Allocation => {
      const before = heldBy(previous as Service | undefined);
      const taking = new Taking({ network, addresses, nodePorts, former }, next as Service, before);
      try {
        const service = taking.allocate();
        return { object: service, undo: () => taking.undo(), commit: () => free(before, heldBy(service)) };
      } catch (error) {
        taking.undo();
        throw error;
      }
    },
    release: (object) => {
      const held = heldBy(object as Service);
      free(held, heldBy(undefined));
      if (held.address) remember(former, keyOf(object as Service), held.address);
    },
    restore: (object) => {
      const { address, ports } = heldBy(object as Service);
      if (address) addresses.claim(address);
      for (const port of ports) nodePorts.claim(port);
    },
  };
}

const keyOf = ({ metadata }: Service) => `${metadata.namespace}/${metadata.name}`;

function remember(former: Map<string, string>, key: string, address: string): void {
  former.delete(key);
  former.set(key, address);
  if (former.size <= formerKept) return;
  const [oldest] = former.keys();
  if (oldest !== undefined) former.delete(oldest);
}

function heldBy(service: Service | undefined): Held {
  if (!service) return { address: undefined, ports: new Set() };
  const { spec } = service;
  return {
    address: needsClusterIP(spec) && !isHeadless(spec) ? spec.clusterIP : undefined,
    ports: new Set([
      ...(mayHaveNodePorts(spec) ? portsOf(spec).flatMap(({ nodePort }) => nodePort || []) : []),
      ...(needsHealthPort(spec) && spec.healthCheckNodePort ? [spec.healthCheckNodePort] : []),
    ]),
  };
}

/** One write of a service: what it takes, so that it can be undone. */
class Taking {
  readonly #pools: Pools;
  readonly #service: Service;
  readonly #before: Held;
  /** Node ports that are the service's: it had them, or has just taken them. */
  readonly #own: Set<number>;
  readonly #takenPorts: number[] = [];
  #takenAddress: string | undefined;

  constructor(pools: Pools, service: Service, before: Held) {
    this.#pools = pools;
    this.#service = service;
    this.#before = before;
    this.#own = new Set(before.ports);
  }

  allocate(): Service {
    let { spec } = this.#service;
    if (needsClusterIP(spec)) this.#checkFamilies(spec);
    if (needsClusterIP(spec)) spec = withAddress(spec, isHeadless(spec) ? "None" : this.#address(spec));
    if (needsNodePorts(spec)) spec = { ...spec, ports: this.#ports(portsOf(spec)) };
    // A balancer without ports of its own may still name some.
    else if (mayHaveNodePorts(spec)) this.#ports(portsOf(spec).filter(({ nodePort }) => nodePort));
    if (needsHealthPort(spec)) spec = { ...spec, healthCheckNodePort: this.#healthPort(spec) };
    return { ...this.#service, spec };
  }

  #healthPort({ healthCheckNodePort: asked }: ServiceSpec): number {
    if (!asked) return this.#takePort();
    this.#claimPort(asked, "spec.healthCheckNodePort");
    return asked;
  }

  undo(): void {
    if (this.#takenAddress !== undefined) this.#pools.addresses.release(this.#takenAddress);
    for (const port of this.#takenPorts) this.#pools.nodePorts.release(port);
  }

  /** Addresses are IPv4 and nothing else (`alloc.go`). */
  #checkFamilies({ ipFamilies, ipFamilyPolicy }: ServiceSpec): void {
    const six = ipFamilies?.indexOf("IPv6") ?? -1;
    if (six >= 0) throw this.#refused(`spec.ipFamilies[${six}]`, "IPv6", "not configured on this cluster");
    if (ipFamilyPolicy === "RequireDualStack")
      throw this.#refused(
        "spec.ipFamilyPolicy",
        ipFamilyPolicy,
        "this cluster is not configured for dual-stack services",
      );
  }

  #address({ clusterIP, clusterIPs }: ServiceSpec): string {
    const { addresses, network } = this.#pools;
    if (clusterIP && clusterIP === this.#before.address) return clusterIP;
    if (clusterIP) {
      const outcome = addresses.claim(clusterIP);
      if (outcome !== "claimed") {
        const why =
          outcome === "taken"
            ? "provided IP is already allocated"
            : `the provided IP (${clusterIP}) is not in the valid range. The range of valid IPs is ${network.serviceCIDR}`;
        const message = `failed to allocate IP ${clusterIP}: ${why}`;
        throw this.#refused("spec.clusterIPs", clusterIPs ?? [clusterIP], message);
      }
    }
    const address = clusterIP || this.#former() || addresses.take();
    if (address === undefined) throw internalError("failed to allocate a serviceIP: range is full");
    this.#takenAddress = address;
    return address;
  }

  #former(): string | undefined {
    const { addresses, former } = this.#pools;
    const address = former.get(keyOf(this.#service));
    return address !== undefined && addresses.claim(address) === "claimed" ? address : undefined;
  }

  /** Ports of one number share a node port across protocols, as far as they do not ask for another. */
  #ports(given: readonly ServicePort[]): readonly ServicePort[] {
    const byPort = new Map<number, number>();
    // What is asked for by number comes first, so that no free choice takes it.
    for (const [index, { port, nodePort }] of given.entries()) {
      if (!nodePort) continue;
      this.#claimPort(nodePort, `spec.ports[${index}].nodePort`);
      if (!byPort.has(port)) byPort.set(port, nodePort);
    }
    return given.map((port) => {
      const nodePort = port.nodePort || (byPort.get(port.port) ?? this.#takePort());
      if (!byPort.has(port.port)) byPort.set(port.port, nodePort);
      return { ...port, nodePort };
    });
  }

  #claimPort(nodePort: number, field: string): void {
    if (this.#own.has(nodePort)) return;
    const { first, last } = this.#pools.network.nodePorts;
    const outcome = this.#pools.nodePorts.claim(nodePort);
    if (outcome === "claimed") {
      this.#keepPort(nodePort);
      return;
    }
    const why =
      outcome === "taken"
        ? "provided port is already allocated"
        : `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    throw this.#refused(field, nodePort, why);
  }

  #takePort(): number {
    const found = this.#pools.nodePorts.take();
    if (found === undefined) throw internalError("failed to allocate a nodePort: range is full");
    this.#keepPort(found);
    return found;
  }

  #keepPort(port: number): void {
    this.#own.add(port);
    this.#takenPorts.push(port);
  }

  #refused(field: string, value: unknown, why: string): ApiError {
    const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
    return invalid("Service", this.#service.metadata.name, [{ reason: "FieldValueInvalid", field, message }]);
  }
}

function withAddress(spec: ServiceSpec, clusterIP: string): ServiceSpec {
  return {
    ...spec,
    clusterIP,
    clusterIPs: [clusterIP],
    ipFamilies: spec.ipFamilies ?? ["IPv4"],
    ipFamilyPolicy: spec.ipFamilyPolicy ?? "SingleStack",
  };
}
