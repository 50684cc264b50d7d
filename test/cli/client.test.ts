import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { alignTabs, printable } from "../../cli/print.ts";
import { createWorld, pod, setStatus, type World } from "../runtime/apiserver/world.ts";
import { fillShop } from "./shop.ts";
import { createPlace, type Place } from "./world.ts";

let place: Place;
let world: World;

beforeEach(async () => {
  place = createPlace();
  world = createWorld({ start: Math.floor(Date.now() / 1000) * 1000 - 60_000 });
  fillShop(world);
  await place.run("shop", world);
});

afterEach(() => place.close());

const lines = (text: string) => text.trimEnd().split("\n");

describe("which cluster", () => {
  test("the only one, or the one that is named", async () => {
    expect((await place.kdsl("get", "nodes", "-o", "name")).out).toBe("node/worker-a\nnode/worker-b\n");
    await place.run("other", createWorld());
    expect(await place.kdsl("get", "nodes")).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        "several clusters are running: other (/srv/other.kdsl), shop (/srv/shop.kdsl)",
      ),
    });
    expect((await place.kdsl("get", "nodes", "--cluster", "shop", "-o", "name")).code).toBe(0);
    expect((await place.kdsl("get", "nodes", "--cluster", "/srv/other.kdsl")).err).toContain(
      "No resources found",
    );
    expect(await place.kdsl("get", "nodes", "--cluster", "nope")).toMatchObject({
      code: 3,
      err: expect.stringContaining("no running cluster is called nope; running: other"),
    });
  });

  test("none, or one that does not answer", async () => {
    await place.close();
    place = createPlace();
    expect(await place.kdsl("get", "nodes")).toMatchObject({
      code: 3,
      err: expect.stringContaining("no cluster is running"),
    });
    await place.run("dead", createWorld());
    rmSync(join(process.env.XDG_RUNTIME_DIR!, "kdsl/dead/api.sock"));
    expect(await place.kdsl("get", "nodes")).toMatchObject({
      code: 3,
      err: expect.stringContaining("cluster dead does not answer"),
    });
  });
});

describe("get", () => {
  test("several kinds, each with its name in front", async () => {
    const { out } = await place.kdsl("get", "rc,svc");
    expect(lines(out).map((line) => line.split(/ {2,}/)[0])).toEqual([
      "NAME",
      "replicationcontroller/web",
      "",
      "NAME",
      "service/web",
    ]);
    expect((await place.kdsl("get", "all")).out).toContain("pod/web-aaaaa");
  });

  test("objects by name, in either form", async () => {
    const byKind = await place.kdsl("get", "pod", "web-aaaaa", "job", "-o", "name");
    expect(byKind.out).toBe("pod/web-aaaaa\npod/job\n");
    expect((await place.kdsl("get", "pod/web-aaaaa", "rc/web", "-o", "name")).out).toBe(
      "pod/web-aaaaa\nreplicationcontroller/web\n",
    );
  });

  test("those that are there, where one is not", async () => {
    expect(await place.kdsl("get", "pod", "nope", "job", "-o", "name")).toEqual({
      out: "pod/job\n",
      err: 'error: pods "nope" not found\n',
      code: 1,
    });
  });

  test("as JSON and YAML, one object or a list", async () => {
    expect(JSON.parse((await place.kdsl("get", "pod", "job", "-o", "json")).out).metadata.name).toBe("job");
    const list = parse((await place.kdsl("get", "pods", "-o", "yaml")).out);
    expect(list.kind).toBe("List");
    expect(list.items).toHaveLength(3);
  });

  test("by labels and fields, with labels, without heads", async () => {
    expect(lines((await place.kdsl("get", "pods", "-l", "app=web", "-o", "name")).out)).toHaveLength(2);
    expect(
      (await place.kdsl("get", "pods", "--field-selector", "spec.nodeName=worker-b", "-o", "name")).out,
    ).toBe("pod/web-bbbbb\n");
    expect(lines((await place.kdsl("get", "pods", "--show-labels")).out)[1]).toMatch(/app=job$/);
    expect(lines((await place.kdsl("get", "nodes", "--no-headers")).out)[0]).toMatch(/^worker-a/);
    expect((await place.kdsl("get", "leases", "-A")).out).toMatch(
      /^NAMESPACE +NAME.*\nkube-node-lease +worker-a/,
    );
  });

  test("nothing is said to be nothing", async () => {
    expect(await place.kdsl("get", "cm")).toEqual({
      out: "",
      err: "No resources found in default namespace.\n",
      code: 0,
    });
  });

  test("events in the order in which they happened", async () => {
    const reasons = lines((await place.kdsl("get", "events", "--no-headers")).out).map(
      (line) => line.split(/ {2,}/)[2],
    );
    expect(reasons).toEqual(["Scheduled", "BackOff", "Scheduled"]);
  });

  test("goes on with what changes", async () => {
    const { printed, done } = place.begin("get", "pods", "-l", "app=job", "-w");
    await vi.waitFor(() => expect(printed.out).toContain("job"));
    setStatus(world, world.registry.get("Pod", "default", "job")!, { phase: "Failed" });
    await vi.waitFor(() => expect(printed.out).toContain("Failed"));
    world.registry.create(pod("another"));
    world.registry.delete("Pod", "default", "job");
    await vi.waitFor(() => expect(lines(printed.out)).toHaveLength(4));
    expect(printed.out).not.toContain("another");
    await place.close();
    expect([0, 3]).toContain((await done).code);
  });

  test.each([
    [["podz"], 'there is no kind "podz"; did you mean pods?'],
    [["pods", "-o", "xml"], "-o xml: it is one of wide, yaml, json, name"],
    [["pod/x", "rc"], '"rc" is not KIND/NAME'],
    [["pod,rc", "web"], "names go with one kind"],
    [["pod", "x", "-l", "a=b"], "a selector goes with a kind alone"],
    [["pods", "-w", "-o", "json"], "--watch prints tables only"],
    [["pods,rc", "-w"], "--watch shows one kind at a time"],
    [["pod", "web-aaaaa", "-A"], "an object is named in one namespace"],
    [["pods", "-l", "a b c"], "unable to parse requirement: found 'b', expected"],
  ])("%j is refused", async (args, message) => {
    const { code, err } = await place.kdsl("get", ...args);
    expect(err).toContain(message);
    expect([1, 2]).toContain(code);
  });
});

