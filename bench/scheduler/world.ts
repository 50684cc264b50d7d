import { VirtualClock } from "../../base/clock.ts";
import { seededRandom } from "../../base/random.ts";
import type { Node, Pod, PodSpec } from "../../model/core.ts";
import type { Labels } from "../../model/meta.ts";
import type { Client } from "../../runtime/client/client.ts";
import { createRegistry } from "../../runtime/registry/registry.ts";
import { createScheduler } from "../../runtime/scheduler/scheduler.ts";
import { createStore } from "../../runtime/store/store.ts";
import { bareClient } from "./bare-client.ts";

/** A store with nodes and pods, and a scheduler that has not looked at them yet. */

const network = {
  nodeCIDR: "10.0.0.0/16",
  serviceCIDR: "10.1.0.0/16",
  podCIDR: "11.0.0.0/8",
  nodePorts: { first: 30000, last: 32767 },
  openPort: (port: number) => port,
};

export interface Template {
  readonly name: string;
  readonly labels?: Labels;
  readonly spec?: Partial<PodSpec>;
}

export function createWorld(alone = false) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const client: Client = alone
    ? bareClient()
    : createRegistry({ clock, random: random.fork("registry"), network, store: createStore() });
  const errors: unknown[] = [];
  return {
    clock,
    client,
    errors,
    /** Nodes of scheduler_perf's default: 4 cores, 32 GiB, 110 pods; in three zones. */
    addNodes(count: number, change: (index: number) => Partial<Node["spec"]> = () => ({})) {
      for (let index = 0; index < count; index++) {
        const name = `node-${String(index).padStart(5, "0")}`;
        const labels = {
          "kubernetes.io/hostname": name,
          "topology.kubernetes.io/zone": `zone-${index % 3}`,
          kind: `kind-${index % 10}`,
        };
        const node = client.create<"Node">({
          apiVersion: "v1",
          kind: "Node",
          metadata: { name, labels },
          spec: {},
          status: { allocatable: { cpu: "4", memory: "32Gi", pods: "110" } },
        });
        client.update<"Node">({ ...node, spec: { ...node.spec, taints: [], ...change(index) } });
      }
    },
    /** An rc of this many pods, each made from its template. No controller runs. */
    addTemplates(templates: readonly Template[], count: number) {
      const rcs = templates.map(({ name, labels = { app: name }, spec }) => {
        const template: PodSpec = {
          containers: [
            {
              name: "main",
              image: "server:1",
              resources: { requests: { cpu: "100m", memory: "500Mi" } },
            },
          ],
          ...spec,
        };
        return client.create<"ReplicationController">({
          apiVersion: "v1",
          kind: "ReplicationController",
          metadata: { name, namespace: "default" },
          spec: { replicas: 0, selector: labels, template: { metadata: { labels }, spec: template } },
        });
      });
      for (let index = 0; index < count; index++) {
        const rc = rcs[index % rcs.length]!;
        client.create<"Pod">({
          apiVersion: "v1",
          kind: "Pod",
          metadata: {
            name: `${rc.metadata.name}-${String(index).padStart(6, "0")}`,
            namespace: "default",
            labels: rc.spec.template.metadata!.labels!,
            ownerReferences: [
              {
                apiVersion: "v1",
                kind: "ReplicationController",
                name: rc.metadata.name,
                uid: rc.metadata.uid,
                controller: true,
              },
            ],
          },
          spec: rc.spec.template.spec,
        });
      }
    },
    start: () =>
      createScheduler({
        client,
        clock,
        random: random.fork("scheduler"),
        onError: (_loop, _key, error) => errors.push(error),
      }),
    /** What kubelets do with pods that are being deleted. Gives how many there were. */
    endDeleted: () => {
      const ended = client.list("Pod").filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
      for (const { metadata } of ended)
        client.delete("Pod", metadata.namespace, metadata.name, { gracePeriodSeconds: 0 });
      return ended.length;
    },
    pods: (): readonly Pod[] => client.list("Pod"),
  };
}
