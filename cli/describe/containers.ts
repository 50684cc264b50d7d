import type {
  Container,
  ContainerState,
  ContainerStatus,
  EnvVarSource,
  Handler,
  Pod,
  Probe,
  ResourceList,
} from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { parseQuantity } from "../../model/quantity.ts";
import { type DescriptionWriter, longTime } from "./writer.ts";

/** What is known of the containers of a pod, beyond what its template says. */
export interface Live {
  readonly pod: Stored<Pod>;
  readonly statuses: readonly ContainerStatus[];
}

/**
 * The containers of a pod, with what is known of each; of a template, without. In a template the title stands one
 * level deeper and the names one blank, as kubectl has it; what is below them stands at the same place.
 */
export function writeContainers(
  writer: DescriptionWriter,
  title: string,
  containers: readonly Container[],
  live?: Live,
): void {
  writer.line(live ? 0 : 1, `${title}:`);
  for (const container of containers) {
    const status = live?.statuses.find(({ name }) => name === container.name);
    writer.line(1, `${live ? "" : " "}${container.name}:`);
    if (status) writer.line(2, "Container ID:", status.containerID ?? "");
    writer.line(2, "Image:", container.image);
    if (status) writer.line(2, "Image ID:", status.imageID);
    writePorts(writer, 2, container);
    writeLines(writer, 2, "Command:", container.command);
    writeLines(writer, 2, "Args:", container.args);
    if (status) writeStatus(writer, 2, status);
    writeResources(writer, 2, "Limits", container.resources?.limits);
    writeResources(writer, 2, "Requests", container.resources?.requests);
    const probes = [
      ["Liveness", container.livenessProbe],
      ["Readiness", container.readinessProbe],
      ["Startup", container.startupProbe],
    ] as const;
    for (const [name, probe] of probes) if (probe) writer.line(2, `${name}:`, probeText(probe));
    writeEnvironment(writer, 2, container, live?.pod);
    writeMounts(writer, 2, container);
  }
}

function writePorts(writer: DescriptionWriter, level: number, { ports = [] }: Container): void {
  const list = (title: string, values: readonly string[]) => {
    const plural = values.length > 1 ? "s" : "";
    writer.line(level, `${title}${plural}:`, values.join(", ") || "<none>");
  };
  const protocol = (value: string | undefined) => value ?? "TCP";
  const named = (name: string | undefined) => (name ? ` (${name})` : "");
  list(
    "Port",
    ports.map((port) => `${port.containerPort}/${protocol(port.protocol)}${named(port.name)}`),
  );
  list(
    "Host Port",
    ports.map((port) => `${port.hostPort ?? 0}/${protocol(port.protocol)}${named(port.name)}`),
  );
}

function writeLines(
  writer: DescriptionWriter,
  level: number,
  title: string,
  values: readonly string[] | undefined,
): void {
  if (!values?.length) return;
  writer.line(level, title);
  for (const value of values) for (const line of value.split("\n")) writer.line(level + 1, line);
}

function writeStatus(writer: DescriptionWriter, level: number, status: ContainerStatus): void {
  writeState(writer, level, "State", status.state);
  if (status.lastState.terminated) writeState(writer, level, "Last State", status.lastState);
  writer.line(level, "Ready:", status.ready ? "True" : "False");
  writer.line(level, "Restart Count:", status.restartCount);
}

function writeState(writer: DescriptionWriter, level: number, title: string, state: ContainerState): void {
  const { running, waiting, terminated } = state;
  if (running) {
    writer.line(level, `${title}:`, "Running");
    writer.line(level + 1, "Started:", longTime(running.startedAt));
  } else if (terminated) {
    writer.line(level, `${title}:`, "Terminated");
    if (terminated.reason) writer.line(level + 1, "Reason:", terminated.reason);
    if (terminated.message) writer.line(level + 1, "Message:", terminated.message);
    writer.line(level + 1, "Exit Code:", terminated.exitCode);
    if (terminated.signal) writer.line(level + 1, "Signal:", terminated.signal);
    writer.line(level + 1, "Started:", longTime(terminated.startedAt));
    writer.line(level + 1, "Finished:", longTime(terminated.finishedAt));
  } else {
    writer.line(level, `${title}:`, "Waiting");
    if (waiting?.reason) writer.line(level + 1, "Reason:", waiting.reason);
  }
}

function writeResources(
  writer: DescriptionWriter,
  level: number,
  title: string,
  resources: ResourceList = {},
): void {
  const names = Object.keys(resources).sort();
  if (names.length === 0) return;
  writer.line(level, `${title}:`);
  for (const name of names) writer.line(level + 1, `${name}:`, resources[name]!);
}

