import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ClusterRecord } from "../../runtime/host/claim.ts";
import { listenersOn } from "../../runtime/host/holders.ts";
import { processIds, variableOf } from "../../runtime/host/processes.ts";
import { bundleProgram, type Running, runProgram } from "./program.ts";
import { processesWith, temporaryDirectory, until } from "./support.ts";

/** What a run leaves when it is killed, closed, or run twice: as this user, and as an ordinary one where this is root. */

const { path: directory, remove } = temporaryDirectory();
let program = "";
beforeAll(async () => {
  program = await bundleProgram("runtime", directory);
  chmodSync(directory, 0o755);
});
afterAll(remove);

/** Strays of this run are told from those of another by how long they sleep. */
const nap = `98${process.pid}`;

const ordinary = "nobody";
const users: { user: string | undefined; who: string }[] = [{ user: undefined, who: "this user" }];
if (process.getuid?.() === 0 && hasUser(ordinary)) users.push({ user: ordinary, who: "an ordinary user" });
else console.log(`not run as an ordinary user: that takes root and a user ${ordinary}`);

function hasUser(name: string): boolean {
  try {
    execFileSync("id", ["-u", name], { stdio: "ignore" });
    return existsSync("/usr/bin/setpriv");
  } catch {
    return false;
  }
}

interface Said {
  readonly record: ClusterRecord;
  readonly service: string;
  readonly lines: readonly string[];
  readonly address: string;
}

describe.each(users.flatMap((each) => ["auto", "off"].map((namespaces) => ({ ...each, namespaces }))))(
  "a run by $who, namespaces $namespaces",
  ({ user, namespaces }) => {
    const runtimeDirectory = join(directory, `run-${user ?? "own"}-${namespaces}`);
    const file = join(runtimeDirectory, "shop.kdsl");
    const env = { PATH: process.env.PATH, XDG_RUNTIME_DIR: runtimeDirectory, HOME: "/" };
    const runs: Running[] = [];
    const start = async () => {
      const run = runProgram(program, [file, namespaces, nap], env, user);
      runs.push(run);
      return { run, said: (await run.said) as unknown as Said };
    };
    beforeAll(() => {
      mkdirSync(runtimeDirectory, { mode: 0o700 });
      writeFileSync(file, "");
      if (user) execFileSync("chown", ["-R", `${user}:`, runtimeDirectory]);
    });
    afterEach(async () => {
      for (const { child } of runs.splice(0)) child.kill("SIGKILL");
      await until(() => !existsSync(join(runtimeDirectory, "kdsl")), "the guardian has cleaned up");
    });

    const nothingLeft = async ({ record }: Said) => {
      await until(() => !existsSync(record.directory), "the directory is gone");
      await until(
        () => !processIds().some((pid) => variableOf(pid, "KDSL_CLUSTER") === record.id),
        "no process carries the cluster's mark",
      );
      await until(() => processesWith(`sleep ${nap}[12]`).length === 0, "no stray is left");
      await until(
        () => processesWith(`kdsl-(pause|guardian) .*${runtimeDirectory}`).length === 0,
        "no watcher is left",
      );
      const [, x] = record.network.split(".");
      for (const port of [8080, 80, 20_080, 47_400])
        expect(listenersOn(port).filter(({ address }) => address.startsWith(`127.${x}.`))).toEqual([]);
    };

    test("serves, and after kill -9 of the runtime nothing is left: no process, socket or file", async () => {
      const { run, said } = await start();
      expect(await (await fetch(said.service)).text()).toBe("served\n");
      expect([...said.lines].sort()).toEqual(["to-stderr", "to-stdout"]);
      expect(JSON.parse(readFileSync(join(said.record.directory, "record.json"), "utf8"))).toEqual(
        said.record,
      );
      expect(processesWith(`sleep ${nap}[12]`)).toHaveLength(2);
      run.child.kill("SIGKILL");
      await nothingLeft(said);
    });

    test("after an orderly end nothing is left either", async () => {
      const { run, said } = await start();
      run.child.kill("SIGTERM");
      await nothingLeft(said);
      expect(processesWith(`sleep ${nap}[12]`)).toEqual([]);
    });

    test("the same file cannot be run twice at a time; the first goes on", async () => {
      const { run, said } = await start();
      const second = runProgram(program, [file, namespaces, nap], env, user);
      expect(await second.said).toMatchObject({ code: "AlreadyRunning", details: { pid: run.child.pid } });
      expect(await (await fetch(said.service)).text()).toBe("served\n");
    });

    test("runtime and guardian both killed: the next run removes what they left and starts", async () => {
      const { run, said } = await start();
      process.kill(-said.record.guardian.pid, "SIGSTOP");
      run.child.kill("SIGKILL");
      await run.ended;
      process.kill(-said.record.guardian.pid, "SIGKILL");
      expect(existsSync(said.record.directory)).toBe(true);
      const next = await start();
      expect(next.said.record.id).not.toBe(said.record.id);
      expect(await (await fetch(next.said.service)).text()).toBe("served\n");
      expect(processesWith(`sleep ${nap}1`)).toHaveLength(1);
    });

    test("a guardian at work does not take the directory of the run that comes after", async () => {
      const { run, said } = await start();
      process.kill(-said.record.guardian.pid, "SIGSTOP");
      run.child.kill("SIGKILL");
      await run.ended;
      const next = await start();
      expect(existsSync(next.said.record.directory)).toBe(true);
      expect(await (await fetch(next.said.service)).text()).toBe("served\n");
    });
  },
);
