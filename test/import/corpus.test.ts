import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { importManifests } from "../../compiler/import/import.ts";
import { readManifests } from "../../compiler/import/read.ts";
import { byKey, compileText, withoutImplied } from "./support.ts";

/** Manifests as their authors wrote them: each imports, and gives back its objects, or is refused at a line. */

const folder = join(import.meta.dirname, "../../../shared/corpus/manifests");

describe.skipIf(!existsSync(folder))("the corpus (skipped where ../shared/corpus is absent)", () => {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const refused = new Map<string, readonly string[]>();
  for (const name of names) {
    test(name, () => {
      const source = { path: name, text: readFileSync(join(folder, name), "utf8") };
      const { program, diagnostics } = importManifests([source]);
      if (!program) {
        const errors = diagnostics.filter(({ severity }) => severity === "error");
        expect(errors.length).toBeGreaterThan(0);
        for (const { primary } of errors) expect(primary.span.end).toBeGreaterThan(primary.span.start);
        refused.set(
          name,
          errors.map(({ code }) => code),
        );
        return;
      }
      const given = readManifests(source).manifests.map(({ object }) => object);
      const { plan, diagnostics: said } = compileText(program.text);
      const wrong = said.filter(({ severity }) => severity === "error");
      expect(renderDiagnostics(wrong, { color: false })).toBe("");
      expect(byKey(withoutImplied(plan!, given), plan!.secrets)).toEqual(byKey(given));
    });
  }

  test("only what is wrong is refused", () => {
    expect(Object.fromEntries(refused)).toMatchInlineSnapshot(`
      {
        "nodesjs-mongodb__web-controller.yaml": [
          "KD5053",
        ],
        "storage__vitess__etcd-controller-template.yaml": [
          "KD5007",
        ],
        "storage__vitess__etcd-service-template.yaml": [
          "KD5007",
        ],
        "storage__vitess__vttablet-pod-template.yaml": [
          "KD5007",
        ],
        "volumes__aws_ebs__aws-ebs-web.yaml": [
          "KD5052",
        ],
        "volumes__cinder__cinder-web.yaml": [
          "KD5052",
        ],
        "volumes__scaleio__pod.yaml": [
          "KD5023",
        ],
        "volumes__storageos__storageos-pod.yaml": [
          "KD5023",
        ],
      }
    `);
  });
});
