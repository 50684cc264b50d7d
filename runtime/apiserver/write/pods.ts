import type { Pod } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { isTerminal } from "../../../model/pod.ts";
import type { DeleteOptions } from "../../client/client.ts";
import { setCondition } from "../../client/conditions.ts";
import type { ApiBackend } from "../backend.ts";
import { readBody } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import type { ResourceRoute } from "../routes.ts";
import { isRecord } from "../schema/decode.ts";
import { badRequest, type Status, success } from "../status.ts";
import { decodeAs, isDryRun } from "./body.ts";
import { optionsOf, removeWith } from "./delete.ts";
import { existing, type WriteContext } from "./write.ts";

/** POST of `pods/NAME/binding`: puts a pod on a node, as a scheduler does. */
export function bindPod(backend: ApiBackend, route: ResourceRoute, request: ApiRequest): Status {
  const { target } = decodeAs("Binding", "v1", readBody(request, "Binding")).value as {
    target?: { kind?: string; name?: string };
  };
  if (!target?.name) throw badRequest("target.name: Required value");
  if (target.kind !== undefined && target.kind !== "" && target.kind !== "Node")
    throw badRequest(
      `target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`,
    );
  existing(backend, route);
  backend.bind(route.namespace!, route.name!, target.name, { dryRun: isDryRun(request) });
  return success(201);
}

/** POST of `pods/NAME/eviction`: a deletion that budgets could refuse; there are none, so it is a deletion. */
export function evictPod(context: WriteContext, route: ResourceRoute, request: ApiRequest): Status {
  const { backend } = context;
  const value = readBody(request, "Eviction");
  const { metadata, deleteOptions } = decodeAs("Eviction", "policy/v1", value).value as {
    metadata?: { name?: string };
    deleteOptions?: unknown;
  };
  if (metadata?.name && metadata.name !== route.name)
    throw badRequest(`name in URL does not match name in Eviction object: ${metadata.name}`);
  const options = isRecord(deleteOptions) ? optionsOf(deleteOptions) : {};
  const { gracePeriodSeconds, preconditions } = options;
  const dryRun = isDryRun(request) || (options.dryRun ?? []).includes("All");
  const marked = dryRun ? undefined : markEvicted(context, route, preconditions);
  removeWith(backend, route, {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(marked ? { preconditions: { uid: marked } } : preconditions && { preconditions }),
    dryRun,
  });
  return success(201);
}

/**
 * Whoever counts disruptions sees by a condition of the pod that it was one (`addConditionAndDeletePod`). Gives the uid of
 * the pod that was marked: it is the one to delete, whatever its version is by then.
 */
function markEvicted(
  { backend, clock }: WriteContext,
  route: ResourceRoute,
  preconditions: DeleteOptions["preconditions"],
): string | undefined {
  const pod = existing(backend, route) as Stored<Pod>;
  const { deletionTimestamp, uid, resourceVersion } = pod.metadata;
  const { uid: wanted = uid, resourceVersion: version = resourceVersion } = preconditions ?? {};
  // What is over already is only deleted; what is not the one that was meant is refused by that.
  if (deletionTimestamp !== undefined || isTerminal(pod) || wanted !== uid || version !== resourceVersion)
    return undefined;
  const reason = "EvictionByEvictionAPI";
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason,
    message: "Eviction API: evicting",
  } as const;
  const conditions = setCondition(pod.status?.conditions, condition, clock.now());
  backend.updateStatus<"Pod">({ ...pod, status: { ...pod.status, conditions } });
  return uid;
}
