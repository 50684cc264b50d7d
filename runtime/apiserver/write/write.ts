import type { TypeName } from "../../../model/api/fields.ts";
import type { KindMap } from "../../../model/core.ts";
import type { Kind, KubernetesObject, Stored } from "../../../model/meta.ts";
import { ApiError } from "../../client/client.ts";
import type { ApiBackend } from "../backend.ts";
import { mediaType } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import { applyPatch } from "../patch/patch.ts";
import { qualifiedName } from "../resources.ts";
import type { ResourceRoute } from "../routes.ts";
import { badRequest } from "../status.ts";
import { asObject, isDryRun, type ReadObject, readObject } from "./body.ts";

/** What a write gives: the object as it is stored, and what its sender should be warned of. */
export interface Written {
  readonly object: Stored;
  readonly warnings: readonly string[];
  readonly created?: boolean;
}

/** The object that a path names; 404 where there is none. */
export function existing(backend: ApiBackend, route: ResourceRoute): Stored {
  const found = backend.get(route.resource.kind, route.namespace, route.name!);
  if (!found) throw notFound(route);
  return found;
}

function notFound(route: ResourceRoute): ApiError {
  const resource = qualifiedName(route.resource);
  return new ApiError(404, "NotFound", `${resource} ${JSON.stringify(route.name)} not found`, {
    name: route.name!,
    ...(route.resource.group !== "" && { group: route.resource.group }),
    kind: route.resource.info.plural,
  });
}

export function create(backend: ApiBackend, route: ResourceRoute, request: ApiRequest): Written {
  const { object, warnings } = readObject(request, route);
  const created = backend.create(object as KindMap[Kind], { dryRun: isDryRun(request) });
  return { object: created, warnings, created: true };
}

/** PUT of an object or of its status. A `resourceVersion` in it must be the current one (409). */
export function replace(backend: ApiBackend, route: ResourceRoute, request: ApiRequest): Written {
  const read = readObject(request, route);
  existing(backend, route);
  return store(backend, route, request, read);
}

/** PATCH of an object or of its status, in the form that the body's type names. */
export function patch(backend: ApiBackend, route: ResourceRoute, request: ApiRequest): Written {
  const previous = existing(backend, route);
  const type = route.resource.kind as TypeName;
  const patched = applyPatch(type, previous, mediaType(request), request.body);
  const read = asObject(patched, request, route);
  // A patch is a change of what is there now; only one that names a revision itself is bound to it.
  return store(backend, route, request, read);
}

function store(backend: ApiBackend, route: ResourceRoute, request: ApiRequest, read: ReadObject): Written {
  const { object, warnings } = read;
  const { name } = object.metadata;
  if (name !== route.name)
    throw badRequest(
      `the name of the object (${name ?? ""}) does not match the name on the URL (${route.name})`,
    );
  const options = { dryRun: isDryRun(request) };
  const written =
    route.subresource === "status"
      ? backend.updateStatus(object as KindMap[Kind], options)
      : backend.update(object as KindMap[Kind], options);
  return { object: written, warnings };
}

/** An object's parts as another object's: used where a subresource writes a part of what it lies below. */
export function withSpec(object: KubernetesObject, spec: Record<string, unknown>): KindMap[Kind] {
  const before = (object as unknown as { spec?: Record<string, unknown> }).spec;
  return { ...object, spec: { ...before, ...spec } } as unknown as KindMap[Kind];
}
