import type { Cancel } from "../../base/clock.ts";
import type { Node, Pod } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { isTerminal } from "../../model/pod.ts";
import { ApiError, type Client } from "../client/client.ts";
import { Loop, type RequeueAfter } from "../client/loop.ts";
import type { Environment, PodEvent, PodSource } from "../environment.ts";
import { type AddressPool, createAddressPool } from "../network/pool.ts";
import { addStanding, admit, createRefusals, type Standing } from "./admission.ts";
import { adopt } from "./adoption.ts";
import { retryBlocked } from "./containers.ts";
import { admitUnderPressure, createPressure, evictionPeriod, nextEviction } from "./eviction.ts";
import { startHeart } from "./heart.ts";
import { nextProbe, runProbes } from "./probes.ts";
import { addressOf, conditionChanges, labelNode, postNodeStatus, statusPeriod } from "./registration.ts";
import { updateSandbox } from "./sandbox.ts";
import { canWait, podStatus } from "./status.ts";
import { applyAnswer, hasEnded, restartContainer, syncPod } from "./sync.ts";
import { showsPod } from "./volumes.ts";
import { type ContainerWorker, createWorker, fieldPathOf, type PodWorker, type Turn } from "./worker.ts";

export interface KubeletOptions {
  readonly client: Client;
  /**
   * The API itself, for what a kubelet says of its node: it reads the node anew each time, however far behind its view
   * is. Whether it reaches it `environment.links` decides. `client` where left out.
   */
  readonly direct?: Client;
  readonly environment: Environment;
  readonly nodeName: string;
  /** What the plan says beside a pod's object. */
  readonly podSource: (pod: Pod) => PodSource;
  /** Absolute: where commands without a directory of their own run. */
  readonly fileDirectory: string;
  readonly onError?: (loop: string, key: string, error: unknown) => void;
}

/** Runs the pods that are bound to one node. */
export interface Kubelet {
  readonly nodeName: string;
  /** Registers the node, or takes its object over, and begins to run its pods. */
  start(): void;
  /**
   * An answer of the driver; one that speaks of another kubelet's pod is ignored. Gives whether more answers about the pod
   * are for this kubelet: it has a sandbox here, or is being given one.
   */
  handle(event: PodEvent): boolean;
  /** The machine has changed: what the node says of itself is looked at again. */
  refreshNode(): void;
  /** Ends a container and starts it again at once, without back-off; counted. False where there is nothing to restart. */
  restartContainer(podUid: string, container: string): boolean;
  /**
   * Ends the loop. With `removePods` everything that the node runs is killed first, as when a machine is taken away;
   * else it is left to the driver.
   */
  stop(options?: { readonly removePods: boolean }): void;
}

const component = "kubelet";
const nodeKey = "node";
const orphansKey = "orphans";
const evictionKey = "eviction";
const sandboxesKey = "sandboxes";
/** After how long what could not be brought up to date is tried again. */
const updateRetry = 10_000;
/**
 * How long a step of a pod waits for the next one to be said with it: those of a quick start, a sandbox, its programs,
 * their readiness, are one write then. (Kubernetes' status manager sends the newest of what came about while it was busy.)
 */
const sayDelay = 50;
const addressReserved = 1;

