import { blockSchemas } from "../../types/blocks/index.ts";
import { portWritten, typedField } from "./container.ts";
import { block, field, list, type Member, record, type Written } from "./layout.ts";
import { quoted, text } from "./literals.ts";
import { writeMetadata } from "./metadata.ts";
import {
  giveBack,
  isRecord,
  isTaken,
  items,
  type Json,
  numberOf,
  type Part,
  take,
  takeIn,
  textMapOf,
  textOf,
  textsOf,
} from "./reader.ts";
import {
  aliasFor,
  type Declared,
  equal,
  nameWritten,
  podsOutside,
  refer,
  type Scene,
  selected,
} from "./scene.ts";
import { equalityTerms } from "./selections.ts";
import { type Around, address, writeFields, writePort } from "./typed.ts";

export function writeService(scene: Scene, declared: Declared, object: Part): Member {
  const around: Around = { scene, namespace: declared.namespace ?? "default" };
  const spec = take(object, "spec");
  const members: Member[] = [];
  const add = (...more: (Member | undefined)[]) => members.push(...more.filter((one) => one !== undefined));
  add(...writeMetadata(scene, metadataOf(object)));
  add(selection(scene, declared, take(spec, "selector")));
  const ports = items(take(spec, "ports"));
  const expose = exposure(spec, ports);
  for (const port of ports) add(servicePort(around, port, expose.portInside));
  const own = oneOrMany(spec, "clusterIP", "clusterIPs");
  if (own) add(field("address", own.written, own.path));
  if (expose.written !== undefined) add(field("expose", expose.written, `${spec?.path}.type`));
  const affinity = take(spec, "sessionAffinity");
  if (affinity?.value === "ClientIP") add(field("affinity", quoted("client"), affinity.path));
  const timeout = takeIn(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
  if (timeout && timeout.value !== 10800) add(typedField(around, "service", "affinityTimeout", timeout));
  add(...traffic(around, spec));
  add(...writeFields(around, blockSchemas.service!.fields, object));
  return {
    head: `service ${nameWritten(declared.name, declared.alias)} `,
    value: block(members),
    path: "",
    apart: true,
  };
}

/** The object's metadata without what is said elsewhere. */
export function metadataOf(object: Part): Part | undefined {
  const metadata = take(object, "metadata");
  take(metadata, "name");
  take(metadata, "namespace");
  return metadata;
}

/** By name where one workload is meant by its whole identity, else by the labels. */
function selection(scene: Scene, declared: Declared, part: Part | undefined): Member | undefined {
  const selector = textMapOf(part?.value);
  if (!part || Object.keys(selector).length === 0) return undefined;
  const workloads = selected(scene, declared.namespace, selector);
  const [only] = workloads;
  if (workloads.length === 1 && only && equal(only.identity, selector))
    return field("select", refer(scene, only.declared, ["rc", "pod"]), part.path);
  const outside = workloads.length === 0 ? podsOutside(scene, declared, selector) : undefined;
  if (outside !== undefined) {
    const inner = scene.declared.some(
      ({ word, alias, namespace }) => word === "rc" && alias === outside && namespace === declared.namespace,
    );
    return field("select", inner ? `pod.${outside}` : outside, part.path);
  }
  return field("select", where(scene, selector), part.path);
}

export const where = (scene: Scene, selector: Readonly<Record<string, string>>): string =>
  `pods where ${equalityTerms(scene, selector)}`;

/**
 * An address that Kubernetes holds twice: alone, and as the first of all. Undefined, with nothing read, where there is
 * none or the two do not agree.
 */
export function oneOrMany(
  spec: Part | undefined,
  single: string,
  plural: string,
): { written: Written; path: string } | undefined {
  const given: Json = spec && isRecord(spec.value) && !isTaken(spec, single) ? spec.value : {};
  const one = given[single];
  const all = given[plural] ?? (typeof one === "string" && one !== "" ? [one] : []);
  if (!Array.isArray(all) || !all.every((each) => typeof each === "string") || all.length === 0)
    return undefined;
  if (one !== undefined && one !== all[0]) return undefined;
  const path = (take(spec, single) ?? take(spec, plural))?.path ?? "";
  take(spec, plural);
  return { written: all.length === 1 ? address(all[0]!) : list(...all.map(address)), path };
}

interface Exposure {
  readonly written?: Written;
  /** Whether ports of nodes are written at the service's ports. */
  readonly portInside: boolean;
}

/** `expose`, and the address that is said or that the form implies. */
function exposure(spec: Part | undefined, ports: readonly Part[]): Exposure {
  const kind = textOf(take(spec, "type")) ?? "ClusterIP";
  const form = exposureForm(kind, spec, ports);
  const addresses = textsOf(take(spec, "externalIPs")) ?? [];
  if (addresses.length === 0) return form;
  const external: Written = {
    call: "external",
    arguments: [
      [undefined, addresses.length === 1 ? address(addresses[0]!) : list(...addresses.map(address))],
    ],
  };
  return { ...form, written: form.written === undefined ? external : list(form.written, external) };
}

function exposureForm(kind: string, spec: Part | undefined, ports: readonly Part[]): Exposure {
  const name = take(spec, "externalName");
  const clusterIp = take(spec, "clusterIP");
  const clusterIps = take(spec, "clusterIPs");
  if (kind === "ExternalName")
    return {
      written: { call: "alias", arguments: [[undefined, text(textOf(name) ?? "")]] },
      portInside: false,
    };
  if (name) giveBack(name);
  if (clusterIp?.value === "None" && kind === "ClusterIP") return { written: "headless", portInside: false };
  for (const part of [clusterIp, clusterIps]) if (part && part.value !== "") giveBack(part);
  if (kind === "LoadBalancer") {
    const wish = textOf(take(spec, "loadBalancerIP"));
    return {
      written: wish ? { call: "balancer", arguments: [[undefined, address(wish)]] } : "balancer",
      portInside: true,
    };
  }
  if (kind !== "NodePort") return { portInside: false };
  const [only] = ports;
  const port = ports.length === 1 ? numberOf(take(only, "nodePort")) : undefined;
  if (!port) return { written: "node", portInside: true };
  return { written: { call: "node", arguments: [[undefined, String(port)]] }, portInside: false };
}

function servicePort(around: Around, part: Part, portInside: boolean): Member {
  const name = textOf(take(part, "name"));
  const number = numberOf(take(part, "port")) ?? 0;
  const target = take(part, "targetPort")?.value;
  const body: Member[] = [];
  const protocol = take(part, "protocol");
  if (protocol && protocol.value !== "TCP")
    body.push(field("protocol", quoted(String(protocol.value)), protocol.path));
  const nodePort = take(part, "nodePort");
  if (nodePort && nodePort.value !== 0 && portInside)
    body.push(field("node", String(nodePort.value), nodePort.path));
  body.push(...writeFields(around, blockSchemas["service.port"]!.fields, part));
  const to = target === undefined || target === number || target === 0 ? "" : ` -> ${targetWritten(target)}`;
  return {
    head: `port ${name === undefined ? "" : `${portWritten(name)}: `}${number}${to}`,
    ...(body.length > 0 ? { body: record(body) } : {}),
    path: part.path,
  };
}

const targetWritten = (target: unknown): string =>
  typeof target === "string" ? aliasFor(target, "port") : (writePort(target) ?? "");

/** Both are `Cluster` when left out. */
function traffic(around: Around, spec: Part | undefined): Member[] {
  return ["internalTraffic", "externalTraffic"].flatMap((name) => {
    const part = take(spec, `${name}Policy`);
    if (!part || part.value === "Cluster") return [];
    const written = typedField(around, "service", name, part);
    return written ? [written] : [];
  });
}