describe("logs", () => {
  test("of a name mean the pods of the rc, each line with its pod", async () => {
    const { out } = await place.kdsl("logs", "web", "-c", "server");
    expect(out).toContain("web-aaaaa/server | ");
    expect(out).toContain("web-bbbbb/server | ");
    expect(world.logRequests).toHaveLength(2);
    expect((await place.kdsl("logs", "svc/web", "-c", "log")).out).toContain("web-bbbbb/log | ");
  });

  test("of one container have no name in front, unless it is asked for", async () => {
    const plain = await place.kdsl("logs", "pod/web-bbbbb", "-c", "log");
    // The reader of this test gives lines without instants: their first word stands for one.
    expect(plain.out).toBe("run of log\nline\n");
    expect((await place.kdsl("logs", "pod/web-bbbbb", "-c", "log", "--prefix")).out).toContain(
      "web-bbbbb/log | ",
    );
    expect((await place.kdsl("logs", "web", "--no-prefix")).out).not.toContain("|");
  });

  test("are asked for with their options", async () => {
    await place.kdsl("logs", "web-aaaaa", "-c", "server", "--previous", "--tail", "5", "--since", "1h30min");
    const [request] = world.logRequests;
    expect(request).toMatchObject({ container: "server", tailLines: 5, timestamps: true });
    expect(Math.abs(request!.sinceTime! - (Date.now() - 5_400_000))).toBeLessThan(10_000);
  });

  test("follow pods that start later", async () => {
    const { printed, done } = place.begin("logs", "-f", "web", "-c", "log");
    await vi.waitFor(() => expect(printed.out).toContain("web-bbbbb/log"));
    const [old] = world.registry.list("Pod", { selector: [{ key: "app", operator: "In", values: ["web"] }] });
    world.registry.create<"Pod">({
      ...old!,
      metadata: {
        name: "web-ccccc",
        namespace: "default",
        labels: { app: "web" },
        ownerReferences: old!.metadata.ownerReferences!,
      },
    });
    const fresh = world.registry.get("Pod", "default", "web-ccccc")!;
    setStatus(world, fresh, world.registry.get("Pod", "default", "web-bbbbb")!.status!);
    await vi.waitFor(() => expect(printed.out).toContain("web-ccccc/log"));
    await place.close();
    await done;
  });

  test.each([
    [["nope"], 'there is no rc, service or pod "nope" in namespace default', 1],
    [["node/worker-a"], "a node has no pods", 2],
    [["web", "-c", "nope"], "no pod has a container nope; there is server, log", 1],
    [["web", "--tail", "some"], '--tail "some" is not a number of lines', 2],
    [["web", "--since", "soon"], '--since "soon" is not a time', 2],
    [["web", "-f", "--previous"], "--previous has ended", 2],
    [["web-bbbbb", "--previous"], "no container has run before", 1],
  ])("%j is refused", async (args, message, code) => {
    const printed = await place.kdsl("logs", ...args);
    expect(printed.err).toContain(message);
    expect(printed.code).toBe(code);
  });
});

