import { ApiError } from "../../client/client.ts";
import { formatPath, pathsOf } from "./field-set.ts";
import type { Manager } from "./managers.ts";

/** Fields that somebody else has set to other values than those that are applied: who has, and which (409). */
export function applyConflict(conflicts: readonly Manager[]): ApiError {
  const found = conflicts
    .flatMap((manager) =>
      pathsOf(manager.fields).map((path) => ({ who: formatManager(manager), field: formatPath(path) })),
    )
    .sort((a, b) => (a.who < b.who ? -1 : a.who > b.who ? 1 : 0));
  const causes = found.map(({ who, field }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${who}`,
    field,
  }));
  return new ApiError(409, "Conflict", messageOf(found), { causes });
}

function messageOf(found: readonly { readonly who: string; readonly field: string }[]): string {
  if (found.length === 1)
    return `Apply failed with 1 conflict: conflict with ${found[0]!.who}: ${found[0]!.field}`;
  const lines = [...new Set(found.map(({ who }) => who))].flatMap((who) => [
    `conflicts with ${who}:`,
    ...found.filter((each) => each.who === who).map(({ field }) => `- ${field}`),
  ]);
  return `Apply failed with ${found.length} conflicts: ${lines.join("\n")}`;
}

/** `"kubectl-client-side-apply" using v1`, `"kubectl" with subresource "status"`. */
function formatManager({ name, operation, apiVersion, subresource }: Manager): string {
  const text = JSON.stringify(name) + (subresource === "" ? "" : ` with subresource "${subresource}"`);
  return operation === "Apply" ? text : `${text} using ${apiVersion}`;
}
