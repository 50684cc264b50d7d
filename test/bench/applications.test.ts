import { describe, expect, test } from "vitest";
// @ts-expect-error: a script without types
import { objects, shapes } from "../../bench/applications.mjs";
import { compile } from "../../compiler/compile.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { withDefaults } from "../../model/defaults.ts";
import { type KubernetesObject, keyOf } from "../../model/meta.ts";

/** What the benchmark compiles gives what it is meant to give, however it is written. */
describe.each(Object.keys(shapes))("applications written as %s", (shape) => {
  test("are the objects of the model", () => {
    const count = 30;
    const { plan, diagnostics } = compile({
      fileSystem: memoryFileSystem({ "main.kdsl": shapes[shape](count) }),
      path: "main.kdsl",
      resolvePath: (_, path) => `/${path}`,
    });
    expect(diagnostics).toEqual([]);
    const made = plan!.objects.filter(({ kind }) => kind !== "ConfigMap");
    const byKey = (all: readonly KubernetesObject[]) => new Map(all.map((object) => [keyOf(object), object]));
    const meant = Array.from({ length: count }, (_, index) => objects(index) as KubernetesObject[]).flat();
    expect(byKey(made)).toEqual(byKey(meant.map(withDefaults)));
  });
});
