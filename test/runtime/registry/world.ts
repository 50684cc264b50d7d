import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Pod, PodSpec, ReplicationController, Service, ServiceSpec } from "../../../model/core.ts";
import type { Labels, Stored } from "../../../model/meta.ts";
import { ApiError } from "../../../runtime/client/client.ts";
import type { NetworkPlan } from "../../../runtime/environment.ts";
import { createRegistry, type Registry } from "../../../runtime/registry/registry.ts";
import { createStore, type Store } from "../../../runtime/store/store.ts";

export const network: NetworkPlan = {
  nodeCIDR: "127.8.0.0/24",
  serviceCIDR: "127.8.1.0/24",
  podCIDR: "127.8.16.0/20",
  nodePorts: { first: 30000, last: 32767 },
  openPort: (port) => (port < 1024 ? port + 10_000 : port),
};

export interface World {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly client: Registry;
}

export function createWorld(options: Partial<NetworkPlan> = {}, seed = 1): World {
  const clock = new VirtualClock();
  const store = createStore();
  const client = createRegistry({
    clock,
    random: seededRandom(seed),
    network: { ...network, ...options },
    store,
  });
  return { clock, store, client };
}

export const spec: PodSpec = { containers: [{ name: "server", image: "shop/web:1" }] };

export function podNamed(name: string, labels: Labels = {}, more: Partial<PodSpec> = {}): Pod {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, labels }, spec: { ...spec, ...more } };
}

export function rcNamed(name: string, replicas: number, labels: Labels): ReplicationController {
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name },
    spec: { replicas, selector: labels, template: { metadata: { labels }, spec } },
  };
}

export function serviceNamed(name: string, more: ServiceSpec = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }], ...more },
  };
}

/** What the API refused. */
export function refused(act: () => unknown): ApiError {
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

export function podOf(world: World, name: string): Stored<Pod> | undefined {
  return world.client.get("Pod", "default", name);
}
