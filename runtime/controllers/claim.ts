import type { Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, kinds, type OwnerReference, type Stored } from "../../model/meta.ts";
import { isActive } from "../../model/pod.ts";
import { mapMatches } from "../../model/selector.ts";
import type { Client } from "../client/client.ts";
import { OWNER_FIELD } from "../client/fields.ts";
import { ifThere } from "./controller.ts";

/** The reference by which an rc controls a pod (`metav1.NewControllerRef`). */
export function controllerReference(rc: Stored<ReplicationController>): OwnerReference {
  return {
    apiVersion: kinds.ReplicationController.apiVersion,
    kind: "ReplicationController",
    name: rc.metadata.name,
    uid: rc.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The active pods that an rc owns, whether or not its selector matches them still. */
export function ownedPods(client: Client, rc: Stored<ReplicationController>): readonly Stored<Pod>[] {
  return client.list("Pod", { fields: { [OWNER_FIELD]: rc.metadata.uid } }).filter(isActive);
}

/**
 * The active pods that are the rc's, after it has claimed those it can (`controller_ref_manager.go`): what it owns and
 * its selector matches it keeps; what it owns and does not match it releases; what nobody owns and it matches it
 * adopts; what another owns it leaves alone. An rc that is being deleted neither adopts nor releases.
 */
export function claimPods(client: Client, rc: Stored<ReplicationController>): Stored<Pod>[] {
  const matches = (pod: Pod) => mapMatches(rc.spec.selector, pod.metadata.labels);
  const deleting = rc.metadata.deletionTimestamp !== undefined;
  const claimed: Stored<Pod>[] = [];
  for (const pod of ownedPods(client, rc)) {
    if (matches(pod)) claimed.push(pod);
    else if (!deleting) release(client, rc, pod);
  }
  if (deleting) return claimed;
  let adopted = false;
  for (const orphan of adoptable(client, rc)) {
    const own = adopt(client, rc, orphan);
    if (!own) continue;
    adopted = true;
    claimed.push(own);
  }
  // What it owned already is in order.
  return adopted
    ? claimed.sort((left, right) => (left.metadata.name < right.metadata.name ? -1 : 1))
    : claimed;
}

/** The active pods that nobody owns and the rc's selector matches. */
export function adoptable(client: Client, rc: Stored<ReplicationController>): readonly Stored<Pod>[] {
  const { namespace } = rc.metadata;
  return client
    .list("Pod", { fields: { [OWNER_FIELD]: "" } })
    .filter(
      (pod) =>
        pod.metadata.namespace === namespace &&
        isActive(pod) &&
        mapMatches(rc.spec.selector, pod.metadata.labels),
    );
}

/** Undefined where the pod has gone or has just found another owner. */
function adopt(client: Client, rc: Stored<ReplicationController>, pod: Stored<Pod>): Stored<Pod> | undefined {
  const current = client.get("Pod", pod.metadata.namespace, pod.metadata.name);
  if (!current || current.metadata.uid !== pod.metadata.uid || controllerOf(current)) return undefined;
  // One look at the rc itself, as long as a view of it may be old: one that is going must not take pods with it.
  const live = client.get("ReplicationController", rc.metadata.namespace, rc.metadata.name);
  if (live?.metadata.uid !== rc.metadata.uid || live.metadata.deletionTimestamp !== undefined)
    return undefined;
  const ownerReferences = [...(current.metadata.ownerReferences ?? []), controllerReference(rc)];
  return client.update<"Pod">({ ...current, metadata: { ...current.metadata, ownerReferences } });
}

function release(client: Client, rc: Stored<ReplicationController>, pod: Stored<Pod>): void {
  const ownerReferences = (pod.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== rc.metadata.uid);
  ifThere(() => client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, ownerReferences } }));
}
