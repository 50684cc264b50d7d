import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedForKubectl, serveForKubectl } from "../../runtime/host/kubeconfig.ts";
import { createWorld, type World } from "../runtime/apiserver/world.ts";
import { fillShop } from "./shop.ts";
import { createPlace, type Place } from "./world.ts";

const there = spawnSync("kubectl", ["version", "--client"], { stdio: "ignore" }).status === 0;
if (!there) console.warn("no kubectl on this machine: what it makes of the API is not tested");

describe.skipIf(!there)("the real kubectl", () => {
  const directory = mkdtempSync(join(tmpdir(), "kdsl-kubectl-"));
  let place: Place;
  let world: World;
  let served: ServedForKubectl;

  beforeAll(async () => {
    place = createPlace();
    // In the past, so that nothing that is said to have happened lies ahead of kubectl's own clock.
    world = createWorld({ start: Math.floor(Date.now() / 1000) * 1000 - 3_600_000 });
    fillShop(world);
    await place.run("shop", world);
    served = await serveForKubectl(world.api, { cluster: "shop", path: join(directory, "config") });
  });

  afterAll(async () => {
    await served.close();
    await place.close();
    rmSync(directory, { recursive: true });
  });

  function kubectl(...args: string[]): Promise<{ out: string; err: string; code: number }> {
    const flags = ["--kubeconfig", join(directory, "config"), "--cache-dir", join(directory, "cache")];
    return new Promise((resolve) => {
      const child = execFile("kubectl", [...flags, ...args], { timeout: 30_000 }, (_, out, err) =>
        resolve({ out, err, code: child.exitCode ?? -1 }),
      );
    });
  }

  /** Newer releases name the ports of containers; this one's may not. */
  const withoutPortNames = (text: string) =>
    text.replace(/^( +(?:Host )?Ports?:.*)$/gm, (line) => line.replace(/ \([a-z0-9-]+\)/g, ""));

  test.each([
    ["get", "nodes"],
    ["get", "nodes", "-o", "wide", "--show-labels"],
    ["get", "pods", "-o", "wide"],
    ["get", "all"],
    ["get", "all", "-A", "-o", "wide"],
    ["get", "services,endpoints,secrets"],
    ["get", "events"],
    ["get", "pods", "-l", "app=web", "--field-selector", "status.phase=Running", "-o", "name"],
    ["get", "pod/job", "rc/web"],
  ])("`%s %s` prints what kdsl prints", async (...args) => {
    const theirs = await kubectl(...args.filter((arg) => arg !== undefined));
    expect(theirs.err).toBe("");
    expect((await place.kdsl(...args)).out).toBe(theirs.out);
  });

  test.each([
    ["node", "worker-a"],
    ["pod", "web-aaaaa"],
    ["pod", "web-bbbbb"],
    ["pod", "job"],
    ["service", "web"],
    ["rc", "web"],
  ])("`describe %s %s` prints what kdsl prints", async (kind, name) => {
    const theirs = await kubectl("describe", kind, name);
    expect(theirs.err).toBe("");
    const own = await place.kdsl("describe", kind, name);
    // Ages go on while one waits for the other.
    const still = (text: string) =>
      withoutPortNames(text).replace(/\b\d+m(\d+s)?\b/g, (age) => "#".repeat(age.length));
    expect(still(own.out)).toBe(still(theirs.out));
  });

  test("tells errors in its own way", async () => {
    expect(await kubectl("get", "pod", "nope")).toMatchObject({
      code: 1,
      err: 'Error from server (NotFound): pods "nope" not found\n',
    });
    const wrong = await kubectl("patch", "rc", "web", "--type=merge", "-p", '{"spec":{"replicas":-1}}');
    expect(wrong.err).toContain(
      'The ReplicationController "web" is invalid: spec.replicas: Invalid value: -1',
    );
    expect((await kubectl("exec", "web-bbbbb", "-c", "log", "--", "ls")).err).toContain(
      "exec needs pods that run on this machine",
    );
  });

  test("is let in by its token alone and by its certificate alone, by neither not", async () => {
    const lines = readFileSync(join(directory, "config"), "utf8").split("\n");
    const without = async (pattern: RegExp, ...flags: string[]) => {
      const path = join(directory, "part");
      writeFileSync(path, lines.filter((line) => !pattern.test(line)).join("\n"));
      return kubectl("get", "pods", "-o", "name", "--kubeconfig", path, ...flags);
    };
    expect((await without(/client-/)).code).toBe(0);
    expect((await without(/token:/)).code).toBe(0);
    expect((await kubectl("get", "pods", "--token", "another")).code).toBe(0);
    expect((await without(/client-/, "--token", "another")).err).toContain("You must be logged in");
  });

  test("reads logs", async () => {
    expect((await kubectl("logs", "web-bbbbb", "-c", "log")).out).toBe("last run of log\nsecond line\n");
  });

  test("scales, labels, patches and sets images", async () => {
    const rc = () => world.registry.get("ReplicationController", "default", "web")!;
    expect((await kubectl("scale", "rc/web", "--replicas=3", "--current-replicas=2")).code).toBe(0);
    expect(rc().spec.replicas).toBe(3);
    await kubectl("label", "rc", "web", "tier=web");
    await kubectl("annotate", "rc", "web", "note=x");
    await kubectl("set", "image", "rc/web", "server=shop/server:2");
    await kubectl(
      "patch",
      "rc",
      "web",
      "--type=json",
      "-p",
      '[{"op":"add","path":"/metadata/labels/more","value":"y"}]',
    );
    expect(rc().metadata).toMatchObject({
      labels: { app: "web", tier: "web", more: "y" },
      annotations: { note: "x" },
    });
    expect(rc().spec.template.spec.containers.map(({ image }) => image)).toEqual([
      "shop/server:2",
      "shop/log:1",
    ]);
  });

  test("cordons a node and takes it back", async () => {
    await kubectl("cordon", "worker-b");
    expect((await kubectl("get", "node", "worker-b", "--no-headers")).out).toContain(
      "Ready,SchedulingDisabled",
    );
    await kubectl("uncordon", "worker-b");
    expect(world.registry.get("Node", undefined, "worker-b")!.spec.unschedulable ?? false).toBe(false);
  });

  test("deletes, and waits until what it deleted is gone", async () => {
    expect((await kubectl("delete", "pod", "job")).out).toBe('pod "job" deleted\n');
    expect(world.registry.get("Pod", "default", "job")).toBeUndefined();
    const deleting = kubectl("delete", "pod", "web-bbbbb", "--timeout=20s");
    await new Promise<void>((resolve) => {
      const stop = world.registry.watch("Pod", ({ object }) => {
        if (object.metadata.name !== "web-bbbbb" || !object.metadata.deletionTimestamp) return;
        queueMicrotask(() => stop());
        resolve();
      });
    });
    world.registry.delete("Pod", "default", "web-bbbbb", { gracePeriodSeconds: 0 });
    expect((await deleting).code).toBe(0);
    expect((await kubectl("delete", "rc", "web")).out).toBe('replicationcontroller "web" deleted\n');
  });
});
