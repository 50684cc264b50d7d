import type { TypeName } from "../../../model/api/fields.ts";
import {
  type KubernetesObject,
  type ManagedFieldsEntry,
  type Stored,
  timestamp,
} from "../../../model/meta.ts";
import { noManagers, readManagers, writeManagers } from "./managers.ts";
import { shapeOfType } from "./shape.ts";
import { afterUpdate } from "./track.ts";

/** By this name the plan of a cluster is known among those who set fields. */
export const planManager = "kdsl";

/**
 * The `managedFields` of an object after its plan has made `next` of `live`, at `now` in milliseconds: what the plan
 * set is the plan's, so that a server-side apply of something else conflicts with it and `kdsl diff` can tell whose
 * the rest is.
 */
export function managedByPlan(
  now: number,
  live: Stored | undefined,
  next: KubernetesObject,
): readonly ManagedFieldsEntry[] {
  const writer = {
    name: planManager,
    apiVersion: next.apiVersion,
    subresource: "",
    shape: shapeOfType(next.kind as TypeName),
    time: timestamp(now),
  };
  const managers = readManagers(live?.metadata.managedFields) ?? noManagers;
  // Whoever creates an object does not own what holds its fields.
  const before = live
    ? withoutStatus(live)
    : { metadata: {}, spec: next.kind === "Pod" ? { containers: [] } : {} };
  return writeManagers(afterUpdate(writer, managers, before, withoutStatus(next)));
}

function withoutStatus(object: KubernetesObject): Omit<KubernetesObject, "status"> {
  const { status: _, ...rest } = object as KubernetesObject & { readonly status?: unknown };
  return rest;
}
