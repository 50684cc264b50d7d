import { type Clock, VirtualClock } from "../../base/clock.ts";
import { seededRandom } from "../../base/random.ts";
import type { Pod } from "../../model/core.ts";
import { kindNames, type ObjectKey, type Stored } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { isSidecar } from "../../model/pod.ts";
import type { ContainerBehaviour } from "../../model/scenario.ts";
import { ApiError } from "../client/client.ts";
import { type Cluster, type ClusterOptions, createCluster, ownerKey } from "../cluster.ts";
import type { PodCommand, PodEvent, ProxyRule } from "../environment.ts";
import { withFaults } from "../kubelet/drivers/faults.ts";
import { createSimulatedDriver, type SimulatedDriver } from "../kubelet/drivers/simulated.ts";
import type { Store, StoreOptions } from "../store/store.ts";
import { createAbsences } from "./absences.ts";
import { createActors } from "./actors.ts";
import { drawBehaviour } from "./behaviour.ts";
import { briefest, unsettled } from "./convergence.ts";
import { simulatedMachine, simulatedNetwork } from "./environment.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHeartbeats } from "./heartbeats.ts";
import { type Broken, watchInvariants } from "./invariants/index.ts";
import { createLinks } from "./links.ts";
import { createTrace } from "./trace.ts";
import { createView, type View } from "./view.ts";

/** One run of a plan: the runtime itself under virtual time. The same plan, seed and faults give the same trace. */
export interface Simulation {
  readonly clock: VirtualClock;
  readonly cluster: Cluster;
  /** When the run began: nodes ready, objects just created. */
  readonly startedAt: number;
  readonly faults: Faults;
  /** Decisions of loops that threw: defects of ours. */
  readonly errors: readonly LoopError[];
  /**
   * Runs what is due next, all of one task, and gives whether there was anything due up to `limit` (milliseconds since
   * the epoch); where there was none the clock stands at `limit`.
   */
  step(limit: number): boolean;
  /** Calls `listener` at every state: after each write to the store and each answer of the driver. */
  onState(listener: () => void): () => void;
  /**
   * What is left to do, as one sentence; undefined: nothing, and what the API says of nodes and containers is so (a
   * node that has died and is still called ready is not settled). `waits` says which pods may go on waiting for a node.
   */
  unsettled(waits?: (pod: Stored<Pod>) => boolean): string | undefined;
  /** Of requests that clients on live nodes would send to a service now, by the proxies' rules, the share that a container answers: 0 to 1. */
  serving(service: ObjectKey): number;
  /** Whether this container runs now, past its start and not in an unready spell: the truth, whatever the API says. */
  answers(podUid: string, container: string): boolean;
  /** Whether any container of the pod runs, whatever the API says. */
  runs(podUid: string): boolean;
  /** Grows whenever what `answers` and `serving` say may have changed, but for nodes and links, which faults change. */
  readonly answersVersion: number;
  /** The first invariant that did not hold so far; see `invariants/`. Those of a converged cluster are looked at by `checkSettled`. */
  readonly broken: Broken | undefined;
  /** Looks at what has to hold once the cluster has converged; gives `broken`. */
  checkSettled(): Broken | undefined;
  /** A hash over every store write and driver event so far, as 16 hex digits. */
  traceHash(): string;
  stop(): void;
}

export interface LoopError {
  readonly at: number;
  readonly loop: string;
  readonly key: string;
  readonly error: unknown;
}

export interface SimulationOptions {
  readonly plan: Plan;
  /** A whole number; all chance in the run comes from it. */
  readonly seed: number;
  /** Sends every beat and runs every probe, each in its time, as a real machine does: slow, and the same in all else. */
  readonly beatByBeat?: boolean;
  /** The driver's answers come up to `late` milliseconds late; of a hundred, some twice, and some never where the runtime can find out without. */
  readonly answers?: { readonly late: number; readonly doubled: number; readonly lost: number };
  /** By node, how many milliseconds its clock is ahead of the cluster's. */
  readonly skew?: Readonly<Record<string, number>>;
}

/** How a container behaves of which nothing is said. */
const ordinary = {};

/** Secrets are read nowhere: containers of a simulation run no program that could use them. */
const readSecret = () => "";

