import { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Container, KindMap, Node, Pod, ReplicationController, Service } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import type { LogReader, LogRequest } from "../../../runtime/apiserver/backend.ts";
import { type ApiResponse, isStream, type ResponseSink } from "../../../runtime/apiserver/http.ts";
import type { UsageReader } from "../../../runtime/apiserver/metrics/usage.ts";
import { type ApiServer, createApiServer } from "../../../runtime/apiserver/server.ts";
import type { NetworkPlan } from "../../../runtime/environment.ts";
import { createRegistry, type Registry } from "../../../runtime/registry/registry.ts";
import { Store } from "../../../runtime/store/store.ts";

/** An API server over a registry of its own, at a time that stands still until it is told to move. */
export interface World {
  readonly clock: VirtualClock;
  readonly registry: Registry;
  readonly api: ApiServer;
  /** What the log reader was asked for. */
  readonly logRequests: LogRequest[];
  /** What the API failed at without having foreseen it. */
  readonly unforeseen: unknown[];
}

export const network: NetworkPlan = {
  nodeCIDR: "127.9.0.0/24",
  serviceCIDR: "127.9.16.0/20",
  podCIDR: "127.9.128.0/17",
  nodePorts: { first: 30000, last: 32767 },
  openPort: (port) => (port < 1024 ? port + 10_000 : port),
};

export function createWorld(
  options: {
    readonly historySize?: number;
    readonly start?: number;
    readonly log?: LogReader;
    readonly clock?: VirtualClock;
    readonly usage?: UsageReader;
  } = {},
): World {
  const clock = options.clock ?? new VirtualClock(options.start ?? Date.parse("2026-01-01T00:00:00Z"));
  const store = new Store(options.historySize === undefined ? {} : { historySize: options.historySize });
  const registry = createRegistry({ clock, random: seededRandom(7), network, store });
  const logRequests: LogRequest[] = [];
  const unforeseen: unknown[] = [];
  const logs: LogReader =
    options.log ??
    async function* (request) {
      logRequests.push(request);
      yield `${request.previous ? "previous" : "last"} run of ${request.container}\n`;
      yield "second line\n";
    };
  const api = createApiServer({
    backend: registry,
    logs,
    version: "0.1.0",
    network,
    clock,
    ...(options.usage && { usage: options.usage }),
    onError: (error) => unforeseen.push(error),
  });
  return { clock, registry, api, logRequests, unforeseen };
}

export interface Asked {
  readonly body?: unknown;
  readonly type?: string;
  readonly accept?: string;
  readonly raw?: Uint8Array;
}

function send(world: World, method: string, target: string, asked: Asked = {}): ApiResponse {
  const [path = "", query = ""] = target.split("?");
  const text = asked.body === undefined ? "" : JSON.stringify(asked.body);
  return world.api.handle({
    method,
    path,
    query: new URLSearchParams(query),
    headers: { accept: asked.accept, "content-type": asked.type ?? (text ? "application/json" : undefined) },
    body: asked.raw ?? new TextEncoder().encode(text),
  });
}

/** An answer that comes at once. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of a JSON document is in the test
  readonly body: any;
}

export function call(world: World, method: string, target: string, asked: Asked = {}): Answer {
  const response = send(world, method, target, asked);
  if (isStream(response)) throw new Error(`${method} ${target} is answered by a stream`);
  const isJson = response.headers["content-type"]?.startsWith("application/json");
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(response.body) : response.body,
  };
}

export const tableAccept =
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

/** The shown columns and rows of a table, as text. */
export function table(world: World, target: string, wide = false): string[][] {
  const { body } = call(world, "GET", target, { accept: tableAccept });
  const shown = (_: unknown, index: number) => wide || body.columnDefinitions[index].priority === 0;
  const names: string[] = body.columnDefinitions.map(({ name }: { name: string }) => name);
  const rows: unknown[][] = body.rows.map(({ cells }: { cells: unknown[] }) => cells);
  return [names, ...rows].map((row) => row.filter(shown).map(String));
}

/** A stream that is open: what it has said so far. */
export interface Opened {
  readonly texts: string[];
  readonly ended: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  events(): any[];
  stop(): void;
  /** Fulfilled when the server ends it. */
  readonly end: Promise<void>;
}

export function open(
  world: World,
  target: string,
  asked: Asked & Partial<Pick<ResponseSink, "isBehind" | "drained">> & { onWrite?: () => void } = {},
): Opened {
  const response = send(world, "GET", target, asked);
  if (!isStream(response)) throw new Error(`GET ${target} is answered at once: ${response.body}`);
  const texts: string[] = [];
  let ended = false;
  let finish = () => {};
  const end = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const stop = response.open({
    write: (chunk) => {
      texts.push(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk));
      asked.onWrite?.();
    },
    end: () => {
      ended = true;
      finish();
    },
    isBehind: asked.isBehind ?? (() => false),
    drained: asked.drained ?? (async () => {}),
  });
  return {
    texts,
    get ended() {
      return ended;
    },
    events: () =>
      texts
        .join("")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    stop,
    end,
  };
}

// ── Objects ────────────────────────────────────────────────────────────────────────────────────────────────

export function container(name: string, more: Partial<Container> = {}): Container {
  return { name, image: `shop/${name}:1`, ...more };
}

export function pod(
  name: string,
  more: Partial<Pod["spec"]> = {},
  labels: Record<string, string> = { app: name },
): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels },
    spec: { containers: [container("server")], ...more },
  };
}

export function rc(name: string, replicas: number, more: Partial<Pod["spec"]> = {}): ReplicationController {
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, namespace: "default", labels: { app: name } },
    spec: {
      replicas,
      selector: { app: name },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container("server")], ...more } },
    },
  };
}

export function service(name: string, more: Partial<Service["spec"]> = {}): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }], ...more },
  };
}

export function node(name: string, more: Partial<Node> = {}): Node {
  return { apiVersion: "v1", kind: "Node", metadata: { name }, spec: {}, ...more };
}

/** Writes a status as its owner would. */
export function setStatus<K extends Kind>(world: World, object: Stored<KindMap[K]>, status: object): void {
  world.registry.updateStatus({ ...object, status } as unknown as KindMap[K]);
}
