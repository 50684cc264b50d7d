import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LogQuery, readLogs } from "../../runtime/host/logs.ts";
import { openLog } from "../../runtime/host/process/log-writer.ts";
import { logPath, podDirectory } from "../../runtime/host/process/sandbox.ts";
import { runs } from "../runs.ts";
import { temporaryDirectory } from "./support.ts";

let directory = "";
let remove = () => {};
beforeEach(() => {
  ({ path: directory, remove } = temporaryDirectory());
});
afterEach(() => remove());

const path = (attempt = 0) => logPath(podDirectory(directory, "uid"), "main", attempt);
const query = (more: Partial<LogQuery> = {}): LogQuery => ({
  directory,
  podUid: "uid",
  container: "main",
  ...more,
});

async function read(more: Partial<LogQuery> = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLogs(query(more))) lines.push(line.replace(/\n$/, ""));
  return lines;
}

describe("a container's log", () => {
  test("gives the lines that were written, however they came in pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[^\r\n]{0,40}$/), { minLength: 1, maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        async (lines, sizes) => {
          rmSync(podDirectory(directory, "uid"), { recursive: true, force: true });
          const log = openLog(path());
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            log.write("stdout", bytes.subarray(at, at + size));
            at += size;
          }
          log.end();
          expect(await read()).toEqual(lines);
        },
      ),
      runs(50),
    );
  });

  test("is bounded: old files go, and tails reach back over the rest", async () => {
    const log = openLog(path(), { maxBytes: 2_000, maxFiles: 3 });
    for (let index = 0; index < 500; index++) log.write("stdout", Buffer.from(`line ${index}\n`));
    log.end();
    expect(readdirSync(dirname(path())).sort()).toEqual(["0.end", "0.log", "0.log.1", "0.log.2"]);
    const all = await read();
    expect(all.at(-1)).toBe("line 499");
    expect(all.length).toBeGreaterThan(60);
    expect(await read({ tailLines: 50 })).toEqual(all.slice(-50));
    expect(await read({ tailLines: 0 })).toEqual([]);
  });

  test("a line that is too long for one record comes back whole; one without an end too", async () => {
    const log = openLog(path());
    const long = "x".repeat(50_000);
    log.write("stdout", Buffer.from(`${long}\nlast`));
    log.end();
    expect(await read()).toEqual([long, "last"]);
  });

  test("is followed through rotation to the container's end", async () => {
    const log = openLog(path(), { maxBytes: 3_000, maxFiles: 5 });
    log.write("stdout", Buffer.from("line 0\n"));
    const following = read({ follow: true });
    for (let index = 1; index < 100; index++) {
      log.write("stdout", Buffer.from(`line ${index}\n`));
      if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    log.end();
    expect(await following).toEqual(Array.from({ length: 100 }, (_, index) => `line ${index}`));
  });

  test("following ends when the reader goes away, and when the pod does", async () => {
    openLog(path()).write("stdout", Buffer.from("one\n"));
    const controller = new AbortController();
    const reading = read({ follow: true, signal: controller.signal });
    setImmediate(() => controller.abort());
    expect((await reading).length).toBeLessThanOrEqual(1);
    const other = read({ follow: true });
    setImmediate(() => rmSync(podDirectory(directory, "uid"), { recursive: true }));
    expect(await other).toEqual(["one"]);
  });

  test("timestamps and a beginning in time", async () => {
    let now = Date.parse("2026-01-01T00:00:00.000Z");
    const log = openLog(path(), undefined, () => `${new Date(now).toISOString().slice(0, -1)}000000Z`);
    log.write("stdout", Buffer.from("early\n"));
    now += 5_000;
    log.write("stderr", Buffer.from("late\n"));
    log.end();
    expect(await read({ sinceTime: "2026-01-01T00:00:02Z", timestamps: true })).toEqual([
      "2026-01-01T00:00:05.000000000Z late",
    ]);
  });

  test("a disk that is full loses output, says so, and harms nothing", async () => {
    mkdirSync(path(), { recursive: true });
    const log = openLog(path());
    log.write("stdout", Buffer.from("lost\n"));
    expect(log.dropped()).toBeGreaterThan(0);
    rmSync(path(), { recursive: true });
    log.write("stdout", Buffer.from("kept\n"));
    log.end();
    expect(await read()).toEqual([expect.stringMatching(/^kdsl: \d+ bytes of output were lost/), "kept"]);
  });

  test("what is not there is said", async () => {
    await expect(read()).rejects.toMatchObject({ code: "LogsUnavailable" });
    openLog(path()).end();
    expect(await read()).toEqual([]);
    await expect(read({ previous: true })).rejects.toMatchObject({
      message: 'previous terminated container "main" not found',
    });
  });
});
