import type { Clock } from "../../../base/clock.ts";
import type { KindMap } from "../../../model/core.ts";
import { withDefaults } from "../../../model/defaults.ts";
import type { Kind, KubernetesObject, Stored } from "../../../model/meta.ts";
import { ApiError } from "../../client/client.ts";
import { withDataOnly } from "../../registry/strategies.ts";
import type { ApiBackend } from "../backend.ts";
import type { ApiRequest } from "../http.ts";
import type { Writer } from "../managed/track.ts";
import { managedAfterUpdate, writerOf } from "../managed/writer.ts";
import { qualifiedName } from "../resources.ts";
import type { ResourceRoute } from "../routes.ts";
import { badRequest, invalidObject } from "../status.ts";
import { isDryRun, type ReadObject, readObject } from "./body.ts";

/** What a write needs beside its request. */
export interface WriteContext {
  readonly backend: ApiBackend;
  readonly clock: Clock;
}

/** What a write gives: the object as it is stored, and what its sender should be warned of. */
export interface Written {
  readonly object: Stored;
  readonly warnings: readonly string[];
  readonly created?: boolean;
}

/** Of these a PUT makes an object where there is none (`AllowCreateOnUpdate`). */
const createdByUpdate: readonly Kind[] = ["Service", "Endpoints", "Event", "Lease"];

/** Of these a PUT has to say which revision it has seen (`AllowUnconditionalUpdate`). */
const updatedConditionally: readonly Kind[] = ["Lease"];

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

export function create(context: WriteContext, route: ResourceRoute, request: ApiRequest): Written {
  const writer = writerOf(request, route, context.clock.now(), "CreateOptions");
  return createRead(context, route, request, writer, readObject(request, route));
}

function createRead(
  { backend }: WriteContext,
  route: ResourceRoute,
  request: ApiRequest,
  writer: Writer,
  { object, managedFields, warnings }: ReadObject,
): Written {
  const managed = managedAfterUpdate(writer, route, undefined, completed(object), managedFields);
  const options = { dryRun: isDryRun(request), ...(managed && { managedFields: managed }) };
  return { object: backend.create(object as KindMap[Kind], options), warnings, created: true };
}

/** PUT of an object or of its status. A `resourceVersion` in it must be the current one (409). */
export function replace(context: WriteContext, route: ResourceRoute, request: ApiRequest): Written {
  const { kind } = route.resource;
  const writer = writerOf(request, route, context.clock.now(), "UpdateOptions");
  const read = readObject(request, route);
  nameFits(route, read.object.metadata.name);
  const there = context.backend.get(kind, route.namespace, route.name!);
  if (!there && route.subresource === undefined && createdByUpdate.includes(kind))
    return createRead(context, route, request, writer, read);
  const live = existing(context.backend, route);
  if (updatedConditionally.includes(kind) && !read.object.metadata.resourceVersion)
    throw invalidObject(route, [
      {
        reason: "FieldValueInvalid",
        field: "metadata.resourceVersion",
        message: "Invalid value: 0: must be specified for an update",
      },
    ]);
  return store(context, route, request, writer, live, read);
}

/** Writes an object or its status, and who has set which fields of it. */
export function store(
  { backend }: WriteContext,
  route: ResourceRoute,
  request: ApiRequest,
  writer: Writer,
  live: Stored,
  { object, managedFields, warnings }: ReadObject,
): Written {
  const managed = managedAfterUpdate(writer, route, live, completed(object), managedFields);
  const options = {
    dryRun: isDryRun(request),
    ...(managed && { managedFields: managed }),
    ...(route.subresource === "finalize" && { finalize: true }),
  };
  const write = route.subresource === "status" ? backend.updateStatus : backend.update;
  return { object: write(object as KindMap[Kind], options), warnings };
}

/** An object's name must be that of its path (400). */
export function nameFits(route: ResourceRoute, name: string | undefined): void {
  if (name === undefined)
    throw badRequest(
      `the name of the object (${route.name} based on URL) was undeterminable: name must be provided`,
    );
  if (name !== route.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${route.name})`);
}

/** What the writer means, which is what it owns: with what Kubernetes reads into it, without what the server decides. */
function completed(object: KubernetesObject): KubernetesObject {
  return withDataOnly(withDefaults(object));
}

/** An object's parts as another object's: used where a subresource writes a part of what it lies below. */
export function withSpec(object: KubernetesObject, spec: Record<string, unknown>): KindMap[Kind] {
  const before = (object as unknown as { spec?: Record<string, unknown> }).spec;
  return { ...object, spec: { ...before, ...spec } } as unknown as KindMap[Kind];
}
