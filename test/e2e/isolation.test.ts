import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { accounts, fetchText, strays, until, Workspace } from "./harness.ts";

/** `kdsl run --isolate`: programs as people write them, which listen at all addresses of what they think their own machine. */

const server = `
import { createServer } from "node:http";
import { hostname } from "node:os";
createServer((request, response) => response.end(hostname())).listen(80, () => console.log("listening"));
`;

const file = `
use std/probe { http }
label app
node a {}
node b {}
rc web {
  replicas: 2
  pod {
    identity: { app: "web" }
    grace: 1s
    container server {
      image: "web:1"
      local { directory: ".", command: ["node", "server.mjs"] }
      port http: 80
      ready: http(http, every: 1s)
    }
    container side {
      image: "side:1"
      command: ["node", "-e", r"fetch('http://127.0.0.1/').then((r) => r.text()).then((t) => console.log('beside ' + t)); setInterval(() => {}, 1000)"]
    }
  }
}
service web { select: web, port http: 8000 -> http, expose: node(31480) }
`;

const possible = ["ip", "nsenter", "unshare"].every(
  (tool) => spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin command -v ${tool}`]).status === 0,
);
if (!possible) console.warn("pods' own networks are not tested: ip, nsenter or unshare is missing");

describe.skipIf(!possible).each(accounts())("as $name", (account) => {
  let workspace: Workspace;
  afterEach(async () => {
    await workspace.close();
  });

  const start = () => {
    workspace = new Workspace(account);
    workspace.write("server.mjs", server);
    workspace.write("web.kdsl", file);
    return workspace;
  };

  test("replicas that listen at all addresses answer, each at its own and all at the node's port", async () => {
    start();
    const cluster = workspace.start(["run", "web.kdsl", "--isolate"]);
    await cluster.output(/ready in/);
    expect(cluster.stdout).not.toMatch(/KD4005|KD4009|KD4020/);
    const pods = await workspace.ok(["get", "pods", "-o", "wide"]);
    const names = [...pods.matchAll(/web-\w{5}/g)].map(([name]) => name);
    expect(pods.match(/ 10\.244\.[01]\.\d+ /g)).toHaveLength(2);
    expect(await workspace.ok(["get", "services"])).toMatch(/ 10\.96\.\d+\.\d+ .* 8000:31480\/TCP/);
    const answers = new Set<string>();
    await until(async () => {
      answers.add((await fetchText("http://localhost:31480/")).text);
      return answers.size === 2;
    }, "both answer");
    expect([...answers].sort()).toEqual(names.sort());
    for (const name of names)
      await until(
        async () => (await workspace.ok(["logs", name, "-c", "side"])).includes(`beside ${name}`),
        "it hears its own pod at 127.0.0.1",
      );
  });

  test("what --wait runs reaches the services", async () => {
    start();
    const client =
      'fetch("http://" + process.env.WEB_SERVICE_HOST + ":8000").then((r) => r.text()).then((t) => console.log(t))';
    const args = ["run", "web.kdsl", "--isolate", "--wait", "--", "node", "-e", client];
    const { code, stdout } = await workspace.run(args);
    expect(stdout).toMatch(/^web-\w{5}\n$/);
    expect(code).toBe(0);
    expect(strays(workspace.directory)).toEqual([]);
  });
});
