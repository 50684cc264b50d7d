import type { Endpoints, Service } from "../../model/core.ts";
import { keyOf, objectKey, type Stored } from "../../model/meta.ts";
import type { Client } from "../client/client.ts";
import { Loop } from "../client/loop.ts";
import { equalStructure } from "../client/structure.ts";
import type { Environment, ProxyEvent, ProxyRule } from "../environment.ts";
import { mergeRules, type NodeAddress, nodeAddresses, serviceRules } from "./rules.ts";

export interface ServiceProxy {
  readonly name: string;
  /** Hands in what the proxy driver answers: a port that could not be opened becomes an event of its service. */
  handle(event: ProxyEvent): void;
  stop(): void;
}

/** What the rules of a service were made from; while it is the same, so are they. */
interface Made {
  readonly service: Stored<Service>;
  readonly endpoints: Endpoints | undefined;
  readonly nodes: readonly NodeAddress[];
  readonly rules: readonly ProxyRule[];
  /** Whether somebody is ready; else the rules depend on pods that are being deleted, too. */
  readonly ready: boolean;
}

/** The whole table is one decision. */
const TABLE = "table";

/** Keeps the proxies' table of rules what services, endpoints and nodes ask for: told once per turn, and only when it changed. */
export function createServiceProxy(
  client: Client,
  environment: Pick<Environment, "clock" | "proxy" | "network"> & {
    readonly onError?: (loop: string, key: string, error: unknown) => void;
  },
): ServiceProxy {
  const { clock, proxy, network, onError } = environment;
  const made = new Map<string, Made>();
  let nodes: readonly NodeAddress[] = [];
  let applied: readonly ProxyRule[] | undefined;

  const rulesOf = (service: Stored<Service>): Made => {
    const { namespace, name } = service.metadata;
    const key = keyOf(service);
    const endpoints = client.get("Endpoints", namespace, name);
    const before = made.get(key);
    if (
      before?.ready &&
      before.service === service &&
      before.endpoints === endpoints &&
      before.nodes === nodes
    )
      return before;
    const pods = () => client.list("Pod", { namespace: namespace! });
    const rules = serviceRules(service, { endpoints, nodes, network, pods });
    const ready = endpoints?.subsets?.some((subset) => (subset.addresses?.length ?? 0) > 0) ?? false;
    const next = { service, endpoints, nodes, rules, ready };
    made.set(key, next);
    return next;
  };

  const loop = new Loop(
    "service-proxy",
    clock,
    () => {
      const addresses = nodeAddresses(client.list("Node"));
      if (!equalStructure(addresses, nodes)) nodes = addresses;
      const services = client.list("Service");
      const present = new Set(services.map(keyOf));
      for (const key of made.keys()) if (!present.has(key)) made.delete(key);
      const rules = mergeRules(services.map(rulesOf));
      if (applied && equalStructure(rules, applied)) return;
      applied = rules;
      proxy.apply(rules);
    },
    onError,
  );

  const changed = () => loop.add(TABLE);
  const stops = [
    client.watch("Service", changed),
    client.watch("Endpoints", changed),
    client.watch("Node", ({ type, object, previous }) => {
      if (type !== "MODIFIED" || object.status?.addresses !== previous?.status?.addresses) changed();
    }),
    client.watch("Pod", ({ object }) => {
      if (object.metadata.deletionTimestamp !== undefined) changed();
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
