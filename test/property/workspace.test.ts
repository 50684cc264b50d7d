import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { createWorkspace } from "../../compiler/workspace.ts";
import { runs } from "../runs.ts";

/** Whatever was edited in whatever order: a workspace says what a fresh compilation says. */

const versions: Readonly<Record<string, readonly string[]>> = {
  "labels.kdsl": [
    'label app\nlabel tier: "web" | "data"\n',
    'label app\nlabel tier: "web"\n',
    "label app\n",
    "label app label tier: \n",
  ],
  "sizes.kdsl": [
    "let small = 64Mi\nfn twice(n: Int): Int = n * 2\n",
    "// a line more\nlet small = 128Mi\nfn twice(n: Int): Int = n * 3\n",
    'let small = "much"\nfn twice(n: Int): Int = n * 2\n',
    "let small = small\n",
  ],
  "web.kdsl": [
    'use "./labels.kdsl" { app }\nuse "./sizes.kdsl" { small, twice }\n' +
      'rc web {\n  replicas: twice(2)\n  pod {\n    identity: { app: "web" }\n    container c { image: "i:1", port http: 80, requests: { memory: small } }\n  }\n}\n' +
      "service web { select: web, port http: 80 -> http }\n",
    'use "./labels.kdsl" { app }\n' +
      'rc web { pod { identity: { app: "web" }, container c { image: "i:1", port http: 80 } } }\n' +
      "service web { select: web, port http: 80 -> htpt }\n",
    "rc web {",
  ],
  "main.kdsl": [
    'use "./web.kdsl" as w\nuse "./labels.kdsl" { app, tier }\n' +
      'rc data { pod { identity: { app: "data" }, labels: { tier: "data" }, container c { image: "i:1" } } }\n',
    'use "./web.kdsl" as w\nuse "./main.kdsl" as me\n',
    'use "./sizes.kdsl" { small, twice }\nparam copies: Int = twice(small)\n',
    "use std/probe { tcp }\n",
  ],
};
const paths = Object.keys(versions);
const resolvePath = (_: string, path: string) => `/${path}`;

const step = fc.record({
  path: fc.constantFrom(...paths),
  version: fc.nat(4),
  ask: fc.subarray(paths, { minLength: 1 }),
});

test("a workspace says what a fresh compilation says, after any history of edits", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const files: Record<string, string> = { "labels.kdsl": versions["labels.kdsl"]![0]! };
      const workspace = createWorkspace({ fileSystem: memoryFileSystem({ ...files }), resolvePath });
      for (const { path, version, ask } of steps) {
        const text = versions[path]![version];
        if (text === undefined) {
          delete files[path];
          workspace.deleteFile(path);
        } else {
          files[path] = text;
          workspace.setFile(`./${path}`, text);
        }
        for (const asked of ask) {
          const fresh = compile({ fileSystem: memoryFileSystem(files), path: asked, resolvePath });
          const known = workspace.compile(asked);
          expect(known.diagnostics).toEqual(fresh.diagnostics);
          expect(known.plan?.hash).toBe(fresh.plan?.hash);
          expect(known.files.map((file) => file.path)).toEqual(fresh.files.map((file) => file.path));
        }
      }
    }),
    runs(60),
  );
});

test("an answer is kept until something that it came from changes", () => {
  const [labels, sizes, web] = ["labels.kdsl", "sizes.kdsl", "web.kdsl"].map((path) => versions[path]![0]!);
  const workspace = createWorkspace({
    fileSystem: memoryFileSystem({ "labels.kdsl": labels!, "sizes.kdsl": sizes!, "web.kdsl": web! }),
    resolvePath,
  });
  const first = workspace.compile("web.kdsl");
  expect(first.plan?.objects).toHaveLength(2);
  workspace.setFile("other.kdsl", "let x = 1");
  expect(workspace.compile("web.kdsl")).toBe(first);
  const before = workspace.snapshot();
  workspace.setFile("sizes.kdsl", versions["sizes.kdsl"]![2]!);
  expect(workspace.diagnostics("web.kdsl").map(({ code }) => code)).toEqual(["KD2101"]);
  expect(before.compile("web.kdsl").plan?.hash).toBe(first.plan?.hash);
  workspace.releaseFile("sizes.kdsl");
  expect(workspace.compile("web.kdsl").plan?.hash).toBe(first.plan?.hash);
  workspace.deleteFile("labels.kdsl");
  expect(workspace.compile("web.kdsl").plan).toBeUndefined();
});
