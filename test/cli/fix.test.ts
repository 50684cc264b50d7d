import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPlace, type Place } from "./world.ts";

/** `kdsl fmt` and `kdsl fix`: the commands that change files. */

let place: Place;
let directory: string;
const at = (name: string) => join(directory, name);
const read = (name: string) => readFileSync(at(name), "utf8");

beforeEach(() => {
  place = createPlace();
  directory = mkdtempSync(join(tmpdir(), "kdsl-test-"));
});
afterEach(async () => {
  await place.close();
  rmSync(directory, { recursive: true, force: true });
});

const ugly = "let x=[1,2]\r\nlet   y = x // why\n";
const tidy = "let x = [1, 2]\nlet y = x  // why\n";

describe("fmt", () => {
  test("formats in place, says what it changed, and has nothing to do the next time", async () => {
    writeFileSync(at("a.kdsl"), ugly);
    chmodSync(at("a.kdsl"), 0o640);
    expect(await place.kdsl("fmt", at("a.kdsl"))).toMatchObject({ code: 0, out: `${at("a.kdsl")}\n` });
    expect(read("a.kdsl")).toBe(tidy);
    expect(statSync(at("a.kdsl")).mode & 0o777).toBe(0o640);
    expect(await place.kdsl("fmt", at("a.kdsl"))).toMatchObject({ code: 0, out: "" });
  });

  test("a folder is every .kdsl file below it, but for packages and what is hidden", async () => {
    for (const folder of ["deep", "node_modules", ".git"]) mkdirSync(at(folder));
    const all = ["a.kdsl", "deep/b.kdsl", "node_modules/c.kdsl", ".git/d.kdsl", "e.txt"];
    for (const name of all) writeFileSync(at(name), ugly);
    const { out, code } = await place.kdsl("fmt", directory);
    expect({ out, code }).toEqual({ out: `${at("a.kdsl")}\n${at("deep/b.kdsl")}\n`, code: 0 });
    expect(all.map((name) => read(name) === tidy)).toEqual([true, true, false, false, false]);
  });

  test("--check changes nothing and fails", async () => {
    writeFileSync(at("a.kdsl"), ugly);
    writeFileSync(at("b.kdsl"), tidy);
    const { out, err, code } = await place.kdsl("fmt", "--check", directory);
    expect({ out, code }).toEqual({ out: `${at("a.kdsl")}\n`, code: 1 });
    expect(err).toContain("1 file is not formatted");
    expect(read("a.kdsl")).toBe(ugly);
    expect((await place.kdsl("fmt", "--check", at("b.kdsl"))).code).toBe(0);
  });

  test("a file with mistakes is shown and left, and the others are formatted", async () => {
    writeFileSync(at("a.kdsl"), "let x = = 1\n");
    writeFileSync(at("b.kdsl"), ugly);
    writeFileSync(at("c.kdsl"), "let x = 1\0");
    const { err, code } = await place.kdsl("fmt", directory);
    expect(code).toBe(1);
    expect(err).toContain("error[KD1018]");
    expect(err).toContain("c.kdsl is no text");
    expect(read("a.kdsl")).toBe("let x = = 1\n");
    expect(read("b.kdsl")).toBe(tidy);
  });

  test("a link stays one", async () => {
    writeFileSync(at("real.txt"), ugly);
    symlinkSync(at("real.txt"), at("a.kdsl"));
    expect((await place.kdsl("fmt", at("a.kdsl"))).code).toBe(0);
    expect(read("real.txt")).toBe(tidy);
  });

  test("what cannot be reached is said in a line", async () => {
    symlinkSync(at("loop.kdsl"), at("loop.kdsl"));
    const { err, code } = await place.kdsl("fmt", at("loop.kdsl"));
    expect(err).toMatch(/^error: cannot read .*loop.kdsl: [^\n]*\n$/);
    expect(code).toBe(1);
  });

  test.skipIf(process.getuid?.() === 0)("a file that is read-only stays as it is", async () => {
    writeFileSync(at("a.kdsl"), ugly, { mode: 0o444 });
    expect((await place.kdsl("fmt", at("a.kdsl"))).err).toContain("cannot write");
    expect(read("a.kdsl")).toBe(ugly);
  });

  test("what is not there is said", async () => {
    expect(await place.kdsl("fmt", at("no.kdsl"))).toMatchObject({ code: 1 });
    expect(await place.kdsl("fmt", "-", at("no.kdsl"))).toMatchObject({ code: 2 });
    expect((await place.kdsl("fmt", directory)).err).toContain("there is no .kdsl file");
  });

  test("- formats standard input to standard output", () => {
    const program = join(import.meta.dirname, "../../dist/kdsl.cjs");
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [program, "fmt", ...args], { input: ugly, encoding: "utf8" });
    expect(run("-")).toMatchObject({ status: 0, stdout: tidy });
    expect(run("--check", "-")).toMatchObject({ status: 1 });
  });
});

