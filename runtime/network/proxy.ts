import type { EndpointSubset, Endpoints, Pod, Service } from "../../model/core.ts";
import { keyOf, objectKey, type Stored } from "../../model/meta.ts";
import { mapMatches } from "../../model/selector.ts";
import type { Client } from "../client/client.ts";
import { Loop, turnRanks } from "../client/loop.ts";
import { equalStructure } from "../client/structure.ts";
import type { Environment, ProxyEvent, ProxyRule } from "../environment.ts";
import { equalRules, mergeRules, type NodeAddress, nodeAddresses, serviceRules } from "./rules.ts";

export interface ServiceProxy {
  readonly name: string;
  /** Hands in what the proxy driver answers: a port that could not be opened becomes an event of its service. */
  handle(event: ProxyEvent): void;
  stop(): void;
}

/** The rules of a service as they were made last. */
interface Made {
  readonly service: Stored<Service>;
  readonly endpoints: Endpoints | undefined;
  readonly rules: readonly ProxyRule[];
  /** Where in the table each of the rules stands; undefined where another service answers there. */
  places: readonly (number | undefined)[];
  /** Whether somebody is ready at each port; else the rules depend on pods that are being deleted, too. */
  readonly ready: boolean;
}

/** The whole table is one decision. */
const TABLE = "table";

/**
 * Keeps the proxies' table of rules what services, endpoints and nodes ask for: told once per turn, and only when it
 * changed. Backends are made when somebody asks for them.
 */
export function createServiceProxy(
  client: Client,
  environment: Pick<Environment, "clock" | "proxy" | "network"> & {
    readonly onError?: (loop: string, key: string, error: unknown) => void;
  },
): ServiceProxy {
  const { clock, proxy, network, onError } = environment;
  /** By service, in order of their keys as `client.list` gives them. */
  const made = new Map<string, Made>();
  /** Services whose rules may be others than those that were made. */
  const changed = new Set<string>();
  /** Services whose rules depend on pods that are being deleted, since nobody is ready. */
  const unready = new Set<string>();
  const ending = createEndingPods();
  let nodes: readonly NodeAddress[] = [];
  let nodesChanged = true;
  let applied: readonly ProxyRule[] | undefined;

  const rulesOf = (service: Stored<Service>): Made => {
    const { namespace, name } = service.metadata;
    const endpoints = client.get("Endpoints", namespace, name);
    let ready = true;
    const askEnding = () => {
      ready = false;
      return ending.pods(namespace!);
    };
    const rules = serviceRules(service, { endpoints, nodes, network, ending: askEnding });
    return { service, endpoints, rules, ready, places: [] };
  };

  const remake = (key: string): Made | undefined => {
    const [, namespace, name] = key.split("/");
    const service = client.get("Service", namespace, name!);
    const after = service && rulesOf(service);
    if (after) made.set(key, after);
    else made.delete(key);
    if (after && !after.ready) unready.add(key);
    else unready.delete(key);
    return after;
  };

  /**
   * Makes the rules anew of what has changed, and puts them into a table in place of those they were, where they answer
   * at the same places. Undefined where the table has to be put together anew.
   */
  const renew = (table: readonly ProxyRule[]): readonly ProxyRule[] | undefined => {
    let next: ProxyRule[] | undefined;
    let whole = true;
    for (const key of changed) {
      const before = made.get(key);
      const after = remake(key);
      if (!before && !after) continue;
      if (!before || !after || !haveSamePlaces(before, after)) {
        whole = false;
        continue;
      }
      // Where others are ready the backends are others, and need not be made to be compared.
      const others = before.ready && after.ready && !haveSameReady(before.endpoints, after.endpoints);
      after.places = before.places;
      for (let index = 0; index < after.rules.length; index++) {
        const place = after.places[index];
        const renewed = after.rules[index]!;
        if (place === undefined || (!others && equalRules(before.rules[index]!, renewed))) continue;
        (next ??= [...table])[place] = renewed;
      }
    }
    changed.clear();
    return whole ? (next ?? table) : undefined;
  };

  const loop = new Loop(
    "service-proxy",
    clock,
    () => {
      const addresses = nodesChanged ? nodeAddresses(client.list("Node")) : nodes;
      nodesChanged = false;
      if (!equalStructure(addresses, nodes)) {
        nodes = addresses;
        for (const service of client.list("Service"))
          if (service.spec.ports?.some(({ nodePort }) => nodePort)) changed.add(keyOf(service));
      }
      let rules = renew(applied ?? []);
      if (!rules || !applied) {
        rules = mergeRules(client.list("Service").flatMap((service) => made.get(keyOf(service)) ?? []));
        const placed = new Map(rules.map((rule, place) => [rule, place]));
        for (const each of made.values()) each.places = each.rules.map((rule) => placed.get(rule));
        if (applied && haveSameRules(rules, applied)) rules = applied;
      }
      if (rules === applied) return;
      applied = rules;
      proxy.apply(rules);
    },
    onError,
    turnRanks.summary,
  );

  const serviceChanged = (namespace: string | undefined, name: string) => {
    changed.add(objectKey("Service", namespace, name));
    loop.add(TABLE);
  };
  const stops = [
    client.watch("Service", ({ object }) => serviceChanged(object.metadata.namespace, object.metadata.name)),
    client.watch("Endpoints", ({ type, object, previous }) => {
      if (type === "MODIFIED" && haveSameReady(previous, object)) return;
      serviceChanged(object.metadata.namespace, object.metadata.name);
    }),
    client.watch("Node", ({ type, object, previous }) => {
      if (type === "MODIFIED" && object.status?.addresses === previous?.status?.addresses) return;
      nodesChanged = true;
      loop.add(TABLE);
    }),
    client.watch("Pod", ({ type, object }) => {
      const { namespace, labels, deletionTimestamp } = object.metadata;
      if (deletionTimestamp === undefined) return;
      ending.set(object, type !== "DELETED");
      for (const key of unready) {
        const { metadata, spec } = made.get(key)!.service;
        if (metadata.namespace !== namespace || !mapMatches(spec.selector, labels)) continue;
        changed.add(key);
        loop.add(TABLE);
      }
    }),
  ];

  return {
    name: loop.name,
    handle: (event) => {
      if (event.type !== "failed") return;
      const rule = applied?.find(({ address, port }) => address === event.address && port === event.port);
      const [, namespace, name] = rule?.service.split("/") ?? [];
      const service = name === undefined ? undefined : client.get("Service", namespace, name);
      if (!service || keyOf(service) !== objectKey("Service", namespace, name!)) return;
      const message = `Cannot listen on ${event.address}:${event.port}: ${event.message}`;
      client.event(service, "service-proxy", "Warning", "FailedToListen", message);
    },
    stop: () => {
      loop.stop();
      for (const stop of stops) stop();
    },
  };
}