export function createKubelet(options: KubeletOptions): Kubelet {
  const { client, direct = client, environment, nodeName, podSource, fileDirectory, onError } = options;
  const { clock, driver, network, links } = environment;
  const runtime = driver.runtimeVersion.split("://")[0] ?? "";
  const workers = new Map<string, PodWorker>();
  /** The pods of this node as last heard of; undefined for one that is gone. */
  const found = new Map<string, Stored<Pod> | undefined>();
  /** The next run of a pod's probes. */
  const probing = new Map<string, { readonly at: number; readonly cancel: Cancel }>();
  const unwatch: (() => void)[] = [];
  const refusals = createRefusals();
  const loop = new Loop(`kubelet/${nodeName}`, clock, (key) => reconcile(key), onError);
  const pressure = createPressure(environment.machine, clock);
  /** What the node's status is made of. */
  const telling: Environment = {
    ...environment,
    machine: { ...environment.machine, pressure: pressure.said },
  };
  /** What an earlier kubelet has left and no pod has claimed yet. */
  const existing = new Map((driver.existing?.(nodeName) ?? []).map((pod) => [pod.podUid, pod]));
  let addresses: AddressPool | undefined;
  let registered = false;
  /** Whether the node takes no pods, as was told last. */
  let unschedulable: boolean | undefined;
  let posted = Number.NEGATIVE_INFINITY;
  let stopped = false;
  /** What stands here by the last admission; undefined where a pod may have ended or changed since. */
  let standing: Standing | undefined;
  /** The pod whose status is being written. */
  let posting: PodWorker | undefined;

  /** What is told of a pod as a whole, or of the node. */
  const about = { host: nodeName };
  /** The node as last heard of. */
  let node: Stored<Node> | undefined;

  function start(): void {
    reach(register);
    loop.add(nodeKey);
    loop.add(orphansKey);
    unwatch.push(
      client.watch(
        "Node",
        ({ type, object }) => {
          node = type === "DELETED" ? undefined : object;
          loop.add(nodeKey);
        },
        { fields: { "metadata.name": nodeName } },
      ),
      client.watch(
        "Pod",
        ({ type, object }) => {
          const { uid } = object.metadata;
          found.set(uid, type === "DELETED" ? undefined : object);
          // What this kubelet has just said is no news to it.
          if (posting?.uid === uid) return;
          loop.add(uid);
          if (driver.updatesSandboxes && object.spec.volumes?.some(showsPod)) loop.add(sandboxesKey);
        },
        { fields: { "spec.nodeName": nodeName } },
      ),
      client.watch("ConfigMap", ({ object }) => retryIn(object.metadata.namespace)),
      client.watch("Secret", ({ object }) => retryIn(object.metadata.namespace)),
      ...(driver.updatesSandboxes
        ? (["Service", "Endpoints"] as const).map((kind) => client.watch(kind, () => loop.add(sandboxesKey)))
        : []),
      startHeart({ client: direct, environment, nodeName, onBeat }),
      links?.onChange((node) => {
        if (node === nodeName && !links.isCut(nodeName)) sayAll();
      }) ?? (() => {}),
    );
  }

  /** Writes what the API lacks; out of its reach nothing, until the link is mended. */
  function reach(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === "ServiceUnavailable")) throw error;
    }
  }

  function register(): void {
    if (!client.get("Node", undefined, nodeName)) {
      const labels = { "kubernetes.io/hostname": nodeName };
      client.create({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName, labels }, spec: {} });
    }
    registered = true;
  }

  /** The API is in reach again: whatever could not be said meanwhile is said now. */
  function sayAll(): void {
    if (!registered) reach(register);
    loop.add(nodeKey);
    loop.add(orphansKey);
    for (const uid of workers.keys()) loop.add(uid);
  }

  /** A status that has not changed is posted now and then all the same. */
  function onBeat(): void {
    if (clock.now() >= posted + statusPeriod) post(true);
  }

  function post(anew: boolean): void {
    if (links?.isCut(nodeName)) return;
    const found = direct.get("Node", undefined, nodeName);
    if (!found) return;
    const node = labelNode(found, direct, environment);
    const written = postNodeStatus(node, direct, telling, anew);
    if (!written) return;
    posted = clock.now();
    for (const reason of conditionChanges(node.status?.conditions, written.status?.conditions))
      tellStatus(written, reason);
  }

  /** That the kubelet has started, and that its node takes pods no more, or again. One that goes on has nothing to tell. */
  function tellNode(node: Stored<Node>): void {
    const now = node.spec.unschedulable ?? false;
    if (unschedulable === undefined && node.status?.conditions) unschedulable = now;
    if (unschedulable === undefined) tell(node, "Starting", "Starting kubelet.");
    if (now !== (unschedulable ?? false)) tellStatus(node, now ? "NodeNotSchedulable" : "NodeSchedulable");
    unschedulable = now;
  }

  function tell(node: Stored<Node>, reason: string, message: string): void {
    client.event(node, component, "Normal", reason, message, about);
  }

  function tellStatus(node: Stored<Node>, reason: string): void {
    tell(node, reason, `Node ${nodeName} status is now: ${reason}`);
  }

  function reconcile(key: string): RequeueAfter | undefined {
    if (key === nodeKey) return reconcileNode();
    if (key === orphansKey) return removeOrphans();
    if (key === evictionKey) return evictOne();
    if (key === sandboxesKey) return updateSandboxes();
    return reconcilePod(key);
  }

  function reconcileNode(): RequeueAfter | undefined {
    if (!node) return undefined;
    const cidr = node.spec.podCIDR;
    const first = addresses === undefined;
    tellNode(node);
    if (cidr && addresses?.cidr !== cidr) {
      addresses = createAddressPool(cidr, { reserved: addressReserved });
      for (const { sandbox } of workers.values()) if (sandbox.address) addresses.claim(sandbox.address);
      for (const { address } of existing.values()) addresses.claim(address);
    }
    post(false);
    if (first && addresses) for (const uid of found.keys()) loop.add(uid);
    const after = pressure.changesIn();
    return after === undefined ? undefined : { after };
  }

  /** What runs here and is no pod of the API any more is taken away, once the API has been heard. */
  function removeOrphans(): undefined {
    if (links?.isCut(nodeName)) return;
    for (const podUid of existing.keys()) {
      if (!found.has(podUid)) driver.send({ type: "removeSandbox", podUid });
    }
  }

  function orphanRemoved(podUid: string): void {
    const orphan = existing.get(podUid);
    if (orphan) addresses?.release(orphan.address);
    existing.delete(podUid);
  }

  function reconcilePod(uid: string): RequeueAfter | undefined {
    const pod = found.get(uid);
    loop.forget(uid);
    // Until the node has its addresses nothing can run; `reconcileNode` comes back to all pods.
    if (!addresses) return undefined;
    let worker = workers.get(uid);
    if (!worker) {
      if (!pod) {
        found.delete(uid);
        return undefined;
      }
      worker = createWorker(pod, podSource(pod), clock.now());
      workers.set(uid, worker);
      const left = existing.get(uid);
      if (left) {
        adopt(worker, left, clock.now());
        standing = undefined;
      }
      existing.delete(uid);
    }
    if (pod && pod.spec !== worker.pod.spec) standing = undefined;
    if (pod) worker.pod = pod;
    worker.vanished = pod === undefined;
    if (!worker.admitted) admitPod(worker);
    const turn = beginTurn(worker);
    const gone = syncPod(worker, turn);
    if (worker.ending) standing = undefined;
    armProbes(worker);
    reach(() => {
      if (pod) sayStatus(worker, pod, turn);
      if (gone) finish(worker);
    });
    const over = gone && worker.sayBy === Number.POSITIVE_INFINITY;
    return over || wakeAt === Number.POSITIVE_INFINITY
      ? undefined
      : { after: Math.max(0, wakeAt - clock.now()) };
  }

  function updateSandboxes(): undefined {
    for (const worker of workers.values()) updateSandbox(worker, beginTurn(worker));
  }

  /** A node that is short of something ends one pod after the other until it is so no more. */
  function evictOne(): RequeueAfter | undefined {
    const shortage = pressure.observe();
    const eviction = nextEviction(workers.values(), shortage);
    if (eviction) {
      const { worker, message } = eviction;
      worker.ending = { cause: "evicted", since: clock.now(), reason: "Evicted", message };
      record(worker.pod, "Warning", "Evicted", message);
      loop.add(worker.uid);
    }
    return shortage.length > 0 ? { after: evictionPeriod } : undefined;
  }

  /** A pod is admitted once, when it comes to the node; one that has ended already needs no room. */
  function admitPod(worker: PodWorker): void {
    worker.admitted = true;
    const { spec, metadata } = worker.pod;
    if (!node || worker.vanished || isTerminal(worker.pod) || metadata.deletionTimestamp) {
      standing = undefined;
      return;
    }
    standing ??= allStanding(worker);
    const rejected =
      admitUnderPressure(spec, pressure.said()) ??
      admit(spec, standing, node, node.status?.allocatable ?? {});
    if (!rejected) {
      addStanding(standing, spec);
      return;
    }
    worker.ending = { cause: "rejected", since: clock.now(), ...rejected };
    worker.sayBy = refusals.sayBy(clock.now());
    record(worker.pod, "Warning", rejected.reason, rejected.message);
  }

  function allStanding(newcomer: PodWorker): Standing {
    const all: Standing = { pods: [], requests: {} };
    for (const worker of workers.values())
      if (worker !== newcomer && worker.admitted && !worker.vanished && !hasEnded(worker))
        addStanding(all, worker.pod.spec);
    return all;
  }

  /** Says how the pod is, now or with what comes next. */
  function sayStatus(worker: PodWorker, pod: Stored<Pod>, turn: Turn): void {
    if (worker.hadEnded) return;
    const refused = worker.ending?.cause === "rejected" && worker.sayBy !== Number.POSITIVE_INFINITY;
    if (refused || canWait(worker)) {
      if (!refused) worker.sayBy = Math.min(worker.sayBy, turn.now + sayDelay);
      if (turn.now < worker.sayBy) {
        turn.wake(worker.sayBy);
        return;
      }
    }
    postStatus(worker, pod, turn);
    worker.sayBy = Number.POSITIVE_INFINITY;
  }

  function postStatus(worker: PodWorker, pod: Stored<Pod>, turn: Turn): void {
    const status = podStatus(worker, turn.node, runtime, turn.now);
    if (status === pod.status) return;
    posting = worker;
    try {
      const { apiVersion, kind, metadata, spec } = pod;
      worker.pod = client.updateStatus({ apiVersion, kind, metadata, spec, status }) as Stored<Pod>;
    } catch (error) {
      // It is gone already: a watch that lags has yet to say so.
      if (!(error instanceof ApiError && error.reason === "NotFound")) throw error;
    } finally {
      posting = undefined;
    }
  }

  /** Nothing of the pod is left here: a pod that is being deleted goes for good. */
  function finish(worker: PodWorker): void {
    const { uid, pod, vanished } = worker;
    const { namespace, name, deletionTimestamp } = pod.metadata;
    if (!vanished && deletionTimestamp === undefined) return;
    if (!vanished) {
      try {
        client.delete("Pod", namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        // Another one has deleted it, or its name has been taken over.
        if (!(error instanceof ApiError && ["NotFound", "Conflict"].includes(error.reason))) throw error;
      }
    }
    workers.delete(uid);
    found.delete(uid);
    probing.get(uid)?.cancel();
    probing.delete(uid);
  }

  /**
   * Sees to it that the pod's probes are run when the next one is due. They are no decisions and stand outside of the
   * loop: a run whose result is the same as before leaves no trace, so that it may as well be left out.
   */
  function armProbes(worker: PodWorker): void {
    const { uid } = worker;
    const at = nextProbe(worker);
    const armed = probing.get(uid);
    if (armed?.at === at) return;
    armed?.cancel();
    probing.delete(uid);
    if (at === Number.POSITIVE_INFINITY) return;
    const run = () => {
      probing.delete(uid);
      runProbes(worker, beginTurn(worker));
      armProbes(worker);
    };
    probing.set(uid, { at, cancel: clock.schedule(at, run, worker.rank) });
  }

  /** What decisions see and say: one for all of them, since none begins before another has ended. */
  let deciding: PodWorker | undefined;
  let wakeAt = Number.POSITIVE_INFINITY;
  let seen: Stored<Node> | undefined;
  const turn: { -readonly [K in keyof Turn]: Turn[K] } = {
    now: 0,
    node: { name: nodeName, address: "", allocatable: {} },
    client,
    network,
    addresses: undefined,
    runsImages: driver.runsImages ?? false,
    keepsLogs: driver.keepsLogs ?? false,
    fileDirectory,
    send: (command) => driver.send(command),
    record: (type, reason, message, container) => record(deciding!.pod, type, reason, message, container),
    wake: (at) => {
      if (at < wakeAt) wakeAt = at;
    },
    healthyUntil: driver.healthyUntil,
    steadyProbes: environment.steadyProbes === true,
  };

  function beginTurn(worker: PodWorker): Turn {
    if (node !== seen) {
      seen = node;
      const address = node && addressOf(node, environment);
      turn.node = { name: nodeName, address: address ?? "", allocatable: node?.status?.allocatable ?? {} };
    }
    turn.now = clock.now();
    turn.addresses = addresses;
    deciding = worker;
    wakeAt = Number.POSITIVE_INFINITY;
    return turn;
  }

  function record(
    pod: Stored<Pod>,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    container?: ContainerWorker,
  ): void {
    const options = container ? { host: nodeName, fieldPath: fieldPathOf(container) } : about;
    client.event(pod, component, type, reason, message, options);
  }

  /** A config or secret has changed: what lacks one is tried again, and what shows one is brought up to date. */
  function retryIn(namespace: string | undefined): void {
    if (driver.updatesSandboxes) loop.add(sandboxesKey);
    for (const worker of workers.values()) {
      if (worker.pod.metadata.namespace !== namespace) continue;
      worker.sandbox.blockedBy = undefined;
      for (const container of worker.containers) retryBlocked(container);
      loop.add(worker.uid);
    }
  }

  return {
    nodeName,
    start,
    handle(event) {
      const worker = workers.get(event.podUid);
      if (event.type === "sandboxRemoved") orphanRemoved(event.podUid);
      if (event.type === "updateFailed" && !stopped) loop.addAfter(sandboxesKey, updateRetry);
      if (stopped || !worker) return false;
      if (applyAnswer(worker, event, beginTurn(worker))) loop.add(event.podUid);
      if (worker.ending) standing = undefined;
      // What changed while it was being made was for a sandbox that was not there yet.
      if (event.type === "sandboxReady" && driver.updatesSandboxes) updateSandbox(worker, beginTurn(worker));
      if ("container" in event) armProbes(worker);
      // An address has come free, which another pod may be waiting for.
      if (event.type === "sandboxRemoved")
        for (const { uid, sandbox } of workers.values()) if (sandbox.phase === "none") loop.add(uid);
      const { phase } = worker.sandbox;
      return phase !== "none" && phase !== "removed";
    },
    refreshNode() {
      loop.add(nodeKey);
      loop.add(evictionKey);
    },
    restartContainer(podUid, container) {
      const worker = workers.get(podUid);
      if (stopped || !worker) return false;
      const restarted = restartContainer(worker, container, beginTurn(worker));
      loop.add(podUid);
      return restarted;
    },
    stop(stopOptions) {
      if (stopped) return;
      stopped = true;
      for (const cancel of unwatch) cancel();
      for (const { cancel } of probing.values()) cancel();
      loop.stop();
      if (!stopOptions?.removePods) return;
      for (const { uid, sandbox } of workers.values()) {
        if (sandbox.phase === "creating" || sandbox.phase === "ready") {
          driver.send({ type: "removeSandbox", podUid: uid });
        }
      }
    },
  };
}
