import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Pod } from "../../model/core.ts";
import { fetchText, strays, until } from "./harness.ts";
import { type Cluster, kubectl, openCluster, present } from "./kubectl.ts";

/** exec, attach, cp, port-forward and logs by the real kubectl and by Kubernetes' client for JavaScript, on real processes. */

const program = `
label app

node worker { capacity: { cpu: 2, memory: 1Gi, pods: 20 } }

pod box {
  identity: { app: "box" }
  grace: 1s
  volume data: emptyDir(64Mi)
  container main {
    image: "host"
    command: ["sh", "-c", "echo up; exec sleep 1000"]
    env: { GREETING: "good day" }
    mount data at "/data"
  }
}

pod pair {
  grace: 1s
  container first { image: "host", command: ["sh", "-c", "for i in 1 2 3; do echo first $i; done; exec sleep 1000"] }
  container second { image: "host", command: ["sh", "-c", "echo second; exec sleep 1000"] }
}

rc web {
  replicas: 1
  pod {
    identity: { app: "web" }
    grace: 1s
    container main {
      image: "host"
      port http: 8080
      port echo: 8081
      local { directory: ".", command: ["node", "server.mjs"] }
    }
  }
}
service web { select: web, port http: 80 -> http }
`;

/** Answers with as much as it is asked for; at the other port with the checksum of what it is told, once that has ended. */
const server = `
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
const host = process.env.HOST;
createServer((request, response) => {
  const size = Number(request.url.slice(1));
  const piece = Buffer.alloc(65536, "a");
  let left = size;
  const more = () => {
    while (left > 0) {
      const part = piece.subarray(0, Math.min(left, piece.length));
      left -= part.length;
      if (!response.write(part)) return response.once("drain", more);
    }
    response.end();
  };
  more();
}).listen(8080, host);
createTcpServer({ allowHalfOpen: true }, (socket) => {
  const hash = createHash("sha256");
  socket.on("error", () => {});
  socket.on("data", (data) => hash.update(data));
  socket.on("end", () => socket.end(hash.digest("hex")));
}).listen(8081, host);
`;

type Pty = typeof import("@lydell/node-pty");
const pty: Pty | undefined = await import("@lydell/node-pty").catch(() => undefined);
if (!pty) console.warn("@lydell/node-pty is not installed: nothing is tested in a terminal");

const sha256 = (data: Buffer | string) => createHash("sha256").update(data).digest("hex");

let cluster: Cluster;

beforeAll(async () => {
  if (!present) return;
  cluster = await openCluster(program, [], {}, { "server.mjs": server });
  // The command finds its optional libraries as an installed one does.
  symlinkSync(
    join(import.meta.dirname, "../../node_modules"),
    join(cluster.workspace.directory, "node_modules"),
  );
});
afterAll(() => cluster?.close());

