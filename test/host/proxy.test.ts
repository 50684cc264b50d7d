import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { seededRandom } from "../../base/random.ts";
import type { ProxyEvent, ProxyRule } from "../../runtime/environment.ts";
import { createHostProxy, type HostProxy } from "../../runtime/host/proxy/proxy.ts";
import { freshAddress, listenOn, until } from "./support.ts";

const servers: Server[] = [];
const sockets = new Set<Socket>();
let proxy: HostProxy;
let events: ProxyEvent[];

function startProxy(): void {
  events = [];
  proxy = createHostProxy({ random: seededRandom(7) });
  proxy.onEvent((event) => events.push(event));
}

afterEach(() => {
  proxy.close();
  for (const server of servers.splice(0)) server.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

/** A backend that answers every line with its name; on end it says goodbye. */
async function backend(name: string, onSocket?: (socket: Socket) => void) {
  const address = freshAddress();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (onSocket) return onSocket(socket);
    socket.on("data", () => socket.write(`${name}\n`));
    socket.on("end", () => socket.end("bye\n"));
  });
  await new Promise<void>((resolve) => server.listen({ host: address, port: 8080 }, resolve));
  servers.push(server);
  return { address, port: 8080, server, stop: () => server.close() };
}

function rule(backends: ProxyRule["backends"], more: Partial<ProxyRule> = {}): ProxyRule {
  return {
    ...{ service: "Service/default/web", portName: "http", purpose: "clusterIP" },
    ...{ address, port: 8000, backends },
    ...more,
  };
}
let address = freshAddress();

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: 8000, allowHalfOpen: true });
    sockets.add(socket);
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

function ask(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once("data", (chunk) => resolve(chunk.toString().trim()));
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
    socket.write("?\n");
  });
}

async function request(): Promise<string> {
  const socket = await open();
  const answer = await ask(socket);
  socket.destroy();
  return answer;
}

const listening = () => until(() => events.some(({ type }) => type === "listening"), "the proxy listens");

describe("a service's address", () => {
  test("spreads connections over its backends", async () => {
    startProxy();
    address = freshAddress();
    proxy.apply([rule([await backend("a"), await backend("b"), await backend("c")])]);
    await listening();
    const counts = new Map<string, number>();
    for (let index = 0; index < 60; index++) {
      const name = await request();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["a", "b", "c"]);
    for (const count of counts.values()) expect(count).toBeGreaterThan(8);
  });

  test("keeps a client with its backend for ClientIP affinity", async () => {
    startProxy();
    address = freshAddress();
    proxy.apply([
      rule([await backend("a"), await backend("b"), await backend("c")], { affinitySeconds: 100 }),
    ]);
    await listening();
    const names = new Set<string>();
    for (let index = 0; index < 20; index++) names.add(await request());
    expect(names.size).toBe(1);
  });

  test("passes an end in one direction and goes on in the other", async () => {
    startProxy();
    address = freshAddress();
    proxy.apply([rule([await backend("a")])]);
    await listening();
    const socket = await open();
    expect(await ask(socket)).toBe("a");
    const rest = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.once("end", () => resolve(text));
    });
    socket.end();
    expect(await rest).toBe("bye\n");
  });

  test("carries much in both directions unharmed", async () => {
    startProxy();
    address = freshAddress();
    proxy.apply([rule([await backend("echo", (socket) => void socket.pipe(socket))])]);
    await listening();
    const socket = await open();
    const sent = Buffer.alloc(8 * 1024 * 1024, "0123456789abcdef");
    const parts: Buffer[] = [];
    const done = new Promise<void>((resolve) => socket.once("end", resolve));
    socket.on("data", (chunk) => parts.push(chunk));
    socket.end(sent);
    await done;
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
  });

  test("refuses connections while there is no backend, and opens when there is one", async () => {
    startProxy();
    address = freshAddress();
    proxy.apply([rule([])]);
    await listening();
    await until(async () => {
      const error = await open().then(
        () => undefined,
        (problem) => problem.code,
      );
      return error === "ECONNREFUSED";
    }, "it refuses");
    proxy.apply([rule([await backend("a")])]);
    await until(async () => (await request().catch(() => "")) === "a", "it answers");
    expect(events.filter(({ type }) => type === "failed")).toEqual([]);
  });

  test("passes over a backend that refuses", async () => {
    startProxy();
    address = freshAddress();
    const dead = { address: freshAddress(), port: 8080 };
    proxy.apply([rule([dead, await backend("a"), { ...dead, port: 8081 }])]);
    await listening();
    for (let index = 0; index < 20; index++) expect(await request()).toBe("a");
  });

  test("resets a connection that no backend takes", async () => {
    startProxy();
    address = freshAddress();
    proxy.apply([rule([{ address: freshAddress(), port: 8080 }])]);
    await listening();
    await expect(request()).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("a change of rules leaves connections alone, and gives a removed backend no new ones", async () => {
    startProxy();
    address = freshAddress();
    const a = await backend("a");
    proxy.apply([rule([a])]);
    await listening();
    const socket = await open();
    expect(await ask(socket)).toBe("a");
    proxy.apply([rule([await backend("b")])]);
    for (let index = 0; index < 10; index++) expect(await request()).toBe("b");
    expect(await ask(socket)).toBe("a");
    proxy.apply([]);
    expect(await ask(socket)).toBe("a");
  });

  test("a connection ends when its backend vanishes", async () => {
    startProxy();
    address = freshAddress();
    let held: Socket | undefined;
    const a = await backend("a", (socket) => {
      held = socket;
      socket.write("hello\n");
    });
    proxy.apply([rule([a])]);
    await listening();
    const socket = await open();
    await new Promise((resolve) => socket.once("data", resolve));
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    held?.resetAndDestroy();
    await closed;
  });

  test("no request fails while backends come and go, once the rules have followed", async () => {
    startProxy();
    address = freshAddress();
    let live = [await backend("0"), await backend("1"), await backend("2")];
    proxy.apply([rule(live)]);
    await listening();
    let stop = false;
    let answered = 0;
    const clients = Array.from({ length: 8 }, async () => {
      while (!stop) {
        await request();
        answered++;
      }
    });
    for (let round = 3; round < 30; round++) {
      const [leaving, ...rest] = live;
      live = [...rest, await backend(String(round))];
      proxy.apply([rule(live)]);
      // It stops listening; connections that it has it answers to the end, as a pod does within its grace.
      leaving!.stop();
      const before = answered;
      await until(() => answered >= before + 10, "requests go on");
    }
    stop = true;
    await Promise.all(clients);
    expect(answered).toBeGreaterThan(200);
  });
});

test("a port that is taken is said once, with who has it; when it is free the service opens", async () => {
  startProxy();
  address = freshAddress();
  const other = await listenOn(address, 8000);
  proxy.apply([rule([await backend("a")])]);
  await until(() => events.length > 0, "it is said");
  expect(events).toEqual([
    {
      type: "failed",
      address,
      port: 8000,
      message: expect.stringContaining(`cannot answer at ${address}:8000`),
    },
  ]);
  await new Promise((resolve) => other.close(resolve));
  await until(() => events.length > 1, "the port is tried again");
  expect(events[1]).toEqual({ type: "listening", address, port: 8000 });
  expect(await request()).toBe("a");
});
