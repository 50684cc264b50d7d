import type {
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  Handler,
  Probe,
  ResourceList,
  ResourceRequirements,
  VolumeMount,
} from "../../model/core.ts";
import { defaultPullPolicy, withRequests } from "../../model/defaults.ts";
import type { FieldPath } from "../../model/plan.ts";
import {
  lateHere,
  localReference,
  notOfVariable,
  oneOrigin,
  twoHandlers,
} from "../diagnostics/catalog/plan.ts";
import { textOf } from "../evaluate/text.ts";
import type { Block, FieldValue, LateSource } from "../evaluate/value.ts";
import type { Span } from "../source/source.ts";
import { handler as onceType, probe as probeType } from "../types/blocks/common.ts";
import { containerFieldsAsInKubernetes, mount } from "../types/blocks/container.ts";
import type { Type } from "../types/type.ts";
import { compact, type Draft, enter, help, mark, report } from "./draft.ts";
import { lowerFields } from "./lower-fields.ts";
import { lowerSimulate } from "./lower-simulate.ts";
import { cast, isHole } from "./molds.ts";
import { child, item } from "./paths.ts";
import { cpuText, decimalText, memoryText } from "./quantities.ts";
import {
  describeLate,
  type FieldMap,
  fieldsOf,
  present,
  readAmount,
  readBoolean,
  readInteger,
  readList,
  readText,
  readTexts,
} from "./read.ts";
import { near } from "./references.ts";

/**
 * A `container` or `init` block as Kubernetes' Container. Requests that are left out are the limits, as Kubernetes makes
 * them in each pod: it stands in a pod's template already, so that what pods will ask for can be seen.
 */
export function lowerContainer(draft: Draft, path: FieldPath, block: Block): Container {
  const { fields } = block;
  mark(draft, path, block.span);
  mark(draft, child(path, "name"), block.span);
  const blocks = (word: string) => block.members.filter((member) => member.word === word);
  const at = (key: string, further?: string) => child(path, key, further);
  lowerLocal(draft, block, blocks("local")[0]);
  lowerSimulate(draft, block, blocks("simulate")[0]);
  const ports = blocks("port").map((port, index) => lowerPort(draft, item(at("ports"), index), port));
  const mounts = blocks("mount").map((mount, index) =>
    lowerMount(draft, item(at("volumeMounts"), index), mount),
  );
  const lifecycle = compact({
    postStart: readHandler(draft, at("lifecycle", "postStart"), fields.get("afterStart"), onceType),
    preStop: readHandler(draft, at("lifecycle", "preStop"), fields.get("beforeStop"), onceType),
  });
  const image = fields.get("image");
  const { resources, ...plain } = lowerFields(draft, path, fields, containerFieldsAsInKubernetes);
  return compact<Container>({
    name: block.name ?? "",
    image: readText(draft, at("image"), image) ?? "",
    command: readTexts(draft, at("command"), fields.get("command")),
    args: readTexts(draft, at("args"), fields.get("args")),
    workingDir: readText(draft, at("workingDir"), fields.get("workingDirectory")),
    ports: ports.length > 0 ? ports : undefined,
    envFrom: readList(draft, at("envFrom"), fields.get("envFrom"), readEnvSource),
    env: lowerEnv(draft, at("env"), fields.get("env")),
    resources: lowerResources(draft, at("resources"), fields, resources as object | undefined),
    volumeMounts: mounts.length > 0 ? mounts : undefined,
    readinessProbe: readProbe(draft, at("readinessProbe"), fields.get("ready")),
    livenessProbe: readProbe(draft, at("livenessProbe"), fields.get("live")),
    startupProbe: readProbe(draft, at("startupProbe"), fields.get("started")),
    lifecycle: Object.keys(lifecycle).length > 0 ? lifecycle : undefined,
    imagePullPolicy: (readText(draft, at("imagePullPolicy"), fields.get("pull")) ??
      pullPolicy(draft, image)) as Container["imagePullPolicy"],
    restartPolicy: fields.has("restart") ? "Always" : undefined,
    ...plain,
  });
}

