import type { TypeName } from "../../../model/api/fields.ts";
import { parseJson } from "../body.ts";
import { unsupportedMediaType } from "../status.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { applyMergePatch } from "./merge-patch.ts";
import { applyStrategicPatch } from "./strategic.ts";

export const patchTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
] as const;

/** The object that a patch makes of `document`; 415 for a patch of an unknown type. Server-side apply is not among them: it needs to know who applies. */
export function applyPatch(
  type: TypeName,
  document: unknown,
  contentType: string | undefined,
  body: Uint8Array,
): unknown {
  switch (contentType) {
    case "application/json-patch+json":
      return applyJsonPatch(document, parseJson(body));
    case "application/merge-patch+json":
      return applyMergePatch(document, parseJson(body));
    case "application/strategic-merge-patch+json":
      return applyStrategicPatch(type, document, parseJson(body));
    default:
      throw unsupportedMediaType(patchTypes);
  }
}
