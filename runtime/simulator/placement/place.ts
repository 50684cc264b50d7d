import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Node, Pod, ReplicationController, Service } from "../../../model/core.ts";
import { isServed, type KubernetesObject, keyOf, type ObjectKey, type Stored } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import { condition, isTerminal } from "../../../model/pod.ts";
import { priorityClasses } from "../../../model/priority.ts";
import { ApiError, type Client } from "../../client/client.ts";
import { nodeStatus } from "../../kubelet/node.ts";
import { createRegistry } from "../../registry/registry.ts";
import { defaultProfile, packingProfile } from "../../scheduler/profile.ts";
import { createScheduler, type Decision } from "../../scheduler/scheduler.ts";
import { createStore } from "../../store/store.ts";
import { simulatedMachine, simulatedNetwork } from "../environment.ts";
import { daemonPods } from "../workloads.ts";

/**
 * Where a plan's pods land: its nodes and pods in a store, and the scheduler of every run over it. No controller and no
 * kubelet takes part: pods are all there at once, in the order of the plan, and never start.
 */
export interface PlacementOptions {
  readonly plan: Plan;
  readonly seed: number;
  /** Hears of each decision before it takes effect. */
  readonly decided?: (decision: Decision) => void;
}

export interface Placement {
  readonly client: Client;
  readonly plan: Plan;
  /** Makes room and pods, then lets the scheduler place all that waits. */
  settle(): void;
  addNode(node: Node): void;
  removeNode(name: string): void;
  /** One more pod of an rc. Gives its name. */
  addCopy(rc: ReplicationController): string;
  pods(): readonly Stored<Pod>[];
  nodes(): readonly Stored<Node>[];
  /** Pods that no node has: also those that name one themselves which is not there. */
  waiting(): readonly Stored<Pod>[];
  /** What the store would not take, and why. */
  readonly refused: readonly { readonly object: ObjectKey; readonly message: string }[];
  /** Pods that were driven out by others and made anew. */
  readonly preempted: ReadonlySet<string>;
}

/** So often pods may be driven out before that is the end of it. */
const mostRounds = 1000;

