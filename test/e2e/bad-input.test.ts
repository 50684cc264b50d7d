import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accounts, type Result, type Running, strays, until, Workspace } from "./harness.ts";

/** Every mistake and misfortune gets one clear message, the documented exit code, and leaves nothing behind. */

const sleeper = `
label app
rc sleeper {
  pod {
    identity: { app: "sleeper" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"] }
  }
}
`;

/** One container that runs `command`, with what else its pod holds. */
const one = (command: string, more = "") => `
label app
pod one {
  identity: { app: "one" }
  grace: 1s
  container main { image: "host", command: ${command}${more} }
}
`;

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
  workspace.write("sleeper.kdsl", sleeper);
});
afterEach(async () => {
  await workspace.close();
});

/** One message, no stack, nothing left. */
function expectRefusal(result: Result, code: number, message: RegExp): void {
  expect(result.stderr + result.stdout).toMatch(message);
  expect(result.code).toBe(code);
  expect(result.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(strays(workspace.directory)).toEqual([]);
  const left = readdirSync(workspace.runtime, { recursive: true }).filter((name) => name !== "kdsl");
  expect(left).toEqual([]);
}

describe("the file", () => {
  test("is not there", async () =>
    expectRefusal(await workspace.run(["run", "nowhere.kdsl"]), 1, /there is no file nowhere\.kdsl/));
  test("is a folder", async () =>
    expectRefusal(
      await workspace.run(["run", "runtime"]),
      1,
      /holds no Kubernetes objects[\s\S]*folders with a main\.kdsl/,
    ));
  test("is binary", async () => {
    writeFileSync(
      join(workspace.directory, "binary.kdsl"),
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 255]),
    );
    expectRefusal(await workspace.run(["check", "binary.kdsl"]), 1, /is no text/);
  });
  test("is empty", async () => {
    workspace.write("empty.kdsl", "");
    expectRefusal(await workspace.run(["run", "empty.kdsl"]), 1, /declares nothing/);
  });
  test("does not parse", async () => {
    workspace.write("broken.kdsl", "rc web {\n  replicas: \n}\n");
    expectRefusal(await workspace.run(["run", "broken.kdsl"]), 1, /error\[KD1\d\d\d\][\s\S]*broken\.kdsl:/);
  });
  test("may not be read", async () => {
    const [, ordinary] = accounts();
    if (!ordinary) return;
    const theirs = new Workspace(ordinary);
    theirs.write("secret.kdsl", sleeper);
    execFileSync("chown", ["root", join(theirs.directory, "secret.kdsl")]);
    execFileSync("chmod", ["600", join(theirs.directory, "secret.kdsl")]);
    const result = await theirs.run(["check", "secret.kdsl"]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/cannot read secret\.kdsl: .*(EACCES|permission)/);
    await theirs.close();
  });
});

describe("the command line", () => {
  test("an unknown flag", async () =>
    expectRefusal(await workspace.run(["run", "sleeper.kdsl", "--wacht"]), 2, /--wacht[\s\S]*--watch/));
  test("an unknown command", async () => expectRefusal(await workspace.run(["rnu"]), 2, /rnu[\s\S]*run/));
  test("no file", async () => expectRefusal(await workspace.run(["run"]), 2, /file/i));
  test("an unknown parameter", async () => {
    workspace.write(
      "param.kdsl",
      `param copies: Int(1..5) = 1\n${sleeper.replace("pod {", "replicas: copies\n  pod {")}`,
    );
    expectRefusal(await workspace.run(["run", "param.kdsl", "--set", "copeis=2"]), 1, /copeis[\s\S]*copies/);
    expectRefusal(await workspace.run(["run", "param.kdsl", "--set", "copies=9"]), 1, /copies[\s\S]*1\.\.5/);
    expectRefusal(await workspace.run(["run", "param.kdsl", "--set", "copies"]), 2, /--set name=value/);
  });
  test("a command without --wait", async () =>
    expectRefusal(await workspace.run(["run", "sleeper.kdsl", "--", "true"]), 2, /--wait/));
  test("no cluster to ask", async () => expectRefusal(await workspace.run(["get", "pods"]), 3, /no cluster/));
});

