import { isServed, type KubernetesObject, keyOf } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import { validateUpdate } from "../../../model/validation.ts";
import { changeRefused, dataLost } from "../../diagnostics/catalog/changes.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { SpanTable } from "../../plan/spans.ts";
import type { Span } from "../../source/source.ts";
import { type Cluster, clusterOf, titleOf } from "../cluster.ts";
import { settled } from "../places.ts";
import type { Baseline } from "./baseline.ts";
import { type Change, changesBetween } from "./compare.ts";
import { fixedFields } from "./fixed-fields.ts";

export interface Changes {
  readonly changes: readonly Change[];
  /** What of it cannot be done, at the lines that ask for it. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What a plan would change, against an earlier plan or a live cluster, and which of it is impossible. */
export function verifyChanges(
  input: { plan: Omit<Plan, "hash">; spans: SpanTable },
  baseline: Baseline,
): Changes {
  const cluster = clusterOf(input.plan, input.spans);
  const before = new Map(baseline.objects.map((object) => [keyOf(object), object]));
  const diagnostics: Diagnostic[] = [];
  const changes = changesBetween(baseline, input.plan).map((change): Change => {
    const old = before.get(change.key);
    if (change.action === "remove" && old) diagnostics.push(...lost(cluster, baseline, old));
    const next = cluster.byKey.get(change.key);
    if (!old || !next) return change;
    const found = impossible(cluster, change, old, next);
    diagnostics.push(...found);
    return found.some(({ severity }) => severity === "error") ? { ...change, action: "replace" } : change;
  });
  return { changes, diagnostics: diagnostics.map(settled) };
}

function impossible(
  cluster: Cluster,
  { key, fields }: Change,
  before: KubernetesObject,
  after: KubernetesObject,
): readonly Diagnostic[] {
  const rule = Object.hasOwn(fixedFields, after.kind) ? fixedFields[after.kind] : undefined;
  const found = [...(rule?.({ cluster, key, before, after, fields }) ?? [])];
  if (found.length > 0 || !isServed(after)) return found;
  // The net below: what Kubernetes' own validation says of the update, where no rule said it better.
  const keep = (old: object, next: object) => ({ ...old, ...next });
  const metadata = keep(before.metadata, after.metadata) as KubernetesObject["metadata"];
  const updated = { ...before, ...after, metadata };
  if (after.kind === "Pod") return found;
  return validateUpdate(before, updated).map(({ field, message }) =>
    changeRefused(cluster.near(key, field), { title: titleOf(after), field, why: message }),
  );
}

/** What is gone has no place in the file any more: it is told at its beginning. */
function* lost(cluster: Cluster, baseline: Baseline, object: KubernetesObject): Iterable<Diagnostic> {
  if (object.kind !== "PersistentVolumeClaim" && object.kind !== "Namespace") return;
  const start = cluster.plan.objects[0];
  const near = start ? cluster.near(keyOf(start)) : undefined;
  const span: Span = { file: near?.file ?? { path: cluster.plan.name, text: "" }, start: 0, end: 0 };
  const was = baseline.plan?.provenance[keyOf(object)]?.[""];
  yield dataLost(
    span,
    { title: titleOf(object) },
    { notes: was ? [`it stood at ${was.file}:${was.line}:${was.column}`] : [] },
  );
}
