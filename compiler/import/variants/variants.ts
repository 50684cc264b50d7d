import type { KubernetesObject } from "../../../model/meta.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { SourceFile } from "../../source/source.ts";
import { withOwnComments } from "../comments.ts";
import { readObjects } from "../import.ts";
import { draftProgram, finish, type WrittenProgram } from "../write/program.ts";
import type { SecretFiles } from "../write/secrets.ts";
import { conditionName, type Merging, mergeMembers } from "./merge.ts";

/** `kdsl import --as dev=a.yaml --as prod=b.yaml`: variants of one cluster as one program with a profile for each. */

export interface ImportedVariants {
  readonly program?: WrittenProgram;
  /** Values of secrets, by variant. */
  readonly secrets: ReadonlyMap<string, SecretFiles>;
  readonly objects: ReadonlyMap<string, readonly KubernetesObject[]>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The first variant is what the program is without a profile. Never throws for what stands in a file. */
export function importVariants(
  variants: readonly { readonly name: string; readonly sources: readonly SourceFile[] }[],
): ImportedVariants {
  const read = variants.map(({ name, sources }) => ({ name, sources, ...readObjects(sources) }));
  const objects = new Map(read.map(({ name, placed }) => [name, placed.map(({ object }) => object)]));
  const diagnostics = read.flatMap((one) => one.diagnostics);
  const failed = { objects, diagnostics, secrets: new Map<string, SecretFiles>() };
  if (diagnostics.some(({ severity }) => severity === "error")) return failed;
  const drafts = new Map(read.map(({ name, placed }) => [name, draftProgram(placed.map(withOwnComments))]));
  const [first] = drafts.values();
  if (!first) return failed;
  const merging: Merging = { variants: variants.map(({ name }) => name), parameters: [], conditional: false };
  const members = mergeMembers(
    merging,
    new Map([...drafts].map(([name, draft]) => [name, draft.members])),
    [],
  );
  const all = [...drafts.values()];
  const program = finish(
    {
      ...first,
      members,
      probes: new Set(all.flatMap(({ probes }) => [...probes])),
      labels: new Map(all.flatMap(({ labels }) => [...labels])),
    },
    declarations(merging),
  );
  return {
    program,
    objects,
    diagnostics,
    secrets: new Map([...drafts].map(([name, { secrets }]) => [name, secrets])),
  };
}

/** The parameters, with the first variant's values, and a profile for each. */
function declarations({ variants, parameters, conditional }: Merging): string {
  const [standard = ""] = variants;
  const quoted = variants.map((variant) => `"${variant}"`);
  const lines: string[] = [];
  if (conditional) lines.push(`param ${conditionName}: ${quoted.join(" | ")} = "${standard}"\n`);
  for (const { name, type, values } of parameters)
    lines.push(`param ${name}: ${type} = ${values.get(standard) ?? [...values.values()][0]}\n`);
  const profiles = variants.map((variant) => {
    const own = [
      ...(conditional ? [`  ${conditionName}: "${variant}"\n`] : []),
      ...parameters.flatMap(({ name, values }) => {
        const value = values.get(variant);
        return value === undefined ? [] : [`  ${name}: ${value}\n`];
      }),
    ];
    return own.length === 0 ? `profile ${variant} {}\n` : `profile ${variant} {\n${own.join("")}}\n`;
  });
  return [lines.join(""), ...profiles].filter((part) => part !== "").join("\n");
}
