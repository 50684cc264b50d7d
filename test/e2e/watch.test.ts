import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Pod, Secret } from "../../model/core.ts";
import { accounts, fetchText, type Running, until, Workspace } from "./harness.ts";

/** `kdsl run FILE --watch`: an edit reaches the running cluster, and only what it changed. */

const server = (text: string) => `
import { createServer } from "node:http";
const server = createServer((request, response) => response.setHeader("connection", "close").end("${text}"));
server.listen(Number(process.env.PORT), process.env.HOST);
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;

const file = `
use std/probe { tcp }
label app
rc web {
  replicas: 2
  pod {
    identity: { app: "web" }
    grace: 1s
    container server {
      image: "web:1"
      local { directory: ".", build: ["node", "build.mjs"], command: ["node", "built.mjs"], watch: ["src/*.mjs"] }
      port http: 8080
      ready: tcp(http, every: 1s)
    }
  }
}
rc other {
  pod {
    identity: { app: "other" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"] }
  }
}
service web { select: web, port http: 8000 -> http }
`;

const build = `
import { readFileSync, writeFileSync } from "node:fs";
const text = readFileSync("src/server.mjs", "utf8");
if (text.includes("BROKEN")) { console.error("cannot build this"); process.exit(1); }
writeFileSync("built.mjs", text);
`;

describe.each(accounts())("as $name", (account) => {
  let workspace: Workspace;
  let cluster: Running;
  let address: string;

  beforeEach(async () => {
    workspace = new Workspace(account);
    workspace.write("src/server.mjs", server("one"));
    workspace.write("build.mjs", build);
    workspace.write("web.kdsl", file);
    cluster = workspace.start(["run", "web.kdsl", "--watch"]);
    await cluster.output(/ready in/);
    const [, found] = /service web: (\S+?)[, ]/.exec(cluster.stdout)!;
    address = `http://${found}/`;
  });
  afterEach(async () => {
    await workspace.close();
  });

  const pods = async () => (await workspace.json<{ items: Pod[] }>(["get", "pods"])).items;
  const answer = async () => (await fetchText(address)).text;

  test("a change of a program builds and restarts its containers, nothing else", async () => {
    const before = await pods();
    workspace.write("src/server.mjs", server("two"));
    await until(async () => (await answer().catch(() => "")) === "two", "the new program");
    const now = await pods();
    expect(now.map((pod) => pod.metadata.uid).sort()).toEqual(before.map((pod) => pod.metadata.uid).sort());
    expect(
      now.find((pod) => pod.metadata.name.startsWith("other-"))?.status?.containerStatuses?.[0]?.restartCount,
    ).toBe(0);
  });

  test("a build that fails leaves the old one serving and says why", async () => {
    workspace.write("src/server.mjs", "BROKEN");
    await cluster.output(/build failed/);
    await cluster.output(/cannot build this/);
    expect(await answer()).toBe("one");
  });

  test("an edit that does not compile leaves the cluster as it is and shows the diagnostics", async () => {
    workspace.write("web.kdsl", file.replace("select: web", "select: wbe"));
    await cluster.output(/the cluster stays as it is/);
    expect(cluster.stdout).toMatch(/did you mean `web`/);
    expect(await answer()).toBe("one");
  });

  test("an edit that this machine cannot run leaves the cluster as it is", async () => {
    workspace.write("web.kdsl", file.replace('["sleep", "1000"]', '["no-such-program"]'));
    await cluster.output(/no-such-program[\s\S]*the cluster stays as it is/);
    expect(await answer()).toBe("one");
  });

  test("an edit of the file changes what it says and leaves the rest alone", async () => {
    const before = await pods();
    workspace.write("web.kdsl", file.replace("replicas: 2", "replicas: 3"));
    await until(async () => (await pods()).length === 4, "a third copy");
    const uids = (await pods()).map((pod) => pod.metadata.uid);
    for (const pod of before) expect(uids).toContain(pod.metadata.uid);

    workspace.write(
      "web.kdsl",
      file
        .replace("replicas: 2", "replicas: 3")
        .replace('image: "web:1"', 'image: "web:1", env: { NEW: "yes" }'),
    );
    await until(async () => {
      const webs = (await pods()).filter((pod) => pod.metadata.name.startsWith("web-"));
      const ready = webs.filter((pod) =>
        pod.status?.conditions?.some((each) => each.type === "Ready" && each.status === "True"),
      );
      return (
        ready.length === 3 &&
        webs.length === 3 &&
        webs.every((pod) => pod.spec.containers[0]!.env?.some(({ name }) => name === "NEW"))
      );
    }, "all copies to be rolled to the new template");
    expect(await answer()).toBe("one");
    const other = before.find((pod) => pod.metadata.name.startsWith("other-"))!;
    expect((await pods()).map((pod) => pod.metadata.uid)).toContain(other.metadata.uid);
  });

  test("an edit that cannot be started leaves the cluster as it is; a secret's keys follow the file", async () => {
    workspace.write("web.kdsl", `${file}secret login { user: env("HOME"), password: env("PATH") }\n`);
    await cluster.output(/applied: \+ Secret\/default\/login/);
    workspace.write("web.kdsl", `${file}secret login { user: env("NOT_THERE") }\n`);
    await cluster.output(/needs NOT_THERE for its key `user`[\s\S]*the cluster stays as it is/);
    workspace.write("web.kdsl", "");
    await cluster.output(/declares nothing to run\nthe cluster stays as it is/);
    workspace.write("web.kdsl", `${file}secret login { user: env("HOME") }\n`);
    await cluster.output(/applied: ~ Secret\/default\/login/);
    const secret = await workspace.json<Secret>(["get", "secret", "login"]);
    expect(Object.keys(secret.data ?? {})).toEqual(["user"]);
    workspace.write("web.kdsl", `${file}secret login { user: env("HOME") } // as before\n`);
    await cluster.output(/nothing in the cluster changes/);
    expect(await fetchText(address)).toMatchObject({ text: "one" });
  });
});
