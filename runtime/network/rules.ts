import type { EndpointSubset, Endpoints, Node, Pod, Service, ServicePort } from "../../model/core.ts";
import { keyOf, objectKey, type Stored } from "../../model/meta.ts";
import { isReady, isTerminal } from "../../model/pod.ts";
import { mapMatches } from "../../model/selector.ts";
import { equalStructure } from "../client/structure.ts";
import type { NetworkPlan, ProxyRule } from "../environment.ts";
import { isLoopback } from "./address.ts";
import { targetPort } from "./targets.ts";

type Backend = ProxyRule["backends"][number];
type EndpointPort = NonNullable<EndpointSubset["ports"]>[number];

/** What rules are made from, besides the service itself. */
export interface RuleSources {
  readonly endpoints: Endpoints | undefined;
  /** The addresses of all nodes. */
  readonly nodes: readonly NodeAddress[];
  readonly network: NetworkPlan;
  /** The pods of the service's namespace that are being deleted; asked only where no endpoint is ready. */
  readonly ending: () => readonly Pod[];
}

export interface NodeAddress {
  readonly name: string;
  readonly address: string;
}

/** Where node ports answer besides the nodes' own addresses. */
const LOCALHOST = "127.0.0.1";

/**
 * Where the services answer and with which backends: cluster addresses, node ports on every node's address and on
 * 127.0.0.1, external addresses that are this machine's. In order of service and port; of two rules for one address
 * and port the one of the older service stands.
 *
 * TCP only. Requests go to ready endpoints; where there are none, to those that are ready and being deleted
 * (`pkg/proxy/topology.go`). `externalTrafficPolicy: Local` keeps a node's port to that node's pods;
 * `internalTrafficPolicy` has no meaning here, as who connects is on no node.
 */
export function proxyRules(
  services: readonly Stored<Service>[],
  endpoints: readonly Endpoints[],
  nodes: readonly Node[],
  network: NetworkPlan,
  pods: readonly Pod[] = [],
): readonly ProxyRule[] {
  const byKey = new Map(endpoints.map((each) => [keyOf(each), each]));
  const addresses = nodeAddresses(nodes);
  return mergeRules(
    services.map((service) => {
      const { namespace, name } = service.metadata;
      return {
        service,
        rules: serviceRules(service, {
          endpoints: byKey.get(objectKey("Endpoints", namespace, name)),
          nodes: addresses,
          network,
          ending: () =>
            pods.filter(
              ({ metadata }) => metadata.namespace === namespace && metadata.deletionTimestamp !== undefined,
            ),
        }),
      };
    }),
  );
}

/** The addresses at which nodes can be reached, by name. */
export function nodeAddresses(nodes: readonly Node[]): readonly NodeAddress[] {
  return nodes.flatMap((node) => {
    const found = node.status?.addresses?.find(({ type }) => type === "InternalIP");
    return found ? [{ name: node.metadata.name, address: found.address }] : [];
  });
}

/** One table of all rules: of those that share an address and a port, the one of the older service. */
export function mergeRules(
  parts: readonly { readonly service: Stored<Service>; readonly rules: readonly ProxyRule[] }[],
): readonly ProxyRule[] {
  const owners = new Map<string, Stored<Service>>();
  for (const { service, rules } of parts) {
    for (const rule of rules) {
      const owner = owners.get(placeOf(rule));
      if (!owner || isOlder(service, owner)) owners.set(placeOf(rule), service);
    }
  }
  const seen = new Set<string>();
  return parts.flatMap(({ service, rules }) =>
    rules.filter((rule) => {
      const place = placeOf(rule);
      return owners.get(place) === service && !seen.has(place) && seen.add(place);
    }),
  );
}

/** Whether two rules say the same; their backends are no field of theirs, but made when they are read. */
export function equalRules(one: ProxyRule, other: ProxyRule): boolean {
  return one === other || (equalStructure(one, other) && equalStructure(one.backends, other.backends));
}

const placeOf = ({ address, port }: ProxyRule) => `${address}:${port}`;

function isOlder(left: Stored<Service>, right: Stored<Service>): boolean {
  const [one, other] = [left.metadata.creationTimestamp, right.metadata.creationTimestamp];
  return one < other || (one === other && keyOf(left) < keyOf(right));
}

/** The rules of one service. A headless one has none: its names lead to the pods themselves. */
export function serviceRules(service: Service, sources: RuleSources): readonly ProxyRule[] {
  const { spec } = service;
  if (spec.type === "ExternalName" || spec.clusterIP === "None") return [];
  const rules: ProxyRule[] = [];
  for (const port of spec.ports ?? [])
    if ((port.protocol ?? "TCP") === "TCP") rules.push(...portRules(service, port, sources));
  return rules;
}

