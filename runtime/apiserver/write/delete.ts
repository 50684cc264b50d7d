import type { Kind, ObjectMeta, Stored } from "../../../model/meta.ts";
import { ApiError, type DeleteOptions } from "../../client/client.ts";
import type { WriteOptions } from "../../registry/context.ts";
import type { ApiBackend } from "../backend.ts";
import { readBody } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import { dryRunOf, flag, listOptions, wholeNumber } from "../options.ts";
import { select } from "../read/list.ts";
import type { ResourceRoute } from "../routes.ts";
import { badRequest, type Status, success } from "../status.ts";
import { decodeAs } from "./body.ts";

const policies = ["Orphan", "Background", "Foreground"] as const;

type Options = DeleteOptions & WriteOptions;

/** `metav1.DeleteOptions` as they stand in a body. */
interface DeleteBody {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: readonly string[];
}

/** The options of a deletion: in the body, or in the query where there is no body. */
export function deleteOptions(request: ApiRequest): Options {
  const body: DeleteBody =
    request.body.byteLength === 0 ? fromQuery(request.query) : optionsOf(readBody(request, "DeleteOptions"));
  const { gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions } = body;
  if (propagationPolicy !== undefined && orphanDependents !== undefined)
    throw badRequest("orphanDependents and propagationPolicy cannot be set at the same time");
  const policy =
    orphanDependents === undefined ? propagationPolicy : orphanDependents ? "Orphan" : "Background";
  if (policy !== undefined && !isPolicy(policy))
    throw new ApiError(
      422,
      "Invalid",
      `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(policy)}: supported values: "Background", "Foreground", "Orphan"`,
      {
        group: "meta.k8s.io",
        kind: "DeleteOptions",
        causes: [
          {
            reason: "FieldValueNotSupported",
            message: `Unsupported value: ${JSON.stringify(policy)}`,
            field: "propagationPolicy",
          },
        ],
      },
    );
  return {
    // Kubernetes takes a negative grace for the shortest there is.
    ...(gracePeriodSeconds !== undefined && {
      gracePeriodSeconds: gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds,
    }),
    ...(policy !== undefined && { propagationPolicy: policy }),
    ...(preconditions && { preconditions }),
    dryRun: dryRunOf([...(body.dryRun ?? []), ...request.query.getAll("dryRun")]),
  };
}

/** Reads options that came as a part of another body (evictions). */
export function optionsOf(value: unknown): DeleteBody {
  return decodeAs("DeleteOptions", apiVersionOf(value), value).value as DeleteBody;
}

/** Clients send `DeleteOptions` of `v1`, of `meta.k8s.io/v1` or of the group that they delete in; all are the same. */
function apiVersionOf(value: unknown): string {
  const given = (value as { apiVersion?: unknown } | null)?.apiVersion;
  return typeof given === "string" && /^([a-z0-9.-]+\/)?v1$/.test(given) ? given : "v1";
}

function isPolicy(text: string): text is (typeof policies)[number] {
  return (policies as readonly string[]).includes(text);
}

function fromQuery(query: URLSearchParams): DeleteBody {
  const grace = wholeNumber(query, "gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  return {
    ...(grace !== undefined && { gracePeriodSeconds: grace }),
    ...(policy && { propagationPolicy: policy }),
    ...(query.has("orphanDependents") && { orphanDependents: flag(query, "orphanDependents") }),
  };
}

/** Of these a deletion gives the object also where it is gone (`ReturnDeletedObject`). */
const givenWhenGone: readonly Kind[] = ["Pod", "Service"];

/**
 * DELETE of one object. Gives the object where its kind is given, or where it is still there because something is to
 * be done first (grace, finalizers); else a Status that names what has gone.
 */
export function remove(backend: ApiBackend, route: ResourceRoute, request: ApiRequest): Stored | Status {
  return removeWith(backend, route, deleteOptions(request));
}

export function removeWith(backend: ApiBackend, route: ResourceRoute, options: Options): Stored | Status {
  const { kind, info, group } = route.resource;
  const { object, gone } = backend.remove(kind, route.namespace, route.name!, options);
  if (!gone || givenWhenGone.includes(kind)) return object;
  return success(200, {
    name: object.metadata.name,
    ...(group !== "" && { group }),
    kind: info.plural,
    uid: object.metadata.uid,
  });
}

/** DELETE of a collection: all that match, in order; gives them as they were. */
export function removeCollection(
  backend: ApiBackend,
  route: ResourceRoute,
  request: ApiRequest,
): readonly Stored[] {
  const options = deleteOptions(request);
  const found = select(backend, route, listOptions(request.query));
  for (const { metadata } of found) {
    const { namespace, name }: ObjectMeta = metadata;
    try {
      backend.remove(route.resource.kind, namespace, name, options);
    } catch (error) {
      // What has gone by itself in the meantime, with the object before it, is deleted as well.
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
  return found;
}
