import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KindMap } from "../../../model/core.ts";
import { type Kind, type KubernetesObject, kindNames, kinds, type Stored } from "../../../model/meta.ts";
import { validateCreate, validateShape } from "../../../model/validation.ts";
import { type ApiResponse, isStream } from "../../../runtime/apiserver/http.ts";
import { errorResponse } from "../../../runtime/apiserver/server.ts";
import { withJsonBody } from "../../../runtime/apiserver/yaml.ts";
import { serveUnix, standardLimits } from "../../../runtime/host/http.ts";
import { runs } from "../../runs.ts";
import { requestOf, type Shot, shot, show, whole } from "./fuzz.ts";
import { ask, raw } from "./sockets.ts";
import { createWorld, type World } from "./world.ts";

/** Every endpoint is shot at with everything: it answers as the API does, and what it keeps stays whole. */

function target(): World {
  const world = createWorld({ historySize: 64 });
  for (const kind of ["Namespace", "Node"] as const) world.registry.create(whole[kind] as KindMap[Kind]);
  for (const kind of kindNames)
    if (kind !== "Namespace" && kind !== "Node") world.registry.create(whole[kind] as KindMap[Kind]);
  return world;
}

/** As the transport does, without one. */
async function shoot(world: World, given: Shot): Promise<ApiResponse> {
  try {
    const request = await withJsonBody(requestOf(given));
    await world.api.prepare?.(request);
    return world.api.handle(request);
  } catch (error) {
    return errorResponse(error, (unforeseen) => world.unforeseen.push(unforeseen));
  }
}

/** What every answer is, whatever was asked. */
function checkAnswer(response: ApiResponse): void {
  const { status, headers } = response;
  expect(status).toBeGreaterThanOrEqual(200);
  if (!isStream(response) && /failed to create typed patch object/.test(response.body)) {
    // What Kubernetes itself answers to fields that it does not know, in a server-side apply.
    expect(JSON.parse(response.body)).toMatchObject({ kind: "Status", reason: "", code: 500 });
    return;
  }
  expect([500, 502, 503]).not.toContain(status);
  for (const value of Object.values(headers)) expect(value).toMatch(/^[\t\x20-\x7e]*$/);
  if (isStream(response)) {
    const texts: string[] = [];
    const stop = response.open({
      write: (chunk) => texts.push(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk)),
      end: () => {},
      isBehind: () => false,
      drained: async () => {},
    });
    stop();
    if (!headers["content-type"]?.startsWith("application/json")) return;
    for (const line of texts.join("").split("\n").filter(Boolean)) {
      const { type, object } = JSON.parse(line);
      expect(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]).toContain(type);
      expect(object.kind).toMatch(/^[A-Z]\w+$/);
    }
    return;
  }
  if (!headers["content-type"]?.startsWith("application/json")) {
    expect(status).toBeLessThan(400);
    return;
  }
  const body = JSON.parse(response.body);
  if (status >= 400) {
    expect(body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code: status });
    expect(body.message).toMatch(/\S/);
    expect(body.message).not.toMatch(/undefined|\[object |\n {4}at |TypeError|Cannot read/);
    expect(body.reason).toMatch(/^[A-Z]\w+$/);
  } else if (body.kind !== undefined) {
    expect(body.kind).toMatch(/^[A-Z]\w+$/);
    // Kubernetes' own answer to `/api` names no version.
    if (body.kind !== "APIVersions") expect(body.apiVersion).toMatch(/^[a-z0-9./]+$/);
  }
}

