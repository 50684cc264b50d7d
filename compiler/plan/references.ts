import { otherNamespace } from "../diagnostics/catalog/plan.ts";
import type { ObjectHandle } from "../evaluate/value.ts";
import type { Span } from "../source/source.ts";
import { type Draft, help, report, titleOf } from "./draft.ts";

/** Whether the object is one that a pod can refer to: in its own namespace. Reported if not. */
export function near(draft: Draft, object: ObjectHandle, span: Span): boolean {
  if (object.namespace === draft.handle.namespace) return true;
  report(
    draft,
    otherNamespace(
      span,
      { by: titleOf(draft.handle), what: titleOf(object), namespace: object.namespace ?? "" },
      { fixes: help("declare it in the pod's own namespace") },
    ),
  );
  return false;
}
