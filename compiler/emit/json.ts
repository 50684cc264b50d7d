import type { Plan } from "../../model/plan.ts";
import { canonicalText } from "../plan/canonical.ts";
import { type ExportOptions, exportedObjects } from "./exported.ts";

/** `--emit json`: the plan's objects as one `List` that `kubectl apply -f` takes, without what a real cluster has itself. */
export function emitJson(plan: Plan, options: ExportOptions = {}): string {
  const items = exportedObjects(plan, options).objects;
  return `${canonicalText({ apiVersion: "v1", kind: "List", items }, 2)}\n`;
}
