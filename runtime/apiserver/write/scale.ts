import type { KindMap, ReplicationController } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import { formatLabels } from "../../../model/selector.ts";
import type { ApiBackend } from "../backend.ts";
import { mediaType, parseJson, readBody } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import { managedAfterApply, writerOf } from "../managed/writer.ts";
import { flag } from "../options.ts";
import { applyPatch } from "../patch/patch.ts";
import type { ResourceRoute } from "../routes.ts";
import { applierOf, applyPatchType, applyTo } from "./apply.ts";
import { decodeAs, isDryRun } from "./body.ts";
import { refuseForce } from "./patch.ts";
import { existing, nameFits, store, type WriteContext, withSpec } from "./write.ts";

/** `autoscaling/v1` Scale: an rc as those see it who only count. */
export interface Scale {
  readonly kind: "Scale";
  readonly apiVersion: "autoscaling/v1";
  readonly metadata: object;
  readonly spec: { readonly replicas: number };
  readonly status: { readonly replicas: number; readonly selector: string };
}

function scaleOf(object: Stored): Scale {
  const rc = object as unknown as Stored<ReplicationController>;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = rc.metadata;
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: rc.spec.replicas ?? 1 },
    status: {
      replicas: rc.status?.replicas ?? 0,
      selector: rc.spec.selector ? formatLabels(rc.spec.selector) : "",
    },
  };
}

export function getScale(backend: ApiBackend, route: ResourceRoute): Scale {
  return scaleOf(existing(backend, route));
}

/** PUT or PATCH of a scale: writes the wanted count. A `resourceVersion` or `uid` in it must be the current one (409). */
export function writeScale(context: WriteContext, route: ResourceRoute, request: ApiRequest): Scale {
  const live = existing(context.backend, route);
  if (request.method === "PATCH" && mediaType(request) === applyPatchType)
    return applyScale(context, route, request, live);
  if (request.method === "PATCH") refuseForce(request);
  const writer = writerOf(
    request,
    route,
    context.clock.now(),
    request.method === "PUT" ? "UpdateOptions" : "PatchOptions",
  );
  const value =
    request.method === "PATCH"
      ? applyPatch("Scale", scaleOf(live), mediaType(request), request.body)
      : readBody(request, "Scale");
  const { metadata, replicas } = readScale(route, value);
  const { resourceVersion: _revision, uid: _uid, ...unbound } = live.metadata;
  const bound = {
    ...(metadata?.resourceVersion && { resourceVersion: metadata.resourceVersion }),
    ...(metadata?.uid && { uid: metadata.uid }),
  };
  const object = withSpec({ ...live, metadata: { ...unbound, ...bound } }, { replicas });
  const { object: written } = store(context, route, request, writer, live, { object, warnings: [] });
  return scaleOf(written);
}

interface ScaleBody {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string; readonly uid?: string };
  readonly spec?: { readonly replicas?: number };
}

function readScale(
  route: ResourceRoute,
  value: unknown,
): { metadata: ScaleBody["metadata"]; replicas: number } {
  const { metadata, spec } = decodeAs("Scale", "autoscaling/v1", value).value as ScaleBody;
  if (metadata?.name !== undefined && metadata.name !== "") nameFits(route, metadata.name);
  // Zero is what Go reads where the count is left out.
  return { metadata, replicas: spec?.replicas ?? 0 };
}

/** Server-side apply of a scale: the count is claimed, in the rc itself. */
function applyScale(context: WriteContext, route: ResourceRoute, request: ApiRequest, live: Stored): Scale {
  const writer = applierOf(context, route, request);
  const config = parseJson(request.body);
  const { replicas } = readScale(route, config);
  const claims = (config as ScaleBody).spec?.replicas === undefined ? {} : { spec: { replicas } };
  const { object, managers } = applyTo(writer, route, live, claims, flag(request.query, "force"));
  const whole = { ...live, ...(object as Stored) } as unknown as KindMap[Kind];
  const managedFields = managedAfterApply(route, live, whole, managers);
  const options = { dryRun: isDryRun(request), ...(managedFields && { managedFields }) };
  return scaleOf(context.backend.update(whole, options));
}
