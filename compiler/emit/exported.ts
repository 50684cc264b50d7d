import type { KubernetesObject } from "../../model/meta.ts";
import { isServed, keyOf } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { canonical } from "../plan/canonical.ts";
import { priorityClasses, withPriorityClass } from "./priority.ts";

export interface ExportOptions {
  /** Values of secrets by secret, then by key, where they are to stand in the manifests. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * What of a plan a real cluster is given, in the order of creation. Nodes and statuses are left out, for it has its
 * own; so are secrets whose values come from outside, unless the values are given. `notes` say what was left out and
 * what plain Kubernetes does otherwise.
 */
export function exportedObjects(
  plan: Plan,
  options: ExportOptions = {},
): { readonly objects: readonly unknown[]; readonly notes: readonly string[] } {
  const objects: unknown[] = [...priorityClasses(plan.objects)];
  const omitted: string[] = [];
  for (const object of plan.objects) {
    const why = whyOmitted(plan, object, options);
    if (why === undefined) objects.push(exported(object, options));
    else omitted.push(`  ${object.kind} ${nameOf(object)}: ${why}`);
  }
  return { objects, notes: notes(plan, omitted) };
}

const nameOf = ({ metadata: { name, namespace } }: KubernetesObject) =>
  namespace === undefined ? name : `${namespace}/${name}`;

function whyOmitted(plan: Plan, object: KubernetesObject, { secrets }: ExportOptions): string | undefined {
  if (!isServed(object)) return undefined;
  if (object.kind === "Node") return "a real cluster has its own nodes";
  if (object.kind !== "Secret") return undefined;
  const key = keyOf(object);
  const missing = Object.entries(plan.secrets[key] ?? {}).filter(
    ([name]) => secrets?.[key]?.[name] === undefined,
  );
  if (missing.length === 0) return undefined;
  const from = missing.map(([name, source]) =>
    "env" in source
      ? `${name} from the environment variable ${source.env}`
      : `${name} from the file ${"file" in source ? source.file : source.manifest}`,
  );
  return `its values come from outside (${from.join("; ")}); create it with kubectl create secret generic`;
}

function notes(plan: Plan, omitted: readonly string[]): string[] {
  const lines: string[] = [];
  if (omitted.length > 0) lines.push("Left out:", ...omitted);
  for (const [key, earlier] of Object.entries(plan.after))
    lines.push(`${key} waits for ${earlier.join(", ")}: kdsl does so, plain Kubernetes starts both at once.`);
  // A path or a name may hold anything; a comment ends with its line.
  return lines.map((line) => line.replace(/[\n\r\u0085\u2028\u2029]/g, " "));
}

function exported(object: KubernetesObject, { secrets }: ExportOptions): unknown {
  if (!isServed(object)) return canonical(object);
  const { status: _, ...rest } = withPriorityClass(object) as KubernetesObject & { status?: unknown };
  const values = object.kind === "Secret" ? secrets?.[keyOf(object)] : undefined;
  return canonical(values ? { ...rest, stringData: values } : rest);
}
