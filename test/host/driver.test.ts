import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { CreateSandbox } from "../../runtime/environment.ts";
import { readLogs } from "../../runtime/host/logs.ts";
import { enterNamespace } from "../../runtime/host/process/namespace.ts";
import { variableOf } from "../../runtime/host/processes.ts";
import {
  containerOf,
  type DriverUnderTest,
  freshAddress,
  listenOn,
  namespaceTools,
  processesWith,
  sandboxOf,
  startDriver,
  until,
} from "./support.ts";

const tools = await namespaceTools();
/** Programs of this run are told from those of another by how long they sleep. */
const nap = `43${process.pid}`;
test.skipIf(!tools)(
  "a value stands in no arguments, which others on the machine can see, whatever its name",
  () => {
    const view = { fstabPath: "/fstab", hostname: "web", directory: "/" };
    const env = { PLAIN: "hush", "db.password": "hush" };
    const argv = enterNamespace({ ...tools!, bash: "/bin/bash" }, view, ["/bin/true"], env);
    expect(argv.join(" ")).not.toContain("hush");
  },
);

test.skipIf(!tools)("without bash variables with unusual names are there all the same", async () => {
  const { bash: _, ...others } = tools!;
  const driver = startDriver(others);
  try {
    driver.send(sandboxOf("uid-dash"));
    await driver.next("sandboxReady");
    driver.send(containerOf("uid-dash", ["env"], { env: () => [{ name: "app.mode", value: "x" }] }));
    await driver.next("containerExited");
    let text = "";
    for await (const line of readLogs({ directory: driver.directory, podUid: "uid-dash", container: "main" }))
      text += line;
    expect(text.split("\n")).toContain("app.mode=x");
  } finally {
    await driver.close();
  }
});

const modes = [
  { mode: "plain", tools: undefined },
  ...(tools ? [{ mode: "with namespaces", tools }] : []),
] as const;

