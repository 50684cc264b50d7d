import type { Kind } from "../../../model/meta.ts";
import { formatLabels } from "../../../model/selector.ts";
import { nodeMetricsTable, podMetricsTable } from "../metrics/objects.ts";
import { ageOf } from "./age.ts";
import { eventTable } from "./events.ts";
import { nodeTable } from "./nodes.ts";
import { podTable } from "./pods.ts";
import { endpointsTable, serviceTable, sliceTable } from "./services.ts";
import { ageColumn, column, type KindTable, nameColumn } from "./table.ts";

const replicationControllerTable: KindTable<"ReplicationController"> = {
  columns: [
    nameColumn,
    column("Desired", "How many pods are wanted.", "integer"),
    column("Current", "How many pods there are.", "integer"),
    column("Ready", "How many pods are ready.", "integer"),
    ageColumn,
    column("Containers¹", "The names of the containers of the template."),
    column("Images¹", "The images of the containers of the template."),
    column("Selector¹", "The labels of the pods that are counted."),
  ],
  row: (rc, { now }) => [
    rc.metadata.name,
    rc.spec.replicas ?? 1,
    rc.status?.replicas ?? 0,
    rc.status?.readyReplicas ?? 0,
    ageOf(rc.metadata.creationTimestamp, now),
    rc.spec.template.spec.containers.map(({ name }) => name).join(","),
    rc.spec.template.spec.containers.map(({ image }) => image).join(","),
    formatLabels(rc.spec.selector),
  ],
};

const namespaceTable: KindTable<"Namespace"> = {
  columns: [nameColumn, column("Status", "Active, or Terminating while it is emptied."), ageColumn],
  row: ({ metadata, status }, { now }) => [
    metadata.name,
    status?.phase ?? "Active",
    ageOf(metadata.creationTimestamp, now),
  ],
};

const count = (map: object | undefined) => Object.keys(map ?? {}).length;

const configMapTable: KindTable<"ConfigMap"> = {
  columns: [nameColumn, column("Data", "How many keys it has."), ageColumn],
  row: ({ metadata, data, binaryData }, { now }) => [
    metadata.name,
    String(count(data) + count(binaryData)),
    ageOf(metadata.creationTimestamp, now),
  ],
};

const secretTable: KindTable<"Secret"> = {
  columns: [
    nameColumn,
    column("Type", "What the secret is for."),
    column("Data", "How many keys it has."),
    ageColumn,
  ],
  row: ({ metadata, type, data }, { now }) => [
    metadata.name,
    type ?? "Opaque",
    String(count(data)),
    ageOf(metadata.creationTimestamp, now),
  ],
};

const leaseTable: KindTable<"Lease"> = {
  columns: [nameColumn, column("Holder", "Who holds the lease."), ageColumn],
  row: ({ metadata, spec }, { now }) => [
    metadata.name,
    spec.holderIdentity ?? "",
    ageOf(metadata.creationTimestamp, now),
  ],
};

const tables: { readonly [K in Kind]: KindTable<K> } = {
  Namespace: namespaceTable,
  Node: nodeTable,
  ConfigMap: configMapTable,
  Secret: secretTable,
  Service: serviceTable,
  ReplicationController: replicationControllerTable,
  Pod: podTable,
  Endpoints: endpointsTable,
  Event: eventTable,
  Lease: leaseTable,
};

/** Of what is served and not stored. */
const views: Readonly<Record<string, unknown>> = {
  EndpointSlice: sliceTable,
  NodeMetrics: nodeMetricsTable,
  PodMetrics: podMetricsTable,
};

/** The table of a kind that is served. */
export function tableOf(kind: Kind): KindTable<Kind> {
  return (tables[kind] ?? views[kind]) as KindTable<Kind>;
}
