import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { accounts, fetchText, until, Workspace } from "./harness.ts";

/** Ports that an ordinary user may not open are opened shifted, and everybody is told the one that answers. */

const server = `
import { createServer } from "node:http";
const { HOST, PORT, POD_NAME } = process.env;
createServer((request, response) => response.end(POD_NAME)).listen(Number(PORT), HOST, () => console.log("listening on " + PORT));
`;

const client = `
const { URL_BY_REFERENCE, WEB_SERVICE_HOST, WEB_SERVICE_PORT } = process.env;
console.log("reference " + URL_BY_REFERENCE);
console.log("variables http://" + WEB_SERVICE_HOST + ":" + WEB_SERVICE_PORT + "/");
fetch(URL_BY_REFERENCE).then((answer) => answer.text()).then((text) => console.log("answer " + text));
setInterval(() => {}, 1000);
`;

const file = `
use std/probe { http }
label app
rc web {
  pod {
    identity: { app: "web" }
    grace: 1s
    container server {
      image: "web:1"
      local { directory: ".", command: ["node", "server.mjs"] }
      port http: 80
      ready: http(http, every: 1s)
    }
  }
}
service web { select: web, port http: 80 -> http }
rc client {
  pod {
    identity: { app: "client" }
    after: [service.web]
    grace: 1s
    container main {
      image: "client:1"
      local { directory: ".", command: ["node", "client.mjs"] }
      env: { URL_BY_REFERENCE: "http://{web.host}:{web.ports.http}/" }
    }
  }
}
`;

/** Whether this account may open port 80. */
const mayOpen80 = (uid: number) =>
  uid === 0 || Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8")) <= 80;

describe.each(accounts())("as $name", (account) => {
  let workspace: Workspace;
  afterEach(async () => {
    await workspace?.close();
  });

  test("references, variables, listings and probes agree on the port that answers", async () => {
    workspace = new Workspace(account);
    workspace.write("server.mjs", server);
    workspace.write("client.mjs", client);
    workspace.write("ports.kdsl", file);
    const cluster = workspace.start(["run", "ports.kdsl"]);
    await cluster.output(/ready in/);
    const open = mayOpen80(account.uid) ? 80 : 20080;
    const [, address] = /service web: ([\d.]+:\d+)/.exec(cluster.stdout)!;
    expect(address).toMatch(new RegExp(`:${open}$`));
    if (open !== 80) expect(cluster.stdout).toMatch(/KD4005.*answers at port 20080 instead of 80/);
    expect(await workspace.ok(["logs", "web"])).toContain(`listening on ${open}`);
    const [name] = /web-\w{5}/.exec(await workspace.ok(["get", "pods"]))!;
    expect((await fetchText(`http://${address}/`)).text).toBe(name);
    await until(
      async () => (await workspace.ok(["logs", "client"])).includes(`answer ${name}`),
      "the client's answer",
    );
    const log = await workspace.ok(["logs", "client"]);
    expect(log).toMatch(/^reference (\S+)$/m);
    const [, reference] = /^reference (\S+)$/m.exec(log)!;
    expect(log).toContain(`variables http://${address}/`);
    expect(reference!.endsWith(`:${open}/`)).toBe(true);
    expect(await workspace.ok(["get", "services"])).toContain(open === 80 ? " 80/TCP" : "80->20080/TCP");
  });
});
