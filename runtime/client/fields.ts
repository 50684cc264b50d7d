import type { Kind, KubernetesObject } from "../../model/meta.ts";
import { controllerOf } from "../../model/meta.ts";
import { matches } from "../../model/selector.ts";
import type { ListQuery } from "./client.ts";

/** The field by which the store indexes what a controller owns: the uid of the object's controller, "" without one. */
export const OWNER_FIELD = "metadata.ownerReferences.uid";

const everywhere = ["metadata.name", "metadata.namespace"];

/**
 * The field selectors that each kind knows beyond name and namespace; any other is a 400 in the API
 * (`pkg/apis/core/v1/conversion.go`). `OWNER_FIELD` is for loops alone and not among them.
 */
export const selectableFields: Readonly<Record<Kind, readonly string[]>> = {
  Namespace: [...everywhere, "status.phase"],
  Node: [...everywhere, "spec.unschedulable"],
  ConfigMap: everywhere,
  Secret: [...everywhere, "type"],
  Service: [...everywhere, "spec.clusterIP", "spec.type"],
  ReplicationController: [...everywhere, "status.replicas"],
  Pod: [
    ...everywhere,
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.podIPs",
    "status.nominatedNodeName",
  ],
  Endpoints: everywhere,
  Event: [
    ...everywhere,
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  Lease: everywhere,
};

/** Fields whose absence reads as this text and not as "". */
const absent: Readonly<Record<string, string>> = {
  "spec.unschedulable": "false",
  "spec.hostNetwork": "false",
  "status.replicas": "0",
};

/** The text of an object's field, as field selectors compare it; "" where it is absent. */
export function fieldValue(object: KubernetesObject, path: string): string {
  if (path === "metadata.name") return object.metadata.name;
  if (path === "metadata.namespace") return object.metadata.namespace ?? "";
  if (path === OWNER_FIELD) return controllerOf(object)?.uid ?? "";
  let value: unknown = object;
  for (const part of (path === "source" ? "source.component" : path).split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return absent[path] ?? "";
    value = (value as Record<string, unknown>)[part];
  }
  if (Array.isArray(value)) return String(value[0]?.ip ?? "");
  return value === undefined || value === null ? (absent[path] ?? "") : String(value);
}

/** Whether an object is in what a query asks for. */
export function matchesQuery(object: KubernetesObject, query: ListQuery): boolean {
  if (query.namespace !== undefined && object.metadata.namespace !== query.namespace) return false;
  if (query.selector !== undefined && !matches(query.selector, object.metadata.labels)) return false;
  if (query.fields !== undefined) {
    for (const path in query.fields) if (fieldValue(object, path) !== query.fields[path]) return false;
  }
  return true;
}
