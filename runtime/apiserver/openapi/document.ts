import { sha256 } from "../../../base/sha256.ts";
import { groupsOf, groupVersionPath, type ServedResource } from "../served.ts";
import { pathsOf } from "./paths.ts";
import type { Schema, Schemas } from "./schemas.ts";

/** The OpenAPI 3.0 document of a group, as text, and what it is known by. */
export interface OpenApiDocument {
  readonly text: string;
  readonly hash: string;
}

/** The documents of all groups that are served, by the paths they are found at: `api/v1`, `apis/coordination.k8s.io/v1`. */
export function openApiDocuments(
  version: string,
  served: readonly ServedResource[],
): ReadonlyMap<string, OpenApiDocument> {
  return new Map(
    groupsOf(served).map((each) => {
      const schemas: Schemas = new Map<string, Schema>();
      const paths = pathsOf(each, served, schemas);
      const names = [...schemas.keys()].sort();
      const text = JSON.stringify({
        openapi: "3.0.0",
        info: { title: "KDSL", version },
        paths,
        components: { schemas: Object.fromEntries(names.map((name) => [name, schemas.get(name)])) },
      });
      return [groupVersionPath(each).slice(1), { text, hash: sha256(text).toUpperCase() }];
    }),
  );
}
