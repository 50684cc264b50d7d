import type { Stored } from "../../../model/meta.ts";
import { matchesQuery } from "../../client/fields.ts";
import type { ApiBackend } from "../backend.ts";
import { type FieldSelector, parseFieldSelector, passesUnequal } from "../fields.ts";
import type { ApiRequest, BodyResponse } from "../http.ts";
import { json, jsonParts } from "../http.ts";
import { type ListOptions, listOptions } from "../options.ts";
import type { ResourceRoute } from "../routes.ts";
import { expired, failure } from "../status.ts";
import { type Continuation, pageOf, readToken, writeToken } from "./pages.ts";
import { listAt } from "./past.ts";
import { renderList, type View } from "./render.ts";
import { tooLargeRevision } from "./revision.ts";
import type { ListEncoder } from "./segments.ts";

/** The objects that a collection's path and selectors name, in order of namespace and name. */
export function select(
  backend: ApiBackend,
  route: Pick<ResourceRoute, "resource" | "namespace">,
  options: ListOptions,
): readonly Stored[] {
  const { kind } = route.resource;
  const fields = parseFieldSelector(kind, options.fields);
  const found: readonly Stored[] = backend.list(kind, queryOf(route, options, fields));
  return fields.unequal.length === 0 ? found : found.filter((object) => passesUnequal(fields, object));
}

function queryOf({ namespace }: ResourceRoute, { labels }: ListOptions, { equal }: FieldSelector) {
  return {
    ...(namespace !== undefined && { namespace }),
    ...(labels.length > 0 && { selector: labels }),
    ...(Object.keys(equal).length > 0 && { fields: equal }),
  };
}

/** As `select`, at a revision. */
function selectAt(
  backend: ApiBackend,
  route: ResourceRoute,
  options: ListOptions,
  revision: number,
): readonly Stored[] | "expired" {
  if (revision === backend.revision) return select(backend, route, options);
  const { kind } = route.resource;
  const fields = parseFieldSelector(kind, options.fields);
  const { namespace } = route;
  const found = listAt(backend, kind, revision, namespace === undefined ? {} : { namespace });
  if (found === "expired" || !options.selective) return found;
  const query = queryOf(route, options, fields);
  return found.filter((object) => matchesQuery(object, query) && passesUnequal(fields, object));
}

const expiredMessage =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
  "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
  "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
  "deleted between the time the first chunk was returned and now may show up in the list.";

/**
 * GET of a collection: all that match, or one page of them. All pages of a list are of the revision of its first; so is
 * a list with a revision and `resourceVersionMatch=Exact`, or with a limit and no match. Any other revision is one
 * that the list must not be older than, and it never is.
 */
export function list(
  backend: ApiBackend,
  route: ResourceRoute,
  request: ApiRequest,
  view: View,
  encode: ListEncoder,
): BodyResponse {
  const options = listOptions(request.query);
  const asked = options.resourceVersion ?? 0;
  const { revision: current } = backend;
  if (asked > current) throw tooLargeRevision(asked, current);
  const from = options.continue === undefined ? undefined : readToken(options.continue);
  const exact =
    options.match === "Exact" || (options.match === undefined && options.limit !== undefined && asked > 0);
  const revision = (from ? from.revision : exact ? asked : 0) || current;
  if (revision > current) throw tooLargeRevision(revision, current);
  const found = selectAt(backend, route, options, revision);
  if (found === "expired") return tooOld(from);
  const page = pageOf(found, revision, options.limit, from);
  const metadata = {
    resourceVersion: String(revision),
    ...(page.continue !== undefined && { continue: page.continue }),
    // Kubernetes does not tell how many remain where a selector narrows the list.
    ...(page.continue !== undefined && !options.selective && { remainingItemCount: page.remaining }),
  };
  const { kind, info } = route.resource;
  if (view.form.as !== "object") {
    const text = renderList(kind, info.apiVersion, page.items, metadata, view);
    return { status: 200, headers: { "content-type": "application/json" }, body: `${text}\n` };
  }
  const around = renderList(kind, info.apiVersion, [], metadata, view).slice(0, -2);
  return jsonParts([utf8.encode(around), ...encode(page.items), utf8.encode("]}\n")]);
}

const utf8 = new TextEncoder();

/** With a token that goes on in the list as it is now, as in Kubernetes. */
function tooOld(from: Continuation | undefined): BodyResponse {
  if (!from) throw expired("The resourceVersion for the provided list is too old.");
  const status = failure(expired(expiredMessage));
  return json({ ...status, metadata: { continue: writeToken({ ...from, revision: 0 }) } }, status.code);
}
