import { findResource, groupVersions, type Resource, type Subresource } from "./resources.ts";
import { badRequest, unknownPath } from "./status.ts";

/** What a path of the API means. */
export interface ResourceRoute {
  readonly resource: Resource;
  /** Absent for kinds without a namespace, and for a collection over all namespaces. */
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** The subresource as it is served; absent where there is none of that name. */
  readonly below?: Subresource;
}

/**
 * Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`; undefined for a path that names no kind that is served. Throws 404 for a
 * path of one that names nothing, 400 for one that is not percent-encoded right.
 */
export function resourceRoute(path: string): ResourceRoute | undefined {
  const segments = path.split("/").slice(1).map(decodeSegment);
  const prefix = segments[0] === "api" ? 2 : segments[0] === "apis" ? 3 : 0;
  if (prefix === 0 || segments.length <= prefix) return undefined;
  const [group, version] = prefix === 2 ? ["", segments[1]!] : [segments[1]!, segments[2]!];
  if (!groupVersions.some((each) => each.group === group && each.version === version)) return undefined;
  const rest = segments.slice(prefix);
  if (rest.some((segment) => segment === "") || rest.length > 5) throw unknownPath();
  return nested(group, version, rest) ?? direct(group, version, rest);
}

/** The methods that a path takes, for `Allow`. */
export function methodsOf({
  resource,
  namespace,
  name,
  subresource,
  below,
}: ResourceRoute): readonly string[] {
  if (subresource !== undefined) return methodsFor(below?.verbs ?? []);
  if (name !== undefined)
    return methodsFor(resource.verbs.filter((verb) => verb !== "create" && verb !== "deletecollection"));
  // What is over all namespaces is only read.
  const nowhere = resource.info.namespaced && namespace === undefined;
  const collective = nowhere ? ["list"] : ["list", "create", "deletecollection"];
  return methodsFor(resource.verbs.filter((verb) => collective.includes(verb)));
}

const methods: Readonly<Record<string, string>> = {
  get: "GET",
  list: "GET",
  create: "POST",
  update: "PUT",
  patch: "PATCH",
  delete: "DELETE",
  deletecollection: "DELETE",
};

function methodsFor(verbs: readonly string[]): readonly string[] {
  return [...new Set(verbs.flatMap((verb) => methods[verb] ?? []))].sort();
}

export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`the path holds an invalid percent-encoding: ${segment}`);
  }
}

/** `namespaces/NS/PLURAL[/NAME[/SUBRESOURCE]]`; undefined where that is not the form. */
function nested(group: string, version: string, segments: readonly string[]): ResourceRoute | undefined {
  const [first, namespace, plural, name, subresource] = segments;
  if (first !== "namespaces" || plural === undefined) return undefined;
  const resource = findResource(group, version, plural);
  if (!resource?.info.namespaced) return undefined;
  return route(resource, namespace, name, subresource);
}

/** `PLURAL[/NAME[/SUBRESOURCE]]`: what has no namespace, or a collection over all of them. */
function direct(group: string, version: string, segments: readonly string[]): ResourceRoute | undefined {
  const [plural = "", name, subresource] = segments;
  const resource = findResource(group, version, plural);
  if (!resource || segments.length > 3) return undefined;
  if (resource.info.namespaced && name !== undefined) throw unknownPath();
  return route(resource, undefined, name, subresource);
}

function route(resource: Resource, namespace?: string, name?: string, subresource?: string): ResourceRoute {
  const found = resource.subresources.find((each) => each.name === subresource);
  return {
    resource,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(subresource !== undefined && { subresource }),
    ...(found && { below: found }),
  };
}