/** Kubernetes' default. */
const pullPolicy = (draft: Draft, image: FieldValue | undefined) =>
  cast(draft, [image], (_, own) => defaultPullPolicy(textOf(image && own(image).value) ?? ""));

function lowerPort(draft: Draft, path: FieldPath, block: Block): ContainerPort {
  mark(draft, path, block.span);
  if (block.name !== undefined) mark(draft, child(path, "name"), block.span);
  const { fields } = block;
  return compact<ContainerPort>({
    name: block.name,
    containerPort: readInteger(draft, child(path, "containerPort"), block.value) ?? 0,
    hostPort: readInteger(draft, child(path, "hostPort"), fields.get("host")),
    hostIP: readText(draft, child(path, "hostIP"), fields.get("hostIP")),
    protocol: readText(draft, child(path, "protocol"), fields.get("protocol")) as ContainerPort["protocol"],
  });
}

function lowerMount(draft: Draft, path: FieldPath, block: Block): VolumeMount {
  mark(draft, path, block.extent);
  const { fields } = block;
  return compact<VolumeMount & Record<string, unknown>>({
    ...lowerFields(draft, path, fields, mountFields),
    name: readText(draft, child(path, "name"), fields.get("volume")) ?? "",
    mountPath: readText(draft, child(path, "mountPath"), fields.get("path")) ?? "",
    readOnly: readBoolean(draft, child(path, "readOnly"), fields.get("readonly")) || undefined,
  });
}

const { volume: _, path: __, readonly: ___, ...mountFields } = mount.fields;

/** How the container runs from source: kept beside the objects, by container. */
function lowerLocal(draft: Draft, container: Block, block: Block | undefined): void {
  // One whose members came to nothing is none: a template's `local { ...local }` that was given nothing.
  if (!block || block.fields.size === 0) return;
  const { fields, span } = block;
  const name = container.name ?? "";
  // As a whole for each object of a mold: which of its texts are references is seen when all have been read.
  cast(draft, [...fields.values()], (of, own) =>
    noteLocal(of, name, span, new Map([...fields].map(([key, field]) => [key, own(field)]))),
  );
}

/** True, as there is something to be done. */
function noteLocal(draft: Draft, container: string, span: Span, fields: FieldMap): true {
  const directory = present(fields.get("directory"));
  const path = `local[${container}]`;
  // Where none is named: the folder of the file that says what to run, which of a template is the use's.
  const [first] = fields.values();
  const written = readText(draft, child(path, "directory"), directory) ?? ".";
  const run = compact({
    directory: draft.lowering.resolve((directory ?? first)?.span ?? span, written),
    build: readTexts(draft, child(path, "build"), fields.get("build")),
    command: readTexts(draft, child(path, "command"), fields.get("command")),
    watch: readTexts(draft, child(path, "watch"), fields.get("watch")),
    debug: readTexts(draft, child(path, "debug"), fields.get("debug")),
  });
  mark(draft, path, span);
  refuseReferences(draft, path, span, fields);
  enter(draft.lowering.local, draft.key, container, run);
  return true;
}

/** What runs here is a program's own arguments, not a text of the cluster: addresses reach it through the environment. */
function refuseReferences(draft: Draft, path: FieldPath, around: Span, fields: FieldMap): void {
  const texts = draft.lowering.references.get(draft.key);
  const told = new Set<string>();
  for (const at of [...(texts?.keys() ?? [])]) {
    if (!at.startsWith(`${path}.`)) continue;
    const key = /^\.(\w+)/.exec(at.slice(path.length))?.[1] ?? "";
    texts?.delete(at);
    if (told.has(key)) continue;
    told.add(key);
    const span = fields.get(key)?.span ?? around;
    report(draft, localReference(span, { key }, { fixes: help(localReferenceHelp) }));
  }
  if (texts?.size === 0) draft.lowering.references.delete(draft.key);
}

const localReferenceHelp =
  'give it to the container as an `env` value (`DB_HOST: db.host`) and let the program read it, or a shell: `["sh", "-c", "exec ./server $DB_HOST"]`';

// ── Environment ────────────────────────────────────────────────────────────────────────────────────────────

