import { chmodSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";
import { configMap, rc } from "./manifests.ts";

/** Changing things with the real kubectl: what it asks for, and what its user sees. */

const program = `
node worker[i in 1..2] { capacity: { cpu: 4, memory: 4Gi, pods: 60 } }
`;

interface Rc {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly managedFields: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env?: readonly object[] }[] };
    };
  };
}

describe.skipIf(!present)("kubectl", { timeout: 120_000 }, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster(program);
  });
  afterAll(() => cluster?.close());

  /** Writes a manifest and gives the flags that name it. */
  const file = (text: string, name = "manifest.json") => ["-f", cluster.workspace.write(name, text)];
  const envOf = ({ spec }: Rc) => spec.template.spec.containers[0]!.env;
  const owners = async (what: string) =>
    (await cluster.json<Rc>("get", ...what.split("/"), "--show-managed-fields")).metadata.managedFields
      .map(({ manager, operation }) => `${manager}:${operation}`)
      .sort();

  describe("apply", () => {
    test("creates, changes, removes what it set before and leaves the rest", async () => {
      const first = rc("web", { env: { A: "1", B: "2" }, labels: { tier: "front" } });
      expect(await cluster.run("apply", ...file(first))).toBe("replicationcontroller/web created\n");
      expect(await cluster.run("apply", ...file(first))).toBe("replicationcontroller/web unchanged\n");
      await cluster.run("label", "rc", "web", "mine=yes");
      await cluster.run("set", "env", "rc/web", "MINE=1");
      const second = rc("web", { env: { A: "3" } });
      expect(await cluster.run("apply", ...file(second))).toBe("replicationcontroller/web configured\n");
      const live = await cluster.json<Rc>("get", "rc", "web");
      expect(live.metadata.labels).toEqual({ app: "web", mine: "yes" });
      expect(envOf(live)).toEqual([
        { name: "A", value: "3" },
        { name: "MINE", value: "1" },
      ]);
    });

    test("with --server-side tells whose fields it would change, and takes them by force", async () => {
      const mine = (size: string) => configMap("shared", { size });
      await cluster.run("apply", "--server-side", "--field-manager=one", ...file(mine("1")));
      const refused = await cluster.fails(
        "apply",
        "--server-side",
        "--field-manager=two",
        ...file(mine("2")),
      );
      expect(refused).toContain('Apply failed with 1 conflict: conflict with "one": .data.size');
      expect(refused).toContain("--force-conflicts");
      const forced = ["apply", "--server-side", "--field-manager=two", "--force-conflicts"];
      expect(await cluster.run(...forced, ...file(mine("2")))).toBe("configmap/shared serverside-applied\n");
      expect(await owners("cm/shared")).toEqual(["two:Apply"]);
      const less = configMap("shared", {});
      await cluster.run("apply", "--server-side", "--field-manager=two", ...file(less));
      expect(await cluster.run("get", "cm", "shared", "-o", "jsonpath={.data}")).toBe("");
    });

    test("with --server-side goes on where client-side apply was, and back again", async () => {
      await cluster.run("apply", ...file(rc("moved", { env: { A: "1", B: "2" } })));
      expect(await owners("rc/moved")).toEqual(["kubectl-client-side-apply:Update"]);
      await cluster.run("apply", "--server-side", ...file(rc("moved", { env: { A: "2" } })));
      expect(await owners("rc/moved")).toEqual(["kubectl-last-applied:Apply", "kubectl:Apply"]);
      expect(envOf(await cluster.json<Rc>("get", "rc", "moved"))).toEqual([{ name: "A", value: "2" }]);
      const back = rc("moved", { env: { C: "3" } });
      expect(await cluster.run("apply", ...file(back))).toBe("replicationcontroller/moved configured\n");
      expect(envOf(await cluster.json<Rc>("get", "rc", "moved"))).toEqual([{ name: "C", value: "3" }]);
      await cluster.run("scale", "rc", "moved", "--replicas=2");
      const refused = await cluster.fails("apply", "--server-side", ...file(back));
      expect(refused).toMatch(
        // Its name is that of the program.
        /conflict with "kubectl[^"]*" with subresource "scale" using v1: \.spec\.replicas/,
      );
    });

    test("hides who has set what unless it is asked for", async () => {
      expect(await cluster.run("get", "cm", "shared", "-o", "yaml")).not.toContain("managedFields");
      const shown = await cluster.run("get", "cm", "shared", "-o", "yaml", "--show-managed-fields");
      expect(shown).toContain("manager: two");
      const { stdout } = await cluster.workspace.run(["get", "cm", "shared", "-o", "yaml"]);
      expect(stdout).toContain("name: shared");
      expect(stdout).not.toContain("managedFields");
    });

    test("of unknown fields is refused both ways", async () => {
      const wrong = file(rc("wrong").replace('"replicas"', '"replicars"'), "wrong.json");
      expect(await cluster.fails("apply", ...wrong)).toContain('unknown field "spec.replicars"');
      expect(await cluster.fails("apply", "--server-side", ...wrong)).toContain(
        "failed to create typed patch object (default/wrong; /v1, Kind=ReplicationController): .spec.replicars: field not declared in schema",
      );
      await cluster.fails("get", "rc", "wrong");
    });

    test("with --dry-run=server writes nothing", async () => {
      const dry = file(configMap("dry", { a: "1" }));
      for (const how of [["create"], ["apply"], ["apply", "--server-side"]])
        expect(await cluster.run(...how, "--dry-run=server", ...dry)).toContain("(server dry run)");
      expect(await cluster.fails("get", "cm", "dry")).toContain("not found");
      await cluster.run("create", ...dry);
      expect(await cluster.run("delete", "cm", "dry", "--dry-run=server")).toContain("(server dry run)");
      await cluster.run("get", "cm", "dry");
    });

    test("with --prune takes away what the file has no more: by kinds and labels, or by a set of its own", async () => {
      const list = (...names: string[]) =>
        file(
          names.map((name) => configMap(name, { of: name }, { labels: { set: "pruned" } })).join("\n"),
          "list.json",
        );
      const left = async () =>
        (await cluster.run("get", "cm", "-l", "set=pruned", "-o", "name")).trim().split("\n");
      const byLabel = ["apply", "--prune", "-l", "set=pruned", "--prune-allowlist=core/v1/ConfigMap"];
      await cluster.run(...byLabel, ...list("first", "second"));
      expect(await cluster.run(...byLabel, ...list("second"))).toContain("configmap/first pruned");
      expect(await left()).toEqual(["configmap/second"]);
      const bySet = async (...names: string[]) => {
        const args = [
          "apply",
          "--server-side",
          "--force-conflicts",
          "-n",
          "default",
          "--prune",
          "--applyset=mine",
        ];
        const { code, stdout, stderr } = await cluster.result([...args, ...list(...names)], {
          env: { KUBECTL_APPLYSET: "true" },
        });
        expect([code, stderr]).toEqual([0, ""]);
        return stdout;
      };
      await bySet("second", "third");
      expect(await bySet("third")).toContain("configmap/second pruned");
      expect(await left()).toEqual(["configmap/third"]);
    });

    test("keeps the configuration that it applied last, to be shown and set", async () => {
      await cluster.run("apply", ...file(configMap("last", { a: "1" })));
      expect(await cluster.run("apply", "view-last-applied", "cm/last")).toContain('a: "1"');
      const next = file(configMap("last", { a: "2" }));
      expect(await cluster.run("apply", "set-last-applied", ...next)).toContain("configured");
      expect(await cluster.run("apply", "view-last-applied", "cm/last")).toContain('a: "2"');
    });
  });

  test("diff says what would change, by its exit code too", async () => {
    const same = file(configMap("diffed", { a: "1" }));
    await cluster.run("apply", ...same);
    expect((await cluster.result(["diff", ...same])).code).toBe(0);
    const other = file(configMap("diffed", { a: "2" }));
    for (const how of [["diff"], ["diff", "--server-side", "--force-conflicts"]]) {
      const { code, stdout } = await cluster.result([...how, ...other]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^-\s+a: "1"\n\+\s+a: "2"$/m);
    }
    const conflict = await cluster.result(["diff", "--server-side", "--field-manager=other", ...other]);
    expect(conflict.code).toBeGreaterThan(1);
    expect(conflict.stderr).toContain('conflict with "kubectl-client-side-apply" using v1: .data.a');
    const missing = await cluster.result(["diff", ...file(configMap("undiffed", { b: "1" }))]);
    expect(missing.code).toBe(1);
    expect(missing.stdout).toContain('+  b: "1"');
    expect(await cluster.run("get", "cm", "diffed", "-o", "jsonpath={.data.a}")).toBe("1");
  });

  test("edit saves what an editor changes, and keeps what cannot be saved", async () => {
    await cluster.run("create", ...file(rc("edited")));
    const edit = async (script: string) => {
      const editor = cluster.workspace.write("editor.sh", `#!/bin/sh\n${script}\n`);
      chmodSync(editor, 0o755);
      return cluster.result(["edit", "rc", "edited"], {
        // What cannot be saved is kept there.
        env: { EDITOR: editor, TMPDIR: cluster.workspace.directory },
      });
    };
    expect((await edit(`sed -i 's/replicas: 1$/replicas: 0/' "$1"`)).stdout).toContain("edited edited");
    expect((await edit("true")).stderr + (await edit("true")).stdout).toContain("no changes made");
    // The editor is opened again with what is wrong; leaving it as it is gives up.
    const invalid = await edit(`sed -i 's/replicas: 0$/replicas: -4/' "$1"`);
    expect(invalid.code).toBe(1);
    expect(invalid.stderr).toContain('replicationcontrollers "edited" is invalid');
    expect((await edit(`sed -i 's/name: edited$/name: other/' "$1"`)).stderr).toContain(
      "kind and name was changed",
    );
    expect((await cluster.json<Rc>("get", "rc", "edited")).spec.replicas).toBe(0);
  });

  describe("patch", () => {
    const patch = (type: string, body: unknown, ...more: string[]) =>
      cluster.result(["patch", "rc", "patched", `--type=${type}`, "-p", JSON.stringify(body), ...more]);
    const containers = (...items: object[]) => ({ spec: { template: { spec: { containers: items } } } });
    const variables = async () => envOf(await cluster.json<Rc>("get", "rc", "patched"));
    beforeAll(() => cluster.run("create", ...file(rc("patched", { replicas: 0, env: { A: "1", B: "2" } }))));

    test("joins lists by their keys, where it is strategic", async () => {
      const env = [
        { name: "B", $patch: "delete" },
        { name: "A", value: "3" },
      ];
      expect((await patch("strategic", containers({ name: "main", env }))).stdout).toContain(
        "patched patched",
      );
      expect(await variables()).toEqual([{ name: "A", value: "3" }]);
      const unnamed = await patch("strategic", containers({ image: "x" }));
      expect(unnamed.stderr).toContain("map: map[image:x] does not contain declared merge key: name");
    });

    test("replaces them, where it merges", async () => {
      const { stderr } = await patch("merge", containers({ name: "main" }));
      expect(stderr).toContain("image: Required value");
      await patch("merge", { metadata: { labels: { x: "y" } } });
      await patch("merge", { metadata: { labels: { app: null } } });
      expect((await cluster.json<Rc>("get", "rc", "patched")).metadata.labels).toEqual({ x: "y" });
    });

    test("does all of its operations or none, where it is a list of them", async () => {
      const label = "/metadata/labels/x";
      const fails = [
        { op: "add", path: "/metadata/labels/z", value: "z" },
        { op: "test", path: label, value: "n" },
      ];
      expect((await patch("json", fails)).stderr).toContain("The request is invalid");
      const works = [
        { op: "test", path: label, value: "y" },
        { op: "remove", path: label },
      ];
      expect((await patch("json", works)).code).toBe(0);
      // An rc without any label takes its template's.
      expect((await cluster.json<Rc>("get", "rc", "patched")).metadata.labels).toEqual({ app: "patched" });
    });

    test("writes a status or a scale by itself", async () => {
      await cluster.run(
        "create",
        ...file(
          JSON.stringify({
            apiVersion: "v1",
            kind: "Node",
            metadata: { name: "paper" },
          }),
        ),
      );
      const conditions = [{ type: "Licensed", status: "True", reason: "Paid", message: "until 2030" }];
      const body = JSON.stringify({ status: { conditions }, spec: { unschedulable: true } });
      await cluster.run("patch", "node", "paper", "--subresource=status", "-p", body);
      const { spec, status } = await cluster.json<{ spec: object; status: { conditions: object[] } }>(
        "get",
        "node",
        "paper",
      );
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Licensed", status: "True" }));
      expect(spec).not.toHaveProperty("unschedulable");
      await cluster.run("delete", "node", "paper");
      expect((await patch("merge", { spec: { replicas: 2 } }, "--subresource=scale")).stdout).toContain(
        "scale.autoscaling/patched patched",
      );
      expect((await cluster.json<Rc>("get", "rc", "patched")).spec.replicas).toBe(2);
    });

    test("is bound to a revision and a uid where it names them", async () => {
      const stale = await patch("merge", { metadata: { resourceVersion: "1" } });
      expect(stale.stderr).toContain(
        "the object has been modified; please apply your changes to the latest version",
      );
      expect((await patch("merge", { metadata: { uid: "1" } })).stderr).toContain(
        "Precondition failed: UID in precondition: 1",
      );
      expect((await patch("merge", { metadata: { name: "x" } })).stderr).toContain(
        "does not match the name on the URL",
      );
    });
  });

  test("replace takes the whole object, of the revision that was read, and makes it anew by force", async () => {
    await cluster.run("create", ...file(rc("replaced", { env: { A: "1" } })));
    const read = await cluster.run("get", "rc", "replaced", "-o", "json");
    await cluster.run("label", "rc", "replaced", "late=yes");
    const stale = await cluster.fails("replace", ...file(read));
    expect(stale).toContain('Operation cannot be fulfilled on replicationcontrollers "replaced"');
    expect(await cluster.run("replace", ...file(rc("replaced", { env: { B: "2" } })))).toContain(
      "replaced replaced",
    );
    const before = await cluster.json<Rc & { metadata: { uid: string } }>("get", "rc", "replaced");
    expect(before.metadata.labels).toEqual({ app: "replaced" });
    expect(envOf(before)).toEqual([{ name: "B", value: "2" }]);
    expect(await cluster.run("replace", "--force", ...file(rc("replaced")))).toMatch(/deleted.*\n.*replaced/);
    const after = await cluster.json<Rc & { metadata: { uid: string } }>("get", "rc", "replaced");
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(await cluster.fails("replace", ...file(configMap("absent", {})))).toContain(
      'configmaps "absent" not found',
    );
  });

  test("label and annotate set, refuse to overwrite, overwrite and take away", async () => {
    await cluster.run("create", ...file(configMap("marked", {})));
    const marked = (...words: string[]) => cluster.run(words[0]!, "cm", "marked", ...words.slice(1));
    expect(await marked("label", "a=b")).toBe("configmap/marked labeled\n");
    expect(await cluster.fails("label", "cm", "marked", "a=c")).toContain(
      "'a' already has a value (b), and --overwrite is false",
    );
    expect(await marked("label", "a=c", "--overwrite")).toContain("labeled");
    expect(await marked("label", "a-")).toBe("configmap/marked unlabeled\n");
    expect(await cluster.fails("label", "cm", "marked", "no good=x")).toContain(
      'metadata.labels: Invalid value: "no good"',
    );
    expect(await cluster.fails("label", "cm", "marked", "a=b", "--resource-version=1")).toContain(
      "the object has been modified",
    );
    expect(await marked("annotate", "note=hello world")).toBe("configmap/marked annotated\n");
    expect(await cluster.fails("annotate", "cm", "marked", "note=x")).toContain(
      "'note' already has a value (hello world)",
    );
    expect(await marked("annotate", "note-")).toContain("annotated");
    expect((await cluster.json<Rc>("get", "cm", "marked")).metadata).not.toHaveProperty("annotations");
  });

  test("set changes images, variables and resources of a template", async () => {
    await cluster.run("create", ...file(rc("set", { replicas: 0 })));
    expect(await cluster.run("set", "image", "rc/set", "main=other:2")).toContain("image updated");
    expect(await cluster.fails("set", "image", "rc/set", "none=other:2")).toContain(
      'unable to find container named "none"',
    );
    await cluster.run("set", "env", "rc/set", "X=1", "A-");
    expect(await cluster.run("set", "env", "rc/set", "--list")).toContain("X=1");
    await cluster.run("set", "resources", "rc/set", "--limits=cpu=200m", "--requests=cpu=100m");
    const { spec } = await cluster.json<Rc>("get", "rc", "set");
    expect(spec.template.spec.containers[0]).toMatchObject({
      image: "other:2",
      env: [{ name: "X", value: "1" }],
      resources: { limits: { cpu: "200m" }, requests: { cpu: "100m" } },
    });
    expect(await cluster.fails("set", "resources", "rc/set", "--limits=cpu=50m")).toContain(
      "must be less than or equal to cpu limit",
    );
  });

  test("scale waits for pods, and only where things are as they are said to be", async () => {
    await cluster.run("create", ...file(rc("scaled")));
    expect(await cluster.run("scale", "rc", "scaled", "--replicas=3", "--timeout=60s")).toContain("scaled");
    expect(await cluster.run("get", "rc", "scaled", "-o", "jsonpath={.status.replicas}")).toBe("3");
    expect(await cluster.fails("scale", "rc", "scaled", "--replicas=1", "--current-replicas=2")).toContain(
      "Expected replicas to be 2, was 3",
    );
    expect(await cluster.fails("scale", "rc", "scaled", "--replicas=1", "--resource-version=1")).toContain(
      "Expected resource version to be 1",
    );
    await cluster.run("scale", "rc", "scaled", "--replicas=1", "--current-replicas=3");
    await cluster.until(/^1$/, "get", "rc", "scaled", "-o", "jsonpath={.status.replicas}");
    await cluster.run("scale", "rc", "scaled", "--replicas=5", "--dry-run=server");
    expect((await cluster.json<Rc>("get", "rc", "scaled")).spec.replicas).toBe(1);
  });
});
