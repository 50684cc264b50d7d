import type {
  Container,
  ContainerState,
  ContainerStatus,
  EnvVar,
  Handler,
  Probe,
  ResourceList,
} from "../../model/core.ts";
import { type DescriptionWriter, longTime } from "./writer.ts";

/** The containers of a pod, with what is known of each; of a template, without. */
export function writeContainers(
  writer: DescriptionWriter,
  level: number,
  title: string,
  containers: readonly Container[],
  statuses: readonly ContainerStatus[] | undefined,
): void {
  writer.line(level, `${title}:`);
  for (const container of containers) {
    const status = statuses?.find(({ name }) => name === container.name);
    writer.line(level + 1, `${container.name}:`);
    const at = level + 2;
    if (status) writer.line(at, "Container ID:", status.containerID ?? "");
    writer.line(at, "Image:", container.image);
    if (status) writer.line(at, "Image ID:", status.imageID);
    writePorts(writer, at, container);
    writeLines(writer, at, "Command:", container.command);
    writeLines(writer, at, "Args:", container.args);
    if (status) writeStatus(writer, at, status);
    writeResources(writer, at, "Limits", container.resources?.limits);
    writeResources(writer, at, "Requests", container.resources?.requests);
    const probes = [
      ["Liveness", container.livenessProbe],
      ["Readiness", container.readinessProbe],
      ["Startup", container.startupProbe],
    ] as const;
    for (const [name, probe] of probes) if (probe) writer.line(at, `${name}:`, probeText(probe));
    writeEnvironment(writer, at, container);
    writeMounts(writer, at, container);
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

function writeEnvironment(writer: DescriptionWriter, level: number, { env, envFrom }: Container): void {
  if (envFrom?.length) {
    writer.line(level, "Environment Variables from:");
    for (const { prefix, configMapRef, secretRef } of envFrom) {
      const [type, reference] = configMapRef ? ["ConfigMap", configMapRef] : ["Secret", secretRef];
      const with_ = prefix ? ` with prefix '${prefix}'` : "";
      writer.line(
        level + 1,
        reference?.name ?? "",
        `${type}${with_}`,
        `Optional: ${reference?.optional ?? false}`,
      );
    }
  }
  if (!env?.length) {
    writer.line(level, "Environment:", "<none>");
    return;
  }
  writer.line(level, "Environment:");
  for (const variable of env) writeVariable(writer, level + 1, variable);
}

function writeVariable(writer: DescriptionWriter, level: number, { name, value, valueFrom }: EnvVar): void {
  const title = `${name}:`;
  if (!valueFrom) {
    const [first = "", ...rest] = (value ?? "").split("\n");
    writer.line(level, title, first);
    for (const line of rest) writer.line(level, "", line);
    return;
  }
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom;
  if (fieldRef) writer.line(level, title, ` (${fieldRef.apiVersion ?? "v1"}:${fieldRef.fieldPath})`);
  else if (resourceFieldRef)
    writer.line(
      level,
      title,
      `${resourceFieldRef.containerName ? `${resourceFieldRef.containerName} ` : ""}(${resourceFieldRef.resource})`,
    );
  else if (secretKeyRef)
    writer.line(
      level,
      title,
      `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>`,
      `Optional: ${secretKeyRef.optional ?? false}`,
    );
  else if (configMapKeyRef)
    writer.line(
      level,
      title,
      `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>`,
      `Optional: ${configMapKeyRef.optional ?? false}`,
    );
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