/** What holds of everything that is kept, whoever wrote it. */
function checkStore(world: World): void {
  const revisions = new Set<string>();
  const uids = new Set<string>();
  const nodePorts = new Set<string>();
  const addresses = new Set<string>();
  for (const kind of kindNames) {
    for (const object of world.registry.list(kind) as readonly Stored[]) {
      const { metadata } = object;
      const where = `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
      expect(object.kind).toBe(kind);
      expect(object.apiVersion).toBe(kinds[kind].apiVersion);
      expect(metadata.namespace === undefined, where).toBe(!kinds[kind].namespaced);
      if (metadata.namespace !== undefined && kind !== "Event")
        expect(world.registry.get("Namespace", undefined, metadata.namespace), where).toBeDefined();
      expect(metadata.uid, where).toMatch(/^[0-9a-f-]{36}$/);
      expect(uids.has(metadata.uid), where).toBe(false);
      uids.add(metadata.uid);
      expect(metadata.creationTimestamp, where).toMatch(/^2026-/);
      expect(Number(metadata.resourceVersion)).toBeLessThanOrEqual(world.registry.revision);
      expect(revisions.has(metadata.resourceVersion), where).toBe(false);
      revisions.add(metadata.resourceVersion);
      expect(world.registry.get(kind, metadata.namespace, metadata.name)).toBe(object);
      expect(JSON.parse(JSON.stringify(object)), where).toEqual(object);
      expect(validateShape(object), where).toEqual([]);
      if (metadata.deletionTimestamp === undefined)
        expect(validateCreate(object as KubernetesObject), where).toEqual([]);
      checkFrozen(object);
    }
  }
  for (const { spec } of world.registry.list("Service")) {
    if (spec.clusterIP && spec.clusterIP !== "None") {
      expect(addresses.has(spec.clusterIP)).toBe(false);
      addresses.add(spec.clusterIP);
    }
    for (const port of spec.ports ?? []) {
      if (!port.nodePort) continue;
      const key = `${port.nodePort}/${port.protocol}`;
      expect(nodePorts.has(key)).toBe(false);
      nodePorts.add(key);
    }
  }
}

function checkFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const each of Object.values(value)) checkFrozen(each);
}

describe("whatever is asked of whichever endpoint", () => {
  test("is answered as the API answers, and the cluster stays whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shot, { minLength: 1, maxLength: 25 }), async (shots) => {
        const world = target();
        for (const each of shots) {
          const before = world.registry.revision;
          let response: ApiResponse | undefined;
          try {
            response = await shoot(world, each);
            checkAnswer(response);
            expect(world.unforeseen).toEqual([]);
            const dry = new URLSearchParams(each.target.split("?")[1] ?? "").getAll("dryRun").includes("All");
            if (each.method === "GET" || response.status >= 400 || dry)
              expect(world.registry.revision).toBe(before);
          } catch (error) {
            const told =
              response && !isStream(response) ? `${response.status} ${response.body.slice(0, 500)}` : "";
            throw new Error(
              `${show(each)}\n${told}\n${world.unforeseen.map((each) => (each as Error).stack)}`,
              { cause: error },
            );
          }
        }
        try {
          checkStore(world);
        } catch (error) {
          throw new Error(`the store after ${shots.map(show).join("\n")}`, { cause: error });
        }
      }),
      runs(200),
    );
  }, 120_000);

  test("over a socket, whole, cut or broken, leaves the server up and the cluster whole", async () => {
    const directory = mkdtempSync(join(tmpdir(), "kdsl-fuzz-"));
    const socketPath = join(directory, "api.sock");
    const world = target();
    const limits = { ...standardLimits, headMilliseconds: 200, requestMilliseconds: 300 };
    const served = await serveUnix(world.api, socketPath, limits);
    /** Sends the bytes, and looks at what comes first. */
    const send = async (bytes: Uint8Array, cut: boolean) => {
      const client = await raw(socketPath, bytes);
      const first = cut
        ? undefined
        : await Promise.race([client.until(/\r\n\r\n/), client.closed]).catch(() => "");
      client.socket.destroy();
      await client.closed;
      const status = Number(/^HTTP\/1\.1 (\d+) /.exec(first ?? "")?.[1] ?? 400);
      if (status === 500) expect(first).toContain("failed to create typed patch object");
    };
    const damage = fc.record({
      at: fc.nat(),
      byte: fc.nat(255),
      how: fc.constantFrom("none", "none", "change", "insert", "cut", "end"),
    });
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(shot, damage), { minLength: 1, maxLength: 8 }), async (all) => {
          await Promise.all(
            all.map(([each, { at, byte, how }]) => send(damaged(each, at, byte, how), how === "end")),
          );
          expect(world.unforeseen).toEqual([]);
          const alive = await ask({ socketPath, path: "/readyz" });
          expect(alive.text).toBe("ok");
        }),
        runs(50),
      );
      checkStore(world);
    } finally {
      await served.close();
      rmSync(directory, { recursive: true });
    }
  }, 120_000);
});

/** A request as bytes, with damage. */
function damaged(
  { method, target: path, headers, body }: Shot,
  at: number,
  byte: number,
  how: string,
): Uint8Array {
  const head = Object.entries({ host: "localhost", ...headers, "content-length": body.length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const whole = Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join("")}\r\n`), body]);
  const place = at % (whole.length + 1);
  if (how === "change" && place < whole.length) whole[place] = byte;
  if (how === "insert")
    return Buffer.concat([whole.subarray(0, place), Buffer.from([byte]), whole.subarray(place)]);
  return how === "cut" || how === "end" ? whole.subarray(0, place) : whole;
}
