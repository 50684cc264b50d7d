import type { Pod } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { equalStructure } from "../client/structure.ts";
import type { FilesVolume, SandboxVolume } from "../environment.ts";
import { hostname } from "./environment-variables.ts";
import { serviceHosts } from "./services.ts";
import { sandboxVolume } from "./volumes.ts";
import type { ContainerWorker, PodWorker, SandboxContents, Turn } from "./worker.ts";

/** How long the making of a sandbox may go unanswered (Kubernetes' `runtimeRequestTimeout`). */
const createTimeout = 120_000;
/** After how long without an answer the removal is commanded again. */
const removeTimeout = 30_000;
const firstRetry = 1_000;
const maximumRetry = 10_000;

/** Sees to it that the pod has its address, its pause process and its volumes; whether containers may start. */
export function ensureSandbox(worker: PodWorker, turn: Turn): boolean {
  const { sandbox } = worker;
  switch (sandbox.phase) {
    case "ready":
      return true;
    case "none":
      if (sandbox.blockedBy === undefined) {
        if (turn.now >= sandbox.retryAt) createSandbox(worker, turn);
        else turn.wake(sandbox.retryAt);
      }
      return false;
    case "creating":
      if (turn.now < sandbox.answerBy) turn.wake(sandbox.answerBy);
      else sandboxFailed(worker, "context deadline exceeded", turn);
      return false;
    case "removing":
      removeSandbox(worker, turn);
      return false;
    case "removed":
      return false;
  }
}

function createSandbox(worker: PodWorker, turn: Turn): void {
  const { pod, sandbox } = worker;
  const contents = contentsOf(pod, turn);
  if (typeof contents === "string") {
    sandbox.blockedBy = contents;
    turn.record("Warning", "FailedMount", contents);
    return;
  }
  const address = pod.spec.hostNetwork ? turn.node.address : turn.addresses?.take();
  if (!address) {
    const range = turn.addresses ? `no free address in ${turn.addresses.cidr}` : "the node has no podCIDR";
    retryLater(worker, range, turn);
    return;
  }
  sandbox.phase = "creating";
  sandbox.address = address;
  sandbox.contents = contents;
  sandbox.answerBy = turn.now + createTimeout;
  turn.wake(sandbox.answerBy);
  turn.send({
    type: "createSandbox",
    podUid: worker.uid,
    pod,
    nodeName: turn.node.name,
    nodeAddress: turn.node.address,
    address,
    hostname: hostname(pod.metadata.name, pod.spec.hostname),
    volumes: contents.volumes,
    hosts: contents.hosts,
  });
}

/** A text says, in Kubernetes' words, which volume cannot be mounted. */
function contentsOf(pod: Stored<Pod>, turn: Turn): SandboxContents | string {
  const volumes: SandboxVolume[] = [];
  for (const declared of pod.spec.volumes ?? []) {
    const volume = sandboxVolume(declared, pod, turn);
    if (typeof volume === "string") return volume;
    volumes.push(volume);
  }
  return { volumes, hosts: serviceHosts(pod.metadata.namespace ?? "default", turn.client) };
}

/**
 * Brings what a running pod sees of configs, secrets, its own metadata and services up to date. Where something is
 * missing now, the pod keeps what it has, as in Kubernetes.
 */
export function updateSandbox(worker: PodWorker, turn: Turn): void {
  const { pod, sandbox } = worker;
  if (sandbox.phase !== "ready" || sandbox.address === undefined) return;
  const contents = contentsOf(pod, turn);
  if (typeof contents === "string" || equalStructure(contents, sandbox.contents)) return;
  const before = new Map(sandbox.contents?.volumes.map((volume) => [volume.name, volume]));
  const changed = contents.volumes.filter(
    (volume): volume is FilesVolume =>
      volume.type === "files" && !equalStructure(volume, before.get(volume.name)),
  );
  sandbox.contents = contents;
  turn.send({
    type: "updateSandbox",
    podUid: worker.uid,
    address: sandbox.address,
    hostname: hostname(pod.metadata.name, pod.spec.hostname),
    volumes: changed,
    hosts: contents.hosts,
  });
}

/** What could not be brought up to date is tried again after a while, and with the next change. */
export function sandboxUpdateFailed({ sandbox }: PodWorker, message: string, turn: Turn): void {
  sandbox.contents = undefined;
  turn.record("Warning", "FailedMount", message);
}

/** What was begun is cleared away before it is tried again. */
export function sandboxFailed(worker: PodWorker, message: string, turn: Turn): void {
  retryLater(worker, message, turn);
  removeSandbox(worker, turn);
}

function retryLater({ sandbox }: PodWorker, message: string, turn: Turn): void {
  turn.record("Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${message}`);
  sandbox.retryAt = turn.now + Math.min(firstRetry * 2 ** Math.min(sandbox.failures, 10), maximumRetry);
  sandbox.failures++;
  turn.wake(sandbox.retryAt);
}

/**
 * Removes the sandbox; true once nothing is left of it. The address is given back only then. The logs of a pod that has
 * ended stay as long as its object, as in Kubernetes.
 */
export function removeSandbox(worker: PodWorker, turn: Turn): boolean {
  const { sandbox, pod, vanished } = worker;
  const isThere = !vanished && pod.metadata.deletionTimestamp === undefined;
  if (sandbox.phase === "none") sandbox.phase = "removed";
  if (sandbox.phase === "removed" && (isThere || !sandbox.logsKept)) return true;
  if (sandbox.phase !== "removing" || turn.now >= sandbox.answerBy) {
    sandbox.phase = "removing";
    sandbox.answerBy = turn.now + removeTimeout;
    sandbox.logsKept = turn.keepsLogs && isThere && worker.ending !== undefined;
    turn.send({
      type: "removeSandbox",
      podUid: worker.uid,
      ...(sandbox.logsKept ? { keepLogs: true } : {}),
    });
  }
  turn.wake(sandbox.answerBy);
  return false;
}

/** What an init container has done was done for the sandbox that is gone: in the next one it runs again. */
function beginAnew(container: ContainerWorker): void {
  container.begun = false;
  if (container.kind !== "init" || container.phase !== "exited") return;
  container.phase = "waiting";
  container.retryAt = 0;
}

export function sandboxRemoved(worker: PodWorker, turn: Turn): void {
  const { sandbox, pod } = worker;
  if (sandbox.phase !== "removing") return;
  if (sandbox.address && !pod.spec.hostNetwork) turn.addresses?.release(sandbox.address);
  sandbox.address = undefined;
  sandbox.phase = worker.ending ? "removed" : "none";
  if (!worker.ending) for (const container of worker.containers) beginAnew(container);
}
