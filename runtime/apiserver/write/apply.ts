import type { TypeName } from "../../../model/api/fields.ts";
import type { KindMap } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import { ApiError } from "../../client/client.ts";
import { withoutNulls } from "../../client/structure.ts";
import { parseJson } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import { checkConfig, joinFaults } from "../managed/check.ts";
import { applyConflict } from "../managed/conflicts.ts";
import { difference, isEmptySet } from "../managed/field-set.ts";
import { allowedByLastApplied, lastAppliedOf, withLastApplied } from "../managed/last-applied.ts";
import { type Manager, noManagers, writeManagers } from "../managed/managers.ts";
import { type Applied, afterApply, afterUpdate, type Writer } from "../managed/track.ts";
import { emptyObject, managedAfterApply, managersOfLive, writerOf, writtenPart } from "../managed/writer.ts";
import { flag } from "../options.ts";
import type { ResourceRoute } from "../routes.ts";
import { isRecord } from "../schema/decode.ts";
import { badRequest, conflict, invalidOptions } from "../status.ts";
import { asObject, isDryRun } from "./body.ts";
import { existing, nameFits, type WriteContext, type Written } from "./write.ts";

/** `Content-Type` of server-side apply. Its body is YAML, which JSON is too. */
export const applyPatchType = "application/apply-patch+yaml";

/** The owner of all that an object had before somebody applied to it, where nobody had been kept account of. */
const beforeFirstApply = "before-first-apply";

type Config = Record<string, unknown> & { readonly metadata?: Record<string, unknown> };

/** PATCH of an object or its status by server-side apply. Creates the object where there is none. */
export function apply(context: WriteContext, route: ResourceRoute, request: ApiRequest): Written {
  const writer = applierOf(context, route, request);
  const force = flag(request.query, "force");
  const config = readConfig(route, request);
  const live = context.backend.get(route.resource.kind, route.namespace, route.name!) as Stored | undefined;
  if (!live) return createApplied(context, route, request, writer, config);
  const wanted = writtenPart(config as never, route);
  const applied = applyTo(writer, route, live, wanted, force);
  const part = applied.object as Record<string, unknown>;
  const whole = route.subresource === "status" ? { ...live, ...part } : part;
  const synced = writer.name === "kubectl" && lastAppliedOf(live) ? withLastApplied(whole, config) : whole;
  const { object, warnings } = asObject(synced, request, route);
  nameFits(route, object.metadata.name);
  const managedFields = managedAfterApply(route, live, object, applied.managers);
  const options = { dryRun: isDryRun(request), ...(managedFields && { managedFields }) };
  const write = route.subresource === "status" ? context.backend.updateStatus : context.backend.update;
  return { object: write(object as KindMap[Kind], options), warnings };
}

/** Who applies: it has to say so itself. */
export function applierOf(context: WriteContext, route: ResourceRoute, request: ApiRequest): Writer {
  if (!request.query.get("fieldManager"))
    throw invalidOptions("PatchOptions", [
      {
        reason: "FieldValueRequired",
        field: "fieldManager",
        message: "Required value: is required for apply patch",
      },
    ]);
  return writerOf(request, route, context.clock.now(), "PatchOptions");
}

/** The configuration in a body: of the path's kind, and right as far as the types go. */
function readConfig(route: ResourceRoute, request: ApiRequest): Config {
  const { kind, info } = route.resource;
  const config = withoutNulls(parseJson(request.body));
  if (!isRecord(config)) throw badRequest("error decoding YAML: the configuration is not an object");
  if (config.kind !== kind || config.apiVersion !== info.apiVersion)
    throw badRequest(`invalid object type: ${formatType(config.apiVersion, config.kind)}`);
  const metadata = isRecord(config.metadata) ? config.metadata : {};
  if (metadata.managedFields !== undefined) throw badRequest("metadata.managedFields must be nil");
  const faults = checkConfig(kind as TypeName, config);
  if (faults.length > 0) {
    const name = [metadata.namespace ?? route.namespace, metadata.name]
      .filter((part) => typeof part === "string" && part !== "")
      .join("/");
    // Kubernetes gives no reason and the code of a defect of its own; kubectl shows the text.
    throw new ApiError(
      500,
      "",
      `failed to create typed patch object (${name}; ${formatType(info.apiVersion, kind)}): ${joinFaults(faults)}`,
    );
  }
  return { ...config, metadata };
}

/** Go's text of a `GroupVersionKind`: `/v1, Kind=Pod`. */
function formatType(apiVersion: unknown, kind: unknown): string {
  const version = typeof apiVersion === "string" ? apiVersion : "";
  return `${version.includes("/") ? version : `/${version}`}, Kind=${typeof kind === "string" ? kind : ""}`;
}

function createApplied(
  context: WriteContext,
  route: ResourceRoute,
  request: ApiRequest,
  writer: Writer,
  config: Config,
): Written {
  // What is missing has no status: this says that it is not found.
  if (route.subresource !== undefined) existing(context.backend, route);
  const { name, uid } = config.metadata ?? {};
  if (name === undefined || name === "")
    throw badRequest(
      `the name of the object (${route.name} based on URL) was undeterminable: name must be provided`,
    );
  if (uid)
    throw conflict(
      route,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
  const wanted = writtenPart(config as never, route);
  const { managers } = afterApply(writer, noManagers, {}, wanted);
  const { object, warnings } = asObject(wanted, request, route);
  nameFits(route, object.metadata.name);
  const options = { dryRun: isDryRun(request), managedFields: writeManagers(managers) };
  return { object: context.backend.create(object as KindMap[Kind], options), warnings, created: true };
}

/** Applies a configuration to the part of an object that the path writes. Throws 409 for conflicts, unless forced. */
export function applyTo(
  writer: Writer,
  route: ResourceRoute,
  live: Stored,
  config: unknown,
  force: boolean,
): Applied {
  const before = writtenPart(live, route);
  let managers = managersOfLive(live);
  if (managers.size === 0) {
    const first = { ...writer, name: beforeFirstApply, subresource: "" };
    const { subresource: _, ...main } = route;
    managers = afterUpdate(first, managers, emptyObject(main), writtenPart(live, main));
  }
  const applied = afterApply(writer, managers, before, config);
  const conflicts = force ? [] : withoutAllowed(writer, live, applied.conflicts);
  if (conflicts.length > 0) throw applyConflict(conflicts);
  return applied;
}

/**
 * What `kubectl apply` has set without server-side apply, it may take over with it: the fields in the annotation that it
 * left are its own as long as they hold what it says (`lastAppliedManager`).
 */
function withoutAllowed(writer: Writer, live: Stored, conflicts: readonly Manager[]): readonly Manager[] {
  const allowed =
    writer.name === "kubectl" && conflicts.length > 0 ? allowedByLastApplied(writer.shape, live) : undefined;
  if (!allowed) return conflicts;
  return conflicts
    .map((manager) => ({ ...manager, fields: difference(manager.fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
}
