import type { ApiRequest } from "../http.ts";
import { flag } from "../options.ts";
import { decodeSegment } from "../routes.ts";

/** What a request wants to do: with a resource, or with a path that is none (Kubernetes' `RequestInfo`). */
export type Attributes = ResourceAttributes | PathAttributes;

export interface ResourceAttributes {
  readonly verb: string;
  /** "" for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  /** "" for kinds without a namespace, and for all namespaces. */
  readonly namespace: string;
  /** "" for a collection. */
  readonly name: string;
}

export interface PathAttributes {
  /** The method, in lower case. */
  readonly verb: string;
  readonly path: string;
}

/** Reads them of a request's path and method, whether there is such a resource or not. */
export function attributesOf({
  method,
  path,
  query,
}: Pick<ApiRequest, "method" | "path" | "query">): Attributes {
  const segments = path
    .split("/")
    .filter((each) => each !== "")
    .map(decodeSegment);
  const [root, ...rest] = segments;
  const parts = root === "api" ? rest.slice(1) : root === "apis" ? rest.slice(2) : [];
  if (parts.length === 0) return { verb: method.toLowerCase(), path };
  const inside = parts[0] === "namespaces" && parts.length > 2;
  const [resource = "", name = "", ...below] = inside ? parts.slice(2) : parts;
  // A namespace is within itself.
  const namespace = inside ? parts[1]! : resource === "namespaces" ? name : "";
  return {
    verb: verbOf(method, name !== "", query),
    group: root === "apis" ? rest[0]! : "",
    resource,
    subresource: below.join("/"),
    namespace,
    name,
  };
}

function verbOf(method: string, named: boolean, query: URLSearchParams): string {
  switch (method) {
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return named ? "delete" : "deletecollection";
    default:
      return flag(query, "watch") ? "watch" : named ? "get" : "list";
  }
}
