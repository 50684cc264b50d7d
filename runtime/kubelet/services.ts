import type { Service } from "../../model/core.ts";
import type { ObjectKey, ObjectMeta, Stored } from "../../model/meta.ts";
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

export type Hosts = readonly { readonly address: string; readonly names: readonly string[] }[];

interface KnownHosts {
  /** Those that have an address of their own, by namespace of who looks them up. */
  readonly byNamespace: Map<string, Hosts>;
  readonly headless: readonly Stored<Service>[];
}

/** By list of services: the same one is read until one of them changes. */
const hosts = new WeakMap<readonly Service[], KnownHosts>();

/**
 * The names under which a pod of `namespace` should find each service: its cluster address or, of a headless one, the
 * addresses of its ready pods.
 */
export function serviceHosts(namespace: string, client: Reader): Hosts {
  const services = client.list("Service");
  let known = hosts.get(services);
  if (!known) {
    const headless = services.filter(({ spec }) => spec.clusterIP === "None");
    hosts.set(services, (known = { byNamespace: new Map(), headless }));
  }
  let found = known.byNamespace.get(namespace);
  if (!found) {
    found = services.flatMap(({ metadata, spec }) =>
      spec.clusterIP && spec.clusterIP !== "None"
        ? [{ address: spec.clusterIP, names: namesOf(metadata, namespace) }]
        : [],
    );
    known.byNamespace.set(namespace, found);
  }
  if (known.headless.length === 0) return found;
  return [...found, ...known.headless.flatMap((service) => podHosts(service, namespace, client))];
}

function podHosts({ metadata }: Stored<Service>, namespace: string, client: Reader): Hosts {
  const names = namesOf(metadata, namespace);
  const subsets = client.get("Endpoints", metadata.namespace, metadata.name)?.subsets ?? [];
  return subsets.flatMap(({ addresses = [] }) => addresses).map(({ ip }) => ({ address: ip, names }));
}

function namesOf({ name, namespace: own = "default" }: ObjectMeta, namespace: string): string[] {
  const full = `${name}.${own}`;
  const names = [full, `${full}.svc`, `${full}.svc.cluster.local`];
  return own === namespace ? [name, ...names] : names;
}

/** The services by which a container may find others, as they are at one time. */
export interface ServicesAround {
  readonly api: Service | undefined;
  readonly services: readonly Service[];
}

const none: readonly Service[] = [];

/** The API's own service, and where links are enabled those of the pod's namespace. */
export function servicesAround(namespace: string, links: boolean, client: Reader): ServicesAround {
  const api = client.get("Service", "default", "kubernetes");
  return { api, services: links ? client.list("Service", { namespace }) : none };
}

interface Variables {
  readonly network: NetworkPlan;
  readonly api: Service | undefined;
  readonly variables: ReadonlyMap<string, string>;
}

/** By list of services, as above. */
const made = new WeakMap<readonly Service[], Variables>();

/**
 * The variables by which containers find services (Kubernetes' `envvars.FromServices`). Names carry declared ports,
 * values the ports that answer.
 */
export function serviceVariables(
  { api, services }: ServicesAround,
  network: NetworkPlan,
): ReadonlyMap<string, string> {
  const known = made.get(services);
  if (known?.network === network && known.api === api) return known.variables;
  const variables = makeVariables(api ? [api, ...services] : services, network);
  made.set(services, { network, api, variables });
  return variables;
}

function makeVariables(services: readonly Service[], network: NetworkPlan): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const answers = (port: number) => String(network.openPort(port));
  for (const { metadata, spec } of services) {
    const { clusterIP: address, ports = [] } = spec;
    const [first] = ports;
    if (!address || address === "None" || !first) continue;
    const prefix = variableName(metadata.name);
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
  }
  return variables;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
