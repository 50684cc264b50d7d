import type { Service } from "../../model/core.ts";
import type { ObjectKey } from "../../model/meta.ts";
import type { TextPart } from "../../model/plan.ts";
import type { Client } from "../client/client.ts";
import type { NetworkPlan } from "../environment.ts";

type Reader = Pick<Client, "get" | "list">;

/** A text with references to services, rebuilt with the addresses and ports that answer here. */
export function referenceText(parts: readonly TextPart[], client: Reader, network: NetworkPlan): string {
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      if ("host" in part) return serviceHost(part.host, client);
      const service = findService(part.service, client);
      return String(service?.spec.type === "ExternalName" ? part.port : network.openPort(part.port));
    })
    .join("");
}

/**
 * Where a service answers: its cluster address, an external service's name, or a headless service's first ready pod.
 * While there is none of these it is the name that Kubernetes' DNS would know.
 */
export function serviceHost(key: ObjectKey, client: Reader): string {
  const [, namespace = "default", name = ""] = key.split("/");
  const service = findService(key, client);
  if (service?.spec.type === "ExternalName" && service.spec.externalName) return service.spec.externalName;
  const address = service?.spec.clusterIP;
  if (address && address !== "None") return address;
  const endpoints = address === "None" ? client.get("Endpoints", namespace, name) : undefined;
  return endpoints?.subsets?.flatMap(({ addresses }) => addresses ?? [])[0]?.ip ?? `${name}.${namespace}`;
}

function findService(key: ObjectKey, client: Reader): Service | undefined {
  const [, namespace, name = ""] = key.split("/");
  return client.get("Service", namespace, name);
}

/** The names under which a pod of `namespace` should find each service that has an address. */
export function serviceHosts(
  namespace: string,
  client: Reader,
): readonly { readonly address: string; readonly names: readonly string[] }[] {
  return client.list("Service").flatMap(({ metadata, spec }) => {
    if (!spec.clusterIP || spec.clusterIP === "None") return [];
    const full = `${metadata.name}.${metadata.namespace}`;
    const names = [full, `${full}.svc`, `${full}.svc.cluster.local`];
    return [
      {
        address: spec.clusterIP,
        names: metadata.namespace === namespace ? [metadata.name, ...names] : names,
      },
    ];
  });
}

/**
 * The variables by which containers find services (Kubernetes' `envvars.FromServices`): of the pod's namespace where
 * links are enabled, and always of default/kubernetes. Names carry declared ports, values the ports that answer.
 */
export function serviceVariables(
  namespace: string,
  links: boolean,
  client: Reader,
  network: NetworkPlan,
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const add = (service: Service) => {
    const { clusterIP: address, ports = [] } = service.spec;
    const [first] = ports;
    if (!address || address === "None" || !first) return;
    const prefix = variableName(service.metadata.name);
    const answers = (port: number) => String(network.openPort(port));
    variables.set(`${prefix}_SERVICE_HOST`, address);
    variables.set(`${prefix}_SERVICE_PORT`, answers(first.port));
    for (const { name, port } of ports) {
      if (name) variables.set(`${prefix}_SERVICE_PORT_${variableName(name)}`, answers(port));
    }
    for (const [index, { port, protocol = "TCP" }] of ports.entries()) {
      const url = `${protocol.toLowerCase()}://${address}:${answers(port)}`;
      const link = `${prefix}_PORT_${port}_${protocol}`;
      if (index === 0) variables.set(`${prefix}_PORT`, url);
      variables.set(link, url);
      variables.set(`${link}_PROTO`, protocol.toLowerCase());
      variables.set(`${link}_PORT`, answers(port));
      variables.set(`${link}_ADDR`, address);
    }
  };
  const api = client.get("Service", "default", "kubernetes");
  if (api) add(api);
  if (links) for (const service of client.list("Service", { namespace })) add(service);
  return variables;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
