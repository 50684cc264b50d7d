import type { EnvVar, KeySelector } from "../../model/core.ts";
import type { NetworkPlan } from "../environment.ts";
import { podField, resourceField } from "./downward.ts";
import { decodeBase64 } from "./encoding.ts";
import { expand } from "./expansion.ts";
import { referenceText, type ServicesAround, servicesAround, serviceVariables } from "./services.ts";
import { type ContainerWorker, listOf, type PodWorker, type Turn } from "./worker.ts";

export interface ContainerEnvironment {
  lookup(name: string): string | undefined;
  /**
   * All variables, as they are at the container's start whenever it is asked for: a program may have thousands of
   * services around it, and a driver without programs never asks.
   */
  list(): readonly { readonly name: string; readonly value: string }[];
  /** Those whose values come from secrets. */
  readonly secretNames: readonly string[];
}

/**
 * The environment of a container in Kubernetes' order: `envFrom`, then `env` with `$(NAME)` expanded, then the
 * services' variables and what KDSL adds, where the name is free. A text says which config or secret is missing
 * (CreateContainerConfigError).
 */
export function containerEnvironment(
  worker: PodWorker,
  container: ContainerWorker,
  turn: Turn,
): ContainerEnvironment | string {
  const facts = factsOf(worker, container, turn);
  const own = ownVariables(worker, container, facts, turn);
  if (typeof own === "string") return own;
  const { variables, secretNames } = own;
  return { lookup: (name) => lookUp(name, variables, facts), list: listLater(variables, facts), secretNames };
}

interface OwnVariables {
  readonly variables: ReadonlyMap<string, string>;
  readonly secretNames: readonly string[];
}

const noVariables: OwnVariables = { variables: new Map(), secretNames: [] };

/** What the container itself says of its environment. */
function ownVariables(
  worker: PodWorker,
  container: ContainerWorker,
  facts: Facts,
  turn: Turn,
): OwnVariables | string {
  const { envFrom = [], env = [] } = container.spec;
  if (envFrom.length === 0 && env.length === 0) return noVariables;
  const namespace = worker.pod.metadata.namespace ?? "default";
  const variables = new Map<string, string>();
  const secretNames = new Set<string>();
  const lookup = (name: string) => lookUp(name, variables, facts);
  const set = (name: string, value: string, secret: boolean) => {
    variables.set(name, value);
    if (secret) secretNames.add(name);
    else secretNames.delete(name);
  };

  for (const from of envFrom) {
    const kind = from.secretRef ? "Secret" : "ConfigMap";
    const reference = from.secretRef ?? from.configMapRef;
    if (!reference) continue;
    const data = readData(kind, namespace, reference.name, turn);
    if (!data && !reference.optional) return missing(kind, reference.name);
    for (const [key, value] of data ?? []) set(`${from.prefix ?? ""}${key}`, value, kind === "Secret");
  }
  for (const [index, variable] of env.entries()) {
    const path = `spec.${listOf(container)}[${container.index}].env[${index}].value`;
    const parts = worker.source.references[path];
    const text = parts ? referenceText(parts, turn.client, turn.network) : undefined;
    const value = text ?? variable.value;
    if (!variable.valueFrom) {
      set(variable.name, expand(value ?? "", lookup), false);
      continue;
    }
    const source = valueFrom(variable, worker, container, namespace, turn);
    if (typeof source === "string") return source;
    if (source.value !== undefined) {
      set(variable.name, source.value, variable.valueFrom.secretKeyRef !== undefined);
    }
  }
  return { variables, secretNames: [...secretNames] };
}

/** What a container finds around it at its start. Of each running one this is kept, and what it is made of is not. */
interface Facts {
  readonly services: ServicesAround;
  readonly network: NetworkPlan;
  readonly address: string;
  readonly port: number | undefined;
  readonly podName: string;
  /** As the pod says it. */
  readonly hostName: string | undefined;
  readonly nodeName: string;
}

function factsOf({ pod, sandbox }: PodWorker, container: ContainerWorker, turn: Turn): Facts {
  const { metadata, spec } = pod;
  const links = spec.enableServiceLinks !== false;
  return {
    services: servicesAround(metadata.namespace ?? "default", links, turn.client),
    network: turn.network,
    address: sandbox.address ?? "",
    port: container.spec.ports?.[0]?.containerPort,
    podName: metadata.name,
    hostName: spec.hostname,
    nodeName: turn.node.name,
  };
}

