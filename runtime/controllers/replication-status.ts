import type { Condition, ReplicationController, ReplicationControllerStatus } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";
import { removeCondition, setCondition } from "../client/conditions.ts";
import { equalStructure } from "../client/structure.ts";
import type { ReplicaCounts } from "./replica-counts.ts";

/** What went wrong while an rc made or deleted pods. */
export interface ReplicaFailure {
  readonly reason: "FailedCreate" | "FailedDelete";
  readonly message: string;
}

/**
 * The status of an rc over the pods it owns (`calculateStatus` of `replica_set_utils.go`). The first failure's text
 * sticks until a round without one. `now` in milliseconds.
 */
export function replicationStatus(
  rc: Stored<ReplicationController>,
  { total, labelled, ready, available }: ReplicaCounts,
  failure: ReplicaFailure | undefined,
  now: number,
): ReplicationControllerStatus {
  const conditions = withFailure(rc.status?.conditions, failure, now);
  return {
    replicas: total,
    fullyLabeledReplicas: labelled,
    readyReplicas: ready,
    availableReplicas: available,
    observedGeneration: rc.metadata.generation ?? 0,
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

function withFailure(
  conditions: readonly Condition[] | undefined,
  failure: ReplicaFailure | undefined,
  now: number,
): readonly Condition[] {
  if (!failure) return removeCondition(conditions, "ReplicaFailure");
  if (condition(conditions, "ReplicaFailure")) return conditions!;
  return setCondition(conditions, { type: "ReplicaFailure", status: "True", ...failure }, now);
}

/** Whether two statuses say the same; counts that are absent are 0. */
export function sameStatus(
  left: ReplicationControllerStatus | undefined,
  right: ReplicationControllerStatus,
): boolean {
  return (
    left?.replicas === right.replicas &&
    (left.fullyLabeledReplicas ?? 0) === (right.fullyLabeledReplicas ?? 0) &&
    (left.readyReplicas ?? 0) === (right.readyReplicas ?? 0) &&
    (left.availableReplicas ?? 0) === (right.availableReplicas ?? 0) &&
    left.observedGeneration === right.observedGeneration &&
    equalStructure(left.conditions, right.conditions)
  );
}
