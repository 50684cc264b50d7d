import type { Plan } from "../model/plan.ts";
import type { Compilation } from "./compile.ts";
import type { Diagnostic } from "./diagnostics/diagnostic.ts";
import { asWritten, withoutMade } from "./import/clean.ts";
import { kindProblem } from "./import/kinds.ts";
import { type Placed, planOf, type SecretValues } from "./import/plan.ts";
import { type ManifestFile, readManifests } from "./import/read.ts";
import { shapeOf } from "./import/shape.ts";
import { inYaml } from "./import/wording.ts";
import { withHash } from "./plan/canonical.ts";
import type { SourceFile } from "./source/source.ts";
import type { Baseline } from "./verify/changes/baseline.ts";
import { verifyChanges } from "./verify/changes/changes.ts";
import { clusterOf } from "./verify/cluster.ts";
import { verify } from "./verify/verify.ts";

export interface ManifestOptions {
  /** One cluster together. */
  readonly files: readonly SourceFile[];
  /** The paths of those that were not asked for by name: where they hold no objects they are passed over. */
  readonly found?: ReadonlySet<string>;
  /** What the cluster is called. */
  readonly name: string;
  readonly against?: Baseline;
}

export interface ManifestCompilation extends Compilation {
  /** What the plan leaves out. */
  readonly secretValues: SecretValues;
  /** Files that hold no objects, with what they are. */
  readonly passedOver: readonly { readonly path: string; readonly what: string }[];
}

/**
 * From Kubernetes YAML and JSON to a plan, by the same rules that files in KDSL are held to. Mistakes in fields that have
 * a plain meaning do not keep the rules from looking at the rest; others end the way.
 */
export function compileManifests({
  files: given,
  found,
  name,
  against,
}: ManifestOptions): ManifestCompilation {
  const { placed, files, passedOver, broken, diagnostics } = gatherManifests(given, found);
  const { plan, spans, secretValues, diagnostics: more } = planOf(placed, { name, files });
  diagnostics.push(...more);
  const end = (whole?: Plan, rest: Pick<Compilation, "changes"> = {}): ManifestCompilation => ({
    ...(whole && { [diagnostics.some(({ severity }) => severity === "error") ? "draft" : "plan"]: whole }),
    diagnostics: inOrder(diagnostics, files),
    files,
    secretValues,
    passedOver,
    ...rest,
  });
  if (broken) return end();
  const cluster = clusterOf(plan, spans);
  diagnostics.push(...inYaml(verify({ plan, spans }), cluster));
  if (!against || diagnostics.some(({ severity }) => severity === "error")) return end(withHash(plan));
  const changed = verifyChanges({ plan, spans }, against);
  diagnostics.push(...inYaml(changed.diagnostics, cluster));
  return end(withHash(plan), { changes: changed.changes });
}

export interface GatheredManifests {
  readonly placed: readonly Placed[];
  /** Those that hold objects, as they are to be shown. */
  readonly files: readonly SourceFile[];
  readonly passedOver: ManifestCompilation["passedOver"];
  readonly diagnostics: Diagnostic[];
  /** Whether something is missing that nobody can guess. */
  readonly broken: boolean;
}

/** Reads files, and holds the objects in them against the fields of their kinds. */
export function gatherManifests(
  given: readonly SourceFile[],
  found: ReadonlySet<string> | undefined,
): GatheredManifests {
  const passedOver: { path: string; what: string }[] = [];
  const read: ManifestFile[] = [];
  for (const file of given) {
    const one = readManifests(file);
    if (one.other !== undefined && found?.has(file.path))
      passedOver.push({ path: file.path, what: one.other });
    else read.push(one);
  }
  const diagnostics: Diagnostic[] = read.flatMap((each) => each.diagnostics);
  let broken = diagnostics.length > 0;
  const placed: Placed[] = [];
  for (const manifest of withoutMade(read.flatMap(({ manifests }) => manifests))) {
    const wrongKind = kindProblem(manifest);
    const shaped = shapeOf(manifest);
    if (wrongKind) diagnostics.push(wrongKind);
    diagnostics.push(...shaped.diagnostics);
    broken ||= wrongKind !== undefined || shaped.broken;
    placed.push({ manifest, object: asWritten(shaped.object) });
  }
  return { placed, files: read.map(({ file }) => file), passedOver, diagnostics, broken };
}

function inOrder(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): Diagnostic[] {
  const rank = ({ primary: { span } }: Diagnostic) => files.indexOf(span.file);
  return [...diagnostics].sort(
    (left, right) => rank(left) - rank(right) || left.primary.span.start - right.primary.span.start,
  );
}
