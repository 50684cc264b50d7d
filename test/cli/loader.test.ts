import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chunkHead, createLoader } from "../../cli/loader.ts";

/** The loader of the command's chunks: what it loads, and where it keeps its cache. */

let directory: string;
let ends: (() => void)[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kdsl-loader-"));
  mkdirSync(join(directory, "cache-home"));
  vi.stubEnv("XDG_CACHE_HOME", join(directory, "cache-home"));
  vi.stubEnv("NODE_DISABLE_COMPILE_CACHE", "");
  ends = [];
  vi.spyOn(process, "once").mockImplementation(((_: string, end: () => void) => {
    ends.push(end);
    return process;
  }) as typeof process.once);
  chunk("other.cjs", "exports.two = () => 2;");
  chunk(
    "main.cjs",
    'exports.sum = () => 1 + require("./other.cjs").two(); exports.path = require("node:path");',
  );
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

const chunk = (name: string, body: string) => writeFileSync(join(directory, name), `${chunkHead}${body}\n})`);
const folder = () => join(directory, "cache-home", "kdsl");
const main = () =>
  createLoader(directory)("./main.cjs") as { sum(): number; path: typeof import("node:path") };

/** Loads, uses what was loaded, and comes to the end of the process. */
function runToEnd(): number {
  const sum = main().sum();
  for (const end of ends.splice(0)) end();
  return sum;
}

describe("the loader of chunks", () => {
  test("gives chunks each other, and Node's modules", () => {
    expect(main().sum()).toBe(3);
    expect(main().path).toBe(process.getBuiltinModule("node:path"));
  });

  test("keeps a cache for the next run, which needs no other", () => {
    expect(runToEnd()).toBe(3);
    expect(readdirSync(folder())).toHaveLength(2);
    expect(main().sum()).toBe(3);
    expect(ends).toHaveLength(0);
  });

  test("does without a cache that is damaged", () => {
    runToEnd();
    for (const name of readdirSync(folder())) writeFileSync(join(folder(), name), "damaged");
    expect(runToEnd()).toBe(3);
  });

  test("neither reads nor writes where others may write", () => {
    mkdirSync(folder());
    chmodSync(folder(), 0o777);
    expect(runToEnd()).toBe(3);
    expect(readdirSync(folder())).toEqual([]);
  });

  test("follows no link", () => {
    const elsewhere = join(directory, "elsewhere");
    mkdirSync(elsewhere, { mode: 0o700 });
    symlinkSync(elsewhere, folder());
    expect(runToEnd()).toBe(3);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("keeps none where it is turned off", () => {
    vi.stubEnv("NODE_DISABLE_COMPILE_CACHE", "1");
    expect(runToEnd()).toBe(3);
    expect(readdirSync(join(directory, "cache-home"))).toEqual([]);
  });
});