/** `http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3`. */
function probeText(probe: Probe): string {
  const timing = [
    `delay=${probe.initialDelaySeconds ?? 0}s`,
    `timeout=${probe.timeoutSeconds ?? 1}s`,
    `period=${probe.periodSeconds ?? 10}s`,
    `#success=${probe.successThreshold ?? 1}`,
    `#failure=${probe.failureThreshold ?? 3}`,
  ].join(" ");
  return `${handlerText(probe)} ${timing}`;
}

function handlerText({ exec, httpGet, tcpSocket }: Handler): string {
  if (exec) return `exec [${exec.command.join(" ")}]`;
  if (httpGet) {
    const scheme = (httpGet.scheme ?? "HTTP").toLowerCase();
    return `http-get ${scheme}://${httpGet.host ?? ""}:${httpGet.port}${httpGet.path ?? ""}`;
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ""}:${tcpSocket.port}`;
  return "unknown";
}

function writeEnvironment(
  writer: DescriptionWriter,
  level: number,
  container: Container,
  pod: Stored<Pod> | undefined,
): void {
  const { env, envFrom } = container;
  if (envFrom?.length) {
    writer.line(level, "Environment Variables from:");
    for (const { prefix, configMapRef, secretRef } of envFrom) {
      const [type, reference] = configMapRef ? ["ConfigMap", configMapRef] : ["Secret", secretRef];
      const prefixed = prefix ? ` with prefix '${prefix}'` : "";
      const optional = `Optional: ${reference?.optional ?? false}`;
      writer.line(level + 1, reference?.name ?? "", `${type}${prefixed}`, optional);
    }
  }
  if (!env?.length) {
    writer.line(level, "Environment:", "<none>");
    return;
  }
  writer.line(level, "Environment:");
  for (const { name, value, valueFrom } of env) {
    const [first = "", ...rest] = valueFrom
      ? sourceText(valueFrom, container, pod)
      : (value ?? "").split("\n");
    writer.line(level + 1, `${name}:`, first, ...(valueFrom ? rest : []));
    for (const line of valueFrom ? [] : rest) writer.line(level + 1, "", line);
  }
}

/** Where a variable's value comes from, in cells; with the value where it stands in the object itself. */
function sourceText(
  source: EnvVarSource,
  container: Container,
  pod: Stored<Pod> | undefined,
): readonly string[] {
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = source;
  if (fieldRef) {
    const value = pod ? fieldOf(pod, fieldRef.fieldPath) : "";
    return [`${value} (${fieldRef.apiVersion ?? "v1"}:${fieldRef.fieldPath})`];
  }
  if (resourceFieldRef) return [`${resourceOf(container, resourceFieldRef)} (${resourceFieldRef.resource})`];
  const reference = secretKeyRef ?? configMapKeyRef;
  if (!reference) return ["<unknown>"];
  const place = secretKeyRef ? "in secret" : "of config map";
  return [
    `<set to the key '${reference.key}' ${place} '${reference.name}'>`,
    `Optional: ${reference.optional ?? false}`,
  ];
}

/** kubectl knows the values of metadata alone. */
function fieldOf({ metadata }: Stored<Pod>, path: string): string {
  const indexed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (indexed) return metadata[indexed[1] as "labels"]?.[indexed[2]!] ?? "";
  const named = /^metadata\.(name|namespace|uid)$/.exec(path);
  return named ? (metadata[named[1] as "name"] ?? "") : "";
}

/** The amount in units of the divisor, rounded up. */
function resourceOf(
  { resources }: Container,
  { resource, divisor }: NonNullable<EnvVarSource["resourceFieldRef"]>,
): string {
  const [list, name = ""] = resource.split(".", 2);
  const quantity = list === "limits" ? resources?.limits?.[name] : resources?.requests?.[name];
  const unit = parseQuantity(divisor && divisor !== "0" ? divisor : "1") ?? 1n;
  const amount = parseQuantity(quantity ?? "0") ?? 0n;
  return String((amount + unit - 1n) / unit);
}

function writeMounts(writer: DescriptionWriter, level: number, { volumeMounts }: Container): void {
  if (!volumeMounts?.length) {
    writer.line(level, "Mounts:", "<none>");
    return;
  }
  writer.line(level, "Mounts:");
  const sorted = [...volumeMounts].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1));
  for (const { mountPath, name, readOnly, subPath } of sorted) {
    const flags = [readOnly ? "ro" : "rw", ...(subPath ? [`path="${subPath}"`] : [])].join(",");
    writer.line(level + 1, `${mountPath} from ${name} (${flags})`);
  }
}