export function createPlacement({ plan, seed, decided }: PlacementOptions): Placement {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const refused: { object: ObjectKey; message: string }[] = [];
  const preempted = new Set<string>();
  const network = simulatedNetwork(plan.cluster);
  const classes = priorityClasses(plan.objects);
  const client = createRegistry({
    clock,
    random: random.fork("registry"),
    network,
    store: createStore(),
    classes: () => classes,
  });
  const numbers = new Map<string, number>();

  const create = <T extends KubernetesObject>(object: T, make: () => unknown) => {
    try {
      make();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refused.push({ object: keyOf(object), message: error.message });
    }
  };

  function addNode(node: Node): void {
    create(node, () => {
      const labels = { "kubernetes.io/hostname": node.metadata.name, ...node.metadata.labels };
      const made = client.create<"Node">({ ...node, metadata: { ...node.metadata, labels } });
      const status = nodeStatus(made, simulatedMachine(), undefined, "simulated://1.0.0", clock.now());
      client.updateStatus<"Node">({ ...made, status });
      const current = client.get("Node", undefined, made.metadata.name)!;
      // It has come up well: what was put on it at its creation goes.
      client.update<"Node">({ ...current, spec: { ...current.spec, taints: node.spec.taints ?? [] } });
    });
  }

  function addPod(pod: Pod): void {
    create(pod, () => client.create<"Pod">(pod));
  }

  function addCopy(rc: ReplicationController): string {
    const { namespace = "default", name } = rc.metadata;
    const key = `${namespace}/${name}`;
    let number = numbers.get(key) ?? 0;
    do number++;
    while (client.get("Pod", namespace, `${name}-${number}`));
    numbers.set(key, number);
    const { metadata, spec } = rc.spec.template;
    const owner = client.get("ReplicationController", namespace, name);
    addPod({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...metadata,
        name: `${name}-${number}`,
        namespace,
        ownerReferences: [
          {
            apiVersion: "v1",
            kind: "ReplicationController",
            name,
            uid: owner?.metadata.uid ?? "",
            controller: true,
          },
        ],
      },
      spec,
    });
    return `${name}-${number}`;
  }

  for (const object of plan.objects.filter(isServed)) {
    if (object.kind === "Namespace" && !client.get("Namespace", undefined, object.metadata.name))
      create(object, () => client.create(object as never));
    if (object.kind === "Node") addNode(object as Node);
    if (object.kind === "Service")
      create(object, () => client.create<"Service">(selecting(object as Service)));
    if (object.kind === "ReplicationController")
      create(object, () => client.create<"ReplicationController">(object as ReplicationController));
  }
  const scheduler = createScheduler({
    client,
    clock,
    random: random.fork("scheduler"),
    profile: () => (plan.cluster?.scheduler === "pack" ? packingProfile : defaultProfile),
    ...(decided && { decided }),
    onError: (_loop, _key, error) => {
      scheduler.stop();
      throw error;
    },
  });
  // Those of DaemonSets were there before all others: they come with the node.
  for (const pod of daemonPods(plan)) addPod(pod);
  for (const object of plan.objects.filter(isServed)) {
    if (object.kind === "Pod") addPod(object as Pod);
    if (object.kind === "ReplicationController") {
      const rc = object as ReplicationController;
      for (let count = rc.spec.replicas ?? 1; count > 0; count--) addCopy(rc);
    }
  }

  /** Pods that are being deleted go at once, and those that belong to an rc come again. */
  function replacePreempted(): boolean {
    const gone = client.list("Pod").filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    for (const { metadata } of gone) {
      client.delete("Pod", metadata.namespace, metadata.name, { gracePeriodSeconds: 0 });
      preempted.add(`${metadata.namespace}/${metadata.name}`);
      const [owner] = metadata.ownerReferences ?? [];
      const rc = owner && client.get("ReplicationController", metadata.namespace, owner.name);
      const { namespace, name, labels, annotations, ownerReferences } = metadata;
      const again = rc && { name, namespace, labels, annotations, ownerReferences };
      if (rc) addPod({ ...rc.spec.template, apiVersion: "v1", kind: "Pod", metadata: again } as Pod);
    }
    return gone.length > 0;
  }

  const pods = () => client.list("Pod").filter((pod) => !isTerminal(pod));
  return {
    client,
    plan,
    refused,
    preempted,
    addNode,
    removeNode: (name) => {
      for (const { metadata } of client.list("Pod", { fields: { "spec.nodeName": name } }))
        client.delete("Pod", metadata.namespace, metadata.name, { gracePeriodSeconds: 0 });
      client.delete("Node", undefined, name);
    },
    addCopy,
    settle() {
      clock.advance(0);
      for (let round = 0; round < mostRounds && replacePreempted(); round++) clock.advance(15_000);
    },
    pods,
    nodes: () => client.list("Node"),
    waiting: () =>
      pods().filter(({ spec }) => !spec.nodeName || !client.get("Node", undefined, spec.nodeName)),
  };
}

/** A service as far as it tells which pods belong together: it takes no address. */
function selecting({ apiVersion, kind, metadata, spec }: Service): Service {
  const { selector, ports } = spec;
  return {
    apiVersion,
    kind,
    metadata,
    spec: {
      ...(selector && { selector }),
      ...(ports && { ports: ports.map(({ nodePort: _, ...port }) => port) }),
      clusterIP: "None",
    },
  };
}

/** Why a pod waits, as its condition says; one that names its node itself has none. */
export function reasonOf(pod: Pod): string {
  if (pod.spec.nodeName) return `it asks for node ${pod.spec.nodeName}, which is not there`;
  return condition(pod.status?.conditions, "PodScheduled")?.message ?? "";
}