/** In the order written: a variable may use those before it. */
function lowerEnv(draft: Draft, path: FieldPath, field: FieldValue | undefined): EnvVar[] | undefined {
  const given = present(field);
  if (!given) return undefined;
  if (isHole(given)) return cast(draft, [given], (of, own) => lowerEnv(of, path, own(given)));
  if (fieldsOf(draft, given).size > 0) mark(draft, path, given.span);
  const variables: EnvVar[] = [];
  for (const [name, written] of fieldsOf(draft, given)) {
    const value = present(written);
    if (!value) continue;
    const here = item(path, variables.length);
    mark(draft, here, written.keySpan);
    mark(draft, child(here, "name"), written.keySpan);
    if (!isHole(value) && value.value.kind === "late") {
      mark(draft, child(here, "valueFrom"), value.span);
      const valueFrom = lowerLate(draft, value.value.source, value.span);
      if (valueFrom) variables.push({ name, valueFrom });
    } else if (!isHole(value) && value.value.kind === "record") {
      const valueFrom = lowerVariable(draft, child(here, "valueFrom"), value);
      if (valueFrom) variables.push({ name, valueFrom });
    } else {
      const text = readText(draft, child(here, "value"), value);
      if (text !== undefined) variables.push({ name, value: text });
    }
  }
  return variables.length > 0 ? variables : undefined;
}

/** `{ from: login.password, optional: true }`: where a variable's value comes from, and what holds of it besides. */
function lowerVariable(draft: Draft, path: FieldPath, field: FieldValue): EnvVarSource | undefined {
  const fields = fieldsOf(draft, field);
  mark(draft, path, field.span);
  const fieldPath = readText(draft, child(path, "fieldRef", "fieldPath"), fields.get("field"));
  const from = present(fields.get("from"));
  const source = from?.value.kind === "late" ? from.value.source : undefined;
  const of = (key: string, ...kinds: LateSource["from"][]) => {
    const given = present(fields.get(key));
    if (!given || (source && kinds.includes(source.from))) return given;
    const fixes = help(`take \`${key}\` away`);
    report(draft, notOfVariable(given.keySpan, { key, of: source ? describeLate(source) : "it" }, { fixes }));
    return undefined;
  };
  const optional = readBoolean(draft, path, of("optional", "secret", "config"));
  const divisor = of("divisor", "resource");
  if ((fieldPath === undefined) === (source === undefined)) {
    if (from?.value.kind !== "error")
      report(draft, oneOrigin(field.span, {}, { fixes: help("write either `from` or `field`") }));
    return undefined;
  }
  if (fieldPath !== undefined) return { fieldRef: { fieldPath } };
  const found = lowerLate(draft, source!, from!.span);
  if (!found) return undefined;
  const { secretKeyRef, configMapKeyRef, resourceFieldRef } = found;
  const loose = optional === undefined ? {} : { optional };
  if (secretKeyRef) return { secretKeyRef: { ...secretKeyRef, ...loose } };
  if (configMapKeyRef) return { configMapKeyRef: { ...configMapKeyRef, ...loose } };
  if (!resourceFieldRef || !divisor) return found;
  const at = child(path, "resourceFieldRef", "divisor");
  return { resourceFieldRef: { ...resourceFieldRef, divisor: readText(draft, at, divisor) ?? "1" } };
}

function lowerLate(draft: Draft, source: LateSource, span: Span): EnvVarSource | undefined {
  switch (source.from) {
    case "secret":
      return near(draft, source.secret, span)
        ? { secretKeyRef: { name: source.secret.name, key: source.key } }
        : undefined;
    case "config":
      return near(draft, source.config, span)
        ? { configMapKeyRef: { name: source.config.name, key: source.key } }
        : undefined;
    case "field":
      return { fieldRef: { fieldPath: source.path } };
    case "resource":
      return {
        resourceFieldRef: compact({ containerName: source.container, resource: source.resource }),
      };
    case "env":
    case "file":
      report(draft, lateHere(span, { what: describeLate(source) }));
      return undefined;
  }
}

