import type { Endpoints, Event, Service, ServicePort } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { formatLabels } from "../../model/selector.ts";
import { writeEvents } from "./events.ts";
import { type DescriptionWriter, writeAnnotations, writeMap } from "./writer.ts";

/** What `kubectl describe service` shows. */
export interface ServiceDescription {
  readonly service: Stored<Service>;
  readonly endpoints?: Endpoints;
  readonly events: readonly Event[];
}

export function describeService(
  writer: DescriptionWriter,
  { service, endpoints, events }: ServiceDescription,
  now: number,
): void {
  const { metadata, spec, status } = service;
  writer.line(0, "Name:", metadata.name);
  writer.line(0, "Namespace:", metadata.namespace ?? "");
  writeMap(writer, 0, "Labels:", metadata.labels);
  writeAnnotations(writer, 0, "Annotations:", metadata.annotations);
  writer.line(0, "Selector:", formatLabels(spec.selector));
  writer.line(0, "Type:", spec.type ?? "ClusterIP");
  if (spec.ipFamilyPolicy) writer.line(0, "IP Family Policy:", spec.ipFamilyPolicy);
  writer.line(0, "IP Families:", (spec.ipFamilies ?? []).join(",") || "<none>");
  writer.line(0, "IP:", spec.clusterIP ?? "");
  if (spec.clusterIPs?.length) writer.line(0, "IPs:", spec.clusterIPs.join(","));
  else writer.line(0, "IPs:", "<none>");
  if (spec.externalIPs?.length) writer.line(0, "External IPs:", spec.externalIPs.join(","));
  if (spec.externalName) writer.line(0, "External Name:", spec.externalName);
  const ingress = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
  if (ingress.length > 0) writer.line(0, "LoadBalancer Ingress:", ingress.join(", "));
  for (const port of spec.ports ?? []) writePort(writer, port, endpoints);
  writer.line(0, "Session Affinity:", spec.sessionAffinity ?? "None");
  if (spec.externalTrafficPolicy) writer.line(0, "External Traffic Policy:", spec.externalTrafficPolicy);
  if (spec.internalTrafficPolicy) writer.line(0, "Internal Traffic Policy:", spec.internalTrafficPolicy);
  writeEvents(writer, events, now);
}

function writePort(writer: DescriptionWriter, port: ServicePort, endpoints: Endpoints | undefined): void {
  const name = port.name || "<unset>";
  const protocol = port.protocol ?? "TCP";
  writer.line(0, "Port:", name, `${port.port}/${protocol}`);
  writer.line(0, "TargetPort:", `${port.targetPort ?? port.port}/${protocol}`);
  if (port.nodePort) writer.line(0, "NodePort:", name, `${port.nodePort}/${protocol}`);
  writer.line(0, "Endpoints:", endpointsText(endpoints, port));
}

/** The first three, then how many more. */
function endpointsText(endpoints: Endpoints | undefined, port: ServicePort): string {
  const all = (endpoints?.subsets ?? []).flatMap(({ ports = [], addresses = [] }) =>
    ports
      .filter(({ name }) => (name ?? "") === (port.name ?? ""))
      .flatMap((each) => addresses.map(({ ip }) => `${ip}:${each.port}`)),
  );
  const shown = all.slice(0, 3).join(",");
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}
