import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../model/meta.ts";
import { type Served, serveUnix } from "../../../runtime/host/http.ts";
import { createWorld, pod, tableAccept, type World } from "./world.ts";

/** A thousand watchers of a large cluster, each on a connection of its own. */

const podCount = 5000;
const watcherCount = 1000;
const directory = mkdtempSync(join(tmpdir(), "kdsl-watchers-"));
const socketPath = join(directory, "api.sock");
let world: World;
let served: Served;

beforeAll(async () => {
  world = createWorld();
  for (let index = 0; index < podCount; index++)
    world.registry.create(pod(`pod-${index}`, {}, { app: `app-${index % 10}` }));
  served = await serveUnix(world.api, socketPath);
}, 60_000);

afterAll(async () => {
  await served.close();
  rmSync(directory, { recursive: true });
});

/** How watchers look: the last sees a tenth of the changes. */
const views = [
  { query: "", accept: "application/json" },
  { query: "", accept: tableAccept },
  { query: "&labelSelector=app%3Dapp-3", accept: "application/json" },
] as const;

interface Watcher {
  readonly view: number;
  readonly socket: Socket;
  /** Fulfilled when the head of the answer is there: from then on it watches. */
  readonly ready: Promise<void>;
  /** The text of the body up to the event that tells of the object with the name "last". */
  readonly done: Promise<string>;
}

function watchFrom(revision: number, view: number): Watcher {
  const { query, accept } = views[view]!;
  const socket = connect(socketPath);
  const chunks: Buffer[] = [];
  let tail = "";
  let head = false;
  let ready = () => {};
  let done = (_: string) => {};
  let fail = (_: Error) => {};
  const isReady = new Promise<void>((resolve, reject) => {
    ready = resolve;
    fail = reject;
  });
  const isDone = new Promise<string>((resolve) => {
    done = resolve;
  });
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    // Only the end is looked at as it comes; the rest is read once.
    tail = (tail + chunk.toString("latin1")).slice(-4000);
    if (!head && tail.includes("\r\n\r\n")) {
      head = true;
      ready();
    }
    if (tail.includes('"name":"last"') && tail.endsWith("}\n\r\n"))
      done(bodyOf(Buffer.concat(chunks).toString("utf8")));
  });
  socket.on("close", () => fail(new Error("the watch ended early")));
  socket.on("error", fail);
  const path = `/api/v1/pods?watch=true&resourceVersion=${revision}${query}`;
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\naccept: ${accept}\r\n\r\n`);
  return { view, socket, ready: isReady, done: isDone };
}

/** Of an answer whose chunks are an event each. */
function bodyOf(answer: string): string {
  return answer
    .slice(answer.indexOf("\r\n\r\n") + 4)
    .split("\r\n")
    .filter((line) => line.startsWith("{"))
    .join("");
}

describe(`${watcherCount} watchers of ${podCount} pods`, () => {
  test("each see every change, in order", async () => {
    const from = world.registry.revision;
    const watchers: Watcher[] = [];
    while (watchers.length < watcherCount) {
      const next = Array.from({ length: 100 }, (_, index) =>
        watchFrom(from, (watchers.length + index) % views.length),
      );
      watchers.push(...next);
      await Promise.all(next.map(({ ready }) => ready));
    }

    /** What each view is to see: the type of the event, the name and the revision. */
    const expected: string[][] = views.map(() => []);
    const note = (type: string, { metadata: { name, labels } }: KubernetesObject) => {
      const line = `${type} ${name} ${world.registry.revision}`;
      expected[0]!.push(line);
      expected[1]!.push(line);
      if (labels?.app === "app-3") expected[2]!.push(line);
    };
    for (let round = 0; round < 60; round++) {
      const name = `pod-${(round * 977) % podCount}`;
      const current = world.registry.get("Pod", "default", name)!;
      const annotations = { round: String(round) };
      note(
        "MODIFIED",
        world.registry.update<"Pod">({ ...current, metadata: { ...current.metadata, annotations } }),
      );
      note("ADDED", world.registry.create(pod(`new-${round}`, {}, { app: `app-${round % 10}` })));
      if (round % 3 === 2) note("DELETED", world.registry.remove("Pod", "default", `new-${round}`).object);
      // In between, what is written goes out.
      if (round % 10 === 9) await new Promise(setImmediate);
    }
    note("ADDED", world.registry.create(pod("last", {}, { app: "app-3" })));

    const bodies = await Promise.all(watchers.map(({ done }) => done));
    for (const [view, lines] of expected.entries()) {
      const ours = bodies.filter((_, index) => watchers[index]!.view === view);
      const digests = new Set(ours.map((body) => createHash("sha1").update(body).digest("hex")));
      expect(digests.size).toBe(1);
      const told = ours[0]!
        .trim()
        .split("\n")
        .map((line) => {
          const { type, object } = JSON.parse(line);
          const { metadata } = object.kind === "Table" ? object.rows[0].object : object;
          return `${type} ${metadata.name} ${metadata.resourceVersion}`;
        });
      expect(told).toEqual(lines);
    }
    for (const { socket } of watchers) {
      socket.removeAllListeners();
      socket.on("error", () => {});
      socket.destroy();
    }
  }, 60_000);
});
