import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { request as httpRequest, type RequestOptions } from "node:http";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maximumBodyBytes } from "../../../runtime/apiserver/body.ts";
import { type Served, serveTls, serveUnix } from "../../../runtime/host/http.ts";
import {
  exportLine,
  kubeconfigText,
  serveForKubectl,
  writeKubeconfig,
} from "../../../runtime/host/kubeconfig.ts";
import { makeClusterCertificates } from "../../../runtime/host/tls.ts";
import { ask } from "./sockets.ts";
import { createWorld, pod, type World } from "./world.ts";

const token = "the-token";
const admin = { name: "kdsl-admin", groups: ["system:masters"] };
const certificates = makeClusterCertificates("shop", admin);
const directory = mkdtempSync(join(tmpdir(), "kdsl-transport-"));
const socketPath = join(directory, "api.sock");
const pods = "/api/v1/namespaces/default/pods";
let world: World;
let tls: Served & { readonly port: number };
let unix: Served;

beforeAll(async () => {
  world = createWorld();
  world.registry.create(pod("web"));
  tls = await serveTls(world.api, { certificates, token });
  unix = await serveUnix(world.api, socketPath);
});

afterAll(async () => {
  await tls.close();
  await unix.close();
  rmSync(directory, { recursive: true });
});

const overTls = (path: string, options: RequestOptions = {}, body?: Buffer | string) =>
  ask({
    host: "127.0.0.1",
    port: tls.port,
    path,
    // Whatever host a request names, the connection is to this machine.
    tls: { ca: certificates.authority, servername: "localhost" },
    ...options,
    headers: { authorization: `Bearer ${token}`, ...(options.headers as object) },
    ...(body !== undefined && { send: body }),
  });

const overUnix = (path: string, options: RequestOptions = {}, body?: Buffer | string) =>
  ask({ socketPath, path, ...options, ...(body !== undefined && { send: body }) });

describe("the certificate", () => {
  test("is one of an authority of its own, for 127.0.0.1 and localhost", () => {
    const authority = new X509Certificate(certificates.authority);
    const server = new X509Certificate(certificates.certificate);
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(server.verify(authority.publicKey)).toBe(true);
    expect(server.checkIssued(authority)).toBe(true);
    expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(server.checkHost("localhost")).toBe("localhost");
    expect(server.checkHost("example.org")).toBeUndefined();
    expect(server.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    const days = (Date.parse(server.validTo) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(360);
    expect(Date.parse(server.validFrom)).toBeLessThan(Date.now());
    expect(makeClusterCertificates("shop", admin).certificate).not.toBe(certificates.certificate);
  });

  test("is valid also where it lasts past 2049, when the form of times changes", () => {
    const late = new X509Certificate(
      makeClusterCertificates("shop", admin, new Date("2049-06-01T00:00:00Z")).certificate,
    );
    expect(late.validTo).toContain("2050");
  });

  test("is believed by a client that knows the authority, and by no other", async () => {
    const connect = (options: object) =>
      new Promise<string>((resolve) => {
        const socket = connectTls({ host: "127.0.0.1", port: tls.port, ...options }, () => {
          resolve(socket.getProtocol() ?? "");
          socket.destroy();
        });
        socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      });
    expect(await connect({ ca: certificates.authority })).toMatch(/^TLSv1\.[23]$/);
    expect(await connect({ ca: certificates.authority, servername: "localhost" })).toMatch(/^TLSv1/);
    expect(await connect({})).toMatch(/UNABLE|SELF_SIGNED/);
    expect(await connect({ ca: makeClusterCertificates("shop", admin).authority })).toMatch(
      /CERT|SIGNATURE|UNABLE/,
    );
  });
});

describe("over TLS", () => {
  test("the token opens everything", async () => {
    expect((await overTls(`${pods}/web`)).body.metadata.name).toBe("web");
  });

  test.each([
    ["no token", {}],
    ["another token", { authorization: "Bearer the-tokex" }],
    ["a part of the token", { authorization: "Bearer the" }],
    ["an empty token", { authorization: "Bearer " }],
    ["a password", { authorization: `Basic ${Buffer.from(`x:${token}`).toString("base64")}` }],
  ])("with %s only health and version are told", async (_, headers) => {
    const options = { headers: { authorization: "", ...headers } };
    const refused = await overTls(pods, options);
    expect(refused).toMatchObject({ status: 401, body: { reason: "Unauthorized", code: 401 } });
    expect((await overTls("/readyz", options)).text).toBe("ok");
    expect((await overTls("/version", options)).status).toBe(200);
    expect((await overTls("/api", options)).status).toBe(401);
    expect((await overTls("/version", { ...options, method: "POST" })).status).toBe(401);
  });

  test.each([
    ["a page of another origin", { origin: "https://example.org" }],
    ["an image on a page", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    ["a page at another port", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }],
    ["a number that leads here by a trick", { host: "127.0.0.1.nip.io" }],
    ["a page that calls itself local", { origin: "http://localhost:3000" }],
    ["a name that leads here by a trick", { host: "example.org" }],
    ["a name that only begins like ours", { host: "localhost.example.org" }],
  ])("requests of %s are refused", async (_, headers) => {
    expect(await overTls(pods, { headers })).toMatchObject({ status: 403, body: { reason: "Forbidden" } });
  });
});

describe("over the Unix socket", () => {
  test("only this user can open it, and needs no token", async () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect((await overUnix(pods)).body.kind).toBe("PodList");
  });

  test("web pages are refused here, too", async () => {
    expect((await overUnix(pods, { headers: { origin: "null" } })).status).toBe(403);
  });

  test.each([
    ["told beforehand", { "content-length": String(maximumBodyBytes + 1) }],
    ["found on the way", { "transfer-encoding": "chunked" }],
  ])("a body that is too large, %s, is refused", async (_, headers) => {
    const body = Buffer.alloc(maximumBodyBytes + 1, "x");
    const refused = await overUnix(pods, { method: "POST", headers }, body);
    expect(refused).toMatchObject({ status: 413, body: { reason: "RequestEntityTooLarge" } });
    expect((await overUnix(`${pods}/web`)).status).toBe(200);
  });

  test("headers that are too large are refused", async () => {
    expect((await overUnix(pods, { headers: { "x-large": "x".repeat(20_000) } })).status).toBe(431);
  });

  test("what is no HTTP gets an answer, and the server goes on", async () => {
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connectTcp(socketPath, () => socket.write("this is no HTTP\r\n\r\n"));
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(answer.slice(answer.indexOf("{"))).kind).toBe("Status");
    expect((await overUnix("/healthz")).text).toBe("ok");
  });

  test("streams are refused in words where no pods run", async () => {
    const headers = { connection: "Upgrade", upgrade: "websocket" };
    expect(await overUnix(`${pods}/web/exec?command=ls&stdout=1`, { headers })).toMatchObject({
      status: 400,
      body: { message: "pod web does not have a host assigned" },
    });
    expect(await overUnix(`${pods}/web/exec?command=ls&stdout=1`)).toMatchObject({ status: 400 });
  });

  test("a protocol that a path does not have is passed over, and the gates are the same", async () => {
    const headers = { connection: "Upgrade", upgrade: "h2c" };
    expect((await overUnix(pods, { headers })).body.kind).toBe("PodList");
    expect((await overTls(pods, { headers: { ...headers, authorization: "Bearer wrong" } })).status).toBe(
      401,
    );
    expect(
      (await overTls(`${pods}/web/exec`, { headers: { ...headers, authorization: "Bearer wrong" } })).status,
    ).toBe(401);
    expect((await overUnix(`${pods}/web/exec`, { headers: { ...headers, origin: "http://x" } })).status).toBe(
      403,
    );
  });

  test("a watch comes as it happens, and ends with its client", async () => {
    const events: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = httpRequest({ socketPath, path: `${pods}?watch=true`, agent: false }, (message) => {
        message.on("data", (chunk) => {
          for (const line of String(chunk).trim().split("\n"))
            events.push(JSON.parse(line).object.metadata.name);
          if (events.length === 1) world.registry.create(pod("later"));
          else request.destroy();
        });
        message.on("error", () => {});
        message.on("close", resolve);
      });
      request.on("error", reject);
      request.end();
    });
    expect(events).toEqual(["web", "later"]);
  });

  test("closing cuts what is open and leaves no socket", async () => {
    const path = join(directory, "other.sock");
    const served = await serveUnix(world.api, path);
    const open = new Promise<void>((resolve) => {
      const request = httpRequest(
        { socketPath: path, path: `${pods}?watch=true`, agent: false },
        (message) => {
          message.resume();
          message.on("error", () => {});
          message.on("close", resolve);
          void served.close();
        },
      );
      request.on("error", () => resolve());
      request.end();
    });
    await open;
    expect(existsSync(path)).toBe(false);
  });
});

