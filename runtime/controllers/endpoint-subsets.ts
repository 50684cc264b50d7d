import type { EndpointAddress, EndpointSubset, Pod, Service, ServicePort } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { isReady, isTerminal } from "../../model/pod.ts";
import { deepFreeze } from "../client/structure.ts";
import { parseAddress } from "../network/address.ts";
import { targetPort } from "../network/targets.ts";
import type { Member } from "./selection.ts";

type EndpointPort = NonNullable<EndpointSubset["ports"]>[number] & { readonly appProtocol?: string };

/** How many addresses an Endpoints object holds (`maxCapacity`); those that are not ready go first. */
export const MOST_ADDRESSES = 1000;

/** What one pod has to offer to a service. It is made once for each version of both. */
export interface Offer {
  readonly address: EndpointAddress;
  /** The address as a number, for the order. */
  readonly number: number;
  readonly ready: boolean;
  readonly ports: readonly EndpointPort[];
  /** A text that is the same for the same ports. */
  readonly portsKey: string;
}

/**
 * The subsets of a service's endpoints over the pods that it selects (`pkg/controller/endpoint`, `RepackSubsets`):
 * pods that have an address and have not ended nor are being deleted; ports by name resolved for each pod, so that
 * there are several subsets where the numbers differ. Sorted, so that the same pods give the same subsets.
 */
export function endpointSubsets(
  service: Stored<Service>,
  members: Iterable<Member>,
): { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean } {
  const found: Offer[] = [];
  for (const member of members) {
    if (member.offer?.service !== service) member.offer = { service, made: makeOffer(service, member.pod) };
    if (member.offer.made) found.push(member.offer.made);
  }
  found.sort(byAddress);
  const truncated = found.length > MOST_ADDRESSES;
  const kept = truncated
    ? [...found.filter(({ ready }) => ready), ...found.filter(({ ready }) => !ready)]
        .slice(0, MOST_ADDRESSES)
        .sort(byAddress)
    : found;
  return { subsets: repack(kept), truncated };
}

function makeOffer(service: Service, pod: Stored<Pod>): Offer | undefined {
  const publish = service.spec.publishNotReadyAddresses === true;
  const ip = pod.status?.podIP;
  if (!ip || isTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && !publish)) return undefined;
  const declared = service.spec.ports ?? [];
  const ports = declared.flatMap((port) => endpointPort(pod, port) ?? []);
  // A headless service may have no ports; one whose ports this pod lacks does not lead to it.
  if (ports.length === 0 && declared.length > 0) return undefined;
  return {
    address: addressOf(service, pod, ip),
    number: parseAddress(ip) ?? 0,
    ready: publish || isReady(pod),
    ports,
    portsKey: JSON.stringify(ports),
  };
}

/** A bound pod has its spec to itself and keeps it: as long as nothing else changes, so does its address. */
const addresses = new WeakMap<Pod["spec"], EndpointAddress>();

function addressOf(service: Service, pod: Stored<Pod>, ip: string): EndpointAddress {
  const { namespace, name, uid } = pod.metadata;
  const known = addresses.get(pod.spec);
  const hostname = hostnameOf(service, pod);
  if (
    known?.ip === ip &&
    known.targetRef?.uid === uid &&
    (known as { hostname?: string }).hostname === hostname
  )
    return known;
  const address: EndpointAddress = deepFreeze({
    ip,
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: { kind: "Pod", namespace: namespace!, name, uid },
    ...(hostname === undefined ? {} : { hostname }),
  });
  addresses.set(pod.spec, address);
  return address;
}

/** Pods of a headless service that is their subdomain can be named by themselves. */
function hostnameOf(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

function endpointPort(pod: Pod, port: ServicePort): EndpointPort | undefined {
  const number = targetPort(pod, port);
  if (number === undefined) return undefined;
  return {
    ...(port.name ? { name: port.name } : {}),
    port: number,
    protocol: port.protocol ?? "TCP",
    ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
  };
}

/** Ports that the very same addresses offer share a subset. */
function repack(offers: readonly Offer[]): readonly EndpointSubset[] {
  const [first] = offers;
  if (first && offers.every(({ portsKey }) => portsKey === first.portsKey))
    return [subsetOf({ ports: [...first.ports], offers })];
  const byPort = new Map<string, { readonly port: EndpointPort | undefined; readonly offers: Offer[] }>();
  for (const offer of offers) {
    for (const port of offer.ports.length > 0 ? offer.ports : [undefined]) {
      const key = JSON.stringify(port ?? null);
      const found = byPort.get(key);
      if (found) found.offers.push(offer);
      else byPort.set(key, { port, offers: [offer] });
    }
  }
  const byAddresses = new Map<
    string,
    { readonly ports: EndpointPort[]; readonly offers: readonly Offer[] }
  >();
  for (const { port, offers: same } of byPort.values()) {
    const key = JSON.stringify(same.map(({ address, ready }) => [address.ip, address.targetRef?.uid, ready]));
    const found = byAddresses.get(key);
    if (found && port) found.ports.push(port);
    else if (!found) byAddresses.set(key, { ports: port ? [port] : [], offers: same });
  }
  return [...byAddresses.values()].map(subsetOf).sort(bySubsetPorts);
}

function subsetOf({ ports, offers }: { ports: EndpointPort[]; offers: readonly Offer[] }): EndpointSubset {
  const ready = offers.filter((offer) => offer.ready).map(({ address }) => address);
  const notReady = offers.filter((offer) => !offer.ready).map(({ address }) => address);
  return {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ...(ports.length > 0 ? { ports: ports.sort(byPortName) } : {}),
  };
}

function byAddress(left: Offer, right: Offer): number {
  return (
    left.number - right.number ||
    compare(left.address.targetRef?.uid ?? "", right.address.targetRef?.uid ?? "")
  );
}

function byPortName(left: EndpointPort, right: EndpointPort): number {
  return compare(left.name ?? "", right.name ?? "") || left.port - right.port;
}

function bySubsetPorts(left: EndpointSubset, right: EndpointSubset): number {
  return compare(JSON.stringify(left.ports ?? []), JSON.stringify(right.ports ?? []));
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
