import type {
  Container,
  ContainerPort,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  Handler,
  HttpGetAction,
  Probe,
  ResourceList,
  ResourceRequirements,
  VolumeMount,
} from "../../model/core.ts";
import type { FieldPath } from "../../model/plan.ts";
import { lateHere, localReference, otherNamespace, twoHandlers } from "../diagnostics/catalog/plan.ts";
import type { Block, FieldValue, LateSource, ObjectHandle } from "../evaluate/value.ts";
import type { Span } from "../source/source.ts";
import { containerFieldsAsInKubernetes } from "../types/blocks/container.ts";
import { compact, type Draft, enter, help, mark, report, titleOf } from "./draft.ts";
import { child, item } from "./paths.ts";
import { cpuText, decimalText, memoryText } from "./quantities.ts";
import {
  describeLate,
  type FieldMap,
  fieldsOf,
  present,
  readAmount,
  readAsIs,
  readBoolean,
  readInteger,
  readList,
  readPort,
  readSeconds,
  readText,
  readTextMap,
  readTexts,
} from "./read.ts";

/** A `container` or `init` block as Kubernetes' Container. */
export function lowerContainer(draft: Draft, path: FieldPath, block: Block): Container {
  const { fields } = block;
  mark(draft, path, block.span);
  mark(draft, child(path, "name"), block.span);
  const blocks = (word: string) => block.members.filter((member) => member.word === word);
  const at = (key: string, further?: string) => child(path, key, further);
  lowerLocal(draft, block, blocks("local")[0]);
  const ports = blocks("port").map((port, index) => lowerPort(draft, item(at("ports"), index), port));
  const mounts = blocks("mount").map((mount, index) =>
    lowerMount(draft, item(at("volumeMounts"), index), mount),
  );
  const lifecycle = compact({
    postStart: readHandler(draft, at("lifecycle", "postStart"), fields.get("afterStart")),
    preStop: readHandler(draft, at("lifecycle", "preStop"), fields.get("beforeStop")),
  });
  return compact<Container>({
    name: block.name ?? "",
    image: readText(draft, at("image"), fields.get("image")) ?? "",
    command: readTexts(draft, at("command"), fields.get("command")),
    args: readTexts(draft, at("args"), fields.get("args")),
    workingDir: readText(draft, at("workingDir"), fields.get("workingDirectory")),
    ports: ports.length > 0 ? ports : undefined,
    envFrom: readList(draft, at("envFrom"), fields.get("envFrom"), readEnvSource),
    env: lowerEnv(draft, at("env"), fields.get("env")),
    resources: lowerResources(draft, at("resources"), fields),
    volumeMounts: mounts.length > 0 ? mounts : undefined,
    readinessProbe: readProbe(draft, at("readinessProbe"), fields.get("ready")),
    livenessProbe: readProbe(draft, at("livenessProbe"), fields.get("live")),
    startupProbe: readProbe(draft, at("startupProbe"), fields.get("started")),
    lifecycle: Object.keys(lifecycle).length > 0 ? lifecycle : undefined,
    imagePullPolicy: readText(
      draft,
      at("imagePullPolicy"),
      fields.get("pull"),
    ) as Container["imagePullPolicy"],
    ...readFieldsAsIs(draft, path, fields, containerFieldsAsInKubernetes),
  });
}

/** The fields that keep their Kubernetes name. */
export function readFieldsAsIs(
  draft: Draft,
  path: FieldPath,
  fields: FieldMap,
  names: object,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(names)) {
    const value = readAsIs(draft, child(path, name), fields.get(name));
    if (value !== undefined) result[name] = value;
  }
  return result;
}

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
    name: readText(draft, child(path, "name"), fields.get("volume")) ?? "",
    mountPath: readText(draft, child(path, "mountPath"), fields.get("path")) ?? "",
    readOnly: readBoolean(draft, child(path, "readOnly"), fields.get("readonly")) || undefined,
    ...readFieldsAsIs(draft, path, fields, mountFieldsAsInKubernetes),
  });
}

const mountFieldsAsInKubernetes = { subPath: 0, subPathExpr: 0, mountPropagation: 0, recursiveReadOnly: 0 };

/** How the container runs from source: kept beside the objects, by container. */
function lowerLocal(draft: Draft, container: Block, block: Block | undefined): void {
  const directory = present(block?.fields.get("directory"));
  if (!block || !directory) return;
  const path = `local[${container.name}]`;
  const { fields } = block;
  const written = readText(draft, child(path, "directory"), directory) ?? "";
  const run = compact({
    directory: draft.lowering.resolve(directory.span, written),
    build: readTexts(draft, child(path, "build"), fields.get("build")),
    command: readTexts(draft, child(path, "command"), fields.get("command")),
    watch: readTexts(draft, child(path, "watch"), fields.get("watch")),
    debug: readTexts(draft, child(path, "debug"), fields.get("debug")),
  });
  mark(draft, path, block.span);
  refuseReferences(draft, path, block);
  enter(draft.lowering.local, draft.key, container.name ?? "", run);
}

