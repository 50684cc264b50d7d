import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CompileFlags, compileFile } from "../../cli/compile-file.ts";

/** Which files of a disk a `.kdsl` file may use. */

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "kdsl-projects-")));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const codes = (path: string, flags?: CompileFlags) =>
  compileFile(join(root, path), flags).diagnostics.map(({ code }) => code);

const labels = "label app\n";
const usesLabels = (path: string) =>
  `use "${path}" { app }\npod one { identity: { app: "one" }, container c { image: "x:1" } }\n`;

describe("what a file may use", () => {
  test("files beside it and below, in a project all files of the project", () => {
    write("shop/main.kdsl", usesLabels("./parts/labels.kdsl"));
    write("shop/parts/labels.kdsl", labels);
    expect(codes("shop/main.kdsl")).toEqual([]);
    write("shop/cases/two.kdsl", usesLabels("../parts/labels.kdsl"));
    expect(codes("shop/cases/two.kdsl")).toEqual(["KD2482"]);
    expect(codes("shop/cases/two.kdsl", { allowOutside: true })).toEqual([]);
    write("shop/kdsl.json", '{ "edition": "2026" }');
    expect(codes("shop/cases/two.kdsl")).toEqual([]);
  });

  test("not what a link in the project leads to outside of it, unless that is allowed", () => {
    write("elsewhere/labels.kdsl", labels);
    write("elsewhere/secret.txt", "do not tell");
    write("shop/main.kdsl", usesLabels("./linked/labels.kdsl"));
    write("shop/config.kdsl", 'config c { text: file("./linked/secret.txt") }\n');
    symlinkSync(join(root, "elsewhere"), join(root, "shop/linked"));
    expect(codes("shop/main.kdsl")).toEqual(["KD2482"]);
    expect(codes("shop/config.kdsl")).toEqual(["KD2482"]);
    expect(codes("shop/main.kdsl", { allowOutside: true })).toEqual([]);
  });

  test("npm packages, also those that a workspace links", () => {
    write("packages/labels/package.json", '{ "name": "@acme/labels", "version": "1.0.0" }');
    write("packages/labels/main.kdsl", labels);
    write("packages/shop/main.kdsl", usesLabels("@acme/labels"));
    mkdirSync(join(root, "node_modules/@acme"), { recursive: true });
    symlinkSync(join(root, "packages/labels"), join(root, "node_modules/@acme/labels"));
    expect(codes("packages/shop/main.kdsl")).toEqual([]);
  });

  test("a linked package finds its own dependencies beside where it really lies, as pnpm and `npm link` have it", () => {
    const store = "shop/node_modules/.pnpm";
    write(`${store}/web@1/node_modules/@acme/web/package.json`, '{ "kdsl": "index.kdsl" }');
    write(
      `${store}/web@1/node_modules/@acme/web/index.kdsl`,
      'use "@acme/labels" { app }\ntemplate Web() {\n  pod self { identity: { app: "web" }, container c { image: "x:1" } }\n}\n',
    );
    write(`${store}/labels@1/node_modules/@acme/labels/package.json`, "{}");
    write(`${store}/labels@1/node_modules/@acme/labels/main.kdsl`, labels);
    const link = (to: string, from: string) => {
      mkdirSync(dirname(join(root, from)), { recursive: true });
      symlinkSync(join(root, to), join(root, from));
    };
    link(`${store}/labels@1/node_modules/@acme/labels`, `${store}/web@1/node_modules/@acme/labels`);
    link(`${store}/web@1/node_modules/@acme/web`, "shop/node_modules/@acme/web");
    write("shop/main.kdsl", 'use "@acme/web" { Web }\nWeb shop {}\n');
    expect(codes("shop/main.kdsl")).toEqual([]);
    link("shop/node_modules/@acme/web", "elsewhere/node_modules/@acme/web");
    write("elsewhere/main.kdsl", 'use "@acme/web" { Web }\nWeb shop {}\n');
    expect(codes("elsewhere/main.kdsl")).toEqual([]);
  });

  test("a package is one module, by its name and by its path in the workspace", () => {
    write("kdsl.json", '{ "edition": "2026" }');
    write("packages/labels/package.json", '{ "name": "@acme/labels" }');
    write("packages/labels/main.kdsl", labels);
    mkdirSync(join(root, "node_modules/@acme"), { recursive: true });
    symlinkSync(join(root, "packages/labels"), join(root, "node_modules/@acme/labels"));
    const twice = 'use "./packages/labels/main.kdsl" { app as own }\n';
    write("main.kdsl", `${twice}${usesLabels("@acme/labels")}`);
    const { files } = compileFile(join(root, "main.kdsl"));
    expect(files.map(({ path }) => basename(path))).toEqual(["main.kdsl", "main.kdsl"]);
  });

  test("`exports` of a package name its modules, and its edition has to be known", () => {
    const home = "shop/node_modules/@acme/labels";
    const exported = { ".": { kdsl: "./src/main.kdsl", default: "./index.js" }, "./more": "./src/more.kdsl" };
    write(`${home}/package.json`, JSON.stringify({ exports: exported }));
    write(`${home}/src/main.kdsl`, labels);
    write(`${home}/src/more.kdsl`, labels);
    for (const path of ["@acme/labels", "@acme/labels/more", "@acme/labels/src/more"]) {
      write("shop/main.kdsl", usesLabels(path));
      expect(codes("shop/main.kdsl")).toEqual([]);
    }
    write(`${home}/kdsl.json`, '{ "edition": "2031" }');
    expect(codes("shop/main.kdsl")).toEqual(["KD2481"]);
  });

  test("a module of a package that is named with its ending can be mended", () => {
    write("shop/main.kdsl", usesLabels("@acme/labels/main.kdsl"));
    write("shop/node_modules/@acme/labels/package.json", "{}");
    write("shop/node_modules/@acme/labels/main.kdsl", labels);
    const [first] = compileFile(join(root, "shop/main.kdsl")).diagnostics;
    expect(first!.code).toBe("KD2006");
    expect(first!.fixes.map(({ edits }) => edits[0]!.text)).toEqual(['"@acme/labels/main"']);
  });

  test("`kdsl docs` tells what a package's module offers", () => {
    write("node_modules/@acme/labels/package.json", "{}");
    write("node_modules/@acme/labels/main.kdsl", `/// What an object is part of.\n${labels}`);
    const program = join(import.meta.dirname, "../../dist/kdsl.cjs");
    const docs = (name: string) =>
      spawnSync(process.execPath, [program, "docs", name], { cwd: root, encoding: "utf8" });
    expect(docs("@acme/labels").stdout).toMatch(
      /^# `@acme\/labels`\n\n## Labels\n[\s\S]*What an object is part of/,
    );
    const { stderr, status } = docs("@acme/none");
    expect(stderr).toBe(
      "error: there is no package `@acme/none` in any `node_modules` above this file\n  help: put it there: `npm install @acme/none`\n",
    );
    expect(status).toBe(1);
  });

  test("a package reads nothing outside of itself", () => {
    write("shop/main.kdsl", usesLabels("@acme/labels"));
    write("shop/own.kdsl", labels);
    write("shop/node_modules/@acme/labels/package.json", "{}");
    write("shop/node_modules/@acme/labels/main.kdsl", 'use "../../../own.kdsl" { app }\n');
    expect(codes("shop/main.kdsl")).toContain("KD2482");
  });
});