function portRules(service: Service, port: ServicePort, sources: RuleSources): readonly ProxyRule[] {
  const { spec } = service;
  const { network, nodes } = sources;
  const targets = targetsOf(service, port, sources);
  const key = keyOf(service);
  const affinity =
    spec.sessionAffinity === "ClientIP"
      ? { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800 }
      : undefined;
  const all = once(() => targets().map(backendOf));
  const rule = (
    purpose: ProxyRule["purpose"],
    address: string,
    number: number,
    backends: () => readonly Backend[],
  ): ProxyRule => {
    const made = new Rule(key, port.name ?? "", purpose, address, network.openPort(number), backends);
    return affinity ? Object.assign(made, affinity) : made;
  };
  const rules: ProxyRule[] = [];
  if (spec.clusterIP) rules.push(rule("clusterIP", spec.clusterIP, port.port, all));
  for (const address of spec.externalIPs ?? []) {
    if (isLoopback(address)) rules.push(rule("externalIP", address, port.port, all));
  }
  if (port.nodePort) {
    const local = spec.externalTrafficPolicy === "Local";
    for (const { name, address } of nodes) {
      const own = () =>
        targets()
          .filter(({ node }) => node === name)
          .map(backendOf);
      rules.push(rule("nodePort", address, port.nodePort, local ? once(own) : all));
    }
    rules.push(rule("nodePort", LOCALHOST, port.nodePort, all));
  }
  return rules;
}

/** Its backends are made when they are read. As a literal with a getter of its own each rule would take 50 times as long to make. */
class Rule implements ProxyRule {
  readonly service: ProxyRule["service"];
  readonly portName: string;
  readonly purpose: ProxyRule["purpose"];
  readonly address: string;
  readonly port: number;
  readonly #backends: () => readonly Backend[];

  constructor(
    service: ProxyRule["service"],
    portName: string,
    purpose: ProxyRule["purpose"],
    address: string,
    port: number,
    backends: () => readonly Backend[],
  ) {
    this.service = service;
    this.portName = portName;
    this.purpose = purpose;
    this.address = address;
    this.port = port;
    this.#backends = backends;
  }

  get backends(): readonly Backend[] {
    return this.#backends();
  }
}

interface Target extends Backend {
  readonly node: string | undefined;
}

const backendOf = ({ address, port }: Target): Backend => ({ address, port });

/** Where a port leads, in order. Ready addresses are gone through when somebody asks for them: they change all the time. */
function targetsOf(service: Service, port: ServicePort, sources: RuleSources): () => readonly Target[] {
  const { network } = sources;
  const subsets: EndpointSubset[] = [];
  for (const subset of sources.endpoints?.subsets ?? [])
    if (subset.addresses?.length && portIn(subset, port)) subsets.push(subset);
  if (subsets.length > 0)
    return once(() => subsets.flatMap((subset) => subsetTargets(subset, port, network)).sort(byPlace));
  const ending = terminatingTargets(service, port, sources).sort(byPlace);
  return () => ending;
}

function portIn({ ports }: EndpointSubset, port: ServicePort): EndpointPort | undefined {
  for (const each of ports ?? [])
    if ((each.name ?? "") === (port.name ?? "")) return (each.protocol ?? "TCP") === "TCP" ? each : undefined;
  return undefined;
}

function subsetTargets(subset: EndpointSubset, port: ServicePort, network: NetworkPlan): readonly Target[] {
  const number = network.openPort(portIn(subset, port)!.port);
  return subset.addresses!.map(({ ip, nodeName }) => ({ address: ip, port: number, node: nodeName }));
}

/** Pods that are being deleted and still say that they are ready: better than nobody while a roll-out or a drain goes on. */
function terminatingTargets(service: Service, port: ServicePort, { network, ending }: RuleSources): Target[] {
  if (!service.spec.selector) return [];
  return ending().flatMap((pod) => {
    const address = pod.status?.podIP;
    const serving = isReady(pod) && !isTerminal(pod);
    if (!serving || !address || !mapMatches(service.spec.selector, pod.metadata.labels)) return [];
    const number = targetPort(pod, port);
    return number === undefined ? [] : [{ address, port: network.openPort(number), node: pod.spec.nodeName }];
  });
}

/** What is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

const byPlace = (left: Target, right: Target) =>
  compare(left.address, right.address) || left.port - right.port;

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