/** kubectl in a terminal. */
function inTerminal(args: readonly string[], cols: number, rows: number, env: NodeJS.ProcessEnv = {}) {
  const terminal = pty!.spawn(kubectl, ["--kubeconfig", cluster.kubeconfig, ...args], {
    cols,
    rows,
    env: { ...process.env, HOME: cluster.workspace.directory, ...env },
  });
  let text = "";
  let wake = () => {};
  let ended = false;
  terminal.onData((data) => {
    text += data;
    wake();
  });
  const exit = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      ended = true;
      wake();
      resolve(exitCode);
    });
  });
  return {
    type: (line: string) => terminal.write(line),
    resize: (width: number, height: number) => terminal.resize(width, height),
    /** Waits for a match, and forgets all up to its end. */
    async shows(pattern: RegExp): Promise<void> {
      for (;;) {
        const match = pattern.exec(text);
        if (match) {
          text = text.slice(match.index + match[0].length);
          return;
        }
        if (ended) throw new Error(`the terminal ended without ${pattern}:\n${text}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    exit,
  };
}

const transports = [
  { over: "WebSocket", env: {} },
  {
    over: "SPDY",
    env: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" },
  },
];

describe.skipIf(!present).each(transports)("kubectl over $over", ({ over, env }) => {
  const result = (args: readonly string[], input?: string) =>
    cluster.result(args, { env, ...(input === undefined ? {} : { input }) });
  const exec = (...command: string[]) => result(["exec", "box", "--", ...command]);
  /** Programs of this run are told from those of another by how long they sleep. */
  const nap = `${process.pid}${over.length}`;

  test("exec: output, errors and exit code", async () => {
    expect(await exec("sh", "-c", "echo out; echo err >&2; exit 42")).toMatchObject({
      code: 42,
      stdout: "out\n",
      stderr: "err\ncommand terminated with exit code 42\n",
    });
    expect(await exec("true")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test("exec: the command lives in the container's world", async () => {
    const { stdout } = await exec(
      "sh",
      "-c",
      'echo "$GREETING"; echo "$WEB_SERVICE_PORT"; echo to file > /data/note; cat /data/note; echo again > /dev/stdout',
    );
    expect(stdout).toBe("good day\n80\nto file\nagain\n");
    const own = await exec(
      "sh",
      "-c",
      "hostname; cat /proc/self/environ | tr '\\0' '\\n' | grep ^KDSL_CONTAINER=",
    );
    expect(own.stdout).toMatch(/\/main\/0\n$/);
  });

  test.each([
    [["no-such-program"], 127, 'exec: "no-such-program": executable file not found in $PATH'],
    [["/no/such/file"], 127, 'exec: "/no/such/file": stat /no/such/file: no such file or directory'],
    [["/etc/passwd"], 126, 'exec: "/etc/passwd": permission denied'],
    [["/etc"], 126, 'exec: "/etc": is a directory'],
  ])("exec: %s cannot be run (%i)", async (command, code, cause) => {
    const ended = await exec(...command);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(
      `OCI runtime exec failed: exec failed: unable to start container process: ${cause}`,
    );
  });

  test("exec: what Kubernetes refuses is refused with its words", async () => {
    expect((await result(["exec", "nobody", "--", "ls"])).stderr).toContain('pods "nobody" not found');
    expect((await result(["exec", "box", "-c", "x", "--", "ls"])).stderr).toContain(
      "container x is not valid for pod box",
    );
    const pair = await result(["exec", "pair", "--", "echo", "hi"]);
    expect(pair.stdout).toBe("hi\n");
    expect(pair.stderr).toContain('Defaulted container "first" out of: first, second');
    expect((await result(["exec", "pair", "-c", "second", "--", "echo", "hi"])).stderr).toBe("");
  });

  test("exec -i: megabytes go in and come out as they are, and the input's end is seen", async () => {
    const text = randomBytes(3_000_000).toString("base64");
    const ended = await result(
      ["exec", "-i", "box", "--", "sh", "-c", "tee /data/in | sha256sum; sha256sum < /data/in"],
      text,
    );
    expect(ended.stdout.match(/[0-9a-f]{64}/g)).toEqual([sha256(text), sha256(text)]);
    expect((await result(["exec", "-i", "box", "--", "cat"], text)).stdout === text).toBe(true);
    expect((await result(["exec", "-i", "box", "--", "sh", "/dev/stdin"], "exit 9")).code).toBe(9);
  });

  test("exec -i: a command that does not read its input does not wait for its end", async () => {
    const running = cluster.start(["exec", "-i", "box", "--", "echo", "done"], {
      env,
      input: "x".repeat(1_000_000),
    });
    expect((await running.ended).stdout).toBe("done\n");
  });

  test("exec: what a command leaves behind goes on, and ends with its pod", async () => {
    const namespace = (await exec("readlink", "/proc/self/ns/mnt")).stdout.trim();
    const hasNamespaces = namespace !== readlinkSync("/proc/self/ns/mnt");
    await result(["run", "brief", "--image=host", "--restart=Never", "--command", "--", "sleep", "1000"]);
    await result(["wait", "--for=condition=Ready", "pod/brief"]);
    const { stdout } = await result([
      "exec",
      "brief",
      "--",
      "sh",
      "-c",
      // One has left its session and forgotten its marks: that is known by the container's namespace alone.
      `${hasNamespaces ? "env -i " : ""}setsid sleep ${nap}1 > /dev/null 2>&1 & sleep ${nap}2 > /dev/null & echo $!`,
    ]);
    const alive = () =>
      strays("").filter((pid) => [1, 2].some((each) => commandLine(pid).startsWith(`sleep\0${nap}${each}`)));
    expect(Number(stdout)).toBeGreaterThan(1);
    expect(alive()).toHaveLength(2);
    await result(["delete", "pod", "brief"]);
    expect(alive()).toEqual([]);
  });

  test("exec: a client that vanishes takes its command with it; a pod that goes ends its sessions", async () => {
    const session = cluster.start(
      ["exec", "box", "--", "sh", "-c", `sleep ${nap}3 & echo started; sleep ${nap}3`],
      { env },
    );
    await session.output(/started/);
    const alive = () => strays("").filter((pid) => commandLine(pid).startsWith(`sleep\0${nap}3`));
    await until(() => alive().length === 2, "both programs to run");
    session.kill("SIGKILL");
    await until(() => alive().length === 0, "the command to be ended");
    await result(["run", "brief", "--image=host", "--restart=Never", "--command", "--", "sleep", "1000"]);
    await result(["wait", "--for=condition=Ready", "pod/brief"]);
    const other = cluster.start(["exec", "brief", "--", "sh", "-c", "echo started; sleep 4714"], { env });
    await other.output(/started/);
    await result(["delete", "pod", "brief", "--grace-period=1"]);
    expect((await other.ended).code).toBe(137);
  });

  test.skipIf(!pty)("exec -it: a real terminal, its size, its keys and its end", async () => {
    const shell = inTerminal(["exec", "-it", "box", "--", "sh"], 101, 31, env);
    await shell.shows(/[#$] /);
    shell.type("stty size; tty; echo $TERM\n");
    await shell.shows(/31 101\r\n\/dev\/pts\/\d+\r\nxterm/);
    shell.type('until [ "$(stty size)" = "22 77" ]; do sleep 0.05; done; echo re""sized\n');
    shell.resize(77, 22);
    await shell.shows(/resized/);
    shell.type("cat\n");
    shell.type("echoed\n");
    await shell.shows(/echoed\r\nechoed\r\n/);
    shell.type("\x03");
    await shell.shows(/[#$] /);
    shell.type("exit 5\n");
    expect(await shell.exit).toBe(5);
  });

  test("cp both ways", async () => {
    const data = randomBytes(2_500_000);
    cluster.workspace.write("sent/deep/blob.bin", data.toString("latin1"));
    const local = join(cluster.workspace.directory, "sent");
    expect(await result(["cp", local, "box:/data/copied"])).toMatchObject({ code: 0 });
    const sums = await exec("sha256sum", "/data/copied/deep/blob.bin");
    const file = readFileSync(join(local, "deep/blob.bin"));
    expect(sums.stdout).toContain(sha256(file));
    expect(await result(["cp", "box:/data/copied", join(cluster.workspace.directory, "back")])).toMatchObject(
      { code: 0 },
    );
    expect(sha256(readFileSync(join(cluster.workspace.directory, "back/deep/blob.bin")))).toBe(sha256(file));
    await exec("rm", "-r", "/data/copied");
  });

  test("run -i with a piped input; its exit code is the program's", async () => {
    const text = randomBytes(400_000).toString("hex");
    const ended = await result(
      ["run", "filter", "--rm", "-i", "--quiet", "--image=host", "--restart=Never", "--command", "--", "cat"],
      text,
    );
    expect(ended.stdout === text).toBe(true);
    const failed = await result(
      [
        "run",
        "failing",
        "--rm",
        "-i",
        "--image=host",
        "--restart=Never",
        "--command",
        "--",
        "sh",
        "-c",
        "read x; echo $x; exit 6",
      ],
      "told\n",
    );
    expect(failed.code).toBe(6);
    expect(failed.stdout).toContain("told\n");
    expect((await result(["get", "pods", "filter", "failing"])).stderr).toMatch(
      /"filter" not found[\s\S]*"failing" not found/,
    );
  });

  test.skipIf(!pty)("run --rm -it: a shell in a pod of its own", async () => {
    const shell = inTerminal(
      ["run", "shell", "--rm", "-it", "--image=host", "--restart=Never", "--command", "--", "sh"],
      90,
      25,
      env,
    );
    await shell.shows(/[#$] /);
    shell.type("stty size; hostname\n");
    await shell.shows(/25 90\r\n/);
    shell.type("exit 3\n");
    expect(await shell.exit).toBe(3);
    await shell.shows(/pod "shell" deleted/);
  });

  test("attach: to what a program prints and reads, as often as one likes", async () => {
    await cluster.result(["apply", "-f", "-"], {
      input: JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "listener" },
        spec: {
          terminationGracePeriodSeconds: 1,
          restartPolicy: "Never",
          containers: [
            {
              name: "main",
              image: "host",
              stdin: true,
              command: [
                "sh",
                "-c",
                'while read line; do echo "heard $line"; [ "$line" = quit ] && exit 4; done',
              ],
            },
          ],
        },
      }),
    });
    await result(["wait", "--for=condition=Ready", "pod/listener"]);
    const first = cluster.start(["attach", "-i", "listener"], { env, input: "one\ntwo\n" });
    await first.output(/heard one\nheard two/);
    // It did not end with its first client's input.
    first.kill("SIGKILL");
    await first.ended;
    const second = cluster.start(["attach", "-i", "listener"], { env, input: "quit\n" });
    expect(await second.ended).toMatchObject({ code: 0 });
    expect(second.stdout).toContain("heard quit");
    expect((await result(["logs", "listener"])).stdout).toBe("heard one\nheard two\nheard quit\n");
    expect((await result(["attach", "listener"])).code).toBe(1);
    await result(["delete", "pod", "listener"]);
  });

  describe("port-forward", () => {
    let ports: number[];
    let forward: ReturnType<Cluster["start"]>;

    beforeAll(async () => {
      forward = cluster.start(["port-forward", "rc/web", ":8080", ":8081"], { env });
      await forward.output(/127\.0\.0\.1:\d+ -> 8081/);
      ports = [...forward.stdout.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
    });
    afterAll(async () => {
      forward.kill("SIGTERM");
      await forward.ended;
    });

    /** Sends all, ends its side, and gives what came back. */
    const talk = (port: number, data: Buffer) =>
      new Promise<string>((resolve, reject) => {
        let text = "";
        const socket = connectTcp({ port, host: "127.0.0.1", allowHalfOpen: true }, () => socket.end(data));
        socket.setEncoding("latin1").on("data", (chunk: string) => {
          text += chunk;
        });
        socket.on("end", () => resolve(text)).on("error", reject);
      });

    test("many at once, with bodies of megabytes", async () => {
      const sizes = [0, 1, 5_000_000, 70_000, 3_000_000, 1_000_000, 65_536, 12];
      const answers = await Promise.all(
        sizes.map((size) => fetchText(`http://127.0.0.1:${ports[0]}/${size}`, 30_000)),
      );
      expect(answers.map(({ text }) => text.length)).toEqual(sizes);
    });

    test("each side ends by itself", async () => {
      const data = [10, 2_000_000, 500_000].map((size) => randomBytes(size));
      expect(await Promise.all(data.map((each) => talk(ports[1]!, each)))).toEqual(data.map(sha256));
    });

    test("a connection that is not read holds up nothing for good", async () => {
      const slow = connectTcp({ port: ports[0]!, host: "127.0.0.1" });
      slow.write("GET /50000000 HTTP/1.1\r\nhost: x\r\n\r\n");
      await new Promise((resolve) => slow.once("readable", resolve));
      slow.destroy();
      expect((await fetchText(`http://127.0.0.1:${ports[0]}/9`, 30_000)).text).toBe("aaaaaaaaa");
    });

    test("a port where nobody listens, by the words of the dialler", async () => {
      const { port } = await freePort();
      const other = cluster.start(["port-forward", "svc/web", `${port}:http`], { env });
      await other.output(/Forwarding from/);
      expect((await fetchText(`http://127.0.0.1:${port}/3`)).text).toBe("aaa");
      other.kill("SIGTERM");
      const wrong = cluster.start(["port-forward", "pod/box", `${port}:9`], { env });
      await wrong.output(/Forwarding from/);
      await expect(fetchText(`http://127.0.0.1:${port}/`)).rejects.toThrow();
      const { code, stderr } = await wrong.ended;
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /error forwarding port 9 to pod box_default, uid [0-9a-f-]{36}: dial tcp 127[\d.]+:\d+: connect: connection refused/,
      );
    });

    test("it ends with its pod", async () => {
      await result(["scale", "rc", "web", "--replicas=2"]);
      const { items } = await cluster.json<{ items: Pod[] }>("get", "pods", "-l", "app=web");
      const { name } = items.at(-1)!.metadata;
      await result(["wait", "--for=condition=Ready", `pod/${name}`]);
      const other = cluster.start(["port-forward", `pod/${name}`, ":8080"], { env });
      await other.output(/Forwarding from/);
      await result(["delete", "pod", name]);
      expect(await other.ended).toMatchObject({ code: 1 });
      expect(other.stderr).toContain("lost connection to pod");
      await result(["scale", "rc", "web", "--replicas=1"]);
    });
  });
});

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

