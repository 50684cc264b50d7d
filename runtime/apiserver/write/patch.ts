import type { TypeName } from "../../../model/api/fields.ts";
import { mediaType } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import { writerOf } from "../managed/writer.ts";
import { applyPatch } from "../patch/patch.ts";
import type { ResourceRoute } from "../routes.ts";
import { invalidOptions } from "../status.ts";
import { apply, applyPatchType } from "./apply.ts";
import { asObject } from "./body.ts";
import { existing, nameFits, store, type WriteContext, type Written } from "./write.ts";

/** PATCH of an object or of its status, in the form that the body's type names. */
export function patch(context: WriteContext, route: ResourceRoute, request: ApiRequest): Written {
  if (mediaType(request) === applyPatchType) return apply(context, route, request);
  refuseForce(request);
  const writer = writerOf(request, route, context.clock.now(), "PatchOptions");
  const live = existing(context.backend, route);
  const patched = applyPatch(route.resource.kind as TypeName, live, mediaType(request), request.body);
  const read = asObject(patched, request, route);
  nameFits(route, read.object.metadata.name);
  // A patch is a change of what is there now; only one that names a revision or a uid itself is bound to it.
  return store(context, route, request, writer, live, read);
}

/** Only who applies can take fields away from others by force. */
export function refuseForce({ query }: ApiRequest): void {
  if (query.has("force"))
    throw invalidOptions("PatchOptions", [
      {
        reason: "FieldValueForbidden",
        field: "force",
        message: "Forbidden: may not be specified for non-apply patch",
      },
    ]);
}
