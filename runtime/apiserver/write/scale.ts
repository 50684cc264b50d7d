import type { KindMap, ReplicationController } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import { formatLabels } from "../../../model/selector.ts";
import type { ApiBackend } from "../backend.ts";
import { mediaType, readJson } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import { applyPatch } from "../patch/patch.ts";
import type { ResourceRoute } from "../routes.ts";
import { badRequest } from "../status.ts";
import { decodeAs, isDryRun } from "./body.ts";
import { existing, withSpec } from "./write.ts";

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

/** PUT or PATCH of a scale: writes the wanted count. A `resourceVersion` in it must be the current one (409). */
export function writeScale(backend: ApiBackend, route: ResourceRoute, request: ApiRequest): Scale {
  const before = existing(backend, route);
  const value =
    request.method === "PATCH"
      ? applyPatch("Scale", scaleOf(before), mediaType(request), request.body)
      : readJson(request);
  const { metadata, spec } = decodeAs("Scale", "autoscaling/v1", value).value as unknown as {
    readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
    readonly spec?: { readonly replicas?: number };
  };
  if (metadata?.name !== undefined && metadata.name !== route.name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${route.name})`,
    );
  const { resourceVersion: _, ...unbound } = before.metadata;
  const bound = metadata?.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {};
  // Zero is what Go reads where the count is left out.
  const object = withSpec(
    { ...before, metadata: { ...unbound, ...bound } },
    { replicas: spec?.replicas ?? 0 },
  );
  return scaleOf(backend.update(object as KindMap[Kind], { dryRun: isDryRun(request) }));
}
