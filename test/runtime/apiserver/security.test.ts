import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiRequest } from "../../../runtime/apiserver/http.ts";
import { administrator } from "../../../runtime/host/gate.ts";
import { type Served, serveTls } from "../../../runtime/host/http.ts";
import { makeClusterCertificates } from "../../../runtime/host/tls.ts";
import { ask } from "./sockets.ts";
import { createWorld, pod } from "./world.ts";

/** Who may ask over TLS, and as whom. */

const token = "the-token";
const admin = { name: "kdsl-admin", groups: ["system:masters"] };
const certificates = makeClusterCertificates("shop", admin);
const other = makeClusterCertificates("shop", admin);
const { certificate: cert, key } = certificates.client;
const path = "/api/v1/namespaces/default/pods/web";
const heard: ApiRequest[] = [];
let served: Served & { readonly port: number };

beforeAll(async () => {
  const world = createWorld();
  world.registry.create(pod("web"));
  const handle = (request: ApiRequest) => {
    heard.push(request);
    return world.api.handle(request);
  };
  served = await serveTls({ handle }, { certificates, token });
});

afterAll(() => served.close());

const get = (tls: object, headers: Record<string, string> = {}, at = path) =>
  ask({
    host: "127.0.0.1",
    port: served.port,
    path: at,
    headers,
    tls: { ca: certificates.authority, servername: "localhost", ...tls },
  });

describe("a client certificate", () => {
  test("of the cluster's authority is enough, and says who asks", async () => {
    expect((await get({ cert, key })).body.metadata.name).toBe("web");
    expect(heard.at(-1)!.user).toEqual(administrator);
    expect((await get({}, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect(heard.at(-1)!.user).toEqual(administrator);
  });

  test("names other users and groups as Kubernetes reads them", async () => {
    const made = makeClusterCertificates("shop", { name: "ann", groups: ["blue", "green"] });
    const own = await serveTls(
      {
        handle: (request) => {
          heard.push(request);
          return { status: 200, headers: {}, body: "" };
        },
      },
      { certificates: made, token },
    );
    const tls = {
      ca: made.authority,
      servername: "localhost",
      cert: made.client.certificate,
      key: made.client.key,
    };
    await ask({ host: "127.0.0.1", port: own.port, path, tls });
    expect(heard.at(-1)!.user).toEqual({ name: "ann", groups: ["blue", "green", "system:authenticated"] });
    await own.close();
  });

  test("is enough with a wrong token, as a token is with no certificate", async () => {
    expect((await get({ cert, key }, { authorization: "Bearer wrong" })).status).toBe(200);
    expect((await get({}, { authorization: "Bearer wrong" })).status).toBe(401);
  });

  test.each([
    ["another cluster's", { cert: other.client.certificate, key: other.client.key }],
    ["the server's own", { cert: certificates.certificate, key: certificates.key }],
    ["none", {}],
  ])("that is %s opens nothing but health and version", async (_, tls) => {
    // With TLS 1.2 the server may end the handshake itself; with 1.3 it answers.
    expect((await get(tls)).body).toMatchObject({ kind: "Status", code: 401, reason: "Unauthorized" });
    expect((await get(tls, {}, "/healthz")).text).toBe("ok");
    expect(heard.at(-1)!.user).toEqual({ name: "system:anonymous", groups: ["system:unauthenticated"] });
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)("is not had by resuming a session (%s)", async (version) => {
    const once = (options: object): Promise<{ text: string; session?: Buffer; reused: boolean }> =>
      new Promise((resolve, reject) => {
        let session: Buffer | undefined;
        let text = "";
        let reused = false;
        const socket: TLSSocket = connectTls(
          {
            host: "127.0.0.1",
            port: served.port,
            ca: certificates.authority,
            minVersion: version,
            maxVersion: version,
            ...options,
          },
          () => {
            reused = socket.isSessionReused();
            socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
          },
        );
        socket.on("session", (given) => {
          session = given;
        });
        socket.on("data", (chunk) => {
          text += chunk;
        });
        socket.on("error", reject);
        socket.on("close", () => resolve({ text, reused, ...(session && { session }) }));
      });
    const first = await once({});
    expect(first.text).toMatch(/^HTTP\/1\.1 401 /);
    const resumed = await once({ session: first.session });
    expect(resumed.reused).toBe(true);
    expect(resumed.text).toMatch(/^HTTP\/1\.1 401 /);
    // Nor is one had by showing another authority's while resuming.
    const shown = await once({
      session: first.session,
      cert: other.client.certificate,
      key: other.client.key,
    });
    expect(shown.text).toMatch(/^HTTP\/1\.1 401 /);
    const certified = await once({ cert, key });
    expect(certified.text).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("a page that is the server's own is not foreign", async () => {
    const own = `127.0.0.1:${served.port}`;
    const headers = { host: own, origin: `https://${own}` };
    expect((await get({ cert, key }, headers)).status).toBe(200);
    expect((await get({ cert, key }, { ...headers, origin: `http://${own}` })).status).toBe(403);
  });
});
