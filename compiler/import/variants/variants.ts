import type { KubernetesObject } from "../../../model/meta.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { SourceFile } from "../../source/source.ts";
import { withOwnComments } from "../comments.ts";
import { readObjects } from "../import.ts";
import { quoted } from "../write/literals.ts";
import { draftProgram, finish, type WrittenProgram } from "../write/program.ts";
import type { SecretFiles } from "../write/secrets.ts";
import { conditionName, type Merging, mergeMembers, type Parameter } from "./merge.ts";
import {
  type SharedNamespace,
  sharedNamespaces,
  spelledOut,
  textsOfAll,
  withNames,
  withStandIns,
} from "./namespaces.ts";

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
  const whole = read.map(({ name }) => ({ name, objects: objects.get(name)! }));
  const shared = sharedNamespaces(whole);
  const ofAll = textsOfAll(whole);
  const drafts = new Map(
    read.map(({ name, placed }) => {
      const inputs = placed.map(withOwnComments);
      return [
        name,
        draftProgram(
          inputs.map((one) => ({ ...one, object: withStandIns(one.object, name, shared, ofAll) })),
        ),
      ];
    }),
  );
  const [first] = drafts.values();
  if (!first) return failed;
  const merging: Merging = {
    variants: variants.map(({ name }) => name),
    parameters: shared.filter(({ pattern }) => pattern === undefined).map(nameParameter),
    original: (text, variant) => withNames(text, variant, shared),
    conditional: shared.some(({ pattern }) => pattern !== undefined),
  };
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
    (text) => spelledOut(text, shared, ({ alias, pattern }) => pattern ?? `{${parameterName(alias)}}`),
  );
  return {
    program,
    objects,
    diagnostics,
    secrets: new Map([...drafts].map(([name, { secrets }]) => [name, underOwnPaths(secrets, shared)])),
  };
}

const parameterName = (alias: string): string => `${alias}Name`;

/** The name of a namespace as a parameter. */
const nameParameter = ({ alias, names }: SharedNamespace): Parameter => ({
  name: parameterName(alias),
  type: "String",
  values: new Map([...names].map(([variant, name]) => [variant, quoted(name)])),
});

/** Files of secrets where the program looks for them. */
const underOwnPaths = (secrets: SecretFiles, shared: readonly SharedNamespace[]): SecretFiles => ({
  ...secrets,
  files: new Map(
    [...secrets.files].map(([path, bytes]) => [spelledOut(path, shared, ({ alias }) => alias), bytes]),
  ),
});

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