function haveSameRules(one: readonly ProxyRule[], other: readonly ProxyRule[]): boolean {
  return one.length === other.length && one.every((rule, place) => equalRules(rule, other[place]!));
}

/** Whether the rules are still the same service's, at the same addresses and ports in the same order. */
function haveSamePlaces(one: Made, other: Made): boolean {
  return (
    one.service.metadata.uid === other.service.metadata.uid &&
    one.rules.length === other.rules.length &&
    one.rules.every(({ address, port }, index) => {
      const counterpart = other.rules[index]!;
      return address === counterpart.address && port === counterpart.port;
    })
  );
}

/** Whether two versions of endpoints have the very same ready addresses and ports; others are in no rule. */
function haveSameReady(one: Endpoints | undefined, other: Endpoints | undefined): boolean {
  const before = one?.subsets ?? none;
  const after = other?.subsets ?? none;
  if (before === after) return true;
  let left = nextReady(before, 0);
  let right = nextReady(after, 0);
  while (left < before.length && right < after.length) {
    const [subset, counterpart] = [before[left]!, after[right]!];
    if (subset.addresses !== counterpart.addresses || subset.ports !== counterpart.ports) return false;
    left = nextReady(before, left + 1);
    right = nextReady(after, right + 1);
  }
  return left === before.length && right === after.length;
}

const none: readonly EndpointSubset[] = [];

/** Where the next subset with somebody ready stands, from here on; the end where there is none. */
function nextReady(subsets: readonly EndpointSubset[], from: number): number {
  let at = from;
  while (at < subsets.length && subsets[at]!.addresses === undefined) at++;
  return at;
}

/** The pods that are being deleted, by namespace. */
function createEndingPods() {
  const namespaces = new Map<string, Map<string, Stored<Pod>>>();
  return {
    set(pod: Stored<Pod>, present: boolean): void {
      const { namespace, uid } = pod.metadata;
      let pods = namespaces.get(namespace!);
      if (!pods) namespaces.set(namespace!, (pods = new Map()));
      if (present) pods.set(uid, pod);
      else pods.delete(uid);
    },
    pods: (namespace: string): readonly Stored<Pod>[] => [...(namespaces.get(namespace)?.values() ?? [])],
  };
}
