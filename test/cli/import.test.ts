import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

/** The command as its user types it: what it writes, where, with which rights, and what it refuses. */

const command = join(import.meta.dirname, "../../dist/kdsl.cjs");
const fixtures = join(import.meta.dirname, "../fixtures/import");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kdsl-import-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...path: string[]) => join(folder, ...path);
const read = (...path: string[]) => readFileSync(at(...path), "utf8");

function kdsl(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: folder,
    input,
    encoding: "utf8",
  });
  expect(stderr).not.toMatch(/\n {4}at /);
  return { status, stdout, stderr };
}

const secret = "apiVersion: v1\nkind: Secret\nmetadata: { name: login }\nstringData: { password: geheim }\n";
const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { level: info }\n";

test("a folder of files becomes a program with its secrets beside it, which nobody else reads", () => {
  mkdirSync(at("k8s"));
  writeFileSync(at("k8s/a.yaml"), secret);
  writeFileSync(
    at("k8s/b.json"),
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"level":"info"}}',
  );
  writeFileSync(at("k8s/values.yaml"), "replicas: 3\n");
  const { status, stdout, stderr } = kdsl(["import", "k8s", "-o", "shop"]);
  expect([status, stdout]).toEqual([
    0,
    "wrote shop/main.kdsl\nwrote shop/secrets.env: values of its secrets, for you alone\nnow: kdsl run shop/main.kdsl --env-file shop/secrets.env\n",
  ]);
  expect(stderr).toContain("k8s/values.yaml is passed over");
  expect(read("shop/main.kdsl")).toContain('password: env("LOGIN_PASSWORD")');
  expect(read("shop/main.kdsl")).not.toContain("geheim");
  expect(read("shop/secrets.env")).toContain("LOGIN_PASSWORD=geheim\n");
  expect(statSync(at("shop/secrets.env")).mode & 0o777).toBe(0o600);
});

test("nothing is written over without --force", () => {
  writeFileSync(at("main.kdsl"), "// mine\n");
  writeFileSync(at("a.yaml"), secret);
  const refused = kdsl(["import", "a.yaml", "-o", "main.kdsl"]);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("main.kdsl is there already");
  expect(read("main.kdsl")).toBe("// mine\n");
  expect(existsSync(at("secrets.env"))).toBe(false);
  expect(kdsl(["import", "a.yaml", "-o", "main.kdsl", "--force"]).status).toBe(0);
  expect(read("main.kdsl")).toContain("secret login");
});

test("standard input to standard output; values of secrets go nowhere", () => {
  const { status, stdout, stderr } = kdsl(["import", "-"], `${config}---\n${secret}`);
  expect(status).toBe(0);
  expect(stdout).toContain('config settings {\n  level: "info"\n}\n');
  expect(`${stdout}${stderr}`).not.toContain("geheim");
  expect(stderr).toContain("-o FOLDER");
});

test("a compose file, written beside it, reads what lies there", () => {
  cpSync(join(fixtures, "compose-shop"), at("shop"), { recursive: true });
  rmSync(at("shop/main.kdsl"));
  rmSync(at("shop/secrets.env"));
  const { status, stderr } = kdsl(["import", "shop/compose.yaml", "-o", "shop/main.kdsl"]);
  expect([status, stderr]).toEqual([0, ""]);
  expect(read("shop/main.kdsl")).toBe(readFileSync(join(fixtures, "compose-shop/main.kdsl"), "utf8"));
  const elsewhere = kdsl(["import", "shop/compose.yaml", "-o", "out"]);
  expect(elsewhere.stderr).toContain("lies outside of its folder");
  expect(read("out/main.kdsl")).toContain('file("../shop/init.sql")');
});

test("what is not understood is one message", () => {
  writeFileSync(at("a.yaml"), config);
  writeFileSync(at("compose.yaml"), "services:\n  web:\n    image: nginx\n");
  writeFileSync(at("bytes.yaml"), Buffer.from([0xff, 0xfe, 0x00]));
  const says = (args: string[], text: string, status = 1) => {
    const result = kdsl(["import", ...args]);
    expect([result.status, result.stdout]).toEqual([status, ""]);
    expect(result.stderr).toContain(text);
  };
  says([], "needs a file", 2);
  says(["none.yaml"], "there is no file none.yaml");
  says(["bytes.yaml"], "no text in UTF-8");
  says(["a.yaml", "compose.yaml"], "imported by itself", 2);
  says(["--as", "dev"], "write it as --as name=file", 2);
  says(["--as", "dev=a.yaml"], "two variants", 2);
  says(["a.yaml", "--as", "dev=a.yaml"], "of no variant", 2);
});