export function createSimulation({
  plan,
  seed,
  beatByBeat = false,
  answers,
  skew = {},
}: SimulationOptions): Simulation {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const trace = createTrace();
  const errors: LoopError[] = [];
  const listeners = new Set<() => void>();
  const stateReached = () => {
    for (const listener of listeners) listener();
  };
  let current = plan;
  let rules: readonly ProxyRule[] = [];
  let rulesVersion = 0;
  const full = new Set<string>();
  const links = createLinks(clock);
  const views = new Map<string, View>();
  const loopViews = new Map<string, View>();
  const nodes = createAbsences(clock);
  const loops = createAbsences(clock);
  const actors = createActors();
  /** When the kubelets began, by node, and the cluster. */
  const kubelets = new Map<string, number>();
  let clusterSince = clock.now();
  const behaviours = random.fork("behaviour");

  const simulated = createSimulatedDriver({
    clock,
    random: random.fork("driver"),
    jitter: 20,
    behaviour: ({ podUid, container, attempt }, pod) => {
      const said = behaviourOf(current, pod, container);
      return said ? drawBehaviour(said, behaviours.fork(`${podUid}/${container}/${attempt}`)) : ordinary;
    },
  });
  const { healthyUntil, ...blind } = simulated;
  const answerFaults = {
    clock,
    random: random.fork("answers"),
    ...answers,
    // The end of a container that nobody asked for, and of its health, cannot be found out in any other way.
    mayLose: ({ type }: PodEvent) => type !== "containerExited" && type !== "healthChanged",
  };
  const unreliable = answers ? withFaults(simulated, answerFaults) : simulated;
  const driver = {
    ...blind,
    ...(beatByBeat ? {} : { healthyUntil: byNodeClock(simulated, skew) }),
    send(command: PodCommand) {
      watch.command(command);
      simulated.send(command);
    },
    onEvent: (handler: (event: PodEvent) => void) =>
      unreliable.onEvent((event) => {
        trace.answer(clock.now(), event);
        handler(event);
        watch.answer(event);
        stateReached();
      }),
  };
  const build = (resume?: ClusterOptions["resume"]): Cluster => {
    const built: Cluster = createCluster({
      ...(resume ? { resume } : {}),
      environment: {
        clock,
        random,
        driver,
        proxy: {
          apply: (next) => {
            rules = next;
            rulesVersion++;
          },
          onEvent: () => {},
        },
        machine: simulatedMachine(),
        network: simulatedNetwork(plan.cluster),
        links,
        steadyProbes: true,
        // `gc_controller.go`: looked for every 20 s, and given 40.
        lostNodes: { period: 20_000, grace: 40_000 },
        ...(beatByBeat ? {} : { heartbeats: createHeartbeats(clock, links) }),
      },
      readSecret,
      fileDirectory: "/",
      historySize: 0,
      forNode: (node, client) => {
        const view = createView(client, () => built.store);
        if (links.isCut(node)) view.cut();
        views.set(node, view);
        kubelets.set(node, clock.now());
        const machine = simulatedMachine(() => (full.has(node) ? ["DiskPressure"] : []));
        return { client: view, machine, clock: skewedClock(clock, skew[node] ?? 0) };
      },
      forLoop: (name, client) => {
        const view = createView(actors.as(name, client), () => built.store);
        loopViews.set(name, view);
        loops.set(name, false);
        return view;
      },
      onError: (loop, key, error) => {
        const refused = error instanceof ApiError && error.reason === "ServiceUnavailable";
        if (!refused) errors.push({ at: clock.now(), loop, key, error });
      },
    });
    built.store.subscribe((change) => {
      trace.write(clock.now(), change);
      watch.change(change);
      stateReached();
    });
    return built;
  };
  const watch = watchInvariants({
    ...simulated,
    behind: (loop, kind) => loopViews.get(loop)?.stands(kind) ?? false,
    loopAbsence: loops.of,
    lostNodes: nodes.away,
    nodeAbsence: nodes.of,
    kubeletSince: (node) => kubelets.get(node) ?? clusterSince,
    clusterSince: () => clusterSince,
    actor: () => actors.current,
    client: () => cluster.client,
    rules: () => rules,
    now: () => clock.now(),
  });
  let cluster = build();
  const faults = createFaults({
    cluster: () => cluster,
    clock,
    restart: () => {
      const { store } = cluster;
      cluster.stop();
      clusterSince = clock.now();
      cluster = build({ store: throughText(store), plan: current });
      watch.restarted(store, cluster.store);
    },
    driver: simulated,
    links,
    views,
    loopViews,
    full,
    nodes,
    loops,
    mendAnswers: () => void Object.assign(answerFaults, { late: 0, doubled: 0, lost: 0 }),
    plan: () => current,
    apply: (next) => {
      current = next;
      return cluster.apply(next);
    },
  });
  startUp(cluster, clock, plan);

  return {
    clock,
    get cluster() {
      return cluster;
    },
    startedAt: clock.now(),
    faults,
    errors,
    step: (limit) => clock.runNext(limit),
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    unsettled: (waits) =>
      clock.nextAt() === clock.now()
        ? "something is due at this very instant"
        : unsettled({
            client: cluster.client,
            sandboxes: simulated.sandboxes(),
            held: cluster.held(),
            kept: faults.kept,
            brief: simulated.ending(briefest),
            full,
            lost: nodes.away,
            ...(waits && { waits }),
          }),
    serving: (service) => {
      const clients = cluster.client.list("Node").filter(({ metadata }) => !faults.dead.has(metadata.name));
      const shares = new Map<string, number>();
      const reached = (address: string) => {
        const at = simulated.answering(address);
        if (at === undefined) return 0;
        let share = shares.get(at);
        if (share === undefined) {
          share = clients.filter(({ metadata }) => faults.reaches(metadata.name, at)).length / clients.length;
          shares.set(at, share);
        }
        return share;
      };
      const named = headlessAddresses(cluster, service);
      return named ? meanOf(named, reached) : servingShare(rules, service, reached);
    },
    answers: (podUid, container) => simulated.answers(podUid, container),
    runs: (podUid) => simulated.running().some((each) => each.podUid === podUid),
    get answersVersion() {
      return simulated.version + rulesVersion;
    },
    get broken() {
      return watch.broken;
    },
    checkSettled() {
      watch.settled();
      return watch.broken;
    },
    traceHash: () => trace.hash(),
    stop: () => cluster.stop(),
  };
}