describe.each(modes)("a pod of processes, $mode", ({ tools }) => {
  let driver: DriverUnderTest;
  const start = (caller?: NodeJS.ProcessEnv) => {
    driver = startDriver(tools, caller);
    return driver;
  };
  afterEach(() => driver.close());

  const output = async (podUid: string, query: Partial<Parameters<typeof readLogs>[0]> = {}) => {
    const lines: string[] = [];
    for await (const line of readLogs({ directory: driver.directory, podUid, container: "main", ...query }))
      lines.push(line);
    return lines.join("");
  };

  async function runToEnd(command: readonly string[], more: Parameters<typeof containerOf>[2] = {}) {
    const { send, next } = driver;
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    send(containerOf("uid-web", command, more));
    return next("containerExited");
  }

  test("starts, prints to its log and ends with its exit code", async () => {
    start();
    const exit = await runToEnd(["sh", "-c", "echo out; echo err >&2; exit 3"]);
    expect(exit).toEqual({
      type: "containerExited",
      podUid: "uid-web",
      container: "main",
      attempt: 0,
      exitCode: 3,
    });
    expect(driver.events.map(({ type }) => type)).toEqual([
      "sandboxReady",
      "containerStarted",
      "containerExited",
    ]);
    const lines = (await output("uid-web", { timestamps: true })).split("\n").sort();
    expect(
      lines.filter(Boolean).map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z /, "")),
    ).toEqual(expect.arrayContaining(["out", "err"]));
  });

  test("sees the caller's path and home, the pod's variables, and nothing else of the caller's", async () => {
    start({ PATH: process.env.PATH, HOME: "/home/of-caller", LC_TIME: "C", AWS_SECRET: "no" });
    await runToEnd(["env"], {
      env: () => [
        { name: "MODE", value: "a b" },
        { name: "app.mode", value: "x" },
        { name: "HOME", value: "/own" },
      ],
    });
    const lines = (await output("uid-web")).split("\n");
    expect(lines).toEqual(expect.arrayContaining(["MODE=a b", "app.mode=x", "HOME=/own", "LC_TIME=C"]));
    expect(lines).toContain("KDSL_CONTAINER=uid-web/main/0");
    expect(lines.join()).not.toContain("AWS_SECRET");
  });

  test("sees only its own descriptors", async () => {
    start();
    await runToEnd(["sh", "-c", "ls /proc/self/fd | tr '\\n' ' '"]);
    const count = (text: string) => text.trim().split(" ").length;
    const bare = execFileSync("sh", ["-c", "ls /proc/self/fd | tr '\n' ' '"], { encoding: "utf8" });
    expect(count(await output("uid-web"))).toBe(count(bare));
  });

  test("SIGTERM and SIGKILL reach every process of a container", async () => {
    const { send, next } = start();
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    send(containerOf("uid-web", ["sh", "-c", `sleep ${nap}1 & trap 'exit 7' TERM; echo up; wait`]));
    await next("containerStarted");
    await until(async () => (await output("uid-web")) === "up\n", "it is up");
    send({ type: "signalContainer", podUid: "uid-web", container: "main", attempt: 0, signal: "SIGTERM" });
    expect(await next("containerExited")).toMatchObject({ exitCode: 7 });
    send(containerOf("uid-web", ["sh", "-c", `trap '' TERM; sleep ${nap}1; sleep ${nap}1`], { attempt: 1 }));
    await next("containerStarted");
    send({ type: "signalContainer", podUid: "uid-web", container: "main", attempt: 1, signal: "SIGKILL" });
    expect(await next("containerExited")).toMatchObject({ attempt: 1, exitCode: 137, signal: 9 });
    expect(processesWith(`sleep ${nap}1`)).toEqual([]);
  });

  test("a signal that comes before the program runs is not lost", async () => {
    const { send, next } = start();
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    send(containerOf("uid-web", ["sleep", `${nap}2`]));
    send({ type: "signalContainer", podUid: "uid-web", container: "main", attempt: 0, signal: "SIGKILL" });
    expect(await next("containerExited")).toMatchObject({ exitCode: 137 });
  });

  test("what a container left behind in a session of its own ends with it", async () => {
    start();
    await runToEnd(["sh", "-c", `setsid sleep ${nap}3 & sleep 0.05; exit 0`]);
    expect(processesWith(`sleep ${nap}3`)).toEqual([]);
  });

  test("logs of the instance before the last are kept, and no older ones", async () => {
    const { send, next } = start();
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    for (const attempt of [0, 1, 2]) {
      send(containerOf("uid-web", ["echo", `run ${attempt}`], { attempt }));
      await next("containerExited");
    }
    expect(await output("uid-web")).toBe("run 2\n");
    expect(await output("uid-web", { previous: true })).toBe("run 1\n");
    expect(readdirSync(join(driver.directory, "pods/uid-web/logs/main")).sort()).toEqual([
      "1.end",
      "1.log",
      "2.end",
      "2.log",
    ]);
  });

  test("two containers of a pod share an emptyDir; it goes with the pod", async () => {
    const { send, next, directory } = start();
    const mounts = [{ volume: "cache", path: "/srv/kdsl-test/cache", readOnly: false }];
    const path = tools ? "/srv/kdsl-test/cache" : "$KDSL_VOLUME_CACHE";
    send(sandboxOf("uid-web", { volumes: [{ name: "cache", type: "emptyDir", sizeLimitBytes: 1 }] }));
    await next("sandboxReady");
    send(containerOf("uid-web", ["sh", "-c", `echo hello > ${path}/file`], { mounts }));
    expect(await next("containerExited")).toMatchObject({ exitCode: 0 });
    send(containerOf("uid-web", ["sh", "-c", `cat ${path}/file`], { mounts, container: "side" }));
    await next("containerExited");
    expect(await output("uid-web", { container: "side" })).toBe("hello\n");
    expect(existsSync("/srv/kdsl-test")).toBe(false);
    send({ type: "removeSandbox", podUid: "uid-web" });
    await next("sandboxRemoved");
    expect(existsSync(join(directory, "pods/uid-web"))).toBe(false);
  });

  test("files of configs and secrets are there with their modes, and a program may be one of them", async () => {
    const { send, next } = start();
    const content = (text: string) => Buffer.from(text).toString("base64");
    const files = [
      {
        path: "run.sh",
        content: content('#!/bin/sh\nprintf "%s %s" "$(cat "$1/key")" "$(stat -c %a "$1/key")"\n'),
        mode: 0o755,
      },
      { path: "sub/key", content: content("s3cret"), mode: 0o400 },
    ];
    send(sandboxOf("uid-web", { volumes: [{ name: "login", type: "files", secret: true, files }] }));
    await next("sandboxReady");
    const at = tools ? "/kdsl-login" : join(driver.directory, "pods/uid-web/volumes/login");
    const mounts = [{ volume: "login", path: "/kdsl-login", readOnly: true }];
    send(containerOf("uid-web", [`${at}/run.sh`, `${at}/sub`], { mounts }));
    await next("containerExited");
    expect(await output("uid-web")).toBe("s3cret 400\n");
  });

  test("files of a volume change all at once, and what cannot be written leaves them as they were", async () => {
    const { send, next, directory } = start();
    const files = (...texts: [string, string][]) =>
      texts.map(([path, text]) => ({ path, content: Buffer.from(text).toString("base64"), mode: 0o400 }));
    const volume = (all: ReturnType<typeof files>) =>
      ({ name: "v", type: "files", secret: false, files: all }) as const;
    const sandbox = sandboxOf("uid-web", { volumes: [volume(files(["a", "1"], ["sub/b", "1"]))] });
    const update = (all: ReturnType<typeof files>) =>
      send({
        ...sandbox,
        type: "updateSandbox",
        volumes: [volume(all)],
        hosts: [{ address: "127.1.2.3", names: ["late"] }],
      });
    const at = join(directory, "pods/uid-web/volumes/v");
    const held = () =>
      readdirSync(at, { recursive: true, encoding: "utf8" })
        .filter((name) => !name.startsWith("..") && statSync(join(at, name)).isFile())
        .map((name) => `${name}=${readFileSync(join(at, name), "utf8")}`)
        .sort();
    send(sandbox);
    await next("sandboxReady");
    expect(held()).toEqual(["a=1", "sub/b=1"]);
    update(files(["a", "2"], ["c", "2"]));
    update(files(["../a", "3"]));
    expect(await next("updateFailed")).toMatchObject({
      message: "volume v: the path ../a leads out of the volume",
    });
    expect(held()).toEqual(["a=2", "c=2"]);
    expect(readdirSync(at).filter((name) => name.startsWith("..")).length).toBe(2);
    expect(readFileSync(join(directory, "pods/uid-web/hosts"), "utf8")).toMatch(/^127\.1\.2\.3\tlate$/m);
  });

  test("a part of a volume is made where it is missing; one that leads out is refused", async () => {
    const { send, next } = start();
    send(sandboxOf("uid-web", { volumes: [{ name: "data", type: "emptyDir" }] }));
    await next("sandboxReady");
    const mount = (subPath: string) => [{ volume: "data", path: "/kdsl-data", subPath, readOnly: false }];
    const path = tools ? "/kdsl-data" : "$KDSL_VOLUME_DATA";
    send(containerOf("uid-web", ["sh", "-c", `touch ${path}/here`], { mounts: mount("a/b") }));
    await next("containerExited");
    expect(existsSync(join(driver.directory, "pods/uid-web/volumes/data/a/b/here"))).toBe(true);
    send(containerOf("uid-web", ["true"], { attempt: 1, mounts: mount("../../logs") }));
    expect(await next("containerFailed")).toMatchObject({
      reason: "CreateContainerConfigError",
      message: "volume data: subPath ../../logs leads out of its volume",
    });
  });

  test.each([
    [
      ["no-such-program"],
      "RunContainerError",
      /executable file not found in \$PATH: install it, or say in `local/,
    ],
    [["redis-server-of-nowhere/x"], "RunContainerError", /no such file or directory/],
    [["/etc/ld.so.cache"], "RunContainerError", /permission denied \(chmod \+x/],
    [["/etc"], "RunContainerError", /is a directory/],
  ])("%j cannot be started: %s", async (command, reason, message) => {
    const { send, next } = start();
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    send(containerOf("uid-web", command));
    const failed = await next("containerFailed");
    expect(failed.reason).toBe(reason);
    expect(failed.message).toMatch(message);
  });

  test("a script whose interpreter is missing, and a directory that is missing, are told apart", async () => {
    const { send, next, directory } = start();
    writeFileSync(join(directory, "script"), "#!/no/such/interpreter\n", { mode: 0o755 });
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    send(containerOf("uid-web", [join(directory, "script")]));
    expect((await next("containerFailed")).message).toContain("asks for /no/such/interpreter");
    send(containerOf("uid-web", ["true"], { attempt: 1, directory: "/no/such/directory" }));
    expect((await next("containerFailed")).message).toContain("/no/such/directory does not exist");
  });

  test("a hostPath that cannot be had fails the sandbox with path and reason", async () => {
    const { send, next, directory } = start();
    const hostPath = (path: string, pathType: string) =>
      ({ name: "h", type: "hostPath", path, pathType }) as const;
    send(sandboxOf("uid-a", { volumes: [hostPath("/no/such/path", "Directory")] }));
    expect((await next("sandboxFailed")).message).toContain(
      "hostPath volume h: /no/such/path does not exist",
    );
    send(sandboxOf("uid-b", { volumes: [hostPath("/etc/hostname", "Directory")] }));
    expect((await next("sandboxFailed")).message).toContain("/etc/hostname is not a directory but a file");
    // Where mkdir says ENOENT for ever.
    send(sandboxOf("uid-c", { volumes: [hostPath("/proc/nothing/here", "DirectoryOrCreate")] }));
    expect((await next("sandboxFailed")).message).toContain("/proc/nothing/here cannot be made");
    send(sandboxOf("uid-d", { volumes: [hostPath(join(directory, "made/here"), "DirectoryOrCreate")] }));
    await next("sandboxReady");
    expect(existsSync(join(directory, "made/here"))).toBe(true);
  });

  test("a program that finds its port taken is told by whom, and the way out", async () => {
    const { send, next } = start();
    const port = 20_000 + (process.pid % 10_000);
    const listen = (host: string) => [
      "node",
      "-e",
      `require("net").createServer().listen(${port}, "${host}", () => console.log("up"))`,
    ];
    const first = sandboxOf("uid-first");
    const second = sandboxOf("uid-second");
    send(first);
    await next("sandboxReady");
    send(second);
    await next("sandboxReady");
    send(containerOf("uid-first", listen("0.0.0.0"), { ports: [port] }));
    await until(async () => (await output("uid-first").catch(() => "")) === "up\n", "the first listens");
    send(containerOf("uid-second", listen("0.0.0.0"), { ports: [port] }));
    const exit = await next("containerExited");
    expect(exit.podUid).toBe("uid-second");
    expect(exit.message).toMatch(
      new RegExp(
        `port ${port} is taken: container main of pod default/first \\(pid \\d+\\) listens on all addresses`,
      ),
    );
    expect(exit.message).toContain("let that one listen on $HOST");
  });

  test("probes: exec, http and tcp answer as the kubelet's do", async () => {
    const { send, next } = start();
    const sandbox = sandboxOf("uid-web");
    const { address } = sandbox;
    send(sandbox);
    await next("sandboxReady");
    const server = `require("http").createServer((q, s) => {
      if (q.url === "/slow") return;
      if (q.url === "/away") s.writeHead(302, { location: "http://example.invalid/" });
      else if (q.url === "/on") s.writeHead(301, { location: "/ok" });
      else s.writeHead(q.url === "/ok" ? 200 : 503);
      s.end(q.headers["user-agent"] + " " + q.headers.connection);
    }).listen(8080, "${address}", () => console.log("up"))`;
    send(containerOf("uid-web", ["node", "-e", server], { env: () => [{ name: "MARK", value: "m1" }] }));
    await until(async () => (await output("uid-web").catch(() => "")) === "up\n", "the server is up");
    let sequence = 0;
    const probe = async (action: object) => {
      send({
        ...{ type: "probe", podUid: "uid-web", container: "main", attempt: 0, probe: "readiness" },
        ...{ sequence: ++sequence, action, address, timeoutMilliseconds: 400 },
      });
      const { outcome, output: text, sequence: echoed } = await next("probeResult");
      expect(echoed).toBe(sequence);
      return [outcome, text];
    };
    const get = (path: string, port = 8080) => probe({ httpGet: { path, port } });
    expect(await get("/ok")).toEqual(["success", "kube-probe/1.36 close"]);
    expect(await get("/on")).toEqual(["success", "kube-probe/1.36 close"]);
    expect((await get("/away"))[0]).toBe("success");
    expect(await get("/broken")).toEqual(["failure", "HTTP probe failed with statuscode: 503"]);
    expect(await get("/slow")).toEqual([
      "failure",
      `Get "http://${address}:8080/slow": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    ]);
    expect(await get("/ok", 8081)).toEqual([
      "failure",
      `Get "http://${address}:8081/ok": dial tcp ${address}:8081: connect: connection refused`,
    ]);
    expect(await probe({ tcpSocket: { port: 8080 } })).toEqual(["success", ""]);
    expect(await probe({ tcpSocket: { port: 8081 } })).toEqual([
      "failure",
      `dial tcp ${address}:8081: connect: connection refused`,
    ]);
    const exec = (command: string[]) => probe({ exec: { command } });
    expect(await exec(["sh", "-c", "echo $MARK"])).toEqual(["success", "m1\n"]);
    expect(await exec(["sh", "-c", "echo no >&2; exit 2"])).toEqual(["failure", "no\n"]);
    expect(await exec(["sh", "-c", `sleep ${nap}4`])).toEqual([
      "failure",
      `command "sh -c sleep ${nap}4" timed out after 0.4s`,
    ]);
    expect((await exec(["no-such-program"]))[0]).toBe("error");
    expect(processesWith(`sleep ${nap}4`)).toEqual([]);
  });

  test("hooks answer, and end with their container", async () => {
    const { send, next } = start();
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    send(containerOf("uid-web", ["sleep", `${nap}5`]));
    await next("containerStarted");
    const hook = (command: string[]) =>
      send({
        ...{ type: "hook", podUid: "uid-web", container: "main", attempt: 0, hook: "preStop" },
        ...{ action: { exec: { command } }, address: "127.0.0.1" },
      });
    hook(["sh", "-c", "echo done"]);
    expect(await next("hookResult")).toMatchObject({ ok: true, output: "done\n" });
    hook(["sh", "-c", "echo bad; exit 4"]);
    expect(await next("hookResult")).toMatchObject({
      ok: false,
      output: expect.stringContaining("exited with 4: bad"),
    });
    hook(["sleep", `${nap}6`]);
    await until(() => processesWith(`sleep ${nap}6`).length > 0, "the hook runs");
    send({ type: "signalContainer", podUid: "uid-web", container: "main", attempt: 0, signal: "SIGKILL" });
    await next("containerExited");
    expect(await next("hookResult")).toMatchObject({ ok: false });
    expect(processesWith(`sleep ${nap}[56]`)).toEqual([]);
  });

  test("commands that came twice, or for a pod that is not there, do no harm", async () => {
    const { send, next, events } = start();
    const sandbox = sandboxOf("uid-web");
    send(sandbox);
    send(sandbox);
    await next("sandboxReady");
    await next("sandboxReady");
    const command = containerOf("uid-web", ["sh", "-c", "echo once; sleep 0.05"]);
    send(command);
    send(command);
    await next("containerExited");
    send(command);
    send(containerOf("uid-none", ["true"]));
    expect(await next("containerFailed")).toMatchObject({ podUid: "uid-none" });
    send({ type: "signalContainer", podUid: "uid-none", container: "main", attempt: 0, signal: "SIGKILL" });
    send({ type: "removeSandbox", podUid: "uid-none" });
    expect(await next("sandboxRemoved")).toMatchObject({ podUid: "uid-none" });
    expect(await output("uid-web")).toBe("once\n");
    expect(events.filter(({ type }) => type === "containerStarted")).toHaveLength(1);
  });

  test("removing a pod ends its containers, its pause process and its files, whatever they are doing", async () => {
    const { send, next, directory } = start();
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    send(containerOf("uid-web", ["sh", "-c", `trap '' TERM; while :; do sleep ${nap}7; done`]));
    await next("containerStarted");
    send(containerOf("uid-web", ["sleep", `${nap}8`], { container: "side" }));
    send({ type: "removeSandbox", podUid: "uid-web" });
    await next("sandboxRemoved");
    expect(processesWith(`sleep ${nap}[78]`)).toEqual([]);
    expect(readdirSync(join(directory, "pods"))).toEqual([]);
    expect(processesWith(join(directory, "pods"))).toEqual([]);
  });

  test("a pause process that someone kills comes back", async () => {
    const { send, next, directory } = start();
    send(sandboxOf("uid-web"));
    await next("sandboxReady");
    const [pid] = processesWith(`kdsl-pause ${directory}`);
    process.kill(pid!, "SIGKILL");
    send(containerOf("uid-web", ["sh", "-c", "echo still"]));
    await next("containerExited");
    expect(await output("uid-web")).toBe("still\n");
  });
});

