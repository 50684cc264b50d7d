import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runningFrom } from "../../cli/cluster.ts";
import type { ClusterRecord } from "../../runtime/host/record.ts";

const directory = realpathSync(mkdtempSync(join(tmpdir(), "kdsl-cluster-")));
const at = (path: string) => join(directory, path);
const running = (...files: string[]) => files.map((path) => ({ file: at(path) }) as ClusterRecord);

beforeAll(() => {
  for (const name of ["shop", "k8s"]) mkdirSync(at(name));
  writeFileSync(at("shop/main.kdsl"), "");
  writeFileSync(at("other.kdsl"), "");
  symlinkSync(at("shop"), at("link"));
});
afterAll(() => rmSync(directory, { recursive: true }));

test("of several clusters a file means the one that was started from it, as a folder, a file or a link", () => {
  const clusters = running("shop", "other.kdsl", "k8s");
  for (const path of ["shop", "shop/main.kdsl", "link", "link/main.kdsl"])
    expect(runningFrom(at(path), clusters)).toBe(at("shop"));
  expect(runningFrom(at("other.kdsl"), clusters)).toBe(at("other.kdsl"));
  expect(runningFrom(at("k8s"), clusters)).toBe(at("k8s"));
  expect(runningFrom(at("shop"), running("shop/main.kdsl"))).toBe(at("shop/main.kdsl"));
});

test("a file that nothing, or more than one cluster, was started from means none of them", () => {
  expect(runningFrom(at("other.kdsl"), running("shop"))).toBeUndefined();
  expect(runningFrom(at("absent.kdsl"), running("shop"))).toBeUndefined();
  expect(runningFrom(at("shop"), running("shop", "shop/main.kdsl"))).toBeUndefined();
});