/** What runs here is a program's own arguments, not a text of the cluster: addresses reach it through the environment. */
function refuseReferences(draft: Draft, path: FieldPath, block: Block): void {
  const texts = draft.lowering.references.get(draft.key);
  const told = new Set<string>();
  for (const at of [...(texts?.keys() ?? [])]) {
    if (!at.startsWith(`${path}.`)) continue;
    const key = /^\.(\w+)/.exec(at.slice(path.length))?.[1] ?? "";
    texts?.delete(at);
    if (told.has(key)) continue;
    told.add(key);
    const span = block.fields.get(key)?.span ?? block.span;
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
  mark(draft, path, given.span);
  const variables: EnvVar[] = [];
  for (const [name, written] of fieldsOf(draft, given)) {
    const value = present(written);
    if (!value) continue;
    const here = item(path, variables.length);
    mark(draft, here, written.keySpan);
    mark(draft, child(here, "name"), written.keySpan);
    if (value.value.kind === "late") {
      mark(draft, child(here, "valueFrom"), value.span);
      const valueFrom = lowerLate(draft, value.value.source, value.span);
      if (valueFrom) variables.push({ name, valueFrom });
    } else {
      const text = readText(draft, child(here, "value"), value);
      if (text !== undefined) variables.push({ name, value: text });
    }
  }
  return variables.length > 0 ? variables : undefined;
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

/** Whether the object is one that a pod can refer to: in its own namespace. Reported if not. */
export function near(draft: Draft, object: ObjectHandle, span: Span): boolean {
  if (object.namespace === draft.handle.namespace) return true;
  report(
    draft,
    otherNamespace(
      span,
      { by: draft.title, what: titleOf(object), namespace: object.namespace ?? "" },
      { fixes: help("declare it in the pod's own namespace") },
    ),
  );
  return false;
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

/** A resource that is limited and not requested will be requested as limited: it was written where the limit was. */
function lowerResources(draft: Draft, path: FieldPath, fields: FieldMap): ResourceRequirements {
  const requests = readResources(draft, child(path, "requests"), fields.get("requests"));
  const limits = readResources(draft, child(path, "limits"), fields.get("limits"));
  for (const name of Object.keys(limits ?? {})) {
    if (requests?.[name] !== undefined) continue;
    const limit = draft.lowering.spans.at(draft.key, child(path, "limits", name));
    if (limit) mark(draft, child(path, "requests", name), limit);
  }
  return compact({ requests, limits });
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
  const handler = readHandler(draft, path, field);
  if (handler === undefined) return undefined;
  const fields = fieldsOf(draft, field);
  const seconds = (name: string) => readSeconds(draft, child(path, name), fields.get(name));
  const count = (name: string) => readInteger(draft, child(path, name), fields.get(name));
  return compact<Probe>({
    ...handler,
    initialDelaySeconds: seconds("initialDelaySeconds") || undefined,
    timeoutSeconds: seconds("timeoutSeconds"),
    periodSeconds: seconds("periodSeconds"),
    successThreshold: count("successThreshold"),
    failureThreshold: count("failureThreshold"),
    terminationGracePeriodSeconds: seconds("terminationGracePeriodSeconds"),
  });
}

function readHandler(draft: Draft, path: FieldPath, field: FieldValue | undefined): Handler | undefined {
  const given = present(field);
  if (!given) return undefined;
  mark(draft, path, given.span);
  const fields = fieldsOf(draft, given);
  const exec = present(fields.get("exec"));
  const http = present(fields.get("httpGet"));
  const tcp = present(fields.get("tcpSocket"));
  if ([exec, http, tcp].filter((handler) => handler !== undefined).length !== 1) {
    if (![...fields.values()].some(({ value }) => value.kind === "error"))
      report(
        draft,
        twoHandlers(
          given.span,
          {
            what: `\`${given.span.file.text.slice(given.keySpan.start, given.keySpan.end)}\``,
          },
          { fixes: help("use one of `http(…)`, `tcp(…)` and `exec(…)` of std/probe") },
        ),
      );
    return undefined;
  }
  if (exec) {
    const command = readTexts(draft, `${path}.exec.command`, fieldsOf(draft, exec).get("command")) ?? [];
    return { exec: { command } };
  }
  if (http) return { httpGet: readHttpGet(draft, `${path}.httpGet`, fieldsOf(draft, http)) };
  const socket = `${path}.tcpSocket`;
  return {
    tcpSocket: compact({
      host: readText(draft, child(socket, "host"), fieldsOf(draft, tcp).get("host")),
      port: readPort(draft, child(socket, "port"), fieldsOf(draft, tcp).get("port")) ?? 0,
    }),
  };
}

function readHttpGet(draft: Draft, path: FieldPath, fields: FieldMap): HttpGetAction {
  return compact<HttpGetAction>({
    host: readText(draft, child(path, "host"), fields.get("host")),
    path: readText(draft, child(path, "path"), fields.get("path")),
    port: readPort(draft, child(path, "port"), fields.get("port")) ?? 0,
    scheme: readText(draft, child(path, "scheme"), fields.get("scheme")) as HttpGetAction["scheme"],
    httpHeaders: readList(draft, child(path, "httpHeaders"), fields.get("httpHeaders"), readTextMap) as
      | HttpGetAction["httpHeaders"]
      | undefined,
  });
}
