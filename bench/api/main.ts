import { type ChildProcess, fork } from "node:child_process";
import { createServer, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { seededRandom } from "../../base/random.ts";
import type { Pod } from "../../model/core.ts";
import { createApiServer } from "../../runtime/apiserver/server.ts";
import type { NetworkPlan } from "../../runtime/environment.ts";
import { systemClock } from "../../runtime/host/clock.ts";
import { serveUnix } from "../../runtime/host/http.ts";
import { createRegistry, type Registry } from "../../runtime/registry/registry.ts";
import { Store } from "../../runtime/store/store.ts";

/** Each case is measured in turn with its floor, so often. */
const TURNS = 3;

const podCount = 5000;
const pods = "/api/v1/namespaces/default/pods";

const network: NetworkPlan = {
  nodeCIDR: "127.9.0.0/24",
  serviceCIDR: "127.9.16.0/20",
  podCIDR: "127.9.128.0/17",
  nodePorts: { first: 30000, last: 32767 },
  openPort: (port) => port,
};

interface Case {
  readonly name: string;
  readonly times: number;
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  /** What happens before each request, if anything does. */
  readonly before?: () => void;
}

interface Hooks {
  before: () => void;
}

/** As a replication controller makes them, about 2 kB of JSON each. */
function podNamed(metadata: Partial<Pod["metadata"]>, index: number): Pod {
  const labels = { app: `app-${index % 50}`, tier: "web", "pod-template": `t-${index % 50}` };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "default", labels, ...metadata } as Pod["metadata"],
    spec: {
      containers: [
        {
          name: "server",
          image: "registry.example/shop/server:1.2.3",
          command: ["/usr/bin/server", "--listen", ":8080"],
          env: [{ name: "LEVEL", value: "info" }],
          ports: [{ name: "http", containerPort: 8080 }],
          resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
          readinessProbe: { httpGet: { path: "/healthz", port: "http" } },
        },
      ],
    },
  } as Pod;
}

export async function main(directory: string, args: readonly string[]): Promise<void> {
  const registry = createRegistry({
    clock: systemClock(),
    random: seededRandom(1),
    network,
    store: new Store(),
  });
  for (let index = 0; index < podCount; index++)
    registry.create(podNamed({ name: `pod-${String(index).padStart(5, "0")}` }, index));
  const api = createApiServer({
    backend: registry,
    // Nothing here writes logs.
    logs: async function* () {},
    version: "0.0.0",
    network,
    clock: systemClock(),
  });
  const socketPath = join(directory, "api.sock");
  const hooks: Hooks = { before: () => {} };
  const handle: typeof api.handle = (request) => {
    hooks.before();
    return api.handle(request);
  };
  const served = await serveUnix({ ...api, handle }, socketPath);
  const client = fork(clientPath, { stdio: "inherit" });
  const touch = toucher(registry);
  const cases: Case[] = [
    { name: "get", times: 4000, path: `${pods}/pod-02500` },
    { name: "list of 5,000", times: 60, path: pods },
    { name: "list of 5,000, one changed each time", times: 60, path: pods, before: touch },
    { name: "first 500 of 5,000", times: 400, path: `${pods}?limit=500` },
    {
      name: "create",
      times: 2000,
      method: "POST",
      path: pods,
      body: JSON.stringify(podNamed({ generateName: "made-" }, 1)),
    },
  ];
  const chosen = (name: string) => args.length === 0 || args.some((arg) => name.includes(arg));
  try {
    for (const each of cases)
      if (chosen(each.name)) await compare(client, socketPath, directory, each, registry, hooks);
    if (chosen("watch")) await compareWatch(client, socketPath, directory, touch, registry);
  } finally {
    client.kill();
    await served.close();
  }
}

const clientPath = join(process.cwd(), "bench/api/client.mjs");

/** Changes one pod after the other. */
function toucher(registry: Registry): () => void {
  let turn = 0;
  return () => {
    const name = `pod-${String((turn * 97) % podCount).padStart(5, "0")}`;
    const current = registry.get("Pod", "default", name)!;
    const annotations = { turn: String(turn++).padStart(8, "0") };
    registry.update<"Pod">({ ...current, metadata: { ...current.metadata, annotations } });
  };
}

/** What a child says next. */
function answerOf(client: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    client.once("message", (said) => {
      if (String(said).startsWith("failed")) reject(new Error(String(said)));
      else resolve(String(said));
    });
  });
}

