import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type Limits, type Served, serveUnix, standardLimits } from "../../../runtime/host/http.ts";
import { ask, jsonOfAnswer, raw } from "./sockets.ts";
import { createWorld, pod, type World } from "./world.ts";

/** What clients may take of the server, and what it costs it when they go or say nothing. */

const directory = mkdtempSync(join(tmpdir(), "kdsl-limits-"));
const pods = "/api/v1/namespaces/default/pods";
const open: Served[] = [];
let number = 0;

async function start(limits: Partial<Limits> = {}): Promise<{ world: World; socketPath: string }> {
  const world = createWorld();
  world.registry.create(pod("web"));
  const socketPath = join(directory, `${number++}.sock`);
  open.push(await serveUnix(world.api, socketPath, { ...standardLimits, ...limits }));
  return { world, socketPath };
}

afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

const head = (method: string, path: string, more = "") =>
  `${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`;

describe("a connection", () => {
  test.each([
    ["says nothing", ""],
    ["begins a request and stops", "GET /api HTTP/1.1\r\nhost: loc"],
    ["sends headers without end", head("GET", "/api").slice(0, -2)],
  ])("that %s is closed after a while", async (_, bytes) => {
    const { socketPath } = await start({ headMilliseconds: 100 });
    const text = await (await raw(socketPath, bytes)).closed;
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(jsonOfAnswer(text)).toMatchObject({ kind: "Status", code: 408, reason: "Timeout" });
  });

  test("whose body comes drop by drop is closed after a while", async () => {
    const { socketPath } = await start({ headMilliseconds: 100, requestMilliseconds: 200 });
    const client = await raw(socketPath, head("POST", pods, "content-length: 1000\r\n"));
    const drops = setInterval(() => client.socket.write("x"), 20);
    const text = await client.closed;
    clearInterval(drops);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("past the number that is allowed is told so; those before it go on", async () => {
    const { world, socketPath } = await start({ connections: 2 });
    const watch = await raw(socketPath, head("GET", `${pods}?watch=true`));
    await watch.until(/"ADDED"/);
    const idle = await raw(socketPath, "");
    const refused = await ask({ socketPath, path: pods });
    expect(refused).toMatchObject({
      status: 429,
      body: { reason: "TooManyRequests", details: { retryAfterSeconds: 1 } },
    });
    expect(refused.headers).toMatchObject({ "retry-after": "1", connection: "close" });
    world.registry.create(pod("later"));
    await watch.until(/"later"/);
    idle.socket.destroy();
    await idle.closed;
    // The server hears of the end a moment later.
    for (;;) {
      const again = await ask({ socketPath, path: pods });
      if (again.status === 200) break;
      expect(again.status).toBe(429);
    }
  });

  test("that half closes after its request still has its answer", async () => {
    const { socketPath } = await start();
    const client = await raw(socketPath, head("GET", `${pods}/web`, "connection: close\r\n"));
    client.socket.end();
    expect(jsonOfAnswer(await client.closed).metadata.name).toBe("web");
  });

  test("carries requests that are sent ahead, answered in order", async () => {
    const { socketPath } = await start();
    const last = head("GET", "/readyz", "connection: close\r\n");
    const client = await raw(socketPath, head("GET", `${pods}/web`) + head("GET", `${pods}/none`) + last);
    const statuses = (await client.closed).match(/HTTP\/1\.1 \d+/g);
    expect(statuses).toEqual(["HTTP/1.1 200", "HTTP/1.1 404", "HTTP/1.1 200"]);
  });

  test("that asked for another protocol is closed after the answer, also where its client keeps it", async () => {
    const { socketPath } = await start({ connections: 1 });
    const client = connect({ path: socketPath, allowHalfOpen: true });
    client.write(head("GET", "/api", "connection: upgrade\r\nupgrade: anything\r\n"));
    client.resume();
    await once(client, "end");
    for (;;) {
      const { status } = await ask({ socketPath, path: pods });
      if (status === 200) break;
      expect(status).toBe(429);
    }
    client.destroy();
  });

  test("that asks for another protocol with a body changes nothing", async () => {
    const { world, socketPath } = await start();
    const send = Buffer.from(JSON.stringify({ dryRun: ["All"] }));
    const headers = { connection: "upgrade", upgrade: "h2c", "content-length": send.length };
    const reply = await ask({ socketPath, path: `${pods}/web`, method: "DELETE", headers, send });
    expect(reply).toMatchObject({ status: 400, body: { message: expect.stringContaining("body") } });
    expect(world.registry.get("Pod", "default", "web")?.metadata.deletionTimestamp).toBeUndefined();
  });

  test("of HTTP/1.0 needs no host, and is closed after the answer", async () => {
    const { socketPath } = await start();
    const text = await (await raw(socketPath, `GET ${pods}/web HTTP/1.0\r\n\r\n`)).closed;
    expect(text).toMatch(/^HTTP\/1\.[01] 200 /);
    const missing = await (await raw(socketPath, "GET /api HTTP/1.1\r\nconnection: close\r\n\r\n")).closed;
    expect(jsonOfAnswer(missing)).toMatchObject({ code: 400, message: "missing required Host header" });
  });

  test("may name its target in full, where that is this server", async () => {
    const { socketPath } = await start();
    const to = (target: string) => raw(socketPath, head("GET", target, "connection: close\r\n"));
    expect(jsonOfAnswer(await (await to(`http://localhost${pods}/web`)).closed).metadata.name).toBe("web");
    expect(await (await to("http://example.org/api")).closed).toMatch(/^HTTP\/1\.1 403 /);
    expect(await (await to("http://example.org")).closed).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("is no tunnel", async () => {
    const { socketPath } = await start();
    const text = await (await raw(socketPath, "CONNECT example.org:443 HTTP/1.1\r\nhost: localhost\r\n\r\n"))
      .closed;
    expect(jsonOfAnswer(text)).toMatchObject({ code: 405, reason: "MethodNotAllowed" });
  });
});

describe("bodies", () => {
  test("that are too much together are refused, and what was held is free again", async () => {
    const { socketPath } = await start({ bodyBytes: 1000 });
    const half = await raw(socketPath, `${head("POST", pods, "content-length: 900\r\n")}${"x".repeat(800)}`);
    const post = () => ask({ socketPath, path: pods, method: "POST", send: `"${"y".repeat(400)}"` });
    // The first body may come after the second.
    let refused = await post();
    while (refused.status !== 429) refused = await post();
    expect(refused.body).toMatchObject({ reason: "TooManyRequests" });
    half.socket.destroy();
    await half.closed;
    while (refused.status === 429) refused = await post();
    expect(refused.status).toBe(400);
  });

  test("that end in the middle change nothing", async () => {
    const { world, socketPath } = await start();
    const text = JSON.stringify(pod("cut"));
    const client = await raw(
      socketPath,
      head("POST", pods, `content-type: application/json\r\ncontent-length: ${text.length + 1}\r\n`) + text,
    );
    client.socket.end();
    await client.closed;
    expect((await ask({ socketPath, path: `${pods}/cut` })).status).toBe(404);
    expect(world.unforeseen).toEqual([]);
  });

  test("with two lengths are no requests", async () => {
    const { socketPath } = await start();
    const text = await (
      await raw(
        socketPath,
        `${head("POST", pods, "content-length: 2\r\ntransfer-encoding: chunked\r\n")}0\r\n\r\n`,
      )
    ).closed;
    expect(jsonOfAnswer(text)).toMatchObject({ code: 400, reason: "BadRequest" });
  });
});

describe("YAML", () => {
  const send = (socketPath: string, text: string, type = "application/yaml") =>
    ask({
      socketPath,
      path: `/api/v1/namespaces/default/configmaps?dryRun=All`,
      method: "POST",
      headers: { "content-type": type },
      send: Buffer.from(text),
    });

  test("costs no more than what it says: many keys, many aliases", async () => {
    const { socketPath } = await start();
    const lines = (write: (index: number) => string) => Array.from({ length: 40_000 }, (_, at) => write(at));
    const keys = lines((at) => `  k${at}: v\n`);
    expect((await send(socketPath, `metadata: {name: many}\ndata:\n${keys.join("")}`)).status).toBe(201);
    const aliases = lines((at) => `- &a${at} x\n- *a${at}\n`);
    expect(await send(socketPath, aliases.join(""))).toMatchObject({
      status: 400,
      body: { message: "error decoding YAML: Excessive alias count" },
    });
  }, 30_000);

  test.each([
    ["data:\n  a: 1\n  a: 2\n", "Map keys must be unique"],
    ["data: {a: b, c: {d: e, d: f}}", "Map keys must be unique"],
    ["a: 1\n---\na: 2\n", "multiple documents"],
  ])("that says a thing twice is refused: %j", async (text, message) => {
    const { socketPath } = await start();
    const reply = await send(socketPath, text);
    expect(reply).toMatchObject({ status: 400, body: { message: expect.stringContaining(message) } });
  });

  test.each(["constructor", "__proto__", "toString"])("is not what %s says", async (type) => {
    const { socketPath } = await start();
    expect((await send(socketPath, "a: b", type)).status).toBe(415);
    expect((await ask({ socketPath, path: `${pods}/web/${type}` })).status).toBe(404);
  });
});

describe("large answers", () => {
  test("that nobody takes are refused where they are too much together", async () => {
    const { world, socketPath } = await start({ answerBytes: 6_000_000 });
    const data = { text: "z".repeat(900_000) };
    for (let index = 0; index < 5; index++)
      world.registry.create<"ConfigMap">({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `large-${index}`, namespace: "default" },
        data,
      });
    const path = "/api/v1/namespaces/default/configmaps";
    const slow = await raw(socketPath, head("GET", path));
    slow.socket.pause();
    const list = () => ask({ socketPath, path });
    let refused = await list();
    while (refused.status !== 429) refused = await list();
    slow.socket.destroy();
    while (refused.status === 429) refused = await list();
    expect(refused.body.items).toHaveLength(5);
  });
});
