import type { Cancel, Clock } from "../base/clock.ts";
import type { Node, Pod } from "../model/core.ts";
import { controllerOf, isServed, keyOf, type ObjectKey, objectKey } from "../model/meta.ts";
import type { Place, Plan } from "../model/plan.ts";
import { condition } from "../model/pod.ts";
import { priorityClasses } from "../model/priority.ts";
import {
  type ApplyOptions,
  type ApplyResult,
  createApplier,
  type Manage,
  type SecretReader,
} from "./apply.ts";
import type { Client } from "./client/client.ts";
import { startControllers } from "./controllers/index.ts";
import type { Environment, Machine, NetworkPlan, PodSource } from "./environment.ts";
import { createKubelet, type Kubelet } from "./kubelet/kubelet.ts";
import { createRegistry, type Registry } from "./registry/registry.ts";
import { defaultProfile, packingProfile } from "./scheduler/profile.ts";
import { createScheduler } from "./scheduler/scheduler.ts";
import { createStore, type Store, type StoreOptions } from "./store/store.ts";

/** The composition root: wires the loops to one store and one environment, and a kubelet to each node. */
export interface Cluster {
  readonly client: Client;
  readonly registry: Registry;
  readonly store: Store;
  readonly network: NetworkPlan;
  /** The plan applied last. */
  readonly plan: Plan | undefined;
  /**
   * Makes the plan's nodes (or, where it has none, one that is this machine) and calls `done` when all are ready, so
   * that the first pods find somewhere to go. A node that does not become ready holds nothing up for more than 2 s.
   */
  startNodes(plan: Plan, done: () => void): void;
  /** Makes the cluster what the plan says; see `createApplier`. */
  apply(plan: Plan, options?: ApplyOptions): ApplyResult;
  /** What of the plan is not created yet, because something has to be ready or gone first. */
  held(): readonly ObjectKey[];
  /** Ends a node's kubelet as when its machine is gone: nothing on it is touched, and it comes back only by `startKubelet`. */
  stopKubelet(node: string): void;
  startKubelet(node: string): void;
  /** Lets a node's kubelet look at its machine again: what it says of itself may have changed. */
  refreshNode(node: string): void;
  /** Ends and starts again, at once, the containers of this name in the pods of an rc, or of a pod. Gives how many. */
  restartContainers(owner: ObjectKey, container: string): number;
  /**
   * Deletes every pod, gracefully or at once, with nothing left that would make new ones. Calls `done` when the last
   * one is gone.
   */
  shutDown(options: { graceful: boolean }, done: () => void): void;
  /** Stops the loops. What runs is the driver's to end. */
  stop(): void;
}

export interface ClusterOptions {
  readonly environment: Environment;
  readonly readSecret: SecretReader;
  /** Where relative commands of containers without `local` start: the folder of the file. */
  readonly fileDirectory: string;
  /** What an earlier cluster had come to: its objects, and the plan that was applied last. Absent: nothing. */
  readonly resume?: { readonly store: NonNullable<StoreOptions["initial"]>; readonly plan: Plan };
  /** What a node's kubelet sees of the cluster, its machine and its clock; what is left out is the cluster itself and `environment`'s. */
  readonly forNode?: (
    node: string,
    client: Client,
  ) => { readonly client?: Client; readonly machine?: Machine; readonly clock?: Clock };
  /** What the controller of this name (`controllers/index.ts`), the "scheduler" or the "proxy" sees of the cluster; itself where left out. */
  readonly forLoop?: (name: string, client: Client) => Client;
  /** How many changes of each kind a watch can go back; 0 where no API server offers that. */
  readonly historySize?: number;
  /** Keeps account of the fields that the plan sets; absent: nobody does. */
  readonly manage?: Manage;
  /** A decision that threw: a defect of ours, worth telling. */
  readonly onError: (loop: string, key: string, error: unknown) => void;
}

