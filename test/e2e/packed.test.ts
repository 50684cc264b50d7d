import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** The package as users get it: packed, installed into a repository that exists already, run from there. */

let directory: string;
const run = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  execFileSync(program, args, {
    cwd: directory,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "kdsl-packed-"));
  const root = join(import.meta.dirname, "../..");
  // What `prepack` does beside the build, which the tests have made already.
  execFileSync("npm", ["run", "build:types"], { cwd: root, stdio: "ignore" });
  execFileSync("npm", ["pack", "--ignore-scripts", "--pack-destination", directory], {
    cwd: root,
    stdio: "ignore",
  });
  const tarball = readdirSync(directory).find((name) => name.endsWith(".tgz"))!;
  writeFileSync(
    join(directory, "package.json"),
    JSON.stringify({ name: "existing", version: "1.0.0", private: true }),
  );
  run("npm", ["install", "--no-fund", "--no-audit", "--prefer-offline", `./${tarball}`]);
}, 180_000);

afterAll(() => {
  if (directory) rmSync(directory, { recursive: true, force: true });
});

test("kdsl init, check and run --wait work from node_modules", () => {
  const runtime = join(directory, "runtime");
  run("mkdir", ["-m", "700", "runtime"]);
  const env = { XDG_RUNTIME_DIR: runtime };
  expect(run("npx", ["kdsl", "--version"])).toMatch(/^\d+\.\d+\.\d+\n$/);
  run("npx", ["kdsl", "init", "first"]);
  expect(run("npx", ["kdsl", "check", "first/main.kdsl"])).toMatch(/nothing to object to/);
  expect(run("npx", ["kdsl", "run", "first/main.kdsl", "--wait", "--", "echo", "all is ready"], env)).toBe(
    "all is ready\n",
  );
});

const program = `import { compile, memoryFileSystem } from "kdsl";
const { plan, diagnostics } = compile({
  fileSystem: memoryFileSystem({ "a.kdsl": "label app\\npod a { identity: { app: \\"a\\" }\\n container c { image: \\"x:1\\" } }" }),
  path: "a.kdsl",
  resolvePath: (from, path) => path,
});
console.log(plan?.objects.map((object) => object.kind).join(), diagnostics.length);
`;

test("the compiler is a library, with its types", () => {
  writeFileSync(join(directory, "use.mjs"), program);
  expect(run("node", ["use.mjs"])).toBe("Pod 0\n");
  const tsc = join(import.meta.dirname, "../../node_modules/.bin/tsc");
  const flags = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--target",
    "es2022",
    "--types",
    "",
    "--lib",
    "es2022,dom",
  ];
  writeFileSync(join(directory, "use.mts"), program);
  run(tsc, [...flags, "use.mts"]);
  writeFileSync(join(directory, "wrong.mts"), program.replace("plan?.objects", "plan?.objcets"));
  expect(() => run(tsc, [...flags, "wrong.mts"])).toThrow(/./);
});
