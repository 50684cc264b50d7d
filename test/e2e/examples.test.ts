import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { accounts, fetchText, until, Workspace } from "./harness.ts";

/** The examples run as their READMEs say. */

const has = (command: string) => {
  try {
    execFileSync("which", [command], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

describe.each(accounts())("as $name", (account) => {
  let workspace: Workspace;
  afterEach(async () => {
    await workspace?.close();
  });

  test("shop: a page made by three tiers, counted by the container beside it", async () => {
    workspace = new Workspace(account);
    const cluster = workspace.start(["run", "examples/shop/main.kdsl"]);
    await cluster.output(/ready in/);
    const { text } = await fetchText("http://localhost:30080/");
    expect(text).toMatch(/a kettle: 42 €/);
    expect(text).toMatch(/served by web-\w{5} on worker-[abc], visit \d/);
    cluster.kill("SIGINT");
    expect((await cluster.ended).code).toBe(0);
  });

  test.skipIf(!has("redis-server"))(
    "guestbook: an entry written to the primary is read from a replica",
    async () => {
      workspace = new Workspace(account);
      const cluster = workspace.start(["run", "examples/guestbook/main.kdsl"]);
      await cluster.output(/ready in/);
      await fetch("http://localhost:30090/", { method: "POST", body: "hello" });
      await until(
        async () => (await fetchText("http://localhost:30090/")).text.includes("hello"),
        "the entry on a replica",
      );
    },
  );

  test("guestbook without redis: refused before anything starts, with the way out", async () => {
    workspace = new Workspace(account);
    const { code, stderr } = await workspace.run(["run", "examples/guestbook/main.kdsl"], {
      env: { PATH: "/nonexistent" },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/sh|redis-server/);
  });

  test("production: a parcel is handed in, and the worker delivers it", async () => {
    workspace = new Workspace(account);
    const file = "examples/production/main.kdsl";
    const refused = await workspace.run(["run", file]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/PARCELS_PASSWORD/);
    const cluster = workspace.start(["run", file, "--env-file", "examples/production/dev.env"]);
    await cluster.output(/ready in/);
    await fetch("http://localhost:30060/kettle", { method: "POST" });
    await until(
      async () => (await fetchText("http://localhost:30060/")).text.includes("kettle: delivered"),
      "the parcel at its door",
    );
    expect((await fetchText("http://localhost:30060/")).text).toMatch(
      /^Parcels, for trying out\n(?:.*\n)*served by web-\w{5} on worker-[abc]\n$/,
    );
    expect(
      (await workspace.ok(["get", "pods", "-l", "app.kubernetes.io/part-of=parcels", "-o", "name"]))
        .trim()
        .split("\n"),
    ).toHaveLength(6);
  });

  test("tour: needs its secret, then runs with it", async () => {
    workspace = new Workspace(account);
    const refused = await workspace.run(["run", "examples/tour/main.kdsl"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/SHOP_DB_PASSWORD/);
    workspace.write("secrets.env", "SHOP_DB_PASSWORD=a very secret word\n");
    const cluster = workspace.start(["run", "examples/tour/main.kdsl", "--env-file", "secrets.env"]);
    await cluster.output(/ready in/);
    const { text } = await fetchText("http://localhost:30070/");
    expect(text).toMatch(/visit \d+, served by web-\w{5}/);
    await until(
      async () => (await workspace.ok(["logs", "web", "-c", "log"])).includes("visit"),
      "the visit in the other container's log",
    );
    expect(await workspace.ok(["compile", "examples/tour/main.kdsl"])).not.toContain("a very secret word");
    expect(cluster.stdout + cluster.stderr).not.toContain("a very secret word");
  });
});