describe("the kubeconfig", () => {
  const path = join(directory, "config");

  test("is for this user alone, is there while the cluster is, and goes with it", async () => {
    const served = await serveForKubectl(world.api, { cluster: "shop", path });
    expect(served.exportLine).toBe(`export KUBECONFIG=${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const text = readFileSync(path, "utf8");
    expect(text).toContain(`server: "https://127.0.0.1:${served.port}"`);
    expect(text).toContain('current-context: "kdsl-shop"');
    await served.close();
    expect(existsSync(path)).toBe(false);
  });

  test("that another run has written since stays", async () => {
    const first = await serveForKubectl(world.api, { cluster: "shop", path });
    const second = await serveForKubectl(world.api, { cluster: "shop", path });
    await first.close();
    expect(readFileSync(path, "utf8")).toContain(String(second.port));
    await second.close();
  });

  test.each([
    ["a file of the user's own", (at: string) => writeFileSync(at, "apiVersion: v1\n")],
    ["a link to one", (at: string) => symlinkSync("/etc/hostname", at)],
  ])("is never written over %s", async (_, make) => {
    const at = join(directory, `own-${Math.floor(performance.now() * 1000)}`);
    make(at);
    const before = readFileSync(at, "utf8");
    await expect(serveForKubectl(world.api, { cluster: "shop", path: at })).rejects.toThrow(
      /will not write over/,
    );
    expect(readFileSync(at, "utf8")).toBe(before);
  });

  test("is never written in place of a folder", async () => {
    await expect(serveForKubectl(world.api, { cluster: "shop", path: directory })).rejects.toThrow(
      /will not write over .*, which is a folder/,
    );
    expect(existsSync(socketPath)).toBe(true);
  });

  test("where no file can be is refused with the reason", () => {
    const text = kubeconfigText({
      cluster: "x",
      server: "https://127.0.0.1:1",
      authority: "",
      token,
      client: certificates.client,
    });
    expect(() => writeKubeconfig(join(directory, "no", "folder"), text)).toThrow(/no such file or directory/);
  });

  test("the line for the shell is quoted where it must be", () => {
    expect(exportLine("/tmp/a b/it's")).toBe(`export KUBECONFIG='/tmp/a b/it'\\''s'`);
  });
});
