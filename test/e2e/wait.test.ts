import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accounts, strays, Workspace } from "./harness.ts";

/** `kdsl run FILE --wait -- COMMAND`: an integration test in one line. */

const server = `
import { createServer } from "node:http";
createServer((request, response) => response.end("hello")).listen(Number(process.env.PORT), process.env.HOST, () => console.log("listening"));
`;

const file = (command: string) => `
use std/probe { tcp }
label app
rc web {
  pod {
    identity: { app: "web" }
    grace: 1s
    container server {
      image: "web:1"
      local { directory: ".", command: ${command} }
      port http: 8080
      ready: tcp(http, every: 1s)
    }
  }
}
service web { select: web, port http: 8000 -> http }
`;

const sleepy = (command: string) => `
label app
rc sleepy {
  pod {
    identity: { app: "sleepy" }
    grace: 1s
    container main { image: "host", command: ${command} }
  }
}
`;

describe.each(accounts())("as $name", (account) => {
  let workspace: Workspace;
  beforeEach(() => {
    workspace = new Workspace(account);
    workspace.write("server.mjs", server);
    workspace.write("web.kdsl", file('["node", "server.mjs"]'));
  });
  afterEach(async () => {
    await workspace.close();
  });

  const client = `fetch("http://" + process.env.WEB_SERVICE_HOST + ":" + process.env.WEB_SERVICE_PORT).then((r) => r.text()).then((t) => { console.log("got " + t); process.exit(7) })`;

  test("the command finds the services, and its exit code is ours", async () => {
    const { code, stdout } = await workspace.run(["run", "web.kdsl", "--wait", "--", "node", "-e", client]);
    expect(stdout).toBe("got hello\n");
    expect(code).toBe(7);
    expect(strays(workspace.directory)).toEqual([]);
  });

  test("what never becomes ready is told, with its logs, and taken down", async () => {
    workspace.write("bad.kdsl", file('["node", "-e", "console.log(42 + 1); process.exit(3)"]'));
    const { code, stderr } = await workspace.run([
      "run",
      "bad.kdsl",
      "--wait",
      "--timeout",
      "3s",
      "--",
      "true",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/exit code 3/);
    expect(stderr).toMatch(/43/);
    expect(strays(workspace.directory)).toEqual([]);
  });

  test("a command that is not there", async () => {
    const { code, stderr } = await workspace.run(["run", "web.kdsl", "--wait", "--", "no-such-program"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/there is no command no-such-program/);
    expect(strays(workspace.directory)).toEqual([]);
  });

  test("a pod that fails for good is not waited for", async () => {
    const text =
      'use std/probe { exec }\nlabel app\npod job {\n  identity: { app: "job" }\n  restart: "never"\n  container main { image: "host", command: ["sh", "-c", "echo broken; exit 4"], ready: exec(["false"]) }\n}\n';
    workspace.write("job.kdsl", text);
    const { code, stderr } = await workspace.run([
      "run",
      "job.kdsl",
      "--wait",
      "--timeout",
      "50s",
      "--",
      "true",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/pod job: failed: main: exit code 4/);
    expect(stderr).toMatch(/broken/);
  });

  test("what comes after something is started when that is ready", async () => {
    workspace.write(
      "after.kdsl",
      `${file('["node", "server.mjs"]')}
rc late {
  pod {
    identity: { app: "late" }
    after: [rc.web]
    grace: 1s
    container main { image: "host", command: ["sh", "-c", "echo $WEB_SERVICE_HOST; sleep 1000"] }
  }
}
`,
    );
    const { code, stdout, stderr } = await workspace.run([
      "run",
      "after.kdsl",
      "--wait",
      "--",
      "echo",
      "all ready",
    ]);
    expect([code, stdout]).toEqual([0, "all ready\n"]);
    expect(stderr.indexOf("pod web-")).toBeLessThan(stderr.indexOf("pod late-"));
    expect(stderr).toMatch(/pod web-\w+: ready[\s\S]*pod late-\w+: starting/);
  });

  test("a signal ends the command too, and its exit code tells", async () => {
    workspace.write("sleepy.kdsl", sleepy('["sleep", "1000"]'));
    const command = ["sh", "-c", "echo on; exec sleep 1000"];
    const running = workspace.start(["run", "sleepy.kdsl", "--wait", "--", ...command]);
    await running.output(/^on$/m);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
    expect(strays(workspace.directory)).toEqual([]);
  });

  test("a cluster that is stopped before it is ready ends at once", async () => {
    workspace.write("never.kdsl", sleepy('["sh", "-c", "exit 1"]'));
    const running = workspace.start(["run", "never.kdsl", "--timeout", "10min"]);
    await running.output(/CrashLoopBackOff/);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(0);
  });

  test("in the background too, what keeps a cluster from starting is told", async () => {
    workspace.write(
      "secret.kdsl",
      `${sleepy('["sleep", "1000"]')}secret login { password: env("NOT_THERE") }\n`,
    );
    const { code, stderr } = await workspace.run(["run", "secret.kdsl", "--detach"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/needs NOT_THERE for its key `password`/);
  });
});
