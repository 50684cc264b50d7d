import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPlace, type Place } from "./world.ts";

/** `kdsl check --against`: what would change, for people and for machines. */

const file = (mode: string, image: string, more = "") => `
label app
config settings { mode: "${mode}" }
rc web {
  pod {
    identity: { app: "web" }
    container server {
      image: "${image}"
      env: { MODE: settings.mode }
    }
  }
}
${more}`;

const old = 'rc old { pod { identity: { app: "old" }, container c { image: "x:1" } } }';

let place: Place;
let directory: string;
const at = (name: string) => join(directory, name);

beforeEach(async () => {
  place = createPlace();
  directory = mkdtempSync(join(tmpdir(), "kdsl-test-"));
  writeFileSync(at("before.kdsl"), file("a", "shop/web:1", old));
  writeFileSync(at("after.kdsl"), file("b", "shop/web:2"));
  expect((await place.kdsl("compile", at("before.kdsl"), "-o", at("plan.json"))).code).toBe(0);
});
afterEach(async () => {
  await place.close();
  rmSync(directory, { recursive: true, force: true });
});

test("against a plan: a line for each object and each field", async () => {
  const { out, code } = await place.kdsl("check", at("after.kdsl"), "--against", at("plan.json"));
  expect(code).toBe(0);
  const lines = out.split("\n").map((line) => line.trim());
  expect(lines).toContain("~ config settings");
  expect(lines).toContain('mode  "a" → "b"');
  expect(lines).toContain("~ rc web  (rolls: surge 1, unavailable 0)");
  expect(lines).toContain('container server image  "shop/web:1" → "shop/web:2"');
  expect(lines).toContain("- rc old");
  expect(lines).toContain("1 changed, 1 rolled out, 1 removed");
});

test("what is the same changes nothing", async () => {
  const { out, code } = await place.kdsl("check", at("before.kdsl"), "--against", at("plan.json"));
  expect(code).toBe(0);
  expect(out).toContain("nothing changes against");
});

test("as JSON the changes stand beside the diagnostics", async () => {
  const { out } = await place.kdsl(
    "check",
    at("after.kdsl"),
    "--against",
    at("plan.json"),
    "--format",
    "json",
  );
  const { diagnostics, changes } = JSON.parse(out);
  expect(diagnostics).toEqual([]);
  expect(changes.map((change: { action: string; key: string }) => [change.action, change.key])).toEqual([
    ["change", "ConfigMap/default/settings"],
    ["roll", "ReplicationController/default/web"],
    ["remove", "ReplicationController/default/old"],
  ]);
});

test("against manifests", async () => {
  const { out } = await place.kdsl("compile", at("before.kdsl"), "--emit", "yaml");
  writeFileSync(at("live.yaml"), out);
  const checked = await place.kdsl("check", at("after.kdsl"), "--against", at("live.yaml"));
  expect(checked.out).toContain("? rc old  (live, not in the file; left alone)");
});

test.each([
  ["missing", undefined, "there is no file"],
  ["cut off", '{ "version": 1, "obj', "is no whole JSON"],
  ["no YAML", "a: [\n b: {", "is no YAML"],
  ["something else", '{ "name": "x" }', "is neither a plan of kdsl nor Kubernetes objects"],
])("what cannot be compared with, %s, is one error", async (name, text, expected) => {
  if (text !== undefined) writeFileSync(at(name), text);
  const { err, code } = await place.kdsl("check", at("after.kdsl"), "--against", at(name));
  expect(code).toBe(1);
  expect(err).toContain(expected);
  expect(err).not.toMatch(/\n\s+at /);
});

test("it compares one file", async () => {
  const both = [at("before.kdsl"), at("after.kdsl")];
  expect((await place.kdsl("check", ...both, "--against", at("plan.json"))).code).toBe(2);
});
