import type { Client } from "../client/client.ts";
import type { Environment } from "../environment.ts";
import { createServiceProxy } from "../network/proxy.ts";
import type { Controller, ControllerEnvironment } from "./controller.ts";
import { createEndpointsController } from "./endpoints.ts";
import { createEventExpiry } from "./event-expiry.ts";
import { createGarbageCollector } from "./garbage-collector.ts";
import { createNamespaceController } from "./namespace.ts";
import { createNodeLifecycleController } from "./node-lifecycle.ts";
import { createPodCollector } from "./pod-collector.ts";
import { createReplicationController } from "./replication.ts";
import { createRolloutController } from "./rollout.ts";
import { createTaintEvictionController } from "./taint-eviction.ts";

export type { Controller, ControllerEnvironment } from "./controller.ts";
export { formatRollout, parseRollout, ROLLOUT_REPLICAS } from "./rollout.ts";

/** All controllers that need nothing but the cluster itself. Each stands alone; their order has no meaning. */
export const controllers: Readonly<
  Record<string, (client: Client, environment: ControllerEnvironment) => Controller>
> = {
  replication: createReplicationController,
  rollout: createRolloutController,
  endpoints: createEndpointsController,
  nodeLifecycle: createNodeLifecycleController,
  taintEviction: createTaintEvictionController,
  podCollector: createPodCollector,
  garbageCollector: createGarbageCollector,
  namespace: createNamespaceController,
  eventExpiry: createEventExpiry,
};

export interface ControllersOptions {
  readonly client: Client;
  readonly environment: Environment;
  /** What the controller of this name, or the "proxy", sees of the cluster; the cluster itself where left out. */
  readonly forLoop?: (name: string, client: Client) => Client;
  /** A decision that threw; it is tried again. */
  readonly onError?: (loop: string, key: string, error: unknown) => void;
}

/**
 * Starts all controllers and the loop that tells the proxies their rules, whose answers it takes in. Gives what stops
 * them all.
 */
export function startControllers(options: ControllersOptions): () => void {
  const { client, environment, onError, forLoop = () => client } = options;
  const world = { ...environment, ...(onError ? { onError } : {}) };
  const started = Object.entries(controllers).map(([name, create]) => create(forLoop(name, client), world));
  const proxy = createServiceProxy(forLoop("proxy", client), world);
  environment.proxy.onEvent((event) => proxy.handle(event));
  return () => {
    proxy.stop();
    for (const controller of started) controller.stop();
  };
}
