import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { machineSockets, type Sockets } from "../../runtime/host/sockets.ts";
import { proxyRequest } from "../../runtime/host/streams/proxy.ts";

/** Requests through the API to a program, as that program sees them. */

interface Seen {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const seen: Seen[] = [];
const program = createServer(async (message, response) => {
  let body = "";
  for await (const chunk of message) body += chunk;
  seen.push({ method: message.method, headers: message.headers, body });
  response.end("done");
});
const front = createServer((message, response) => {
  const addresses = [{ host: "127.0.0.1", port: portOf(program) }];
  const target = { scheme: "http", addresses, prefix: "/api", path: "/items" } as const;
  proxyRequest(target, message, response).catch(() => response.destroy());
});
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  for (const server of [program, front]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
});
afterAll(() => {
  for (const server of [program, front]) server.close();
});

test.each(["DELETE", "GET", "POST"])("a body in chunks stays the body, with %s too", async (method) => {
  seen.length = 0;
  const body = "GET /other HTTP/1.1\r\nhost: program\r\n\r\n";
  const asked = request({
    host: "127.0.0.1",
    port: portOf(front),
    method,
    path: "/api/items",
    headers: { "transfer-encoding": "chunked", connection: "x-hop", "x-hop": "1", "x-whole-way": "1" },
  });
  asked.end(body);
  const [answer] = await once(asked, "response");
  expect(answer.statusCode).toBe(200);
  answer.resume();
  await once(answer, "end");
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ method, body, headers: { "x-whole-way": "1" } });
  expect(seen[0]!.headers).not.toHaveProperty("x-hop");
});

test("the length of a body goes with it, whatever the connection is said to have", async () => {
  seen.length = 0;
  const body = "three";
  const headers = { "content-length": body.length, connection: "content-length" };
  const asked = request({
    host: "127.0.0.1",
    port: portOf(front),
    method: "DELETE",
    path: "/api/items",
    headers,
  });
  asked.end(body);
  const [answer] = await once(asked, "response");
  answer.resume();
  expect(answer.statusCode).toBe(200);
  expect(seen).toMatchObject([{ method: "DELETE", body }]);
});

function deferred<Value>(): { promise: Promise<Value>; resolve(value: Value): void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

test("who has gone before there is a connection leaves none behind", async () => {
  const dialled = deferred<void>();
  const connection = deferred<Socket>();
  const sockets: Sockets = {
    ...machineSockets,
    connect: () => {
      dialled.resolve();
      return connection.promise;
    },
  };
  const gone = deferred<void>();
  const slow = createServer((message, response) => {
    response.once("close", gone.resolve);
    const addresses = [{ host: "10.96.0.1", port: 80 }];
    const target = { scheme: "http", addresses, prefix: "/api", path: "/items" } as const;
    proxyRequest(target, message, response, sockets).catch(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(slow, "listening");
  const asked = request({ host: "127.0.0.1", port: portOf(slow), method: "POST" }).on("error", () => {});
  asked.write("half of it");
  await dialled.promise;
  asked.destroy();
  await gone.promise;
  const socket = await machineSockets.connect("127.0.0.1", portOf(program), 1_000);
  const closed = once(socket, "close");
  connection.resolve(socket);
  await closed;
  slow.close();
});
