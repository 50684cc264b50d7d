import { sha256 } from "../../base/sha256.ts";
import type { ApiRequest, BodyResponse } from "./http.ts";
import { json } from "./http.ts";
import {
  type GroupVersion,
  groupsOf,
  groupVersionPath,
  groupVersionName as nameOf,
  type ServedResource,
  servedIn,
} from "./served.ts";

/** How clients find out what there is: the aggregated form in one request, and the older one document per group. */

const aggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/**
 * The answer to `/`, `/api`, `/apis`, `/api/v1` and `/apis/GROUP[/VERSION]`; undefined for another path. `served` is all that
 * this cluster serves.
 */
export function discover(request: ApiRequest, served: readonly ServedResource[]): BodyResponse | undefined {
  const found = documentOf(request, served);
  return found && known(request, found);
}

/** The same document again costs its reader nothing: it is told by its hash that it has it already. */
function known(request: ApiRequest, found: BodyResponse): BodyResponse {
  const etag = JSON.stringify(sha256(found.body).toUpperCase());
  const headers = { ...found.headers, etag, vary: "Accept" };
  const tags = (request.headers["if-none-match"] ?? "").split(",").map((each) => each.trim());
  return tags.includes(etag) ? { status: 304, headers, body: "" } : { ...found, headers };
}

function documentOf(request: ApiRequest, served: readonly ServedResource[]): BodyResponse | undefined {
  const path = request.path.replace(/\/$/, "");
  const groups = groupsOf(served);
  if (path === "") return json({ paths: pathsOf(groups) });
  const core = groups.filter(({ group }) => group === "");
  const named = groups.filter(({ group }) => group !== "");
  if (path === "/api")
    return wantsAggregated(request)
      ? aggregated(core, served)
      : json({ kind: "APIVersions", versions: core.map(({ version }) => version) });
  if (path === "/apis")
    return wantsAggregated(request)
      ? aggregated(named, served)
      : json({ kind: "APIGroupList", apiVersion: "v1", groups: named.map(groupDocument) });
  for (const each of groups) {
    if (path === groupVersionPath(each)) return json(resourceList(each, served));
    if (each.group !== "" && path === `/apis/${each.group}`)
      return json({ kind: "APIGroup", apiVersion: "v1", ...groupDocument(each) });
  }
  return undefined;
}

/** Every path that is no resource's, as `/` lists them. */
function pathsOf(groups: readonly GroupVersion[]): readonly string[] {
  const named = groups.flatMap((each) =>
    each.group === "" ? [groupVersionPath(each)] : [`/apis/${each.group}`, groupVersionPath(each)],
  );
  const others = ["/api", "/apis", "/healthz", "/livez", "/readyz", "/version"];
  return [...others, "/openapi/v2", "/openapi/v3", ...named].sort();
}

function wantsAggregated(request: ApiRequest): boolean {
  return (
    /as=APIGroupDiscoveryList/.test(request.headers.accept ?? "") &&
    /v=v2\b(?!beta)/.test(request.headers.accept!)
  );
}

function aggregated(list: readonly GroupVersion[], served: readonly ServedResource[]): BodyResponse {
  const items = list.map((each) => ({
    metadata: each.group === "" ? {} : { name: each.group },
    versions: [
      {
        version: each.version,
        resources: servedIn(each, served).map(aggregatedResource),
        freshness: "Current",
      },
    ],
  }));
  const document = {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items,
  };
  return json(document, 200, { "content-type": aggregatedType });
}

function aggregatedResource({ group, version, kind, info, verbs, subresources }: ServedResource) {
  return {
    resource: info.plural,
    responseKind: { group, version, kind },
    scope: info.namespaced ? "Namespaced" : "Cluster",
    singularResource: info.singular,
    verbs,
    ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
    ...(info.categories.length > 0 && { categories: info.categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((each) => ({
        subresource: each.name,
        responseKind: { group: each.group, version: each.version, kind: each.kind },
        verbs: each.verbs,
      })),
    }),
  };
}

function groupDocument(each: GroupVersion) {
  const version = { groupVersion: nameOf(each), version: each.version };
  return { name: each.group, versions: [version], preferredVersion: version };
}

function resourceList(each: GroupVersion, served: readonly ServedResource[]) {
  const entries = servedIn(each, served).flatMap(({ info, kind, verbs, subresources }) => [
    {
      name: info.plural,
      singularName: info.singular,
      namespaced: info.namespaced,
      kind,
      verbs,
      ...(info.shortNames.length > 0 && { shortNames: info.shortNames }),
      ...(info.categories.length > 0 && { categories: info.categories }),
    },
    ...subresources.map((below) => ({
      name: `${info.plural}/${below.name}`,
      singularName: "",
      namespaced: info.namespaced,
      ...((below.group !== each.group || below.version !== each.version) && {
        group: below.group,
        version: below.version,
      }),
      kind: below.kind,
      verbs: below.verbs,
    })),
  ]);
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: nameOf(each), resources: entries };
}
