import type { Endpoints, Service } from "../../../model/core.ts";
import { formatLabels } from "../../../model/selector.ts";
import type { EndpointSlice } from "../slices.ts";
import { ageOf } from "./age.ts";
import { ageColumn, column, type KindTable, nameColumn, type RowTable, type TableContext } from "./table.ts";

export const serviceTable: KindTable<"Service"> = {
  columns: [
    nameColumn,
    column("Type", "How the service is reached: ClusterIP, NodePort, LoadBalancer or ExternalName."),
    column("Cluster-IP", "The address at which the service answers inside of the cluster."),
    column("External-IP", "The addresses at which the service answers from outside."),
    column("Port(s)", "The ports of the service; after `->` the port that answers where another one does."),
    ageColumn,
    column("Selector¹", "The labels of the pods that the service sends to."),
  ],
  row: (service, context) => [
    service.metadata.name,
    service.spec.type ?? "ClusterIP",
    service.spec.clusterIPs?.[0] || service.spec.clusterIP || "<none>",
    externalAddresses(service),
    portsText(service, context.openPort),
    ageOf(service.metadata.creationTimestamp, context.now),
    formatLabels(service.spec.selector),
  ],
};

function externalAddresses({ spec, status }: Service): string {
  if (spec.type === "ExternalName") return spec.externalName || "<none>";
  const external = (spec.externalIPs ?? []).join(",");
  if (spec.type !== "LoadBalancer") return external || "<none>";
  const ingress = (status?.loadBalancer?.ingress ?? [])
    .map((each) => each.ip || each.hostname || "")
    .join(",");
  return [ingress, external].filter((part) => part !== "").join(",") || "<pending>";
}

/** `80/TCP,443:30443/TCP`, and `80->20080/TCP` where the service answers at another port than it declares. */
export function portsText(service: Service, openPort: TableContext["openPort"]): string {
  const headless = service.spec.clusterIP === "None";
  const ports = (service.spec.ports ?? []).map(({ port, nodePort, protocol }) => {
    const open = headless ? port : openPort(port);
    const answers = open === port ? "" : `->${open}`;
    return `${port}${answers}${nodePort ? `:${nodePort}` : ""}/${protocol ?? "TCP"}`;
  });
  return ports.join(",") || "<none>";
}

export const endpointsTable: KindTable<"Endpoints"> = {
  columns: [
    nameColumn,
    column("Endpoints", "The addresses and ports of the pods that take the service's requests."),
    ageColumn,
  ],
  row: (endpoints, { now, openPort }) => [
    endpoints.metadata.name,
    endpointsText(endpoints, openPort),
    ageOf(endpoints.metadata.creationTimestamp, now),
  ],
};

/** The first three, then `+ N more...`. The ports are those that answer. */
function endpointsText({ subsets }: Endpoints, openPort: TableContext["openPort"]): string {
  if (!subsets || subsets.length === 0) return "<none>";
  const all = subsets.flatMap(({ ports = [], addresses = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${openPort(port)}`)),
  );
  const shown = all.slice(0, 3).join(",");
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}

export const sliceTable: RowTable<EndpointSlice> = {
  columns: [
    nameColumn,
    column("AddressType", "What sort of addresses the slice holds."),
    column("Ports", "The ports of the endpoints: those that answer."),
    column("Endpoints", "The addresses of the endpoints, ready or not."),
    ageColumn,
  ],
  row: ({ metadata, addressType, ports, endpoints }, { now, openPort }) => [
    metadata.name,
    addressType,
    firstThree(ports.map(({ port }) => String(openPort(port)))),
    firstThree(endpoints.map(({ addresses }) => addresses[0] ?? "")),
    ageOf(metadata.creationTimestamp, now),
  ],
};

/** Kubernetes' `listWithMoreString`. */
function firstThree(texts: readonly string[]): string {
  const shown = texts.slice(0, 3).join(",") || "<unset>";
  return texts.length > 3 ? `${shown} + ${texts.length - 3} more...` : shown;
}