export function createCluster(options: ClusterOptions): Cluster {
  const { environment, readSecret, fileDirectory, onError, forNode, forLoop, resume } = options;
  const { clock, network } = environment;
  const store = createStore({ historySize: options.historySize, initial: resume?.store });
  // What is drawn after a restart must not be what was drawn before it.
  const random = resume ? environment.random.fork(`resumed at ${store.revision}`) : environment.random;
  let plan = resume?.plan;
  let classes = priorityClasses(plan?.objects ?? []);
  const registry = createRegistry({
    clock,
    random: random.fork("registry"),
    network,
    store,
    ...(environment.heartbeats ? { heartbeats: environment.heartbeats } : {}),
    classes: () => classes,
  });
  const client: Client = registry;

  const stopControllers = startControllers({ client, environment, onError, ...(forLoop ? { forLoop } : {}) });
  const scheduler = createScheduler({
    client: forLoop?.("scheduler", client) ?? client,
    clock,
    random: random.fork("scheduler"),
    profile: () => (plan?.cluster?.scheduler === "pack" ? packingProfile : defaultProfile),
    place: (pod) => formatPlace(placeOf(plan, pod)),
    onError,
  });
  const applier = createApplier({ registry, clock, readSecret, manage: options.manage });
  if (resume) applier.resume(resume.plan);

  const kubelets = new Map<string, Kubelet>();
  const down = new Set<string>();
  // A pod's events go to the kubelet that gave the commands, also after the pod's object is gone. That a sandbox was removed
  // may be heard late, when the pod has been begun anew.
  const owners = new Map<string, Kubelet>();
  environment.driver.onEvent((event) => {
    const goesOn = owners.get(event.podUid)?.handle(event) ?? false;
    if (event.type === "sandboxRemoved" && !goesOn) owners.delete(event.podUid);
  });

  const startKubelet = (name: string) => {
    if (kubelets.has(name) || down.has(name) || !client.get("Node", undefined, name)) return;
    const driver = {
      ...environment.driver,
      runtimeVersion: environment.driver.runtimeVersion,
      onEvent: () => {},
      send: (command: Parameters<typeof environment.driver.send>[0]) => {
        const kubelet = kubelets.get(name);
        if (kubelet) owners.set(command.podUid, kubelet);
        environment.driver.send(command);
      },
    };
    const own = forNode?.(name, client);
    const kubelet = createKubelet({
      client: own?.client ?? client,
      direct: client,
      environment: {
        ...environment,
        clock: own?.clock ?? clock,
        machine: own?.machine ?? environment.machine,
        driver,
        random: random.fork(`kubelet/${name}`),
      },
      nodeName: name,
      podSource: (pod) => sourceOf(plan, pod),
      fileDirectory,
      onError,
    });
    kubelets.set(name, kubelet);
    for (const { podUid } of environment.driver.existing?.(name) ?? []) owners.set(podUid, kubelet);
    kubelet.start();
  };
  const unwatchNodes = client.watch("Node", ({ type, object }) => {
    const { name } = object.metadata;
    if (type === "DELETED") {
      const kubelet = kubelets.get(name);
      kubelets.delete(name);
      kubelet?.stop({ removePods: true });
      return;
    }
    // Not from within the write that made the node: a kubelet's first act is to write.
    if (type === "ADDED") clock.schedule(clock.now(), () => startKubelet(name));
  });

  return {
    client,
    registry,
    store,
    network,
    get plan() {
      return plan;
    },
    startNodes: (next, done) => {
      const planned = next.objects.filter(
        (object): object is Node => object.kind === "Node" && isServed(object),
      );
      for (const node of planned.length > 0 ? planned : [defaultNode(environment)])
        registry.create(node, options.manage && { managedFields: options.manage(undefined, node) });
      let cancel: Cancel | undefined;
      const unready = new Set<string>();
      const check = () => {
        if (unready.size > 0) return;
        finish();
      };
      const finish = () => {
        if (!cancel) return;
        cancel();
        cancel = undefined;
        unwatch();
        done();
      };
      const unwatch = client.watch("Node", ({ type, object }) => {
        const isReady = condition(object.status?.conditions, "Ready")?.status === "True";
        if (type === "DELETED" || isReady) unready.delete(object.metadata.name);
        else unready.add(object.metadata.name);
        clock.schedule(clock.now(), check);
      });
      cancel = clock.schedule(clock.now() + 2000, finish);
    },
    apply: (next, how) => {
      plan = next;
      classes = priorityClasses(next.objects);
      return applier.apply(next, how);
    },
    held: () => applier.held(),
    stopKubelet: (name) => {
      down.add(name);
      kubelets.get(name)?.stop({ removePods: false });
      kubelets.delete(name);
    },
    startKubelet: (name) => {
      down.delete(name);
      startKubelet(name);
    },
    refreshNode: (name) => kubelets.get(name)?.refreshNode(),
    restartContainers: (owner, container) => {
      let count = 0;
      for (const pod of client.list("Pod")) {
        if (ownerKey(pod) !== owner || !pod.spec.nodeName || pod.metadata.deletionTimestamp) continue;
        kubelets.get(pod.spec.nodeName)?.restartContainer(pod.metadata.uid, container);
        count++;
      }
      return count;
    },
    shutDown: ({ graceful }, done) => {
      applier.stop();
      stopControllers();
      scheduler.stop();
      let finished = false;
      const check = () => {
        if (finished || client.list("Pod").length > 0) return;
        finished = true;
        done();
      };
      client.watch("Pod", ({ type }) => {
        if (type === "DELETED") clock.schedule(clock.now(), check);
      });
      for (const pod of client.list("Pod")) {
        client.delete(
          "Pod",
          pod.metadata.namespace,
          pod.metadata.name,
          graceful ? {} : { gracePeriodSeconds: 0 },
        );
      }
      clock.schedule(clock.now(), check);
    },
    stop: () => {
      applier.stop();
      stopControllers();
      scheduler.stop();
      unwatchNodes();
      for (const kubelet of kubelets.values()) kubelet.stop({ removePods: false });
      kubelets.clear();
    },
  };
}

/** A file that declares no node gets one that is this machine. */
function defaultNode(environment: Environment): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "local" },
    spec: {},
    status: { capacity: environment.machine.capacity },
  };
}

/** The object of the plan that a pod comes from: its rc, or the pod itself. */
export function ownerKey(pod: Pod): ObjectKey {
  const owner = controllerOf(pod);
  return owner ? objectKey(owner.kind, pod.metadata.namespace, owner.name) : keyOf(pod);
}

const noSource: PodSource = { local: {}, references: {} };

/** What the plan says beside a pod's object, with paths as they are in the pod (an rc's are under `spec.template`). */
function sourceOf(plan: Plan | undefined, pod: Pod): PodSource {
  const key = ownerKey(pod);
  const local = plan?.local[key];
  const all = plan?.references[key];
  if (!local && !all) return noSource;
  const inTemplate = controllerOf(pod) !== undefined;
  const references: Record<string, PodSource["references"][string]> = {};
  for (const [path, parts] of Object.entries(all ?? {})) {
    references[inTemplate ? path.replace(/^spec\.template\./, "") : path] = parts;
  }
  return { local: local ?? {}, references };
}

function placeOf(plan: Plan | undefined, pod: Pod): Place | undefined {
  return plan?.provenance[ownerKey(pod)]?.[""];
}

function formatPlace(place: Place | undefined): string | undefined {
  return place && `${place.file}:${place.line}`;
}
