import type { EndpointAddress, EndpointSubset, Pod, Service, ServicePort } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { isReady, isTerminal } from "../../model/pod.ts";
import { deepFreeze, equalStructure } from "../client/structure.ts";
import { parseAddress } from "../network/address.ts";
import { targetPort } from "../network/targets.ts";

type EndpointPort = NonNullable<EndpointSubset["ports"]>[number] & { readonly appProtocol?: string };

/** How many addresses an Endpoints object holds (`maxCapacity`); those that are not ready go first. */
export const MOST_ADDRESSES = 1000;

/** What one pod has to offer to a service. */
interface Offer {
  /** The pod's spec: a bound pod keeps it, and as long as it does, its address stays the same object. */
  readonly spec: Pod["spec"];
  readonly address: EndpointAddress;
  /** The address as a number, for the order. */
  readonly number: number;
  readonly ready: boolean;
  readonly ports: Ports;
}

interface Ports {
  /** In order of their names. */
  readonly list: readonly EndpointPort[];
  /** A text that is the same for the same ports. */
  readonly key: string;
}

/**
 * What the pods that one service selects offer to it: those that have an address and have not ended nor are being
 * deleted (`pkg/controller/endpoint`). Kept in order as pods change: what did not change is not looked into again.
 */
export class Offers {
  readonly #pods = new Map<string, Stored<Pod>>();
  /** Pods whose offers may be others than those that were made. */
  readonly #changed = new Set<string>();
  readonly #made = new Map<string, Offer>();
  /** What was made, by address. */
  readonly #ordered: Offer[] = [];
  #service: Stored<Service> | undefined;
  /** The ports of the pod that was looked at last: pods of one template share their containers. */
  #last: { readonly spec: Pod["spec"]; readonly ports: Ports } | undefined;

  /** Takes in a pod as it is now; gives whether what it offers may be another than before. */
  put(pod: Stored<Pod>): boolean {
    const { uid } = pod.metadata;
    this.#pods.set(uid, pod);
    const concerned = this.#made.has(uid) || offersTo(this.#service, pod);
    if (concerned) this.#changed.add(uid);
    return concerned;
  }

  /** As `put`, of one that is gone or not selected any more. */
  remove(uid: string): boolean {
    this.#pods.delete(uid);
    const concerned = this.#made.has(uid);
    if (concerned) this.#changed.add(uid);
    else this.#changed.delete(uid);
    return concerned;
  }

