import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as morph from "ts-morph";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { emitTypeScript, type TypeScriptModule } from "../../compiler/emit/typescript.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";

/** A plan as a module, as programs and their tests import it. */

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "test/fixtures/emit/small/main.kdsl"), "utf8");
const lineOf = (start: string) => text.split("\n").findIndex((line) => line.startsWith(start)) + 1;

let folder: string;
let module: TypeScriptModule;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kdsl-typescript-"));
  const { plan, files } = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => path,
  });
  module = emitTypeScript(plan!, { morph, sources: files, file: "cluster.mjs" });
  write("main.kdsl", text);
  write("cluster.mjs", `${module.javascript}//# sourceMappingURL=cluster.mjs.map\n`);
  write("cluster.mjs.map", module.map);
  write("cluster.d.mts", module.declarations);
  write("typed/cluster.ts", module.typescript);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): void {
  execFileSync("mkdir", ["-p", join(folder, name, "..")]);
  writeFileSync(join(folder, name), content);
}

const node = (program: string, env: NodeJS.ProcessEnv = {}) => {
  write("use.mjs", program);
  const options = { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "", ...env } } as const;
  return execFileSync(process.execPath, [join(folder, "use.mjs")], options);
};

describe("the module", () => {
  test("holds the plan's objects by name", () => {
    const program = `import { rcs, services } from "./cluster.mjs";
      console.log(rcs.store.spec.replicas, services.store.spec.ports[0].port);`;
    expect(node(program)).toBe("2 7000\n");
  });

  test("tells where a service answers under kdsl run --wait", () => {
    const program = `import { services } from "./cluster.mjs"; console.log(services.store.address());`;
    const env = { STORE_SERVICE_HOST: "127.1.2.3", STORE_SERVICE_PORT_KV: "27000" };
    expect(node(program, env)).toBe("127.1.2.3:27000\n");
  });

  test("shows the line of the .kdsl in an error that is thrown through it, with source-map-support", () => {
    const program = `import { createRequire } from "node:module";
      createRequire(${JSON.stringify(`${root}/`)})("source-map-support").install();
      const { services } = await import("./cluster.mjs");
      try { services.store.address(); } catch (error) { console.log(error.stack); }`;
    const stack = node(program);
    expect(stack).toContain("service store answers nowhere: run this with kdsl run FILE --wait -- COMMAND");
    expect(stack).toMatch(new RegExp(`main\\.kdsl:${lineOf("service store")}:9\\b`));
  });

  test("is the same in JavaScript and in TypeScript, line by line and column by column", () => {
    const [typed, plain] = [module.typescript.split("\n"), module.javascript.split("\n")];
    expect(plain.map((line) => line.length)).toEqual(typed.map((line) => line.length));
  });
});

describe("its types", () => {
  const check = (name: string, program: string) => {
    write(name, program);
    const flags = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--types",
      "",
    ];
    return spawnSync(join(root, "node_modules/.bin/tsc"), [...flags, join(folder, name)], {
      encoding: "utf8",
    }).stdout;
  };
  const consumers = (from: string) => ({
    right: `import { rcs, services } from "${from}";
      const replicas: 2 = rcs.store.spec.replicas;
      export const all: string[] = [services.store.address(), services.store.address("kv"), String(replicas)];`,
    port: `import { services } from "${from}"; services.store.address("http");`,
    name: `import { services } from "${from}"; services.stor;`,
  });

  test.each([
    ["of JavaScript", "use.mts", "./cluster.mjs"],
    ["of TypeScript", "typed/use.mts", "./cluster.js"],
  ])("%s know every name and value, and refuse others", (_, file, from) => {
    const { right, port, name } = consumers(from);
    expect(check(file, right)).toBe("");
    expect(check(file, port)).toMatch(/error TS2345.*"http"/s);
    expect(check(file, name)).toMatch(/error TS2551.*Did you mean 'store'/s);
  });
});
