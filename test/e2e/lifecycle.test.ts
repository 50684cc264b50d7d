import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accounts, strays, until, Workspace } from "./harness.ts";

/** However a run ends, nothing of it is left: no process, no socket, no file. */

const file = `
label app
rc sleeper {
  replicas: 2
  pod {
    identity: { app: "sleeper" }
    grace: 1s
    container main {
      image: "host"
      command: ["sh", "-c", "sleep 1000 & setsid sleep 2000 & echo started; wait"]
    }
  }
}
`;

/** A daemon that leaves its session and its environment behind; only its namespace, where there are any, tells whose it is. */
const escaping = `
label app
rc daemon {
  pod {
    identity: { app: "daemon" }
    grace: 1s
    container main { image: "host", command: ["sh", "-c", "(env -i setsid sleep 31415 &); exec sleep 1000"] }
  }
}
`;

const daemons = () =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1") === "sleep\x0031415\0";
    } catch {
      return false;
    }
  });

const namespaces = spawnSync("unshare", ["-Urm", "true"]).status === 0;

describe.each(accounts())("as $name", (account) => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace(account);
    workspace.write("sleeper.kdsl", file);
  });
  afterEach(async () => {
    await workspace.close();
  });

  const nothingLeft = async () => {
    await until(() => strays(workspace.directory).length === 0, "every process to end");
    await until(
      () =>
        readdirSync(workspace.runtime, { recursive: true }).filter((name) => name !== "kdsl").length === 0,
      "every file to be gone",
    );
  };

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("ended by %s", async (signal) => {
    const cluster = workspace.start(["run", "sleeper.kdsl"]);
    await cluster.output(/ready in/);
    cluster.kill(signal);
    expect((await cluster.ended).code).toBe(0);
    await nothingLeft();
  });

  test("killed with -9", async () => {
    const cluster = workspace.start(["run", "sleeper.kdsl"]);
    await cluster.output(/ready in/);
    expect(strays(workspace.directory).length).toBeGreaterThan(4);
    cluster.kill("SIGKILL");
    await cluster.ended;
    await nothingLeft();
  });

  test.skipIf(!namespaces)("with daemons that cleared their environment", async () => {
    workspace.write("daemon.kdsl", escaping);
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      const cluster = workspace.start(["run", "daemon.kdsl"]);
      await cluster.output(/ready in/);
      await until(() => daemons().length === 1, "the daemon to start");
      cluster.kill(signal);
      await cluster.ended;
      await until(() => daemons().length === 0, "the daemon to end");
      await nothingLeft();
    }
  });

  test("in the background, until kdsl stop", async () => {
    const started = await workspace.ok(["run", "sleeper.kdsl", "--detach"]);
    expect(started).toMatch(/runs in the background/);
    expect(await workspace.ok(["get", "rc"])).toMatch(/sleeper +2 +2 +2/);
    expect(await workspace.ok(["logs", "sleeper"])).toMatch(/started/);
    await workspace.ok(["stop"]);
    await nothingLeft();
  });

  test("a second run of the same file is refused and harms nothing", async () => {
    const cluster = workspace.start(["run", "sleeper.kdsl"]);
    await cluster.output(/ready in/);
    const second = await workspace.run(["run", "sleeper.kdsl"]);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/is running already/);
    expect(second.stderr).toMatch(/kdsl stop/);
    expect(await workspace.ok(["get", "rc"])).toMatch(/sleeper +2 +2 +2/);
    cluster.kill("SIGINT");
    await cluster.ended;
    await nothingLeft();
    expect(existsSync(`${workspace.directory}/sleeper.kdsl`)).toBe(true);
  });

  test("two files run side by side; a client command asks which", async () => {
    workspace.write("other.kdsl", file.replaceAll("sleeper", "other"));
    const clusters = ["sleeper.kdsl", "other.kdsl"].map((name) => workspace.start(["run", name]));
    for (const cluster of clusters) await cluster.output(/ready in/);
    const ambiguous = await workspace.run(["get", "pods"]);
    expect(ambiguous.code).not.toBe(0);
    expect(ambiguous.stderr).toMatch(/--cluster/);
    expect(await workspace.ok(["get", "rc", "--cluster", "other"])).toMatch(/other/);
    for (const cluster of clusters) cluster.kill("SIGINT");
    for (const cluster of clusters) expect((await cluster.ended).code).toBe(0);
    await nothingLeft();
  });
});
