import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Node, Pod, PodSpec } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import type { Client } from "../../../runtime/client/client.ts";
import { createRegistry } from "../../../runtime/registry/registry.ts";
import { createView } from "../../../runtime/scheduler/cluster-view.ts";
import { Engine } from "../../../runtime/scheduler/index/engine.ts";
import { defaultProfile } from "../../../runtime/scheduler/profile.ts";
import { createScheduler, type SchedulerOptions } from "../../../runtime/scheduler/scheduler.ts";
import { Snapshot } from "../../../runtime/scheduler/snapshot.ts";
import { spreadSelector } from "../../../runtime/scheduler/spread-constraints.ts";
import { createStore } from "../../../runtime/store/store.ts";

const network = {
  nodeCIDR: "127.9.0.0/24",
  serviceCIDR: "127.9.16.0/20",
  podCIDR: "127.9.128.0/17",
  nodePorts: { first: 30000, last: 32767 },
  openPort: (port: number) => port,
};

/** A snapshot and an engine that follow a store, write by write. */
export function mirror(client: Client, profile = defaultProfile, mostNarrow?: number) {
  const namespaceLabels = (name: string) => client.get("Namespace", undefined, name)?.metadata.labels ?? {};
  const snapshot = new Snapshot(namespaceLabels, mostNarrow);
  const { view, selectors } = createView(snapshot, (pod) => spreadSelector(pod, client));
  const engine = new Engine(profile, snapshot, view, selectors);
  client.watch("Node", ({ type, object }) => {
    snapshot.setNode(object.metadata.name, type === "DELETED" ? undefined : object);
  });
  client.watch("Pod", ({ type, object }) => {
    const { namespace, name } = object.metadata;
    snapshot.setPod(`${namespace}/${name}`, type === "DELETED" ? undefined : object);
  });
  client.watch("Service", ({ object }) => selectors.forget(object.metadata.namespace));
  return { snapshot, view, engine };
}

/** A store with a scheduler over it, in virtual time; nodes are there and ready at once. */
export function createWorld({ seed = 1, place }: { seed?: number; place?: SchedulerOptions["place"] } = {}) {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const client = createRegistry({ clock, random: random.fork("registry"), network, store: createStore() });
  const errors: unknown[] = [];
  const scheduler = createScheduler({
    client,
    clock,
    random: random.fork("scheduler"),
    ...(place ? { place } : {}),
    onError: (_loop, _key, error) => errors.push(error),
  });
  return {
    clock,
    client,
    scheduler,
    errors,
    addNode(
      name: string,
      change: {
        labels?: Record<string, string>;
        spec?: Node["spec"];
        allocatable?: Record<string, string>;
      } = {},
    ) {
      const node = client.create<"Node">({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { "kubernetes.io/hostname": name, ...change.labels } },
        spec: {},
        status: { allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...change.allocatable } },
      });
      // What the node life cycle does once the kubelet has reported.
      return client.update<"Node">({ ...node, spec: { ...node.spec, taints: [], ...change.spec } });
    },
    updateNode(name: string, spec: Partial<Node["spec"]>) {
      const node = client.get("Node", undefined, name)!;
      client.update<"Node">({ ...node, spec: { ...node.spec, ...spec } });
    },
    addPod(name: string, spec: Partial<PodSpec> = {}, labels: Record<string, string> = { app: "web" }) {
      return client.create<"Pod">({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "default", labels },
        spec: { containers: [{ name: "main", image: "host", command: ["run"] }], ...spec },
      });
    },
    pod: (name: string): Stored<Pod> | undefined => client.get("Pod", "default", name),
    nodeOf: (name: string) => client.get("Pod", "default", name)?.spec.nodeName,
    events: (name: string) =>
      client
        .list("Event")
        .filter(({ involvedObject }) => involvedObject.name === name)
        .map(({ type, reason, message }) => `${type} ${reason}: ${message}`),
  };
}

export function requesting(cpu: string, memory = "64Mi"): Partial<PodSpec> {
  const resources = { requests: { cpu, memory } };
  return { containers: [{ name: "main", image: "host", command: ["run"], resources }] };
}
