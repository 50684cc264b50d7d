import type { Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, type Stored } from "../../model/meta.ts";
import { condition, isActive } from "../../model/pod.ts";
import { mapMatches } from "../../model/selector.ts";
import type { Client, WatchEvent } from "../client/client.ts";
import { Expectations } from "../client/expectations.ts";
import { Loop, type RequeueAfter, turnRanks } from "../client/loop.ts";
import { nextAvailability } from "./availability.ts";
import { claimPods } from "./claim.ts";
import { type Controller, type ControllerEnvironment, queueKey, splitKey, stopAll } from "./controller.ts";
import { createScaler, REPLICATION_CONTROLLER } from "./replicas.ts";
import { type ReplicaFailure, replicationStatus, sameStatus } from "./replication-status.ts";

/**
 * Keeps as many pods of each rc as it asks for (`pkg/controller/replicaset`, which Kubernetes' rcs share): claims,
 * creates in growing batches, deletes in order, and says in the status how it stands.
 */
export function createReplicationController(client: Client, environment: ControllerEnvironment): Controller {
  const { clock, onError } = environment;
  const expectations = new Expectations(clock);
  const scale = createScaler(client, clock, expectations);

  const loop = new Loop(
    REPLICATION_CONTROLLER,
    clock,
    (key) => {
      const [namespace, name] = splitKey(key);
      const rc = client.get("ReplicationController", namespace, name);
      if (rc) return sync(key, rc);
      expectations.forget(key);
    },
    onError,
    turnRanks.overview,
  );

  function sync(key: string, rc: Stored<ReplicationController>): RequeueAfter | undefined {
    const ready = expectations.satisfied(key);
    const pods = claimPods(client, rc);
    const errors = ready && rc.metadata.deletionTimestamp === undefined ? scale(key, rc, pods) : [];
    const now = clock.now();
    const status = replicationStatus(rc, pods, failureOf(rc, pods, errors[0]), now);
    writeStatus(rc, status);
    if (errors.length > 0) throw errors[0];
    if (!ready) return { after: expectations.expiresIn(key) };
    const after = nextAvailability(pods, rc.spec.minReadySeconds ?? 0, now);
    return after === undefined ? undefined : { after };
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
    if (type === "MODIFIED" && previous && !concernsReplication(previous, object)) return;
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

/** Whether a change of a pod can change what its rc does or says. */
function concernsReplication(before: Stored<Pod>, after: Stored<Pod>): boolean {
  return (
    isActive(before) !== isActive(after) ||
    condition(before.status?.conditions, "Ready") !== condition(after.status?.conditions, "Ready") ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences
  );
}

/** The queue key of the rc that controls a pod. */
function ownerKey(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  return owner?.kind === "ReplicationController" ? `${pod.metadata.namespace}/${owner.name}` : undefined;
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
