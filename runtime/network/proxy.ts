import type { Endpoints, Pod, Service } from "../../model/core.ts";
import { keyOf, objectKey, type Stored } from "../../model/meta.ts";
import type { Client } from "../client/client.ts";
import { Loop, turnRanks } from "../client/loop.ts";
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
  /** Where nobody is ready the rules depend on pods that are being deleted, too: as they were at this count of changes. */
  readonly ending: number | undefined;
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
  const ending = createEndingPods();
  let nodes: readonly NodeAddress[] = [];
  let nodesChanged = true;
  let applied: readonly ProxyRule[] | undefined;

  const rulesOf = (service: Stored<Service>): Made => {
    const { namespace, name } = service.metadata;
    const endpoints = client.get("Endpoints", namespace, name);
    const key = keyOf(service);
    const before = made.get(key);
    if (
      before?.service === service &&
      before.endpoints === endpoints &&
      before.nodes === nodes &&
      (before.ending === undefined || before.ending === ending.changes(namespace!))
    )
      return before;
    const rules = serviceRules(service, { endpoints, nodes, network, ending: () => ending.pods(namespace!) });
    const ready = endpoints?.subsets?.some((subset) => (subset.addresses?.length ?? 0) > 0) ?? false;
    const next = { service, endpoints, nodes, rules, ending: ready ? undefined : ending.changes(namespace!) };
    made.set(key, next);
    return next;
  };

  const loop = new Loop(
    "service-proxy",
    clock,
    () => {
      const addresses = nodesChanged ? nodeAddresses(client.list("Node")) : nodes;
      nodesChanged = false;
      if (!equalStructure(addresses, nodes)) nodes = addresses;
      const services = client.list("Service");
      const rules = mergeRules(services.map(rulesOf));
      if (made.size > services.length) {
        const present = new Set(services.map(keyOf));
        for (const key of made.keys()) if (!present.has(key)) made.delete(key);
      }
      if (applied && equalStructure(rules, applied)) return;
      applied = rules;
      proxy.apply(rules);
    },
    onError,
    turnRanks.summary,
  );

  const changed = () => loop.add(TABLE);
  const stops = [
    client.watch("Service", changed),
    client.watch("Endpoints", changed),
    client.watch("Node", ({ type, object, previous }) => {
      if (type === "MODIFIED" && object.status?.addresses === previous?.status?.addresses) return;
      nodesChanged = true;
      changed();
    }),
    client.watch("Pod", ({ type, object }) => {
      if (object.metadata.deletionTimestamp === undefined) return;
      ending.set(object, type !== "DELETED");
      changed();
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

/** The pods that are being deleted, by namespace. */
function createEndingPods() {
  const namespaces = new Map<string, { readonly pods: Map<string, Stored<Pod>>; changes: number }>();
  return {
    set(pod: Stored<Pod>, present: boolean): void {
      const { namespace, uid } = pod.metadata;
      let found = namespaces.get(namespace!);
      if (!found) namespaces.set(namespace!, (found = { pods: new Map(), changes: 0 }));
      found.changes++;
      if (present) found.pods.set(uid, pod);
      else found.pods.delete(uid);
    },
    pods: (namespace: string): readonly Stored<Pod>[] => [
      ...(namespaces.get(namespace)?.pods.values() ?? []),
    ],
    changes: (namespace: string): number => namespaces.get(namespace)?.changes ?? 0,
  };
}