function freePort(): Promise<AddressInfo> {
  return new Promise((resolve) => {
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const address = listener.address() as AddressInfo;
      listener.close(() => resolve(address));
    });
  });
}

describe.skipIf(!present)("kubectl logs", () => {
  const logs = (...args: string[]) => cluster.run("logs", ...args);

  test("of one container, of all, of a selector", async () => {
    expect(await logs("box")).toBe("up\n");
    expect(await logs("pair", "-c", "first")).toBe("first 1\nfirst 2\nfirst 3\n");
    expect(await logs("pair", "-c", "first", "--tail=1")).toBe("first 3\n");
    // kubectl asks for several logs in no order.
    const all = (await logs("pair", "--all-containers", "--prefix")).split("\n");
    expect(all.filter((line) => line.includes("first]"))).toEqual(
      [1, 2, 3].map((each) => `[pod/pair/first] first ${each}`),
    );
    expect(all).toContain("[pod/pair/second] second");
    expect(await logs("-l", "app=box", "--timestamps")).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z up\n$/,
    );
    expect(await logs("pair", "-c", "first", "--limit-bytes=10")).toBe("first 1\nfi");
    expect(await logs("box", "--since=1h")).toBe("up\n");
    expect(await logs("box", "--since-time=2100-01-01T00:00:00Z")).toBe("");
  });

  test("followed to the container's end; of the instance before; of what waits", async () => {
    await cluster.run(
      ...["run", "twice", "--image=host", "--command", "--", "sh", "-c"],
      "echo run; until [ -e go ]; do sleep 0.05; done; rm go; echo over; exit 1",
    );
    await cluster.run("wait", "--for=condition=Ready", "pod/twice");
    const follow = cluster.start(["logs", "-f", "twice"]);
    await follow.output(/run\n/);
    await cluster.run("exec", "twice", "--", "touch", "go");
    expect((await follow.ended).stdout).toBe("run\nover\n");
    await cluster.until(/twice +1\/1 +Running +1/, "get", "pod", "twice");
    expect(await logs("twice", "--previous")).toBe("run\nover\n");
    await cluster.run("run", "imageless", "--image=busybox");
    await cluster.until(/CreateContainerError/, "get", "pod", "imageless");
    expect(await cluster.fails("logs", "imageless")).toContain(
      'container "imageless" in pod "imageless" is waiting to start: CreateContainerError',
    );
    expect(await cluster.fails("exec", "imageless", "--", "ls")).toContain(
      'container not found ("imageless")',
    );
    await cluster.run("delete", "pod", "twice", "imageless", "--grace-period=1");
    expect(await cluster.fails("logs", "twice")).toContain('pods "twice" not found');
  });
});