describe("scale", () => {
  const replicas = () => world.registry.get("ReplicationController", "default", "web")!.spec.replicas;
  test("in either form", async () => {
    expect((await place.kdsl("scale", "web=5")).out).toBe("replicationcontroller/web scaled to 5\n");
    expect(replicas()).toBe(5);
    await place.kdsl("scale", "rc/web", "--replicas", "0");
    expect(replicas()).toBe(0);
  });
  test.each([
    [["web"], "how many?", 2],
    [["web=x"], '"x" is not a number of pods', 2],
    [["web=-1"], '"-1" is not a number of pods', 2],
    [["web=1", "--replicas", "2"], "give the count once", 2],
    [["pod/web-aaaaa=1"], "a pod cannot be scaled", 2],
    [["nope=1"], 'replicationcontrollers "nope" not found', 1],
  ])("%j is refused", async (args, message, code) => {
    const printed = await place.kdsl("scale", ...args);
    expect(printed.err).toContain(message);
    expect(printed.code).toBe(code);
    expect(replicas()).toBe(2);
  });
});

describe("restart", () => {
  test("asks for a roll-out to a template that is new", async () => {
    expect((await place.kdsl("restart", "web")).out).toBe("replicationcontroller/web restarted\n");
    const { metadata, spec } = world.registry.get("ReplicationController", "default", "web")!;
    expect(metadata.annotations).toMatchObject({ "kdsl.dev/rollout": "surge=1,unavailable=0" });
    expect(spec.template.metadata?.annotations?.["kdsl.dev/restartedAt"]).toMatch(/^\d{4}-.*Z$/);
  });
});

describe("delete", () => {
  test("by name, and waits until it is gone", async () => {
    const { printed, done } = place.begin("delete", "pod", "web-bbbbb");
    await vi.waitFor(() => expect(printed.out).toBe('pod "web-bbbbb" deleted\n'));
    const pods = world.registry.get("Pod", "default", "web-bbbbb")!;
    expect(pods.metadata.deletionTimestamp).toBeDefined();
    world.registry.delete("Pod", "default", "web-bbbbb", { gracePeriodSeconds: 0 });
    expect((await done).code).toBe(0);
  });

  test("at once, and by labels", async () => {
    expect((await place.kdsl("delete", "pods", "-l", "app=web", "--force")).code).toBe(0);
    expect(world.registry.list("Pod").map(({ metadata }) => metadata.name)).toEqual(["job"]);
  });

  test("an rc takes its pods with it, unless they are to be left", async () => {
    await place.kdsl("delete", "rc/web", "--cascade", "orphan", "--no-wait");
    expect(world.registry.get("ReplicationController", "default", "web")!.metadata.finalizers).toEqual([
      "orphan",
    ]);
  });

  test("of something that stays is given up in time", async () => {
    expect(await place.kdsl("delete", "pod", "web-bbbbb", "--timeout", "100ms")).toMatchObject({
      code: 1,
      err: expect.stringContaining("pod/web-bbbbb is still there after 0.1 s"),
    });
  });

  test.each([
    [["pods"], "which pods?", 2],
    [["pod", "x", "--all"], "--selector and --all go with a kind alone", 2],
    [["pod", "x", "--cascade", "maybe"], "--cascade maybe", 2],
    [["pod", "x", "--grace-period", "soon"], "--grace-period soon", 2],
    [["pod", "nope"], 'pods "nope" not found', 1],
  ])("%j is refused", async (args, message, code) => {
    const printed = await place.kdsl("delete", ...args);
    expect(printed.err).toContain(message);
    expect(printed.code).toBe(code);
    expect(world.registry.list("Pod")).toHaveLength(3);
  });

  test("what is not there is no error where that is said", async () => {
    expect(await place.kdsl("delete", "pod", "nope", "--ignore-not-found")).toMatchObject({
      code: 0,
      err: "nothing to delete\n",
    });
  });
});

