import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "./harness.ts";
import { type Cluster, openCluster, present } from "./kubectl.ts";

/** What kubectl makes and what a file makes, side by side: `kdsl diff` tells them apart, `kdsl apply` restores the file's. */

const file = (image: string) => `
cluster shop {}
label app
secret token { key: env("TOKEN") }
node worker[i in 1..2] { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }
rc web {
  replicas: 2
  pod {
    identity: { app: "web" }
    grace: 1s
    container main {
      image: "${image}"
      command: ["sleep", "1000"]
      env: { MODE: "fast" }
      requests: { cpu: 100m }
    }
  }
}
service web { select: web, port http: 8000 }
service spare { select: web, port http: 8001 }
namespace team { config settings { a: "b" } }
node going { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }
`;

const lineOf = (text: string) =>
  file("web:1")
    .split("\n")
    .findIndex((line) => line.includes(text)) + 1;

interface Report {
  readonly drift: readonly {
    readonly action: string;
    readonly key: string;
    readonly fields: readonly {
      readonly words: string;
      readonly planned?: unknown;
      readonly live?: unknown;
      readonly place?: { readonly file: string; readonly line: number };
    }[];
  }[];
}

describe.skipIf(!present)("kubectl beside a file", () => {
  let cluster: Cluster;
  const kdsl = (...args: string[]) => cluster.workspace.run(args);
  const report = async (...args: string[]) =>
    (JSON.parse((await kdsl("diff", "--format", "json", ...args)).stdout) as Report).drift;

  beforeAll(async () => {
    cluster = await openCluster(file("web:1"), [], { TOKEN: "hush-hush" });
  });
  afterAll(async () => {
    await cluster?.close();
  });

  test("a cluster that nobody has touched is as its file says", async () => {
    const { code, stdout } = await kdsl("diff");
    expect(stdout).toBe("shop is as main.kdsl says\n");
    expect(code).toBe(0);
  });

  test("diff tells what was changed, added, deleted and made, with the lines of the file", async () => {
    await cluster.run("scale", "rc", "web", "--replicas=3");
    await cluster.run("set", "env", "rc/web", "MODE=slow", "DEBUG=1");
    await cluster.run("label", "service", "web", "team=blue");
    await cluster.run("delete", "service", "spare");
    await cluster.run("cordon", "worker-1");
    await cluster.run("run", "visitor", "--image=host", "--command", "--", "sleep", "1000");
    const { code, stdout } = await kdsl("diff");
    expect(code).toBe(1);
    const row = (...cells: readonly string[]) => new RegExp(`^ +${cells.join(" {2,}")}$`, "m");
    expect(stdout).toMatch(row("replicas", "2", "3", `main.kdsl:${lineOf("replicas")}`));
    expect(stdout).toMatch(row("container main env.MODE", '"fast"', '"slow"', `main.kdsl:${lineOf("MODE")}`));
    expect(stdout).toMatch(
      row("container main env.DEBUG", "\\(none\\)", '"1"', "not in the file, left alone"),
    );
    expect(stdout).toMatch(row("labels.team", "\\(none\\)", '"blue"', "not in the file, left alone"));
    expect(stdout).toMatch(row("unschedulable", "\\(none\\)", "true", "not in the file, left alone"));
    expect(stdout).toMatch(/~ service web {2}\(kubectl-label at \d{4}-\S+Z\)/);
    expect(stdout).toContain(`- service spare  (main.kdsl:${lineOf("spare")}, not in the cluster)`);
    expect(stdout).toContain("? pod visitor  (made by others, left alone)");
    expect(stdout).toContain("kdsl apply makes it as the file says");
    const drift = await report();
    expect(drift.find(({ key }) => key === "ReplicationController/default/web")?.fields[0]).toMatchObject({
      words: "replicas",
      planned: 2,
      live: 3,
      place: { line: lineOf("replicas") },
    });
  });

  test("apply restores what the file has, and leaves what it has not", async () => {
    const { code, stdout } = await kdsl("apply");
    expect(code).toBe(0);
    expect(stdout).toContain("service/spare created");
    expect(stdout).toContain("replicationcontroller/web changed");
    const rc = await cluster.json<{
      spec: { template: { spec: { containers: { env: unknown }[] } } };
    }>("get", "rc", "web");
    expect(rc.spec.template.spec.containers[0]!.env).toEqual([
      { name: "MODE", value: "fast" },
      { name: "DEBUG", value: "1" },
    ]);
    const drift = await report();
    expect(drift.flatMap(({ key, fields }) => fields.map(({ words }) => `${key} ${words}`))).toEqual([
      "Node/worker-1 unschedulable",
      "Service/default/web labels.team",
      "ReplicationController/default/web container main env.DEBUG",
    ]);
    expect(drift.find(({ action }) => action === "foreign")?.key).toBe("Pod/default/visitor");
    expect(await cluster.run("get", "pod", "visitor", "-o", "name")).toBe("pod/visitor\n");
    expect((await kdsl("apply")).stdout).toBe("nothing in the cluster changes\n");
  });

  test("a server-side apply of what the file says otherwise is a conflict with kdsl", async () => {
    const input = JSON.stringify({
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { name: "web" },
      spec: { replicas: 5 },
    });
    const refused = await cluster.result(["apply", "--server-side", "-f", "-"], { input });
    expect(refused.stderr).toContain('conflict with "kdsl" using v1: .spec.replicas');
    const forced = await cluster.result(["apply", "--server-side", "--force-conflicts", "-f", "-"], {
      input,
    });
    expect(forced.code).toBe(0);
    expect((await kdsl("diff")).stdout).toMatch(/~ rc web {2}\((?:.*, )?kubectl at .*\n +replicas +2 +5/);
    await kdsl("apply");
    expect(await cluster.run("get", "rc", "web", "-o", "jsonpath={.spec.replicas}")).toBe("2");
  });

  test("an edited file: diff says what it would change, apply does it and keeps what kubectl added", async () => {
    cluster.workspace.write(
      "main.kdsl",
      file("web:2").replace(/^(?:service spare|namespace team|node going) .*$/gm, ""),
    );
    const before = await kdsl("diff", "main.kdsl");
    expect(before.stdout).toMatch(/container main image +"web:2" +"web:1" +main\.kdsl:\d+/);
    for (const gone of ["service spare", "namespace team", "config settings", "node going"])
      expect(before.stdout).toMatch(new RegExp(`! ${gone} {2}\\(main\\.kdsl:\\d+, no longer in the file\\)`));
    const applied = await kdsl("apply", "main.kdsl");
    for (const gone of ["service/spare", "namespace/team", "configmap/settings", "node/going"])
      expect(applied.stdout).toContain(`${gone} deleted`);
    const images = "jsonpath={.items[*].spec.containers[0].image}";
    await until(
      async () => (await cluster.run("get", "pods", "-l", "app=web", "-o", images)) === "web:2 web:2",
      "two pods of the new image",
    );
    const env = "jsonpath={.spec.template.spec.containers[0].env[*].name}";
    expect(await cluster.run("get", "rc", "web", "-o", env)).toBe("MODE DEBUG");
  });

  test("a file with a mistake, of another cluster, or whose secret has no value changes nothing", async () => {
    cluster.workspace.write("wrong.kdsl", "rc web { replicas: many }");
    const wrong = await kdsl("apply", "wrong.kdsl");
    expect([wrong.code, wrong.stdout]).toEqual([1, ""]);
    expect(wrong.stderr).toContain("wrong.kdsl:1");
    cluster.workspace.write("other.kdsl", 'config c { a: "b" }');
    const other = await kdsl("apply", "other.kdsl");
    expect(other.stderr).toContain("other.kdsl is cluster other, and what runs is shop");
    cluster.workspace.write("main.kdsl", file("web:3").replace('env("TOKEN")', 'env("NOWHERE")'));
    const secret = await kdsl("apply", "main.kdsl");
    expect(secret.code).toBe(1);
    expect(secret.stderr).toMatch(/needs NOWHERE/);
    expect(await cluster.run("get", "rc", "web", "-o", "jsonpath={..image}")).toBe("web:2");
  });

  test("no value of a secret is in what the cluster tells of its plan, or in a diff", async () => {
    await cluster.run(
      "patch",
      "secret",
      "token",
      "-p",
      '{"stringData":{"key":"changed-by-hand","more":"too"}}',
    );
    const { stdout } = await kdsl("diff", "--format", "json");
    expect(stdout).toContain('"Secret/default/token"');
    for (const text of ["hush-hush", "changed-by-hand", Buffer.from("changed-by-hand").toString("base64")])
      expect(stdout).not.toContain(text);
  });
});
