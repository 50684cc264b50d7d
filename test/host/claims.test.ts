import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeVolume } from "../../runtime/host/process/volumes.ts";

/** The directories that stand for claims. */

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kdsl-claims-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const volume = (claim: string, namespace = "default") => ({
  name: "data",
  type: "claim" as const,
  namespace,
  claim,
});

function pod(name: string): string {
  const directory = join(root, name);
  mkdirSync(directory);
  return directory;
}

test("pods that name one claim have one directory, which stays when they go", async () => {
  const claims = join(root, "claims");
  const first = await makeVolume(volume("data"), pod("one"), claims);
  writeFileSync(join(first, "x"), "kept");
  rmSync(join(root, "one"), { recursive: true });
  const second = await makeVolume(volume("data"), pod("two"), claims);
  expect(second).toBe(first);
  expect(readFileSync(join(second, "x"), "utf8")).toBe("kept");
  expect(statSync(second).mode & 0o777).toBe(0o777);
});

test("claims of other names and namespaces have their own", async () => {
  const claims = join(root, "claims");
  const paths = await Promise.all([
    makeVolume(volume("data"), pod("one"), claims),
    makeVolume(volume("other"), pod("two"), claims),
    makeVolume(volume("data", "shop"), pod("three"), claims),
  ]);
  expect(new Set(paths).size).toBe(3);
});

test.each(["../out", "a/b", "", "A"])("%j names no claim", async (claim) => {
  await expect(makeVolume(volume(claim), pod("one"), join(root, "claims"))).rejects.toThrow(
    /cannot name a claim/,
  );
});