describe("wait", () => {
  test("until an rc is ready", async () => {
    const { printed, done } = place.begin("wait", "rc/web");
    const current = () => world.registry.get("ReplicationController", "default", "web")!;
    await new Promise((resolve) => setImmediate(resolve));
    expect(printed.out).toBe("");
    setStatus(world, current(), {
      ...current().status,
      readyReplicas: 2,
      observedGeneration: current().metadata.generation,
    });
    expect(await done).toMatchObject({ code: 0, out: "replicationcontroller/web ready\n" });
  });

  test("for what is ready already, at once", async () => {
    expect(await place.kdsl("wait", "svc/web", "pod/web-bbbbb")).toMatchObject({
      code: 0,
      out: "service/web ready\npod/web-bbbbb ready\n",
    });
  });

  test("until something is gone", async () => {
    const { done } = place.begin("wait", "pod/job", "--for", "deleted");
    await new Promise((resolve) => setImmediate(resolve));
    world.registry.delete("Pod", "default", "job");
    expect(await done).toMatchObject({ code: 0, out: "pod/job deleted\n" });
  });

  test.each([
    [["rc/web", "--timeout", "50ms"], "replicationcontroller/web is not ready in time: 1 of 2 ready", 1],
    [["pod/job", "--timeout", "50ms"], "pod/job is not ready in time: Pending", 1],
    [["node/worker-a"], "a node is never ready: wait for pods, rcs or services", 2],
    [["rc/web", "--for", "happy"], "--for happy: it is ready or deleted", 2],
    [["--for", "deleted"], "say what is to be deleted", 2],
  ])("%j is refused", async (args, message, code) => {
    const printed = await place.kdsl("wait", ...args);
    expect(printed.err).toContain(message);
    expect(printed.code).toBe(code);
  });
});

describe("the command line", () => {
  test("help and version", async () => {
    expect((await place.kdsl("--help")).out).toContain("Exit codes: 0 done, 1 failed, 2 wrong usage");
    expect(await place.kdsl("--version")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(await place.kdsl()).toMatchObject({ code: 2, err: expect.stringContaining("Usage: kdsl") });
    for (const name of ["run", "check", "get", "logs", "stop"])
      expect(await place.kdsl(name, "--help")).toMatchObject({
        code: 0,
        out: expect.stringContaining(`Usage: kdsl ${name}`),
      });
  });

  test.each([
    [["gte"], "error: unknown command 'gte'; did you mean get?"],
    [["get", "pods", "--show-label"], "error: unknown option '--show-label'; did you mean --show-labels?"],
    [["get"], "error: missing required argument 'target'"],
    [["stop", "now"], "error: too many arguments for 'stop'. Expected 0 arguments but got 1."],
    [["logs", "--tail"], "error: option '--tail <lines>' argument missing"],
  ])("%j is one line of error", async (args, message) => {
    expect(await place.kdsl(...args)).toEqual({ out: "", err: `${message}\n`, code: 2 });
  });
});

describe("init", () => {
  test("writes files, and never over any", async () => {
    const directory = mkdtempSync(join(tmpdir(), "kdsl-init-"));
    const target = join(directory, "first");
    expect((await place.kdsl("init", target)).out).toContain(`kdsl run ${join(target, "main.kdsl")}`);
    expect(readFileSync(join(target, "main.kdsl"), "utf8")).toContain("rc web {");
    writeFileSync(join(target, "server.mjs"), "mine");
    expect(await place.kdsl("init", target)).toMatchObject({
      code: 1,
      err: expect.stringContaining("is there already"),
    });
    expect(readFileSync(join(target, "server.mjs"), "utf8")).toBe("mine");
    expect(await place.kdsl("init", join(target, "server.mjs"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot make the folder"),
    });
    rmSync(directory, { recursive: true });
  });
});

describe("text in columns", () => {
  test("aligns as Go's tab writer does: a column is what stands between tabs in lines that follow each other", () => {
    expect(alignTabs("a\tb\nlonger\tc\n\nx\ty\n")).toBe("a       b\nlonger  c\n\nx  y\n");
    expect(alignTabs("a\t\tb\nccc\t\td")).toBe("a      b\nccc    d");
  });
  test("control characters of others do not reach the terminal", () => {
    expect(printable("a\u001b[31mb\r\n")).toBe("a\\u001b[31mb\\r\\n");
  });
});
