import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Node, Pod, PodSpec } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { createRegistry } from "../../../runtime/registry/registry.ts";
import { createScheduler, type SchedulerOptions } from "../../../runtime/scheduler/scheduler.ts";
import { createStore } from "../../../runtime/store/store.ts";

const network = {
  nodeCIDR: "127.9.0.0/24",
  serviceCIDR: "127.9.16.0/20",
  podCIDR: "127.9.128.0/17",
  nodePorts: { first: 30000, last: 32767 },
  openPort: (port: number) => port,
};

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
