import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

  test("a package reads nothing outside of itself", () => {
    write("shop/main.kdsl", usesLabels("@acme/labels"));
    write("shop/own.kdsl", labels);
    write("shop/node_modules/@acme/labels/package.json", "{}");
    write("shop/node_modules/@acme/labels/main.kdsl", 'use "../../../own.kdsl" { app }\n');
    expect(codes("shop/main.kdsl")).toContain("KD2482");
  });
});