/** Milliseconds of CPU time that this process takes for something; the clients are in another. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function compare(
  client: ChildProcess,
  socketPath: string,
  directory: string,
  { name, before, ...order }: Case,
  registry: Registry,
  hooks: Hooks,
): Promise<void> {
  const answer = await sample(socketPath, order);
  const floorPath = join(directory, "floor.sock");
  const floor = await bare(floorPath, answer.status, answer.body);
  const run = async (path: string) => {
    const done = answerOf(client);
    client.send({ ...order, socketPath: path });
    await done;
  };
  if (before) hooks.before = before;
  // Once for nothing: what is compiled and cached at first is not measured.
  await run(socketPath);
  await run(floorPath);
  const ours: number[] = [];
  const floors: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    ours.push(await cost(() => run(socketPath)));
    floors.push(await cost(() => run(floorPath)));
    if (order.method === "POST")
      for (const { metadata } of registry.list("Pod"))
        if (metadata.generateName) registry.remove("Pod", "default", metadata.name);
  }
  hooks.before = () => {};
  floor.close();
  floor.closeAllConnections();
  tell(name, order.times, "requests", ours, floors);
}

/** The answer as it is, for the bare server to give. */
async function sample(socketPath: string, { method = "GET", path, body }: Omit<Case, "name">) {
  const { request } = await import("node:http");
  const target = method === "POST" ? `${path}?dryRun=All` : path;
  return new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
    const sent = request(
      { socketPath, method, path: target, headers: { "content-type": "application/json" } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk) => chunks.push(chunk));
        answer.on("end", () => resolve({ status: answer.statusCode!, body: Buffer.concat(chunks) }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A server of Node that reads a request and gives the same bytes each time. */
function bare(path: string, status: number, body: Buffer): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      response.writeHead(status, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    });
  });
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

/** Changes told to many watchers, against a server of Node that writes the same bytes to as many answers. */
async function compareWatch(
  client: ChildProcess,
  socketPath: string,
  directory: string,
  touch: () => void,
  registry: Registry,
): Promise<void> {
  const watchers = 200;
  const changes = 200;
  const waiting: ServerResponse[] = [];
  const floorPath = join(directory, "floor.sock");
  const floor = createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    waiting.push(response);
  });
  await new Promise<void>((resolve) => floor.listen(floorPath, resolve));
  touch();
  const [object] = registry.list("Pod", { fields: { "metadata.name": "pod-00000" } });
  const line = Buffer.from(`${JSON.stringify({ type: "MODIFIED", object })}\n`);
  // Revisions and turns are of one length, and so is every event but for pods that were never touched.
  const bytes = Math.floor(line.length * changes * 0.9);
  const run = async (path: string, change: () => void) => {
    const opened = answerOf(client);
    client.send({
      socketPath: path,
      path: `${pods}?watch=true&resourceVersion=${registry.revision}`,
      watchers,
      bytes,
    });
    await opened;
    const done = answerOf(client);
    for (let index = 0; index < changes; index++) {
      change();
      // What is written goes out before the next change.
      await new Promise(setImmediate);
    }
    await done;
  };
  const write = () => {
    for (const response of waiting) response.write(line);
  };
  const ours: number[] = [];
  const floors: number[] = [];
  for (let turn = 0; turn <= TURNS; turn++) {
    const measured = [
      await cost(() => run(socketPath, touch)),
      await cost(() => run(floorPath, write)),
    ] as const;
    waiting.length = 0;
    if (turn === 0) continue;
    ours.push(measured[0]);
    floors.push(measured[1]);
  }
  floor.close();
  floor.closeAllConnections();
  tell(`watch, ${watchers} watchers`, watchers * changes, "events", ours, floors);
}

function tell(
  name: string,
  times: number,
  what: string,
  ours: readonly number[],
  floors: readonly number[],
): void {
  const middle = (list: readonly number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
  const ratio = middle(ours.map((each, index) => each / floors[index]!));
  const perSecond = (milliseconds: number) =>
    Math.round((times / milliseconds) * 1000).toLocaleString("en-US");
  console.log(
    `${name.padEnd(38)} ${ratio.toFixed(2).padStart(6)} ×   ${perSecond(middle(ours)).padStart(9)} ${what}/s of CPU   floor ${perSecond(middle(floors)).padStart(9)}`,
  );
}