describe.runIf(tools)("in namespaces", () => {
  let driver: DriverUnderTest;
  afterEach(() => driver.close());

  const say = async (script: string, more: Partial<CreateSandbox> = {}) => {
    driver = startDriver(tools);
    driver.send(
      sandboxOf("uid-web", {
        volumes: [{ name: "data", type: "emptyDir" }],
        hosts: [{ address: "127.201.16.1", names: ["db.default", "db"] }],
        ...more,
      }),
    );
    await driver.next("sandboxReady");
    driver.send(
      containerOf("uid-web", ["sh", "-c", script], {
        mounts: [{ volume: "data", path: "/var/lib/kdsl-test/data", readOnly: true }],
      }),
    );
    await driver.next("containerExited");
    const lines: string[] = [];
    for await (const line of readLogs({ directory: driver.directory, podUid: "uid-web", container: "main" }))
      lines.push(line.trimEnd());
    return lines;
  };

  test("services have names, localhost is the pod, and the host name is the pod's", async () => {
    const address = freshAddress();
    // For addresses of this family alone, so that no name server is asked for the others.
    const look = "for name in db.default localhost; do getent ahostsv4 $name | head -n 1; done | tr -s ' '";
    const lines = await say(`${look}; hostname; id -u; id -g`, { address });
    expect(lines).toEqual([
      "127.201.16.1 STREAM db.default",
      `${address} STREAM localhost`,
      "web",
      String(process.getuid?.()),
      String(process.getgid?.()),
    ]);
  });

  test("a pod with a subdomain has a full name", async () => {
    const { pod } = sandboxOf("uid-web");
    const lines = await say("hostname -f; hostname", {
      pod: { ...pod, spec: { ...pod.spec, subdomain: "peers" } },
    });
    expect(lines).toEqual(["web.peers.default.svc.cluster.local", "web"]);
  });

  test("a read-only mount is read-only, also below a directory of the machine's", async () => {
    const lines = await say("touch /var/lib/kdsl-test/data/x || echo refused; ls /var/lib | wc -l");
    expect(lines).toContain("refused");
    expect(Number(lines.at(-1))).toBeGreaterThan(1);
  });
});

