import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** The real command in a shell: readers that go, disks that are full, places that take no files. Never a stack. */

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "kdsl-test-"));
  const each = (value: string) =>
    Array.from({ length: 3000 }, (_, index) => `config c${index} { A: ${value} }\n`);
  writeFileSync(join(directory, "many.kdsl"), each('"x"').join(""));
  writeFileSync(join(directory, "wrong.kdsl"), each("x").join(""));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function shell(script: string): { out: string; err: string; code: number | null } {
  const env = { ...process.env, KDSL: `${import.meta.dirname}/../../dist/kdsl.cjs` };
  const options = { cwd: directory, env, encoding: "utf8", timeout: 60_000 } as const;
  const { stdout, stderr, status } = spawnSync("bash", ["-c", script], options);
  return { out: stdout, err: stderr, code: status };
}

const piped = (command: string) =>
  shell(`node "$KDSL" ${command} | head -1 >/dev/null; exit \${PIPESTATUS[0]}`);

test("a reader that goes is no error, and the exit code is what it would have been", () => {
  expect(piped("compile many.kdsl")).toMatchObject({ err: "", code: 0 });
  expect(piped("compile many.kdsl --emit cst")).toMatchObject({ err: "", code: 0 });
  expect(piped("check wrong.kdsl")).toMatchObject({ err: "", code: 1 });
  expect(piped("check wrong.kdsl --format json")).toMatchObject({ err: "", code: 1 });
  expect(piped("explain")).toMatchObject({ err: "", code: 0 });
});

test.skipIf(!existsSync("/dev/full"))("a full disk is told", () => {
  const err = "error: cannot write to standard output: no space left on device\n";
  for (const command of ["compile many.kdsl", "check many.kdsl", "explain", "--help"])
    expect(shell(`node "$KDSL" ${command} >/dev/full`)).toEqual({ out: "", err, code: 1 });
});

test("places that take no files are told in plain words", () => {
  const { err, code } = shell('node "$KDSL" compile many.kdsl -o nowhere/plan.json');
  expect(err).toBe("error: cannot write nowhere/plan.json: no such file or directory\n");
  expect(code).toBe(1);
  const made = shell('node "$KDSL" init many.kdsl/below');
  expect(made.err).toMatch(/^error: cannot make the folder many\.kdsl\/below: [a-z ]+\n$/);
});

test("a program is no plan to compare with", () => {
  const { err, code } = shell('node "$KDSL" check many.kdsl --against wrong.kdsl');
  expect(err).toBe(
    "error: wrong.kdsl is a program, and a plan is compared with\n  help: `kdsl compile wrong.kdsl -o PLAN.json` makes one of it\n",
  );
  expect(code).toBe(1);
});

test.skipIf(!existsSync("/proc/self"))("a file system that takes no folders does not hang", () => {
  expect(shell('node "$KDSL" init /proc/kdsl/first').err).toMatch(/^error: cannot make the folder/);
});