const faulty = `# shop
label app
node one { capacity: { cpu: 4, memory: 8Gi, pods: 20 } }
rc web {
  replicas: "3"
  pod {
    identity: { app: 'web',, }
    container server { image: "web:1", port http: 8080 }
  }
}
service web {
  select: web
  port http: 80 -> htpt
}
`;

describe("fix", () => {
  beforeEach(() => writeFileSync(at("shop.kdsl"), faulty));

  test("what can be read in one way only is mended, and said", async () => {
    const { out, code } = await place.kdsl("fix", at("shop.kdsl"));
    expect(out.split("\n")).toEqual([
      `${at("shop.kdsl")}:1:1  KD1011  write \`//\``,
      `${at("shop.kdsl")}:5:13  KD2101  write \`3\` without quotes`,
      `${at("shop.kdsl")}:7:22  KD1011  write \`"web"\``,
      `${at("shop.kdsl")}:7:28  KD1014  take it away`,
      "4 fixes made; 1 error left, kdsl check shows it; kdsl fix --all also makes 1 that is a guess",
      "",
    ]);
    expect(code).toBe(1);
    expect(read("shop.kdsl")).toContain("-> htpt");
  });

  test("a package's mistakes are told as such, and its files are left alone", async () => {
    const home = at("node_modules/@acme/web");
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "package.json"), "{}");
    const wrong = 'param copies: Int = "3"\n';
    writeFileSync(join(home, "main.kdsl"), wrong);
    writeFileSync(at("user.kdsl"), 'use "@acme/web" { copies }\nlet _x = copies\n');
    const { out, code } = await place.kdsl("fix", "--all", at("user.kdsl"));
    expect(out).toMatch(
      /^nothing to fix; 1 error left in .*@acme\/web\/main.kdsl, which kdsl fix was not given\n$/,
    );
    expect(code).toBe(1);
    expect(readFileSync(join(home, "main.kdsl"), "utf8")).toBe(wrong);
  });

  test("--all makes the guesses too", async () => {
    const { out, code } = await place.kdsl("fix", "--all", at("shop.kdsl"));
    expect(out).toContain("shop.kdsl:13:20  KD3102  did you mean `http`?");
    expect(code).toBe(0);
    expect((await place.kdsl("check", at("shop.kdsl"))).code).toBe(0);
    expect(await place.kdsl("fix", "--all", at("shop.kdsl"))).toMatchObject({
      out: "nothing to fix\n",
      code: 0,
    });
  });

  test("--dry-run prints a patch that patch takes", async () => {
    const { out } = await place.kdsl("fix", "--all", "--dry-run", at("shop.kdsl"));
    expect(read("shop.kdsl")).toBe(faulty);
    const patched = spawnSync("patch", ["-s", "-o", "-", at("shop.kdsl")], { input: out, encoding: "utf8" });
    await place.kdsl("fix", "--all", at("shop.kdsl"));
    if (patched.error === undefined) expect(patched.stdout).toBe(read("shop.kdsl"));
    expect(out).toContain("-  port http: 80 -> htpt\n+  port http: 80 -> http\n");
  });

  test("only files that were named are changed", async () => {
    writeFileSync(at("labels.kdsl"), 'label a\nlet b: Int = "1"\n');
    writeFileSync(at("main.kdsl"), 'use "./labels.kdsl" { a }\nlabel c\n');
    await place.kdsl("fix", at("main.kdsl"));
    expect(read("labels.kdsl")).toContain('"1"');
    await place.kdsl("fix", at("main.kdsl"), at("labels.kdsl"));
    expect(read("labels.kdsl")).toBe("label a\nlet b: Int = 1\n");
  });
});