describe.skipIf(!present)("requests through the API", () => {
  const raw = (path: string) => ["get", "--raw", `/api/v1/namespaces/default/${path}`];

  test("reach services and pods, by name and number of their ports", async () => {
    expect(await cluster.run(...raw("services/web:http/proxy/5"))).toBe("aaaaa");
    expect(await cluster.run(...raw("services/http:web:80/proxy/5"))).toBe("aaaaa");
    expect(await cluster.run(...raw("services/web:80/proxy/3000000"))).toHaveLength(3_000_000);
    const { items } = await cluster.json<{ items: Pod[] }>("get", "pods", "-l", "app=web");
    const { name } = items.find(({ metadata }) => !metadata.deletionTimestamp)!.metadata;
    expect(await cluster.run(...raw(`pods/${name}/proxy/4`))).toBe("aaaa");
  });

  test("are refused as Kubernetes does", async () => {
    expect(await cluster.fails(...raw("services/web/proxy/"))).toContain(
      'no endpoints available for service "web"',
    );
    expect(await cluster.fails(...raw("services/nobody:80/proxy/"))).toContain('services "nobody" not found');
    expect(await cluster.fails(...raw("pods/box:9/proxy/"))).toMatch(
      /error trying to reach service: dial tcp [\d.]+:\d+: connect: connection refused/,
    );
    expect(await cluster.fails(...raw("pods/box:9/proxy/"), "--as", "bob")).toContain("forbidden");
    expect(await cluster.fails("exec", "box", "--as", "bob", "--", "ls")).toContain("forbidden");
  });
});

