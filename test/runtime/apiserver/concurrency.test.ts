import { Agent, request } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Served, serveTls } from "../../../runtime/host/http.ts";
import { makeClusterCertificates } from "../../../runtime/host/tls.ts";
import { createWorld, type World } from "./world.ts";

/** Fifty writers on one object at once, over real connections: nothing that the server has acknowledged is lost. */

const writers = 50;
const rounds = 4;
const token = "the-token";
const certificates = makeClusterCertificates("shop", { name: "kdsl-admin", groups: ["system:masters"] });
const collection = "/api/v1/namespaces/default/configmaps";
// Each writer has a connection of its own.
const agent = new Agent({ keepAlive: true, maxSockets: writers, ca: certificates.authority });

let world: World;
let server: Served & { readonly port: number };

beforeAll(async () => {
  world = createWorld();
  server = await serveTls(world.api, { certificates, token });
});
afterAll(async () => {
  agent.destroy();
  await server.close();
});

interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what is expected of it stands in the tests
  readonly body: any;
}

function ask(method: string, path: string, body?: object, type = "application/json"): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": type }) };
    const sent = request(
      { host: "127.0.0.1", port: server.port, path, method, headers, agent },
      (message) => {
        let text = "";
        message.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        message.on("error", reject);
        message.on("end", () => resolve({ status: message.statusCode!, body: JSON.parse(text) }));
      },
    );
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

async function start(name: string): Promise<string> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { count: "0" } };
  expect((await ask("POST", `${collection}?fieldManager=creator`, body)).status).toBe(201);
  return `${collection}/${name}`;
}

/** All writers at once; each does its rounds one after the other. */
const all = (write: (writer: number, round: number) => Promise<void>, times = rounds) =>
  Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let round = 0; round < times; round++) await write(writer, round);
    }),
  );

/** Reads, changes and replaces, from the start again as long as somebody else has been faster. Gives the conflicts. */
async function increment(path: string): Promise<number> {
  for (let conflicts = 0; ; conflicts++) {
    const { body } = await ask("GET", path);
    const next = { ...body, data: { ...body.data, count: String(Number(body.data.count) + 1) } };
    const { status } = await ask("PUT", path, next);
    if (status === 200) return conflicts;
    expect(status).toBe(409);
  }
}

const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";
const apply = "application/apply-patch+yaml";

describe(`${writers} writers on one object`, () => {
  test("with the revision that they have seen count right", async () => {
    const path = await start("counted");
    let conflicts = 0;
    await all(async () => {
      conflicts += await increment(path);
    }, 1);
    const { body } = await ask("GET", path);
    expect(body.data.count).toBe(String(writers));
    // Otherwise they have not met, and nothing has been shown.
    expect(conflicts).toBeGreaterThan(0);
  });

  test("with patches lose nothing, also where others replace the object meanwhile", async () => {
    const path = await start("patched");
    await all(async (writer, round) => {
      if (writer % 10 === 0) {
        await increment(path);
        return;
      }
      const body = { data: { [`w${writer}-${round}`]: "there" } };
      expect((await ask("PATCH", path, body, writer % 2 ? merge : strategic)).status).toBe(200);
    });
    const { count, ...rest } = (await ask("GET", path)).body.data;
    expect(count).toBe(String((writers / 10) * rounds));
    expect(Object.keys(rest)).toHaveLength((writers - writers / 10) * rounds);
  });

  test("with JSON patches that test what they have seen count right", async () => {
    const path = await start("tested");
    await all(async () => {
      for (let done = false; !done; ) {
        const { body } = await ask("GET", path);
        const next = String(Number(body.data.count) + 1);
        const operations = [
          { op: "test", path: "/data/count", value: body.data.count },
          { op: "replace", path: "/data/count", value: next },
        ];
        const { status } = await ask("PATCH", path, operations, "application/json-patch+json");
        expect([200, 422]).toContain(status);
        done = status === 200;
      }
    }, 1);
    expect((await ask("GET", path)).body.data.count).toBe(String(writers));
  });

  test("with server-side apply each own what they have applied, and take away only that", async () => {
    const path = await start("applied");
    const write = async (writer: number, data: Record<string, string> | undefined) => {
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "applied" }, data };
      const { status } = await ask("PATCH", `${path}?fieldManager=w${writer}`, body, apply);
      expect(status).toBe(200);
    };
    await all((writer, round) =>
      write(writer, { [`w${writer}-${round}`]: "there", [`w${writer}`]: String(round) }),
    );
    const { body } = await ask("GET", path);
    const last = String(rounds - 1);
    const wanted = Array.from({ length: writers }, (_, writer) => [
      [`w${writer}`, last],
      [`w${writer}-${last}`, "there"],
    ]).flat();
    expect(body.data).toEqual({ count: "0", ...Object.fromEntries(wanted) });
    const appliers = body.metadata.managedFields.filter(
      ({ operation }: { operation: string }) => operation === "Apply",
    );
    expect(appliers).toHaveLength(writers);
    for (const { manager, fieldsV1 } of appliers)
      expect(fieldsV1).toEqual({ "f:data": { [`f:${manager}`]: {}, [`f:${manager}-${last}`]: {} } });
    // Half of them go at once.
    await Promise.all(Array.from({ length: writers / 2 }, (_, writer) => write(writer, undefined)));
    const left = (await ask("GET", path)).body;
    expect(Object.keys(left.data)).toHaveLength(1 + writers);
    expect(left.metadata.managedFields).toHaveLength(1 + writers / 2);
  });

  test("who all want the same field: one has it, and the others are told whose it is", async () => {
    const path = await start("wanted");
    const replies = await Promise.all(
      Array.from({ length: writers }, (_, writer) => {
        const data = { leader: String(writer) };
        const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "wanted" }, data };
        return ask("PATCH", `${path}?fieldManager=w${writer}`, body, apply);
      }),
    );
    const { leader } = (await ask("GET", path)).body.data;
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies[Number(leader)]!.status).toBe(200);
    for (const { status, body } of replies.filter((reply) => reply.status !== 200)) {
      expect(status).toBe(409);
      expect(body.message).toBe(`Apply failed with 1 conflict: conflict with "w${leader}": .data.leader`);
    }
  });

  test("who create what has the same name, or the same beginning of a name", async () => {
    const named = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "only" } };
    const replies = await Promise.all(Array.from({ length: writers }, () => ask("POST", collection, named)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(writers - 1).fill(409)]);
    const begun = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "many-" } };
    const many = await Promise.all(Array.from({ length: writers }, () => ask("POST", collection, begun)));
    expect(new Set(many.map(({ body }) => body.metadata.name)).size).toBe(writers);
  });
});
