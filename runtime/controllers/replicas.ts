import type { Clock } from "../../base/clock.ts";
import type { Pod, ReplicationController } from "../../model/core.ts";
import { kinds, type Stored } from "../../model/meta.ts";
import { ApiError, type Client } from "../client/client.ts";
import type { Expectations } from "../client/expectations.ts";
import { controllerReference } from "./claim.ts";
import { queueKey } from "./controller.ts";
import { inDeletionOrder } from "./deletion-order.ts";

/** The name under which events of rcs are told. */
export const REPLICATION_CONTROLLER = "replication-controller";

/** How many pods one round creates or deletes at most (`BurstReplicas`). */
const BURST = 500;

/**
 * Takes one step towards the number of pods that the rc with this queue key wants; it has `count`, which `pods` gives.
 * Gives what went wrong.
 */
export type Scaler = (
  key: string,
  rc: Stored<ReplicationController>,
  count: number,
  pods: () => readonly Stored<Pod>[],
) => readonly unknown[];

export function createScaler(client: Client, clock: Clock, expectations: Expectations): Scaler {
  return (key, rc, count, pods) => {
    const missing = (rc.spec.replicas ?? 1) - count;
    if (missing > 0) return createPods(key, rc, Math.min(missing, BURST));
    if (missing < 0) return deletePods(key, rc, pods(), Math.min(-missing, BURST));
    return [];
  };

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
      client.event(
        rc,
        REPLICATION_CONTROLLER,
        "Normal",
        "SuccessfulCreate",
        `Created pod: ${pod.metadata.name}`,
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!isNamespaceTerminating(error))
        client.event(
          rc,
          REPLICATION_CONTROLLER,
          "Warning",
          "FailedCreate",
          `Error creating: ${error.message}`,
        );
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
        client.event(rc, REPLICATION_CONTROLLER, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        expectations.deletionObserved(key, queueKey(pod));
        if (error.reason === "NotFound") continue;
        client.event(
          rc,
          REPLICATION_CONTROLLER,
          "Warning",
          "FailedDelete",
          `Error deleting: ${error.message}`,
        );
        errors.push(error);
      }
    }
    return errors;
  }
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
