import { execFileSync, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Running, until, Workspace } from "./harness.ts";

/** The real kubectl, unmodified, with the file that `--kubeconfig` writes. `KUBECTL` names another than the one on the PATH. */

const kubectl = process.env.KUBECTL ?? "kubectl";
const present = spawnSync(kubectl, ["version", "--client"], { stdio: "ignore" }).status === 0;
if (!present) console.warn("no kubectl on the PATH (KUBECTL names another one): its tests are skipped");

const file = `
label app
node worker[i in 1..2] { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }
rc sleeper {
  replicas: 2
  pod {
    identity: { app: "sleeper" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"], requests: { cpu: 100m } }
  }
}
service sleeper { select: sleeper, port 8000 }
`;

describe.skipIf(!present)("kubectl", () => {
  let workspace: Workspace;
  let cluster: Running;
  const run = (...args: string[]) =>
    execFileSync(kubectl, ["--kubeconfig", join(workspace.directory, "kubeconfig"), ...args], {
      encoding: "utf8",
      env: { ...process.env, HOME: workspace.directory },
    });

  beforeAll(async () => {
    workspace = new Workspace();
    workspace.write("sleeper.kdsl", file);
    cluster = workspace.start(["run", "sleeper.kdsl", "--kubeconfig", "kubeconfig"]);
    await cluster.output(/ready in/);
  });
  afterAll(async () => {
    await workspace?.close();
  });

  test("the file is private and the line to use it is printed", () => {
    expect(statSync(join(workspace.directory, "kubeconfig")).mode & 0o777).toBe(0o600);
    expect(cluster.stdout).toMatch(/export KUBECONFIG=/);
  });

  test("get", () => {
    expect(run("get", "nodes")).toMatch(/worker-1 +Ready +<none> +\d+s +v1\./);
    expect(run("get", "pods", "-o", "wide")).toMatch(
      /sleeper-\w{5} +1\/1 +Running +0 +\d+s +127\.\d+\.\d+\.\d+ +worker-[12]/,
    );
    expect(run("get", "rc")).toMatch(/sleeper +2 +2 +2/);
    expect(run("get", "services", "-o", "jsonpath={.items[0].spec.ports[0].port}")).toBe("8000");
    expect(run("get", "pods", "-l", "app=sleeper", "-o", "name").trim().split("\n")).toHaveLength(2);
  });

  test("scale", async () => {
    run("scale", "rc", "sleeper", "--replicas=3");
    await until(() => /sleeper +3 +3 +3/.test(run("get", "rc")), "three pods");
  });

  test("delete", async () => {
    const [name] = run("get", "pods", "-o", "name").trim().split("\n");
    expect(run("delete", name!)).toMatch(/deleted/);
    await until(() => /sleeper +3 +3 +3/.test(run("get", "rc")), "three pods again");
    expect(run("get", "pods", "-o", "name")).not.toContain(name);
  });

  test("describe node", () => {
    const text = run("describe", "node", "worker-1");
    expect(text).toMatch(/Kernel Version: +\d/);
    expect(text).toMatch(/KubeletReady/);
    expect(text).toMatch(/sleeper-\w{5}/);
  });

  test("a wrong token and an unknown object are refused as Kubernetes does", () => {
    const wrong = spawnSync(
      kubectl,
      ["--kubeconfig", join(workspace.directory, "kubeconfig"), "--token", "wrong", "get", "pods"],
      {
        encoding: "utf8",
        env: { ...process.env, HOME: workspace.directory },
      },
    );
    expect(wrong.status).not.toBe(0);
    expect(wrong.stderr).toMatch(/logged in|Unauthorized/);
    expect(() => run("get", "pod", "nothing")).toThrow(/pods "nothing" not found/);
  });
});
