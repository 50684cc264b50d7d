import type { ApiBackend } from "../backend.ts";
import { readBody } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import type { ResourceRoute } from "../routes.ts";
import { isRecord } from "../schema/decode.ts";
import { badRequest, type Status, success } from "../status.ts";
import { decodeAs, isDryRun } from "./body.ts";
import { optionsOf, removeWith } from "./delete.ts";
import { existing } from "./write.ts";

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
export function evictPod(backend: ApiBackend, route: ResourceRoute, request: ApiRequest): Status {
  const value = readBody(request, "Eviction");
  const { metadata, deleteOptions } = decodeAs("Eviction", "policy/v1", value).value as {
    metadata?: { name?: string };
    deleteOptions?: unknown;
  };
  if (metadata?.name && metadata.name !== route.name)
    throw badRequest(`name in URL does not match name in Eviction object: ${metadata.name}`);
  const options = isRecord(deleteOptions) ? optionsOf(deleteOptions) : {};
  const { gracePeriodSeconds, preconditions } = options;
  removeWith(backend, route, {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(preconditions && { preconditions }),
    dryRun: isDryRun(request) || (options.dryRun ?? []).includes("All"),
  });
  return success(201);
}