function readEnvSource(draft: Draft, path: FieldPath, field: FieldValue): EnvFromSource | undefined {
  const fields = fieldsOf(draft, field);
  const from = present(field.value.kind === "object" ? field : fields.get("from"));
  if (from?.value.kind !== "object" || !near(draft, from.value.object, from.span)) return undefined;
  mark(draft, path, from.span);
  const { word, name } = from.value.object;
  const reference = compact({
    name,
    optional: readBoolean(draft, child(path, "optional"), fields.get("optional")),
  });
  return compact<EnvFromSource>({
    prefix: readText(draft, child(path, "prefix"), fields.get("prefix")),
    ...(word === "secret" ? { secretRef: reference } : { configMapRef: reference }),
  });
}

// ── Resources and probes ───────────────────────────────────────────────────────────────────────────────────

function lowerResources(
  draft: Draft,
  path: FieldPath,
  fields: FieldMap,
  more: object | undefined,
): ResourceRequirements {
  const requests = fields.get("requests");
  const limits = fields.get("limits");
  const amounts =
    isHole(requests) || isHole(limits)
      ? cast(draft, [requests, limits], (of, own) =>
          lowerAmounts(of, path, requests && own(requests), limits && own(limits)),
        )
      : lowerAmounts(draft, path, requests, limits);
  return more ? { ...amounts, ...more } : amounts;
}

/** A resource that is limited and not requested will be requested as limited: it was written where the limit was. */
function lowerAmounts(
  draft: Draft,
  path: FieldPath,
  requested: FieldValue | undefined,
  limited: FieldValue | undefined,
): ResourceRequirements {
  const requests = readResources(draft, child(path, "requests"), requested);
  const limits = readResources(draft, child(path, "limits"), limited);
  for (const name of Object.keys(limits ?? {})) {
    if (requests?.[name] !== undefined) continue;
    const limit = draft.lowering.spans.at(draft.key, child(path, "limits", name));
    if (limit) mark(draft, child(path, "requests", name), limit);
  }
  return withRequests(compact({ requests, limits }));
}

/** `{ cpu, memory, storage, devices }` as a list of resources by their Kubernetes names. */
export function readResources(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
): ResourceList | undefined {
  const given = present(field);
  if (!given) return undefined;
  mark(draft, path, given.span);
  const fields = fieldsOf(draft, given);
  const resources = compact<Record<string, string | undefined>>({
    cpu: readAmount(draft, child(path, "cpu"), fields.get("cpu"), cpuText),
    memory: readAmount(draft, child(path, "memory"), fields.get("memory"), memoryText),
    "ephemeral-storage": readAmount(
      draft,
      child(path, "ephemeral-storage"),
      fields.get("storage"),
      memoryText,
    ),
    pods: readAmount(draft, child(path, "pods"), fields.get("pods"), countText),
  });
  for (const [name, count] of fieldsOf(draft, fields.get("devices")))
    resources[name] = readAmount(draft, child(path, name), count, countText);
  return compact(resources) as ResourceList;
}

const countText = (value: { numerator: bigint; denominator: bigint }) => ({
  text: decimalText(value) ?? "0",
  rounded: false,
});

function readProbe(draft: Draft, path: FieldPath, field: FieldValue | undefined): Probe | undefined {
  const probe: Probe | undefined = readHandler(draft, path, field, probeType);
  if (probe?.initialDelaySeconds !== 0) return probe;
  const { initialDelaySeconds: _, ...rest } = probe;
  return rest;
}

const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

/** What is asked or done, with its timings where the type has them. */
function readHandler(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
  type: Type,
): Handler | undefined {
  const given = present(field);
  if (!given || type.kind !== "record") return undefined;
  if (isHole(given)) return cast(draft, [given], (of, own) => readHandler(of, path, own(given), type));
  const fields = fieldsOf(draft, given);
  if (handlers.filter((name) => present(fields.get(name))).length === 1) {
    mark(draft, path, given.span);
    return lowerFields(draft, path, fields, type.fields, type.of);
  }
  if (![...fields.values()].some(({ value }) => value.kind === "error"))
    report(
      draft,
      twoHandlers(
        given.span,
        { what: `\`${given.span.file.text.slice(given.keySpan.start, given.keySpan.end)}\`` },
        { fixes: help("use one of `http(…)`, `tcp(…)` and `exec(…)` of std/probe") },
      ),
    );
  return undefined;
}