/** What is left of a store when only what can be written of it is. */
function throughText(store: Store): NonNullable<StoreOptions["initial"]> {
  const objects = kindNames.flatMap((kind) => store.list(kind));
  return { revision: store.revision, objects: JSON.parse(JSON.stringify(objects)) };
}

/** A clock that is so many milliseconds ahead: what is told its time waits for it as for any other. */
function skewedClock(clock: Clock, ahead: number): Clock {
  if (ahead === 0) return clock;
  return {
    now: () => clock.now() + ahead,
    schedule: (at, task, rank) => clock.schedule(at - ahead, task, rank),
  };
}

/** `healthyUntil` as the clock of the pod's node has it. */
function byNodeClock(
  driver: SimulatedDriver,
  skew: Readonly<Record<string, number>>,
): NonNullable<SimulatedDriver["healthyUntil"]> {
  if (Object.keys(skew).length === 0) return driver.healthyUntil!;
  return (podUid, container, attempt, probe) =>
    driver.healthyUntil!(podUid, container, attempt, probe) +
    (skew[driver.sandbox(podUid)?.nodeName ?? ""] ?? 0);
}

/** A run begins when the nodes are ready and the objects have just been created. */
function startUp(cluster: Cluster, clock: VirtualClock, plan: Plan): void {
  let ready = false;
  cluster.startNodes(plan, () => {
    ready = true;
  });
  while (!ready) clock.runNext(Number.MAX_SAFE_INTEGER);
  const { refused } = cluster.apply(plan);
  const first = refused[0];
  if (first) throw new Error(`${first.key} is refused by the API: ${first.message}`);
}

/**
 * Every client, every port and every backend of it is as likely; a service without backends serves nobody. `reached` is
 * the share of clients that an address answers.
 */
function servingShare(
  rules: readonly ProxyRule[],
  service: ObjectKey,
  reached: (address: string) => number,
): number {
  const own = rules.filter((rule) => rule.service === service && rule.purpose === "clusterIP");
  if (own.length === 0) return 0;
  return meanOf(own, ({ backends }) => meanOf(backends, ({ address }) => reached(address)));
}

/** 0 of nothing. */
function meanOf<T>(list: readonly T[], value: (item: T) => number): number {
  return list.length === 0 ? 0 : list.reduce((sum, item) => sum + value(item), 0) / list.length;
}

/** The addresses that the name of a headless service stands for; undefined for other services. */
function headlessAddresses({ client }: Cluster, key: ObjectKey): readonly string[] | undefined {
  const [, namespace, name = ""] = key.split("/");
  if (client.get("Service", namespace, name)?.spec.clusterIP !== "None") return undefined;
  const { subsets = [] } = client.get("Endpoints", namespace, name) ?? {};
  return [...new Set(subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)))];
}

/** How long an init container runs of which the plan does not say it. */
const initMilliseconds = 1000;

function behaviourOf(plan: Plan, pod: Pod, container: string): ContainerBehaviour | undefined {
  const said = plan.behaviour?.[ownerKey(pod)]?.[container];
  const { initContainers = [] } = pod.spec;
  const ends = initContainers.some((each) => each.name === container && !isSidecar(each));
  return ends ? { run: initMilliseconds, ...said } : said;
}
