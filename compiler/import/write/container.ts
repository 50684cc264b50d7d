import { defaultPullPolicy } from "../../../model/defaults.ts";
import { podFacts } from "../../checker/members.ts";
import { blockSchemas } from "../../types/blocks/index.ts";
import { block, field, list, type Member, record, type Written } from "./layout.ts";
import { cpu, isName, key, memory, quoted } from "./literals.ts";
import { writeProbe } from "./probes.ts";
import {
  entries,
  giveBack,
  isRecord,
  items,
  numberOf,
  type Part,
  take,
  takeIn,
  textOf,
  textsOf,
} from "./reader.ts";
import { aliasFor, nameWritten, referOrDeclare } from "./scene.ts";
import { environmentValue, referenceText } from "./texts.ts";
import { type Around, address, writeFields, writeTyped } from "./typed.ts";

/** Containers and what stands in them. */

export interface PodAround extends Around {
  /** How the pod's volumes and containers are called in the program, by their names. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly containers: ReadonlyMap<string, string>;
}

/** What Kubernetes fills in by itself, and nobody would write. */
const defaults: Readonly<Record<string, unknown>> = {
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
};

export function writeContainer(around: PodAround, part: Part, word: "container" | "init"): Member {
  const name = textOf(take(part, "name")) ?? "";
  const image = textOf(take(part, "image")) ?? "";
  const members: Member[] = [field("image", quoted(image), `${part.path}.image`)];
  const add = (...more: (Member | undefined)[]) => members.push(...more.filter((one) => one !== undefined));
  add(writeTexts(around, part, "command", "command"), writeTexts(around, part, "args", "args"));
  const directory = take(part, "workingDir");
  if (directory) add(typedField(around, word, "workingDirectory", directory));
  for (const port of items(take(part, "ports"))) add(writePort(port));
  add(writeEnvironment(around, take(part, "env")), writeEnvFrom(around, take(part, "envFrom")));
  const resources = take(part, "resources");
  add(writeResources("requests", take(resources, "requests")));
  add(writeResources("limits", take(resources, "limits")));
  for (const mount of items(take(part, "volumeMounts"))) add(writeMount(around, mount));
  const lifecycle = take(part, "lifecycle");
  add(writeProbe(around, "ready", take(part, "readinessProbe")));
  add(writeProbe(around, "live", take(part, "livenessProbe")));
  add(writeProbe(around, "started", take(part, "startupProbe")));
  add(writeProbe(around, "afterStart", take(lifecycle, "postStart")));
  add(writeProbe(around, "beforeStop", take(lifecycle, "preStop")));
  const pull = take(part, "imagePullPolicy");
  if (pull && pull.value !== defaultPullPolicy(image)) add(typedField(around, word, "pull", pull));
  for (const [name, value] of Object.entries(defaults)) {
    const given = take(part, name);
    if (given && given.value !== value) giveBack(given);
  }
  add(...writeFields(around, blockSchemas[word]!.fields, part));
  const alias = around.containers.get(name) ?? name;
  return {
    head: `${word} ${nameWritten(name, alias)} `,
    value: block(members),
    path: part.path,
    apart: true,
  };
}

/** A field that has another name here, by the type that the table of its block gives it. */
export function typedField(around: Around, word: string, name: string, part: Part): Member | undefined {
  const schema = blockSchemas[word]?.fields[name];
  const value = schema && writeTyped(around, schema, part);
  if (value === undefined) giveBack(part);
  return value === undefined ? undefined : field(key(name), value, part.path);
}

function writeTexts(around: PodAround, part: Part, from: string, name: string): Member | undefined {
  const given = take(part, from);
  const texts = textsOf(given);
  if (!given || !texts) {
    if (given) giveBack(given);
    return undefined;
  }
  const written = texts.map((one) => referenceText(around.scene, around.namespace, one));
  return field(name, list(...written), given.path);
}

function writePort(part: Part): Member {
  const name = textOf(take(part, "name"));
  const number = numberOf(take(part, "containerPort")) ?? 0;
  const body: Member[] = [];
  const protocol = take(part, "protocol");
  if (protocol && protocol.value !== "TCP")
    body.push(field("protocol", quoted(String(protocol.value)), protocol.path));
  const host = take(part, "hostPort");
  if (host && host.value !== 0) body.push(field("host", String(host.value), host.path));
  const hostIp = take(part, "hostIP");
  if (hostIp && hostIp.value !== "") body.push(field("hostIP", address(String(hostIp.value)), hostIp.path));
  return {
    head: name === undefined ? `port ${number}` : `port ${portWritten(name)}: ${number}`,
    ...(body.length > 0 ? { body: record(body) } : {}),
    path: part.path,
  };
}

/** A port's name where it is declared. */
export const portWritten = (name: string): string => nameWritten(name, aliasFor(name, "port"));

// ── Environment ────────────────────────────────────────────────────────────────────────────────────────────

function writeEnvironment(around: PodAround, part: Part | undefined): Member | undefined {
  if (!part) return undefined;
  const members: Member[] = [];
  const names = new Set<string>();
  for (const variable of items(part)) {
    const name = textOf(take(variable, "name"));
    const source = take(variable, "valueFrom");
    const text = take(variable, "value");
    const member =
      name === undefined || names.has(name)
        ? undefined
        : source
          ? writeSource(around, name, source, variable.path)
          : environmentValue(around.scene, around.namespace, name, textOf(text) ?? "", variable.path);
    if (name !== undefined) names.add(name);
    if (member) members.push(member);
    else giveBack(variable);
  }
  return members.length > 0 ? field("env", { members }, part.path) : undefined;
}

function writeSource(around: PodAround, name: string, source: Part, path: string): Member | undefined {
  const written =
    keyReference(around, "secret", take(source, "secretKeyRef")) ??
    keyReference(around, "config", take(source, "configMapKeyRef")) ??
    podFact(take(source, "fieldRef")) ??
    resourceReference(around, take(source, "resourceFieldRef"));
  return written === undefined ? undefined : field(key(name), written, path);
}

function keyReference(
  around: PodAround,
  word: "secret" | "config",
  part: Part | undefined,
): Written | undefined {
  const name = textOf(take(part, "name"));
  const entry = textOf(take(part, "key"));
  if (!part || name === undefined || entry === undefined) return undefined;
  const reference = referOrDeclare(around.scene, word, around.namespace, name, entry);
  const optional = take(part, "optional")?.value === true;
  return optional ? record([field("from", reference), field("optional", "true")]) : reference;
}

/** `pod.ip`, or any other field by its path. */
function podFact(part: Part | undefined): Written | undefined {
  const path = textOf(take(part, "fieldPath"));
  const version = take(part, "apiVersion");
  if (path === undefined || (version && version.value !== "v1")) return undefined;
  const fact = Object.keys(podFacts).find((name) => podFacts[name] === path);
  return fact === undefined ? record([field("field", quoted(path))]) : `pod.${fact}`;
}

const resourceNames: Readonly<Record<string, string>> = {
  cpu: "cpu",
  memory: "memory",
  "ephemeral-storage": "storage",
};

function resourceReference(around: PodAround, part: Part | undefined): Written | undefined {
  const resource = /^(limits|requests)\.(.+)$/.exec(textOf(take(part, "resource")) ?? "");
  const name = resource && resourceNames[resource[2]!];
  const container = textOf(take(part, "containerName"));
  const from = container === undefined ? "container" : (around.containers.get(container) ?? container);
  if (!resource || name === undefined || !isName(from)) return undefined;
  const reference = `${from}.${resource[1]}.${name}`;
  const divisor = take(part, "divisor");
  if (!divisor || String(divisor.value) === "0") return reference;
  const unit = (name === "cpu" ? cpu : memory)(String(divisor.value));
  return unit === undefined ? undefined : record([field("from", reference), field("divisor", unit)]);
}

function writeEnvFrom(around: PodAround, part: Part | undefined): Member | undefined {
  if (!part) return undefined;
  const sources: Written[] = [];
  for (const one of items(part)) {
    const from = take(one, "configMapRef") ?? take(one, "secretRef");
    const name = textOf(take(from, "name"));
    if (!from || name === undefined) {
      giveBack(one);
      continue;
    }
    const word = from.path.endsWith("secretRef") ? "secret" : "config";
    const object = referOrDeclare(around.scene, word, around.namespace, name);
    const prefix = textOf(take(one, "prefix")) ?? "";
    const optional = takeIn(from, "optional")?.value === true;
    if (prefix === "" && !optional) sources.push(object);
    else
      sources.push(
        record([
          field("from", object),
          ...(prefix === "" ? [] : [field("prefix", quoted(prefix))]),
          ...(optional ? [field("optional", "true")] : []),
        ]),
      );
  }
  return sources.length > 0 ? field("envFrom", list(...sources), part.path) : undefined;
}

// ── Resources and mounts ───────────────────────────────────────────────────────────────────────────────────

/** `{ cpu, memory, storage, devices }`; `pods` of a node too. */
export function writeResources(name: string, part: Part | undefined): Member | undefined {
  if (!part) return undefined;
  const members: Member[] = [];
  const devices: Member[] = [];
  for (const [resource, amount] of entries(part)) {
    const quantity = String(amount.value);
    const known = resourceNames[resource];
    const value = resource === "cpu" ? cpu(quantity) : known === undefined ? undefined : memory(quantity);
    if (known !== undefined && value !== undefined) members.push(field(known, value, amount.path));
    else if (known === undefined && /^\d+$/.test(quantity) && resource === "pods")
      members.push(field("pods", quantity, amount.path));
    else if (known === undefined && /^\d+$/.test(quantity))
      devices.push(field(key(resource), quantity, amount.path));
    else giveBack(amount);
  }
  if (devices.length > 0) members.push(field("devices", { members: devices }));
  return members.length > 0 ? field(name, { members }, part.path) : undefined;
}

function writeMount(around: PodAround, part: Part): Member | undefined {
  const name = textOf(take(part, "name"));
  const volume = name === undefined ? undefined : around.volumes.get(name);
  const path = textOf(take(part, "mountPath"));
  const readonly = take(part, "readOnly");
  if (volume === undefined || path === undefined) {
    giveBack(part);
    return undefined;
  }
  const body = writeFields(around, blockSchemas.mount!.fields, part).filter(
    ({ head }) => !/^mountPropagation: "None"/.test(head),
  );
  const end = readonly?.value === true ? " readonly" : "";
  return {
    head: `mount ${volume} at ${quoted(path)}${end}`,
    ...(body.length > 0 ? { body: record(body) } : {}),
    path: part.path,
  };
}

/** How the volumes or containers of a list are called in the program, by their names. */
export function aliasesOf(parts: readonly Part[], word: string): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const { value } of parts) {
    const name = isRecord(value) && typeof value.name === "string" ? value.name : "";
    aliases.set(name, aliasFor(name, word, new Set(aliases.values())));
  }
  return aliases;
}
