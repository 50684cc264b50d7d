import type { Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, kinds, type Stored } from "../../model/meta.ts";
import { mapMatches } from "../../model/selector.ts";
import { ApiError, type Client, type WatchEvent } from "../client/client.ts";
import { Expectations } from "../client/expectations.ts";
import { Loop, type RequeueAfter } from "../client/loop.ts";
import { nextAvailability } from "./availability.ts";
import { claimPods, controllerReference } from "./claim.ts";
import { type Controller, type ControllerEnvironment, queueKey, splitKey, stopAll } from "./controller.ts";
import { inDeletionOrder } from "./deletion-order.ts";
import { type ReplicaFailure, replicationStatus, sameStatus } from "./replication-status.ts";

const COMPONENT = "replication-controller";

/** How many pods one round creates or deletes at most (`BurstReplicas`). */
const BURST = 500;

/**
 * Keeps as many pods of each rc as it asks for (`pkg/controller/replicaset`, which Kubernetes' rcs share): claims,
 * creates in growing batches, deletes in order, and says in the status how it stands.
 */
export function createReplicationController(client: Client, environment: ControllerEnvironment): Controller {
  const { clock, onError } = environment;
  const expectations = new Expectations(clock);

  const loop = new Loop(
    COMPONENT,
    clock,
    (key) => {
      const [namespace, name] = splitKey(key);
      const rc = client.get("ReplicationController", namespace, name);
      if (rc) return sync(key, rc);
      expectations.forget(key);
    },
    onError,
  );

  function sync(key: string, rc: Stored<ReplicationController>): RequeueAfter | undefined {
    const ready = expectations.satisfied(key);
    const pods = claimPods(client, rc);
    const errors = ready && rc.metadata.deletionTimestamp === undefined ? manage(key, rc, pods) : [];
    const now = clock.now();
    const status = replicationStatus(rc, pods, failureOf(rc, pods, errors[0]), now);
    writeStatus(rc, status);
    if (errors.length > 0) throw errors[0];
    if (!ready) return { after: expectations.expiresIn(key) };
    const after = nextAvailability(pods, rc.spec.minReadySeconds ?? 0, now);
    return after === undefined ? undefined : { after };
  }

  /** One step towards the wanted number of pods. Gives what went wrong. */
  function manage(key: string, rc: Stored<ReplicationController>, pods: readonly Stored<Pod>[]): unknown[] {
    const missing = (rc.spec.replicas ?? 1) - pods.length;
    if (missing > 0) return createPods(key, rc, Math.min(missing, BURST));
    if (missing < 0) return deletePods(key, rc, pods, Math.min(-missing, BURST));
    return [];
  }

  /** In batches of 1, 2, 4, …: where pods cannot be created, that is found out with few tries. */
  function createPods(key: string, rc: Stored<ReplicationController>, count: number): unknown[] {
    expectations.expectCreations(key, count);
    const errors: unknown[] = [];
    let left = count;
    for (let batch = 1; left > 0 && errors.length === 0; batch *= 2) {
      for (let number = Math.min(batch, left); number > 0; number--) {
        left--;
        const error = createPod(rc);
        if (error === undefined) continue;
        expectations.creationObserved(key);
        // All creating is in vain while the namespace is being deleted: neither an error nor news.
        if (!isNamespaceTerminating(error)) errors.push(error);
      }
    }
    expectations.creationObserved(key, left);
    return errors;
  }

  function createPod(rc: Stored<ReplicationController>): unknown {
    try {
      const pod = client.create(podOf(rc));
      client.event(rc, COMPONENT, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!isNamespaceTerminating(error))
        client.event(rc, COMPONENT, "Warning", "FailedCreate", `Error creating: ${error.message}`);
      return error;
    }
  }

  function deletePods(
    key: string,
    rc: Stored<ReplicationController>,
    pods: readonly Stored<Pod>[],
    count: number,
  ): unknown[] {
    const chosen = count < pods.length ? inDeletionOrder(pods, clock.now()).slice(0, count) : pods;
    expectations.expectDeletions(key, chosen.map(queueKey));
    const errors: unknown[] = [];
    for (const pod of chosen) {
      const { namespace, name } = pod.metadata;
      try {
        client.delete("Pod", namespace, name);
        client.event(rc, COMPONENT, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        expectations.deletionObserved(key, queueKey(pod));
        if (error.reason === "NotFound") continue;
        client.event(rc, COMPONENT, "Warning", "FailedDelete", `Error deleting: ${error.message}`);
        errors.push(error);
      }
    }
    return errors;
  }

  function writeStatus(
    rc: Stored<ReplicationController>,
    status: NonNullable<ReplicationController["status"]>,
  ): void {
    if (sameStatus(rc.status, status)) return;
    // The status is about the generation acted on, whatever else has been written of the rc since it was read.
    const current = client.get("ReplicationController", rc.metadata.namespace, rc.metadata.name);
    if (current?.metadata.uid === rc.metadata.uid)
      client.updateStatus<"ReplicationController">({ ...current, status });
  }

  /** Tells the rcs that a change of a pod may concern, and what they have been waiting to see. */
  function podChanged({ type, object, previous }: WatchEvent<Pod>): void {
    const owner = ownerKey(object);
    const before = previous && ownerKey(previous);
    if (owner !== undefined) {
      if (type === "ADDED") expectations.creationObserved(owner);
      if (type === "DELETED" || object.metadata.deletionTimestamp !== undefined)
        expectations.deletionObserved(owner, queueKey(object));
      loop.add(owner);
    }
    if (before !== undefined && before !== owner) loop.add(before);
    if (owner !== undefined || controllerOf(object) || type === "DELETED") return;
    const { namespace, labels } = object.metadata;
    for (const rc of client.list("ReplicationController", { namespace: namespace! }))
      if (mapMatches(rc.spec.selector, labels)) loop.add(queueKey(rc));
  }

  const stops = [
    client.watch("ReplicationController", ({ object }) => loop.add(queueKey(object))),
    client.watch("Pod", podChanged),
  ];
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stopAll(stops);
    },
  };
}

/** The queue key of the rc that controls a pod. */
function ownerKey(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  return owner?.kind === "ReplicationController" ? `${pod.metadata.namespace}/${owner.name}` : undefined;
}

/** A new pod of an rc: the template's labels, annotations, finalizers and spec, and the rc as its controller. */
function podOf(rc: Stored<ReplicationController>): Pod {
  const { metadata = {}, spec } = rc.spec.template;
  const { labels, annotations, finalizers } = metadata;
  return {
    apiVersion: kinds.Pod.apiVersion,
    kind: "Pod",
    metadata: {
      generateName: podPrefix(rc.metadata.name),
      namespace: rc.metadata.namespace!,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(rc)],
    } as unknown as Pod["metadata"],
    spec,
  };
}

/** The longest DNS subdomain. */
const LONGEST = 253;

/** The rc's name and a dash, unless that is no valid beginning of a pod's name any more. */
function podPrefix(name: string): string {
  return name.length < LONGEST ? `${name}-` : name;
}

function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false)
  );
}

function failureOf(
  rc: Stored<ReplicationController>,
  pods: readonly Pod[],
  error: unknown,
): ReplicaFailure | undefined {
  if (error === undefined) return undefined;
  const reason = pods.length < (rc.spec.replicas ?? 1) ? "FailedCreate" : "FailedDelete";
  return { reason, message: error instanceof Error ? error.message : String(error) };
}
