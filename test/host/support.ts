import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import type { CreateSandbox, PodCommand, PodEvent, StartContainer } from "../../runtime/environment.ts";
import type { Isolation } from "../../runtime/host/isolation/network.ts";
import { createProcessDriver, type ProcessDriver } from "../../runtime/host/process/driver.ts";
import { type NamespaceTools, probeNamespaces } from "../../runtime/host/process/namespace.ts";

/** A directory of this test's own; `remove` takes it away. */
export function temporaryDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync("/tmp/kdsl-test-");
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export type EventOf<T extends PodEvent["type"]> = Extract<PodEvent, { readonly type: T }>;

/** A driver with an inbox in which the answers can be waited for. */
export interface DriverUnderTest {
  readonly driver: ProcessDriver;
  readonly directory: string;
  readonly events: readonly PodEvent[];
  /** The first answer of this type that no one has waited for yet. */
  next<T extends PodEvent["type"]>(type: T): Promise<EventOf<T>>;
  send(command: PodCommand): void;
  close(): Promise<void>;
}

export function startDriver(
  tools?: NamespaceTools,
  caller: NodeJS.ProcessEnv = process.env,
  isolation?: Isolation,
): DriverUnderTest {
  const { path, remove } = temporaryDirectory();
  const clusterId = `test-${path.slice(-6)}`;
  const driver = createProcessDriver({
    ...{ directory: path, clusterId, tools, caller, version: "1.2.3" },
    ...(isolation ? { isolation } : {}),
  });
  const events: PodEvent[] = [];
  const taken = new Set<PodEvent>();
  let wake: (() => void)[] = [];
  driver.onEvent((event) => {
    events.push(event);
    for (const each of wake) each();
    wake = [];
  });
  return {
    driver,
    directory: path,
    events,
    async next(type) {
      for (;;) {
        const found = events.find((event) => event.type === type && !taken.has(event));
        if (found) {
          taken.add(found);
          return found as EventOf<typeof type>;
        }
        await new Promise<void>((resolve) => wake.push(resolve));
      }
    },
    send: (command) => driver.send(command),
    async close() {
      await driver.close();
      remove();
    },
  };
}

/** The namespaces of this machine, if it has them. */
export async function namespaceTools(): Promise<NamespaceTools | undefined> {
  const { path, remove } = temporaryDirectory();
  const probe = await probeNamespaces(path);
  remove();
  return "tools" in probe ? probe.tools : undefined;
}

let addresses = 0;

/** Addresses that no other test uses. */
export function freshAddress(): string {
  addresses++;
  return `127.201.${process.pid % 250}.${addresses + 1}`;
}

export function sandboxOf(podUid: string, more: Partial<CreateSandbox> = {}): CreateSandbox {
  const name = podUid.replace(/^uid-/, "");
  return {
    type: "createSandbox",
    podUid,
    pod: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", uid: podUid },
      spec: {
        containers: [
          { name: "main", image: "test" },
          { name: "side", image: "test" },
        ],
      },
    },
    nodeName: "worker-a",
    nodeAddress: "127.201.0.10",
    address: freshAddress(),
    hostname: name,
    volumes: [],
    hosts: [],
    ...more,
  };
}

export function containerOf(
  podUid: string,
  command: readonly string[],
  more: Partial<StartContainer> = {},
): StartContainer {
  return {
    type: "startContainer",
    podUid,
    container: "main",
    attempt: 0,
    image: "test",
    command,
    env: () => [],
    ports: [],
    mounts: [],
    limits: {},
    secretNames: [],
    ...more,
  };
}

/** Waits until `condition` holds; fails the test after five seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Pids of processes whose command line holds `text`. */
export function processesWith(text: string): number[] {
  try {
    return execFileSync("pgrep", ["-f", text], { encoding: "utf8" }).split("\n").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function listenOn(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end());
    server.once("error", reject);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

export const root = join(import.meta.dirname, "..", "..");
