import { blockSchemas } from "../../types/blocks/index.ts";
import { portWritten, typedField } from "./container.ts";
import { block, field, list, type Member, record, type Written } from "./layout.ts";
import { quoted } from "./literals.ts";
import { writeMetadata } from "./metadata.ts";
import { giveBack, items, numberOf, type Part, take, takeIn, textMapOf, textOf, textsOf } from "./reader.ts";
import {
  aliasFor,
  type Declared,
  equal,
  labelName,
  nameWritten,
  refer,
  type Scene,
  selected,
} from "./scene.ts";
import { address, writeFields, writePort } from "./typed.ts";

export function writeService(scene: Scene, declared: Declared, object: Part): Member {
  const spec = take(object, "spec");
  const members: Member[] = [];
  const add = (...more: (Member | undefined)[]) => members.push(...more.filter((one) => one !== undefined));
  add(...writeMetadata(scene, metadataOf(object)));
  add(selection(scene, declared, take(spec, "selector")));
  const ports = items(take(spec, "ports"));
  const expose = exposure(spec, ports);
  for (const port of ports) add(servicePort(port, expose.portInside));
  if (expose.written !== undefined) add(field("expose", expose.written, `${spec?.path}.type`));
  const affinity = take(spec, "sessionAffinity");
  if (affinity?.value === "ClientIP") add(field("affinity", quoted("client"), affinity.path));
  const timeout = takeIn(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds");
  if (timeout && timeout.value !== 10800) add(typedField("service", "affinityTimeout", timeout));
  add(...traffic(spec));
  if (spec) add(...writeFields(blockSchemas.service!.fields, spec));
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
  return field("select", where(scene, selector), part.path);
}

/** `pods where app == "web" and tier == "data"` */
export function where(scene: Scene, selector: Readonly<Record<string, string>>): string {
  const terms = Object.entries(selector).map(
    ([key, value]) => `${labelName(scene, key)} == ${quoted(value)}`,
  );
  return `pods where ${terms.join(" and ")}`;
}

interface Exposure {
  readonly written?: Written;
  /** Whether ports of nodes are written at the service's ports. */
  readonly portInside: boolean;
}

function exposure(spec: Part | undefined, ports: readonly Part[]): Exposure {
  const type = take(spec, "type");
  const clusterIp = take(spec, "clusterIP");
  take(spec, "clusterIPs");
  const external = take(spec, "externalIPs");
  const addresses = textsOf(external) ?? [];
  const headless = clusterIp?.value === "None";
  const kind = textOf(type) ?? "ClusterIP";
  const none = (part: Part | undefined): Exposure => {
    if (part) giveBack(part);
    return { portInside: true };
  };
  // Each of these stands alone in KDSL.
  if (headless && (kind !== "ClusterIP" || addresses.length > 0)) return none(clusterIp);
  if (addresses.length > 0 && kind !== "ClusterIP") return none(external);
  if (headless) return { written: "headless", portInside: false };
  if (addresses.length > 0)
    return {
      written: {
        call: "external",
        arguments: [
          [undefined, addresses.length === 1 ? address(addresses[0]!) : list(...addresses.map(address))],
        ],
      },
      portInside: false,
    };
  if (kind === "ClusterIP") return { portInside: false };
  if (kind === "LoadBalancer") return { written: "balancer", portInside: true };
  if (kind !== "NodePort") return none(type);
  const [only] = ports;
  const port = ports.length === 1 ? numberOf(take(only, "nodePort")) : undefined;
  if (!port) return { written: "node", portInside: true };
  return { written: { call: "node", arguments: [[undefined, String(port)]] }, portInside: false };
}

function servicePort(part: Part, portInside: boolean): Member {
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
  body.push(...writeFields(blockSchemas["service.port"]!.fields, part));
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
function traffic(spec: Part | undefined): Member[] {
  return ["internalTraffic", "externalTraffic"].flatMap((name) => {
    const part = take(spec, `${name}Policy`);
    if (!part || part.value === "Cluster") return [];
    const written = typedField("service", name, part);
    return written ? [written] : [];
  });
}