function lookUp(name: string, variables: ReadonlyMap<string, string>, facts: Facts): string | undefined {
  return (
    variables.get(name) ??
    serviceVariables(facts.services, facts.network).get(name) ??
    additions(facts).get(name)
  );
}

/** A function of its own, which holds on to nothing else. */
function listLater(variables: ReadonlyMap<string, string>, facts: Facts): ContainerEnvironment["list"] {
  let list: ReturnType<ContainerEnvironment["list"]> | undefined;
  return () => (list ??= listAll(variables, facts));
}

function listAll(
  variables: ReadonlyMap<string, string>,
  facts: Facts,
): ReturnType<ContainerEnvironment["list"]> {
  const all = new Map(variables);
  for (const more of [serviceVariables(facts.services, facts.network), additions(facts)])
    for (const [name, value] of more) if (!all.has(name)) all.set(name, value);
  return [...all].map(([name, value]) => ({ name, value }));
}

/** What a program needs that has no network of its own: where to listen and who it is. */
function additions({
  network,
  address,
  port,
  podName,
  hostName,
  nodeName,
}: Facts): ReadonlyMap<string, string> {
  return new Map([
    ["HOST", address],
    ...(port === undefined ? [] : [["PORT", String(network.openPort(port))] as [string, string]]),
    ["POD_NAME", podName],
    ["POD_IP", address],
    ["NODE_NAME", nodeName],
    ["HOSTNAME", hostname(podName, hostName)],
  ]);
}

/** The pod's host name: its own or the pod's name, at most 63 characters (Kubernetes' `GeneratePodHostNameAndDomain`). */
export function hostname(podName: string, own: string | undefined): string {
  return (own || podName).slice(0, 63).replace(/[-.]+$/, "");
}

/** The value; none where an optional source is missing; a text that says what is missing. */
function valueFrom(
  { valueFrom: source }: EnvVar,
  worker: PodWorker,
  container: ContainerWorker,
  namespace: string,
  turn: Turn,
): { readonly value: string | undefined } | string {
  if (source?.fieldRef) {
    const value = podField(source.fieldRef.fieldPath, worker, turn);
    return value === undefined ? `unsupported fieldPath: ${source.fieldRef.fieldPath}` : { value };
  }
  if (source?.resourceFieldRef)
    return resourceField(source.resourceFieldRef, worker.pod, container.spec, turn);
  if (source?.configMapKeyRef) return keyOf("ConfigMap", source.configMapKeyRef, namespace, turn);
  if (source?.secretKeyRef) return keyOf("Secret", source.secretKeyRef, namespace, turn);
  return { value: "" };
}

function keyOf(
  kind: "ConfigMap" | "Secret",
  selector: KeySelector,
  namespace: string,
  turn: Turn,
): { readonly value: string | undefined } | string {
  const data = readData(kind, namespace, selector.name, turn);
  if (!data) return selector.optional ? { value: undefined } : missing(kind, selector.name);
  const value = data.get(selector.key);
  if (value === undefined && !selector.optional) {
    return `couldn't find key ${selector.key} in ${kind} ${namespace}/${selector.name}`;
  }
  return { value };
}

function missing(kind: "ConfigMap" | "Secret", name: string): string {
  return `${kind.toLowerCase()} "${name}" not found`;
}

/** The data of a config or secret as texts; undefined where there is none of that name. */
function readData(
  kind: "ConfigMap" | "Secret",
  namespace: string,
  name: string,
  turn: Turn,
): ReadonlyMap<string, string> | undefined {
  if (kind === "ConfigMap") {
    const config = turn.client.get("ConfigMap", namespace, name);
    return config && new Map(Object.entries(config.data ?? {}));
  }
  const secret = turn.client.get("Secret", namespace, name);
  if (!secret) return undefined;
  const decoded = Object.entries(secret.data ?? {}).map(
    ([key, value]) => [key, decodeBase64(value) ?? ""] as const,
  );
  return new Map([...decoded, ...Object.entries(secret.stringData ?? {})]);
}