  /** These pods and no others. */
  keep(pods: readonly Stored<Pod>[]): void {
    for (const uid of [...this.#pods.keys()]) this.remove(uid);
    for (const pod of pods) this.put(pod);
  }

  /** What is offered to the service as it is now, in order of address. */
  of(service: Stored<Service>): readonly Offer[] {
    if (service !== this.#service) {
      this.#service = service;
      this.#last = undefined;
      for (const uid of this.#pods.keys()) this.#changed.add(uid);
    }
    for (const uid of this.#changed) this.#renew(service, uid);
    this.#changed.clear();
    return this.#ordered;
  }

  #renew(service: Stored<Service>, uid: string): void {
    const before = this.#made.get(uid);
    const pod = this.#pods.get(uid);
    const after = pod && this.#make(service, pod, before);
    if (before) this.#ordered.splice(placeOf(this.#ordered, before), 1);
    if (after) this.#ordered.splice(placeOf(this.#ordered, after), 0, after);
    if (after) this.#made.set(uid, after);
    else this.#made.delete(uid);
  }

  #make(service: Stored<Service>, pod: Stored<Pod>, before: Offer | undefined): Offer | undefined {
    if (!offersTo(service, pod)) return undefined;
    const ip = pod.status!.podIP!;
    const ports = this.#portsOf(service, pod);
    // A headless service may have no ports; one whose ports this pod lacks does not lead to it.
    if (ports.list.length === 0 && service.spec.ports?.length) return undefined;
    const same =
      before?.spec === pod.spec &&
      before.address.ip === ip &&
      hostnameIn(before.address) === hostnameOf(service, pod);
    return {
      spec: pod.spec,
      address: same ? before.address : addressOf(service, pod, ip),
      number: same ? before.number : (parseAddress(ip) ?? 0),
      ready: service.spec.publishNotReadyAddresses === true || isReady(pod),
      ports,
    };
  }

  #portsOf(service: Service, pod: Stored<Pod>): Ports {
    const { containers, initContainers } = pod.spec;
    const last = this.#last;
    if (last?.spec.containers === containers && last.spec.initContainers === initContainers)
      return last.ports;
    const list = (service.spec.ports ?? []).flatMap((port) => endpointPort(pod, port) ?? []).sort(byPortName);
    const ports = { list: deepFreeze(list), key: JSON.stringify(list) };
    this.#last = { spec: pod.spec, ports };
    return ports;
  }
}

/** Whether a pod has anything to offer, whatever its ports: an address, and a life ahead of it. */
function offersTo(service: Service | undefined, pod: Stored<Pod>): boolean {
  if (!pod.status?.podIP || isTerminal(pod)) return false;
  return pod.metadata.deletionTimestamp === undefined || service?.spec.publishNotReadyAddresses === true;
}

/** Where an offer stands in a list in order, or would stand. */
function placeOf(offers: readonly Offer[], offer: Offer): number {
  let low = 0;
  let high = offers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byAddress(offers[middle]!, offer) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The subsets of endpoints over what pods offer, in order of address (`RepackSubsets`): ports by name are resolved for
 * each pod, so that there are several subsets where the numbers differ. Sorted, so that the same offers give the same
 * subsets. What is the same as in `before` is the very same, and all is frozen: of many addresses few change, and
 * what is frozen is not gone through again by whoever writes it.
 */
export function endpointSubsets(
  offers: readonly Offer[],
  before: readonly EndpointSubset[] = [],
): { readonly subsets: readonly EndpointSubset[]; readonly truncated: boolean } {
  const truncated = offers.length > MOST_ADDRESSES;
  const kept = truncated
    ? [...offers.filter(({ ready }) => ready), ...offers.filter(({ ready }) => !ready)]
        .slice(0, MOST_ADDRESSES)
        .sort(byAddress)
    : offers;
  const subsets = repack(kept, before);
  const same = subsets.length === before.length && subsets.every((subset, index) => subset === before[index]);
  return { subsets: same ? before : Object.freeze(subsets), truncated };
}

function addressOf(service: Service, pod: Stored<Pod>, ip: string): EndpointAddress {
  const { namespace, name, uid } = pod.metadata;
  const { nodeName } = pod.spec;
  const targetRef = Object.freeze({ kind: "Pod", namespace: namespace!, name, uid });
  const address = nodeName === undefined ? { ip, targetRef } : { ip, nodeName, targetRef };
  const hostname = hostnameOf(service, pod);
  return Object.freeze(hostname === undefined ? address : { ...address, hostname });
}

const hostnameIn = (address: EndpointAddress) => (address as { readonly hostname?: string }).hostname;

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
function repack(offers: readonly Offer[], before: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const [first] = offers;
  if (!first) return [];
  if (offers.every(({ ports }) => ports === first.ports || ports.key === first.ports.key))
    return [subsetOf(first.ports.list, offers, before[0])];
  const byPort = new Map<string, { readonly port: EndpointPort | undefined; readonly offers: Offer[] }>();
  for (const offer of offers) {
    const { list } = offer.ports;
    for (const port of list.length > 0 ? list : [undefined]) {
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
  return [...byAddresses.values()]
    .map(({ ports, offers }) => ({ ports: ports.sort(byPortName), offers }))
    .sort((left, right) => compare(JSON.stringify(left.ports), JSON.stringify(right.ports)))
    .map(({ ports, offers }, index) => subsetOf(ports, offers, before[index]));
}

function subsetOf(
  ports: readonly EndpointPort[],
  offers: readonly Offer[],
  before: EndpointSubset | undefined,
): EndpointSubset {
  const ready: EndpointAddress[] = [];
  const notReady: EndpointAddress[] = [];
  for (const offer of offers) (offer.ready ? ready : notReady).push(offer.address);
  const subset: { -readonly [Field in keyof EndpointSubset]: EndpointSubset[Field] } = {};
  if (ready.length > 0) subset.addresses = shared(before?.addresses, ready);
  if (notReady.length > 0) subset.notReadyAddresses = shared(before?.notReadyAddresses, notReady);
  if (ports.length > 0) subset.ports = shared(before?.ports, ports);
  const same =
    subset.addresses === before?.addresses &&
    subset.notReadyAddresses === before?.notReadyAddresses &&
    subset.ports === before?.ports;
  return before && same ? before : Object.freeze(subset);
}

function shared<T>(before: readonly T[] | undefined, list: readonly T[]): readonly T[] {
  return before && equalStructure(before, list) ? before : Object.freeze(list);
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

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
