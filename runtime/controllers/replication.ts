import type { Condition, Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, type Stored } from "../../model/meta.ts";
import { condition, isActive } from "../../model/pod.ts";
import { mapMatches } from "../../model/selector.ts";
import type { Client, WatchEvent } from "../client/client.ts";
import { Expectations } from "../client/expectations.ts";
import { Loop, type RequeueAfter, turnRanks } from "../client/loop.ts";
import { nextAvailability } from "./availability.ts";
import { adoptable, claimPods } from "./claim.ts";
import { type Controller, type ControllerEnvironment, queueKey, splitKey, stopAll } from "./controller.ts";
import { countPods, OwnedCounts, type ReplicaCounts } from "./replica-counts.ts";
import { createScaler, REPLICATION_CONTROLLER } from "./replicas.ts";
import { type ReplicaFailure, replicationStatus, sameStatus } from "./replication-status.ts";

interface Replicas {
  readonly counts: ReplicaCounts;
  /** Those that are counted. */
  readonly pods: () => readonly Stored<Pod>[];
}

/**
 * Keeps as many pods of each rc as it asks for (`pkg/controller/replicaset`, which Kubernetes' rcs share): claims,
 * creates in growing batches, deletes in order, and says in the status how it stands.
 */
export function createReplicationController(client: Client, environment: ControllerEnvironment): Controller {
  const { clock, onError } = environment;
  const expectations = new Expectations(clock);
  const scale = createScaler(client, clock, expectations);
  const owned = new OwnedCounts();
  /** The rc whose status is being written: that it changes is no news. */
  let writing: string | undefined;

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
    const now = clock.now();
    const { counts, pods } = look(rc, now);
    const scales = ready && rc.metadata.deletionTimestamp === undefined;
    const errors = scales ? scale(key, rc, counts.total, pods) : [];
    const status = replicationStatus(rc, counts, failureOf(rc, counts.total, errors[0]), now);
    writeStatus(key, rc, status);
    if (errors.length > 0) throw errors[0];
    if (!ready) return { after: expectations.expiresIn(key) };
    const minReadySeconds = rc.spec.minReadySeconds ?? 0;
    const after = minReadySeconds > 0 ? nextAvailability(pods(), minReadySeconds, now) : undefined;
    return after === undefined ? undefined : { after };
  }

  /** The pods of an rc and what is to be said of them. They are looked at one by one only where counting is not enough. */
  function look(rc: Stored<ReplicationController>, now: number): Replicas {
    const counts = rc.spec.minReadySeconds ? undefined : owned.of(rc);
    const whole = owned.unowned === 0 || adoptable(client, rc).length === 0;
    if (counts && whole) return { counts, pods: () => claimPods(client, rc) };
    const pods = claimPods(client, rc);
    return { counts: countPods(rc, pods, now), pods: () => pods };
  }

  function writeStatus(
    key: string,
    rc: Stored<ReplicationController>,
    status: NonNullable<ReplicationController["status"]>,
  ): void {
    if (sameStatus(rc.status, status)) return;
    // The status is about the generation acted on, whatever else has been written of the rc since it was read.
    const current = client.get("ReplicationController", rc.metadata.namespace, rc.metadata.name);
    if (current?.metadata.uid !== rc.metadata.uid) return;
    writing = key;
    try {
      client.updateStatus<"ReplicationController">({ ...current, status });
    } finally {
      writing = undefined;
    }
  }

  /** Tells the rcs that a change of a pod may concern, and what they have been waiting to see. */
  function podChanged({ type, object, previous }: WatchEvent<Pod>): void {
    if (type === "MODIFIED" && previous && !concernsReplication(previous, object)) return;
    owned.change(
      previous ?? (type === "DELETED" ? object : undefined),
      type === "DELETED" ? undefined : object,
    );
    const owner = ownerKey(object);
    const before = previous && ownerKey(previous);
    if (owner !== undefined) {
      if (type === "ADDED") expectations.creationObserved(owner);
      const seen =
        (type === "DELETED" || object.metadata.deletionTimestamp !== undefined) &&
        expectations.deletionObserved(owner, queueKey(object));
      // One that has ended, or was being deleted, was not counted any more.
      if (type !== "DELETED" || seen || isActive(previous ?? object)) loop.add(owner);
    }
    if (before !== undefined && before !== owner) loop.add(before);
    if (owner !== undefined || controllerOf(object) || type === "DELETED") return;
    const { namespace, labels } = object.metadata;
    for (const rc of client.list("ReplicationController", { namespace: namespace! }))
      if (mapMatches(rc.spec.selector, labels)) loop.add(queueKey(rc));
  }

  const stops = [
    client.watch("ReplicationController", ({ object }) => {
      const key = queueKey(object);
      if (key !== writing) loop.add(key);
    }),
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
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.metadata.labels !== after.metadata.labels ||
    before.metadata.ownerReferences !== after.metadata.ownerReferences ||
    (isActive(after) && readySince(before) !== readySince(after))
  );
}

/** The condition that says that a pod is ready; undefined while it is not. */
function readySince(pod: Pod): Condition | undefined {
  const ready = condition(pod.status?.conditions, "Ready");
  return ready?.status === "True" ? ready : undefined;
}

/** The queue key of the rc that controls a pod. */
function ownerKey(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  return owner?.kind === "ReplicationController" ? `${pod.metadata.namespace}/${owner.name}` : undefined;
}

function failureOf(
  rc: Stored<ReplicationController>,
  pods: number,
  error: unknown,
): ReplicaFailure | undefined {
  if (error === undefined) return undefined;
  const reason = pods < (rc.spec.replicas ?? 1) ? "FailedCreate" : "FailedDelete";
  return { reason, message: error instanceof Error ? error.message : String(error) };
}
