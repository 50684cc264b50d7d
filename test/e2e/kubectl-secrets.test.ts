import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";

/** Secrets of a cluster of real processes, one of the file and one made by kubectl: where they are to be found. */

const ofFile = "from-the-file-7c1f";
const ofKubectl = "from-kubectl-93ab";

const program = `
label app
node worker { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }
secret login { password: env("LOGIN_PASSWORD") }
rc web {
  pod {
    identity: { app: "web" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"], env: { PASSWORD: login.password } }
  }
}
`;

/** Runs against a wall again and again, with the secret at hand. */
const broken = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "broken" },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: "main",
        image: "host",
        command: ["sh", "-c", "exit 3"],
        env: [{ name: "KEY", valueFrom: { secretKeyRef: { name: "key", key: "value" } } }],
      },
    ],
  },
};

const tells = (text: string) =>
  [ofFile, ofKubectl].filter((secret) => text.includes(secret) || text.includes(btoa(secret)));

/** Regular files below a directory, by relative name. */
function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });
}

describe.skipIf(!present)("secrets", () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openCluster(program, [], { LOGIN_PASSWORD: ofFile });
  }, 60_000);
  afterAll(async () => {
    await cluster?.close();
  });

  test("are told to whom asks for them, and stand in no log, event, error, record or table", async () => {
    await cluster.run("create", "secret", "generic", "key", `--from-literal=value=${ofKubectl}`);
    const made = await cluster.result(["create", "-f", "-"], { input: JSON.stringify(broken) });
    expect(made.stderr).toBe("");
    await cluster.until(/broken .*(Error|CrashLoopBackOff)/, "get", "pods");
    expect(await cluster.run("get", "secret", "login", "key", "-o", "yaml")).toContain(btoa(ofFile));

    const errors = [
      await cluster.fails("create", "secret", "generic", "key", `--from-literal=value=${ofKubectl}`),
      await cluster.fails(
        "patch",
        "secret",
        "key",
        "--type=merge",
        "-p",
        `{"data":{"value":"${ofKubectl}!"}}`,
      ),
      await cluster.fails(
        "patch",
        "secret",
        "key",
        "--type=json",
        "-p",
        `[{"op":"test","path":"/data/value","value":"${ofKubectl}"}]`,
      ),
      await cluster.fails(
        "patch",
        "secret",
        "login",
        "-p",
        `{"type":"${"x"}","stringData":{"password":"${ofFile}"}}`,
      ),
    ];
    for (const error of errors) expect(tells(error)).toEqual([]);

    const told = [
      await cluster.run("get", "events", "-A", "-o", "yaml"),
      await cluster.run("get", "secrets", "-A", "-o", "wide"),
      await cluster.run("describe", "secrets"),
      await cluster.run("describe", "pods"),
      await cluster.run("get", "all", "-A", "-o", "yaml"),
      cluster.running.stdout,
      cluster.running.stderr,
    ];
    for (const text of told) expect(tells(text)).toEqual([]);

    const { runtime } = cluster.workspace;
    const files = filesIn(runtime);
    // Something is looked at: the cluster's record and its log among them.
    expect(files.length).toBeGreaterThan(1);
    for (const file of files)
      expect([relative(runtime, file), tells(readFileSync(file, "latin1"))]).toEqual([
        relative(runtime, file),
        [],
      ]);
  }, 60_000);

  test("the kubeconfig holds what lets in, for this user alone, and no link is followed to write it", async () => {
    expect(statSync(cluster.kubeconfig).mode & 0o777).toBe(0o600);
    const text = readFileSync(cluster.kubeconfig, "utf8");
    const token = /token: "?([\w-]{20,})/.exec(text)![1]!;
    expect(text).toMatch(/client-certificate-data: \S+\n +client-key-data: \S+/);
    expect(cluster.running.stdout + cluster.running.stderr).not.toContain(token);
    for (const file of filesIn(cluster.workspace.runtime))
      expect(readFileSync(file, "latin1")).not.toContain(token);

    const target = cluster.workspace.write("precious", "apiVersion: v1\nkind: Config\n");
    const link = join(cluster.workspace.directory, "link");
    symlinkSync(target, link);
    cluster.workspace.write("other.kdsl", "node worker { capacity: { cpu: 1, memory: 1Gi, pods: 1 } }\n");
    const refused = await cluster.workspace.run(["run", "other.kdsl", "--kubeconfig", "link"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/will not write over .*link, which is not a file of its own/);
    expect(readFileSync(target, "utf8")).toBe("apiVersion: v1\nkind: Config\n");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  }, 60_000);
});