test("programs carry the cluster's mark", async () => {
  const driver = startDriver();
  driver.send(sandboxOf("uid-web"));
  await driver.next("sandboxReady");
  driver.send(containerOf("uid-web", ["sleep", `${nap}9`]));
  await driver.next("containerStarted");
  const [pid] = processesWith(`sleep ${nap}9`);
  expect(variableOf(pid!, "KDSL_CONTAINER")).toBe("uid-web/main/0");
  expect(readFileSync(`/proc/${pid}/cgroup`, "utf8")).toBeTruthy();
  await driver.close();
  expect(processesWith(`sleep ${nap}9`)).toEqual([]);
});

test("a listener of someone else's is named by its program", async () => {
  const address = freshAddress();
  const server = await listenOn("0.0.0.0", 20_000 + ((process.pid + 1) % 10_000));
  const { explainExit } = await import("../../runtime/host/process/exit.ts");
  const port = (server.address() as { port: number }).port;
  const facts = {
    exitCode: 1,
    tail: `Error: listen EADDRINUSE: address already in use :::${port}`,
    ports: [],
    address,
  };
  expect(explainExit({ ...facts, nameOf: () => undefined, isolated: false })).toMatch(
    /a service of this cluster|listens on all/,
  );
  expect(explainExit({ ...facts, tail: "panic", nameOf: () => undefined, isolated: false })).toBeUndefined();
  server.close();
});
