import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Container, Event, Node, Pod, PodSpec } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import type {
  Environment,
  NetworkPlan,
  PodCommand,
  PodDriver,
  PodSource,
} from "../../../runtime/environment.ts";
import {
  createSimulatedDriver,
  type SimulatedDriver,
  type SimulatedDriverOptions,
} from "../../../runtime/kubelet/drivers/simulated.ts";
import { createKubelet, type Kubelet } from "../../../runtime/kubelet/kubelet.ts";
import { createRegistry, type Registry } from "../../../runtime/registry/registry.ts";
import { createStore } from "../../../runtime/store/store.ts";

/** A store, a registry and kubelets over a simulated driver, in virtual time. */
export interface World {
  readonly clock: VirtualClock;
  readonly client: Registry;
  readonly driver: SimulatedDriver;
  readonly environment: Environment;
  readonly kubelets: Map<string, Kubelet>;
  /** Every command that was sent, with the milliseconds since the start. */
  readonly commands: { readonly at: number; readonly command: PodCommand }[];
  readonly errors: unknown[];
  addNode(name: string, change?: Partial<Node>): Kubelet;
  startKubelet(name: string): Kubelet;
  pod(name: string): Stored<Pod> | undefined;
  /** Makes a pod on a node, or without one where `node` is absent. */
  createPod(name: string, spec?: Partial<PodSpec>, node?: string): Stored<Pod>;
  events(name: string): string[];
  /** Milliseconds since the start. */
  now(): number;
  commandsOf<T extends PodCommand["type"]>(
    type: T,
  ): (Extract<PodCommand, { type: T }> & { readonly at: number })[];
}

export interface WorldOptions {
  readonly behaviour?: SimulatedDriverOptions["behaviour"];
  readonly jitter?: number;
  readonly seed?: number;
  readonly sources?: (pod: Pod) => PodSource;
  /** The driver as the kubelets see it. */
  readonly wrap?: (driver: SimulatedDriver, clock: VirtualClock) => SimulatedDriver;
  readonly network?: Partial<NetworkPlan>;
  /** Probes are run once in their period, as in a simulation. */
  readonly steadyProbes?: boolean;
  /** What the machine is short of, whenever it is asked. */
  readonly pressure?: NonNullable<Environment["machine"]["pressure"]>;
}

export const network: NetworkPlan = {
  nodeCIDR: "127.9.0.0/24",
  serviceCIDR: "127.9.16.0/20",
  podCIDR: "127.9.128.0/17",
  nodePorts: { first: 30000, last: 32767 },
  openPort: (port) => (port < 1024 ? port + 10000 : port),
};

export const machine: Environment["machine"] = {
  capacity: { cpu: "4", memory: "8Gi", "ephemeral-storage": "10Gi" },
  hostname: "machine",
  info: {
    machineID: "m",
    systemUUID: "s",
    bootID: "b",
    kernelVersion: "6.1.0",
    osImage: "Debian GNU/Linux 12",
    containerRuntimeVersion: "",
    kubeletVersion: "",
    kubeProxyVersion: "",
    operatingSystem: "linux",
    architecture: "amd64",
  },
};

export function createWorld(options: WorldOptions = {}): World {
  const clock = new VirtualClock();
  const start = clock.now();
  const random = seededRandom(options.seed ?? 1);
  const plan = { ...network, ...options.network };
  const client = createRegistry({
    clock,
    random: random.fork("registry"),
    network: plan,
    store: createStore(),
  });
  const commands: World["commands"] = [];
  const errors: unknown[] = [];
  const simulated = createSimulatedDriver({
    clock,
    random: random.fork("driver"),
    jitter: options.jitter ?? 0,
    ...(options.behaviour ? { behaviour: options.behaviour } : {}),
  });
  const driver = options.wrap?.(simulated, clock) ?? simulated;
  const recording: PodDriver = {
    runtimeVersion: driver.runtimeVersion,
    updatesSandboxes: driver.updatesSandboxes ?? false,
    onEvent: driver.onEvent,
    send(command) {
      commands.push({ at: clock.now() - start, command });
      driver.send(command);
    },
  };
  const environment: Environment = {
    clock,
    random,
    driver: recording,
    proxy: { apply: () => {}, onEvent: () => {} },
    machine: options.pressure ? { ...machine, pressure: options.pressure } : machine,
    network: plan,
    steadyProbes: options.steadyProbes ?? false,
  };
  const kubelets = new Map<string, Kubelet>();
  driver.onEvent((event) => {
    for (const kubelet of kubelets.values()) kubelet.handle(event);
  });

  const world: World = {
    clock,
    client,
    driver: simulated,
    environment,
    kubelets,
    commands,
    errors,
    addNode(name, change) {
      client.create({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { "kubernetes.io/hostname": name } },
        spec: {},
        ...change,
      } as Node);
      return world.startKubelet(name);
    },
    startKubelet(name) {
      const kubelet = createKubelet({
        client,
        environment,
        nodeName: name,
        podSource: options.sources ?? (() => ({ local: {}, references: {} })),
        fileDirectory: "/project",
        onError: (_loop, _key, error) => errors.push(error),
      });
      kubelets.set(name, kubelet);
      kubelet.start();
      clock.advance(0);
      return kubelet;
    },
    pod: (name) => client.get("Pod", "default", name),
    createPod: (name, spec = {}, node) =>
      client.create<"Pod">({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "default", labels: { app: name } },
        spec: { containers: [container("main")], ...spec, ...(node ? { nodeName: node } : {}) },
      }),
    events: (name) =>
      client
        .list("Event")
        .filter(({ involvedObject }) => involvedObject.name === name)
        .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
        .map(({ type, reason, message }: Event) => `${type} ${reason}: ${message}`),
    now: () => clock.now() - start,
    commandsOf: (type) =>
      commands.flatMap(({ at, command }) => (command.type === type ? [{ ...command, at }] : [])) as never,
  };
  return world;
}

export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: `test/${name}:1`, command: ["run", name], ...more };
}

/** The statuses of a pod's conditions, by type. */
export function conditionsOf(pod: Pod | undefined): Record<string, string> {
  return Object.fromEntries((pod?.status?.conditions ?? []).map(({ type, status }) => [type, status]));
}
