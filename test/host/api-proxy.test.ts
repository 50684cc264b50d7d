import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
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
