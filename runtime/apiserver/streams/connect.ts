import type { Pod } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import type { ApiRequest } from "../http.ts";
import { flag } from "../options.ts";
import { badRequest } from "../status.ts";

/** A request that turns its connection into streams, checked and ready to be run. */
export type PodConnection = CommandConnection | PortForwardConnection;

interface ConnectionBase {
  readonly podUid: string;
  /** For messages. */
  readonly podName: string;
}

/** A command in a container that runs already, or that container's own program. */
export interface CommandConnection extends ConnectionBase {
  readonly type: "exec" | "attach";
  readonly container: string;
  /** Empty for `attach`. */
  readonly command: readonly string[];
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

export interface PortForwardConnection extends ConnectionBase {
  readonly type: "portforward";
  readonly podAddress: string;
  /** What the query names; clients that speak SPDY name a port with each stream instead. */
  readonly ports: readonly number[];
}

export const connectSubresources = ["exec", "attach", "portforward"] as const;

/** Reads what a client wants of a pod. Throws the 400s of Kubernetes' (`streamLocation`, the kubelet's `NewOptions`). */
export function connectionOf(
  type: PodConnection["type"],
  pod: Stored<Pod>,
  { query }: Pick<ApiRequest, "query">,
): PodConnection {
  const base = { podUid: pod.metadata.uid, podName: `${pod.metadata.name}_${pod.metadata.namespace}` };
  if (type === "portforward") {
    requireHost(pod);
    return { type, ...base, podAddress: pod.status?.podIP ?? "", ports: portsOf(query) };
  }
  const container = chooseContainer(pod, query.get("container") ?? "");
  requireHost(pod);
  const command = query.getAll("command");
  const tty = flag(query, "tty");
  const connection = {
    type,
    ...base,
    container,
    command: type === "exec" ? command : [],
    stdin: flag(query, "stdin"),
    stdout: flag(query, "stdout"),
    // A terminal has one output.
    stderr: flag(query, "stderr") && !tty,
    tty,
  };
  if (type === "exec" && command.length === 0)
    throw badRequest("you must specify at least one command for the container");
  if (!connection.stdin && !connection.stdout && !connection.stderr)
    throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  return connection;
}

function requireHost(pod: Stored<Pod>): void {
  if (!pod.spec.nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
}

/** The pod's only container where none is named (Kubernetes' `validateContainer`; the annotation for a default is kubectl's own affair). */
function chooseContainer(pod: Stored<Pod>, named: string): string {
  const { containers, initContainers = [] } = pod.spec;
  const { name } = pod.metadata;
  if (named === "") {
    if (containers.length === 1) return containers[0]!.name;
    const names = [...initContainers, ...containers].map((each) => each.name);
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${names.join(" ")}]`,
    );
  }
  if ([...containers, ...initContainers].some((each) => each.name === named)) return named;
  throw badRequest(`container ${named} is not valid for pod ${name}`);
}

function portsOf(query: URLSearchParams): number[] {
  return query
    .getAll("ports")
    .flatMap((text) => text.split(","))
    .filter((text) => text !== "")
    .map(parsePort);
}

/** A port of a pod as clients name it. Throws 400. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535)
    throw badRequest(`unable to parse ${JSON.stringify(text)} as a port: it must be between 1 and 65535`);
  return port;
}
