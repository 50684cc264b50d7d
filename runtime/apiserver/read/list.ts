import type { Stored } from "../../../model/meta.ts";
import type { ApiBackend } from "../backend.ts";
import { parseFieldSelector, passesUnequal } from "../fields.ts";
import type { ApiRequest, BodyResponse } from "../http.ts";
import { json } from "../http.ts";
import { type ListOptions, listOptions } from "../options.ts";
import type { ResourceRoute } from "../routes.ts";
import { expired, failure } from "../status.ts";
import type { Pages } from "./pages.ts";
import { renderList, type View } from "./render.ts";
import { tooLargeRevision } from "./revision.ts";

/** The objects that a collection's path and selectors name, in order of namespace and name. */
export function select(
  backend: ApiBackend,
  route: Pick<ResourceRoute, "resource" | "namespace">,
  options: ListOptions,
): readonly Stored[] {
  const { kind } = route.resource;
  const fields = parseFieldSelector(kind, options.fields);
  const found: readonly Stored[] = backend.list(kind, {
    ...(route.namespace !== undefined && { namespace: route.namespace }),
    ...(options.labels.length > 0 && { selector: options.labels }),
    ...(Object.keys(fields.equal).length > 0 && { fields: fields.equal }),
  });
  return fields.unequal.length === 0 ? found : found.filter((object) => passesUnequal(fields, object));
}

const expiredMessage =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
  "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
  "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
  "deleted between the time the first chunk was returned and now may show up in the list.";

/** GET of a collection: all that match, or one page of them. */
export function list(
  backend: ApiBackend,
  pages: Pages,
  route: ResourceRoute,
  request: ApiRequest,
  view: View,
): BodyResponse {
  const options = listOptions(request.query);
  if (options.resourceVersion !== undefined && options.resourceVersion > backend.revision)
    throw tooLargeRevision(options.resourceVersion, backend.revision);
  const { kind, info } = route.resource;
  const query = [kind, route.namespace ?? "", request.query.get("labelSelector") ?? "", options.fields].join(
    "\n",
  );
  const current = () => select(backend, route, options);
  const page =
    options.continue === undefined
      ? pages.first(query, current(), backend.revision, options.limit)
      : pages.next(options.continue, query, current, backend.revision, options.limit);
  if ("expired" in page) {
    const status = failure(expired(expiredMessage));
    return json({ ...status, metadata: { continue: page.expired } }, status.code);
  }
  const metadata = {
    resourceVersion: String(page.revision),
    ...(page.continue !== undefined && { continue: page.continue }),
    // Kubernetes does not tell how many remain where a selector narrows the list.
    ...(page.continue !== undefined && !options.selective && { remainingItemCount: page.remaining }),
  };
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: `${renderList(kind, info.apiVersion, page.items, metadata, view)}\n`,
  };
}
