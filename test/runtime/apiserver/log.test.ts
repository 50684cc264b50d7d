import { describe, expect, test } from "vitest";
import type { ContainerStatus } from "../../../model/core.ts";
import { call, container, createWorld, open, pod, setStatus, type World } from "./world.ts";

const path = "/api/v1/namespaces/default/pods/web/log";

function status(name: string, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return {
    name,
    ready: true,
    restartCount: 0,
    image: "x",
    imageID: "",
    state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
    lastState: {},
    ...more,
  };
}

const ended = { terminated: { exitCode: 1, reason: "Error" } };

function withPod(containers: string[], statuses: ContainerStatus[]): World {
  const world = createWorld();
  world.registry.create(pod("web", { containers: containers.map((name) => container(name)) }));
  world.registry.bind("default", "web", "worker-a");
  setStatus(world, world.registry.get("Pod", "default", "web")!, {
    phase: "Running",
    containerStatuses: statuses,
  });
  return world;
}

describe("a log", () => {
  test("is plain text, line by line as it was written", async () => {
    const world = withPod(["server"], [status("server")]);
    const log = open(world, path);
    await log.end;
    expect(log.texts.join("")).toBe("last run of server\nsecond line\n");
    expect(world.logRequests[0]).toMatchObject({
      container: "server",
      previous: false,
      follow: false,
      timestamps: false,
    });
  });

  test("is asked for with its options", async () => {
    const world = withPod(["server"], [status("server")]);
    await open(world, `${path}?follow=true&tailLines=5&sinceSeconds=60&timestamps=true`).end;
    expect(world.logRequests[0]).toMatchObject({
      follow: true,
      tailLines: 5,
      timestamps: true,
      sinceTime: world.clock.now() - 60_000,
    });
  });

  test("of the run before is there once a container was restarted", async () => {
    const restarted = withPod(["server"], [status("server", { restartCount: 1, lastState: ended })]);
    await open(restarted, `${path}?previous=true`).end;
    expect(restarted.logRequests[0]!.previous).toBe(true);
    // While it waits to be started again, the run before is the last one.
    const waiting = status("server", {
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: ended,
    });
    const crashed = withPod(["server"], [waiting]);
    await open(crashed, `${path}?previous=true`).end;
    expect(crashed.logRequests[0]!.previous).toBe(false);
    const fresh = withPod(["server"], [status("server")]);
    expect(call(fresh, "GET", `${path}?previous=true`)).toMatchObject({
      status: 400,
      body: { message: 'previous terminated container "server" in pod "web" not found' },
    });
  });

  test("is cut at a number of bytes, never within a character", async () => {
    const text = "grüße\n";
    for (let limit = 1; limit <= 8; limit++) {
      const world = createWorld({
        log: async function* () {
          yield text;
        },
      });
      world.registry.create(pod("web"));
      world.registry.bind("default", "web", "a");
      setStatus(world, world.registry.get("Pod", "default", "web")!, {
        containerStatuses: [status("server")],
      });
      const log = open(world, `${path}?limitBytes=${limit}`);
      await log.end;
      const got = log.texts.join("");
      expect(text.startsWith(got)).toBe(true);
      expect(new TextEncoder().encode(got).length).toBeLessThanOrEqual(limit);
    }
  });

  test("that fails in the middle says so and ends", async () => {
    const world = createWorld({
      // biome-ignore lint/correctness/useYield: it fails before there is anything to give
      log: async function* () {
        throw new Error("the disk is gone");
      },
    });
    world.registry.create(pod("web"));
    world.registry.bind("default", "web", "a");
    setStatus(world, world.registry.get("Pod", "default", "web")!, { containerStatuses: [status("server")] });
    const log = open(world, path);
    await log.end;
    expect(log.texts.join("")).toBe("the disk is gone\n");
  });

  test("is no longer read when its client has gone", () => {
    const world = withPod(["server"], [status("server")]);
    const log = open(world, `${path}?follow=true`);
    log.stop();
    expect(world.logRequests[0]!.signal.aborted).toBe(true);
  });

  test.each<[string, string[], ContainerStatus[], string, string]>([
    [
      "several containers and none named",
      ["server", "log"],
      [],
      "",
      "a container name must be specified for pod web, choose one of: [server log]",
    ],
    [
      "a container that the pod lacks",
      ["server"],
      [],
      "?container=db",
      "container db is not valid for pod web",
    ],
    [
      "a container that has not started",
      ["server"],
      [status("server", { state: { waiting: { reason: "ContainerCreating" } } })],
      "",
      'container "server" in pod "web" is waiting to start: ContainerCreating',
    ],
    [
      "nothing",
      ["server"],
      [status("server")],
      "?limitBytes=0",
      "limitBytes: Invalid value: 0: must be greater than 0",
    ],
    [
      "two beginnings",
      ["server"],
      [status("server")],
      "?sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z",
      "at most one of `sinceTime` or `sinceSeconds` may be specified",
    ],
  ])("of %s is refused", (_, containers, statuses, query, message) => {
    expect(call(withPod(containers, statuses), "GET", path + query)).toMatchObject({
      status: 400,
      body: { message },
    });
  });

  test("of a pod without a node", () => {
    const world = createWorld();
    world.registry.create(pod("web"));
    expect(call(world, "GET", path).body.message).toBe("pod web does not have a host assigned");
  });
});
