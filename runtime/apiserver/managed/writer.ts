import type { TypeName } from "../../../model/api/fields.ts";
import { withDefaults } from "../../../model/defaults.ts";
import {
  type KubernetesObject,
  type ManagedFieldsEntry,
  type Stored,
  timestamp,
} from "../../../model/meta.ts";
import { equalStructure } from "../../client/structure.ts";
import { strategyOf } from "../../registry/strategies.ts";
import type { ApiRequest } from "../http.ts";
import type { ResourceRoute } from "../routes.ts";
import { isRecord } from "../schema/decode.ts";
import { invalidOptions } from "../status.ts";
import { type Managers, noManagers, readManagers, sameOwners, writeManagers } from "./managers.ts";
import { shapeOfType } from "./shape.ts";
import { afterUpdate, type Writer } from "./track.ts";

/** As in Kubernetes (`FieldManagerMaxLength`). */
const longestName = 128;

type OptionsKind = "CreateOptions" | "UpdateOptions" | "PatchOptions";

/** Who makes a request: whom it names (`fieldManager`), else the first word of its `User-Agent`. `now` in milliseconds. */
export function writerOf(
  request: ApiRequest,
  route: ResourceRoute,
  now: number,
  optionsKind: OptionsKind,
): Writer {
  const { kind, info } = route.resource;
  return {
    name: request.query.get("fieldManager") ? namedManager(request, optionsKind) : agentOf(request),
    apiVersion: info.apiVersion,
    subresource: route.subresource ?? "",
    shape: shapeOfType(kind as TypeName),
    time: timestamp(now),
  };
}

function namedManager(request: ApiRequest, optionsKind: OptionsKind): string {
  const name = request.query.get("fieldManager")!;
  if (new TextEncoder().encode(name).byteLength > longestName)
    throw invalidOptions(optionsKind, [
      {
        reason: "FieldValueTooLong",
        field: "fieldManager",
        message: `Too long: may not be more than ${longestName} bytes`,
      },
    ]);
  const position = [...name].findIndex((letter) => !isPrintable(letter));
  if (position >= 0)
    throw invalidOptions(optionsKind, [
      {
        reason: "FieldValueInvalid",
        field: "fieldManager",
        message: `Invalid value: ${JSON.stringify(name)}: invalid character ${JSON.stringify([...name][position])} (at position ${position})`,
      },
    ]);
  return name;
}

const isPrintable = (letter: string) => letter === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(letter);

function agentOf({ headers }: ApiRequest): string {
  const [word = ""] = (headers["user-agent"] ?? "").split("/");
  return [...word].filter(isPrintable).join("").slice(0, longestName) || "unknown";
}

/**
 * The part of an object that a request writes: its status, or all but that where the status is written by requests of
 * its own. The other part stays as it is, and nobody becomes its owner by naming it.
 */
export function writtenPart(object: KubernetesObject, route: ResourceRoute): Record<string, unknown> {
  const { status, ...all } = object as KubernetesObject & { readonly status?: unknown };
  const { managedFields: _, ...metadata } = all.metadata ?? {};
  const rest = { ...all, metadata };
  if (route.subresource === "status") return status === undefined ? {} : { status };
  return strategyOf(route.resource.kind).status || status === undefined ? rest : { ...rest, status };
}

/**
 * The `managedFields` of an object after a request has made `next` of `live`; undefined where they stay as they are.
 * `given` is what the request itself says of them. Objects that were made without any have none until somebody applies
 * to them.
 */
export function managedAfterUpdate(
  writer: Writer,
  route: ResourceRoute,
  live: Stored | undefined,
  next: KubernetesObject,
  given: unknown,
): readonly ManagedFieldsEntry[] | undefined {
  const managers = managersOf(route, live, given);
  if (live && managers.size === 0) return given === undefined ? undefined : [];
  const before = live ? writtenPart(live, route) : emptyObject(route);
  return writeManagers(afterUpdate(writer, managers, before, writtenPart(next, route)));
}

/** What a request says of managers counts where it is in order; a single empty entry says that there are none. */
function managersOf(route: ResourceRoute, live: Stored | undefined, given: unknown): Managers {
  const entries =
    Array.isArray(given) && given.every(isRecord) && route.subresource === undefined ? given : [];
  if (entries.length === 1 && Object.keys(entries[0]!).length === 0) return noManagers;
  const managers = readManagers(entries as readonly ManagedFieldsEntry[]);
  return managers && managers.size > 0 ? managers : managersOfLive(live);
}

/**
 * The `managedFields` of an object after somebody has applied to it, where `next` is what it is to be; undefined where
 * neither it nor who owns what has changed. Then the time of the last change stays as well.
 */
export function managedAfterApply(
  route: ResourceRoute,
  live: Stored,
  next: KubernetesObject,
  managers: Managers,
): readonly ManagedFieldsEntry[] | undefined {
  const same =
    sameOwners(managersOfLive(live), managers) &&
    equalStructure(writtenPart(live, route), writtenPart(withDefaults(next), route));
  return same ? undefined : writeManagers(managers);
}

export function managersOfLive(live: Stored | undefined): Managers {
  return readManagers(live?.metadata.managedFields) ?? noManagers;
}

/** What a new object of Kubernetes' own types holds before anything is set: whoever creates one does not own these. */
export function emptyObject(route: ResourceRoute): Record<string, unknown> {
  const spec = route.resource.kind === "Pod" ? { containers: [] } : {};
  return { metadata: {}, spec, status: {}, source: {} };
}