describe("the machine", () => {
  test("a node port that is taken: refused with who has it", async () => {
    const server = createServer().listen(30555, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    workspace.write(
      "port.kdsl",
      `${sleeper.replace("command:", "port 8000, command:")}\nservice s { select: sleeper, port 8000, expose: node(30555) }\n`,
    );
    const result = await workspace.run(["run", "port.kdsl"]);
    await new Promise((done) => server.close(done));
    expectRefusal(result, 1, /30555[\s\S]*(in use|taken)/);
  });

  test("a command that is not there", async () => {
    workspace.write("one.kdsl", one('["no-such-program", "x"]'));
    expectRefusal(await workspace.run(["run", "one.kdsl"]), 1, /no-such-program[\s\S]*one\.kdsl:\d+/);
  });

  test("an image with neither command nor local: refused, with the block as the way out", async () => {
    workspace.write(
      "image.kdsl",
      'label app\npod one {\n  identity: { app: "one" }\n  container main { image: "nginx:1.27" }\n}\n',
    );
    expectRefusal(await workspace.run(["run", "image.kdsl"]), 1, /nginx:1\.27[\s\S]*local \{/);
  });

  test("a volume path that cannot be made", async () => {
    workspace.write("blocked", "a file");
    const text = `label app\npod one {\n  identity: { app: "one" }\n  volume v: hostPath("${workspace.directory}/blocked/inside", type: "DirectoryOrCreate")\n  container main { image: "host", command: ["sleep", "1000"], mount v at "/v" }\n}\n`;
    workspace.write("volume.kdsl", text);
    const result = await workspace.run(["run", "volume.kdsl", "--wait", "--timeout", "3s", "--", "true"]);
    expectRefusal(result, 1, /blocked\/inside/);
  });

  test("a program that ends at once is restarted, backed off and told", async () => {
    workspace.write("one.kdsl", one('["sh", "-c", "echo no config; exit 3"]'));
    const cluster = workspace.start(["run", "one.kdsl"]);
    await cluster.output(/restarted, after exit code 3/);
    await cluster.output(/CrashLoopBackOff: main: exit code 3/);
    expect(await workspace.ok(["logs", "one"])).toMatch(/no config/);
    cluster.kill("SIGINT");
    expect((await cluster.ended).code).toBe(0);
  });

  test("a wildcard bind that clashes is explained", async () => {
    const listen = 'require("net").createServer().listen(18099, "0.0.0.0", () => console.log("bound"))';
    workspace.write("listen.cjs", listen);
    workspace.write(
      "clash.kdsl",
      'label app\nrc clash {\n  replicas: 2\n  pod {\n    identity: { app: "clash" }\n    grace: 1s\n    container main { image: "host", command: ["node", "listen.cjs"], port 18099 }\n  }\n}\n',
    );
    const cluster = workspace.start(["run", "clash.kdsl"]);
    await cluster.output(/18099[\s\S]*HOST/);
    cluster.kill("SIGINT");
    await cluster.ended;
  });

  test("a directory left by a killed run does not stand in the way", async () => {
    const cluster = workspace.start(["run", "sleeper.kdsl"]);
    await cluster.output(/ready in/);
    // The worst case: the guardian dies with the runtime, so nobody cleans up.
    for (const pid of strays(workspace.directory)) process.kill(pid, "SIGKILL");
    await cluster.ended;
    const again = workspace.start(["run", "sleeper.kdsl"]);
    await again.output(/ready in/);
    again.kill("SIGINT");
    expect((await again.ended).code).toBe(0);
  });

  // In a network namespace of its own, so that no other test is kept from its addresses.
  const isolated =
    ["unshare", "ip"].every((tool) => spawnSync("which", [tool]).status === 0) &&
    spawnSync("unshare", ["-rn", "true"]).status === 0;
  test.skipIf(!isolated)("no free address", () => {
    const program = `require("net").createServer().listen(47400, "0.0.0.0", () => {
      const { status } = require("child_process").spawnSync(process.execPath, ["dist/kdsl.cjs", "run", "sleeper.kdsl"], { stdio: "inherit" });
      process.exit(status);
    })`;
    const { status, stderr } = spawnSync(
      "unshare",
      ["-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, "-e", program],
      {
        cwd: workspace.directory,
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: workspace.directory, XDG_RUNTIME_DIR: workspace.runtime },
      },
    );
    expect(stderr).toMatch(/no free address range.*47400/);
    expect(status).toBe(1);
    expect(strays(workspace.directory)).toEqual([]);
  });

  test("a runtime directory that cannot be one is refused", async () => {
    writeFileSync(join(workspace.runtime, "kdsl"), "a file");
    const result = await workspace.run(["run", "sleeper.kdsl"]);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(/runtime\/kdsl/);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "a full disk for logs is said once, and the program goes on",
    async () => {
      const small = join(workspace.directory, "small");
      mkdirSync(small, { mode: 0o700 });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "none", small]);
      try {
        workspace.write(
          "one.kdsl",
          one(
            '["sh", "-c", "head -c 3000000 /dev/zero | tr \\"\\\\\\\\0\\" x | fold -w 100; echo; sleep 1000"]',
          ),
        );
        const cluster = workspace.start(["run", "one.kdsl"], { env: { XDG_RUNTIME_DIR: small } });
        await cluster.output(/ready in/);
        const env = { XDG_RUNTIME_DIR: small };
        await until(
          async () => /LogsLost.*ENOSPC/.test((await workspace.run(["get", "events"], { env })).stdout),
          "the event",
        );
        expect((await workspace.run(["get", "pods"], { env })).stdout).toMatch(/one +1\/1 +Running +0/);
        cluster.kill("SIGINT");
        expect((await cluster.ended).code).toBe(0);
      } finally {
        execFileSync("umount", ["-l", small]);
      }
    },
  );
});

describe("the API", () => {
  let cluster: Running;
  let socket: string;
  beforeEach(async () => {
    cluster = workspace.start(["run", "sleeper.kdsl"]);
    await cluster.output(/ready in/);
    socket = join(
      workspace.runtime,
      readdirSync(workspace.runtime, { recursive: true, encoding: "utf8" }).find((name) =>
        name.endsWith(".sock"),
      )!,
    );
  });

  const ask = (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string }>((done, fail) => {
      const message = request({ socketPath: socket, method, path, headers }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => done({ status: response.statusCode!, text }));
        response.on("error", fail);
      });
      message.on("error", fail);
      message.end(body);
    });
  const json = { "content-type": "application/json" };

  test("wrong, empty and oversized input gets a Status and changes nothing", async () => {
    const pods = "/api/v1/namespaces/default/pods";
    const cases: [number, string, string, (string | Buffer)?, Record<string, string>?][] = [
      [404, "GET", "/api/v1/nothing"],
      [404, "GET", `${pods}/nobody`],
      [400, "POST", pods, "", json],
      [400, "POST", pods, "{", json],
      [400, "POST", pods, '"text"', json],
      [400, "POST", pods, '{"apiVersion":"v1","kind":"Service","metadata":{"name":"x"}}', json],
      [
        422,
        "POST",
        pods,
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"X_"},"spec":{"containers":[]}}',
        json,
      ],
      [415, "POST", pods, "a=b", { "content-type": "application/x-www-form-urlencoded" }],
      [413, "POST", pods, Buffer.alloc(4 * 1024 * 1024, 32), json],
      [405, "PATCH", pods, "{}", { "content-type": "application/merge-patch+json" }],
      [400, "GET", `${pods}?labelSelector=%3D%3D`],
    ];
    for (const [status, method, path, body, headers] of cases) {
      const answer = await ask(method, path, body, headers);
      expect([method, path, answer.status, answer.text.slice(0, 200)]).toEqual([
        method,
        path,
        status,
        expect.any(String),
      ]);
      expect(JSON.parse(answer.text)).toMatchObject({ kind: "Status", status: "Failure", code: status });
    }
    expect(await workspace.ok(["get", "pods"])).toMatch(/Running/);
  });
});