describe.skipIf(!present)("@kubernetes/client-node", async () => {
  const { KubeConfig, Exec, Attach, PortForward, Log } = await import("@kubernetes/client-node");
  const config = () => {
    const result = new KubeConfig();
    result.loadFromFile(cluster.kubeconfig);
    return result;
  };
  /** A stream that keeps what is written, and tells of it. */
  const collect = (onText: (text: string) => void = () => {}) => {
    let text = "";
    const stream = new Writable({
      write(chunk, _, done) {
        text += chunk;
        onText(text);
        done();
      },
    });
    return { stream, text: () => text };
  };

  test("exec, with an input that ends", async () => {
    const out = collect();
    const err = collect();
    const input = new PassThrough();
    input.end("some words here");
    const status = await new Promise<{ status?: string; details?: unknown }>((resolve, reject) => {
      new Exec(config())
        .exec(
          ...((["default", "box", "main", ["sh", "-c", "wc -w; echo err >&2; exit 3"]] as const).map(
            (each) => each,
          ) as [string, string, string, string[]]),
          out.stream,
          err.stream,
          input,
          false,
          resolve,
        )
        .catch(reject);
    });
    expect(status).toMatchObject({
      status: "Failure",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
    expect(out.text().trim()).toBe("3");
    expect(err.text()).toBe("err\n");
  });

  test("attach and log", async () => {
    await cluster.run(
      "run",
      "ticker",
      "--image=host",
      "--command",
      "--",
      "sh",
      "-c",
      "while echo tick; do sleep 0.1; done",
    );
    await cluster.run("wait", "--for=condition=Ready", "pod/ticker");
    let heard = () => {};
    const ticked = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const out = collect((text) => text.includes("tick") && heard());
    const socket = await new Attach(config()).attach(
      "default",
      "ticker",
      "ticker",
      out.stream,
      null,
      null,
      false,
    );
    await ticked;
    socket.close();
    const log = collect();
    const written = new Promise((resolve) => log.stream.once("finish", resolve));
    await new Log(config()).log("default", "box", "main", log.stream, {});
    await written;
    expect(log.text()).toBe("up\n");
    await cluster.run("delete", "pod", "ticker", "--grace-period=1");
  });

  test("port-forward", async () => {
    const { items } = await cluster.json<{ items: Pod[] }>("get", "pods", "-l", "app=web");
    const { name } = items.find(({ metadata }) => !metadata.deletionTimestamp)!.metadata;
    const forward = new PortForward(config());
    const local = createServer((socket) => {
      void forward.portForward("default", name, [8080], socket, null, socket);
    });
    const port = await new Promise<number>((resolve) => {
      local.listen(0, "127.0.0.1", () => resolve((local.address() as AddressInfo).port));
    });
    const text = await new Promise<string>((resolve, reject) => {
      let all = "";
      const socket = connectTcp(port, "127.0.0.1", () =>
        socket.write("GET /200000 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
      );
      socket.setEncoding("latin1").on("data", (chunk: string) => {
        all += chunk;
        // Its protocol has no end of one direction; the body's length is known.
        if (all.split("a".repeat(1000)).length > 195) resolve(all);
      });
      socket.on("error", reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/);
    local.close();
  });
});
