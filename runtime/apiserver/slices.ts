import type { Endpoints } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { matches } from "../../model/selector.ts";
import { ApiError } from "../client/client.ts";
import type { ApiBackend } from "./backend.ts";
import { type ApiRequest, type BodyResponse, json } from "./http.ts";
import { listOptions } from "./options.ts";
import { methodNotAllowed } from "./status.ts";

/**
 * EndpointSlices, as a view of the Endpoints that are kept: clients of today ask for a service's endpoints in this
 * form (`kubectl describe service`). They can be read, not written, and not watched.
 */
export const sliceGroup = { group: "discovery.k8s.io", version: "v1" } as const;

export const sliceResource = {
  plural: "endpointslices",
  singular: "endpointslice",
  kind: "EndpointSlice",
  verbs: ["get", "list"],
} as const;

const pattern = /^\/apis\/discovery\.k8s\.io\/v1(?:\/namespaces\/([^/]+))?\/endpointslices(?:\/([^/]+))?$/;

/** The answer to a request for slices; undefined for another path. */
export function readSlices(backend: ApiBackend, request: ApiRequest): BodyResponse | undefined {
  const match = pattern.exec(request.path);
  if (!match) return undefined;
  const [, namespace, name] = match;
  const options = listOptions(request.query);
  if (request.method !== "GET" || options.watch) throw methodNotAllowed();
  const all = backend.list("Endpoints", namespace === undefined ? {} : { namespace }).flatMap(slicesOf);
  if (name === undefined) {
    const items = all.filter(({ metadata }) => matches(options.labels, metadata.labels));
    return json({
      kind: "EndpointSliceList",
      apiVersion: "discovery.k8s.io/v1",
      metadata: { resourceVersion: String(backend.revision) },
      items,
    });
  }
  const found = all.find(({ metadata }) => metadata.name === name);
  if (!found)
    throw new ApiError(404, "NotFound", `endpointslices.discovery.k8s.io ${JSON.stringify(name)} not found`, {
      name,
      group: sliceGroup.group,
      kind: sliceResource.plural,
    });
  return json(found);
}

/** One slice for each subset: a slice has one set of ports, as a subset has. */
function slicesOf(endpoints: Stored<Endpoints>) {
  const { name, namespace, uid, creationTimestamp, resourceVersion } = endpoints.metadata;
  return (endpoints.subsets ?? []).map((subset, index) => ({
    kind: sliceResource.kind,
    apiVersion: "discovery.k8s.io/v1",
    metadata: {
      name: `${name}-${index}`,
      namespace,
      uid: `${uid}-${index}`,
      creationTimestamp,
      resourceVersion,
      labels: {
        "kubernetes.io/service-name": name,
        "endpointslice.kubernetes.io/managed-by": "kdsl",
      },
    },
    addressType: "IPv4",
    endpoints: [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ].map(({ address: { ip, nodeName, targetRef }, ready }) => ({
      addresses: [ip],
      conditions: { ready, serving: ready, terminating: false },
      ...(nodeName !== undefined && { nodeName }),
      ...(targetRef && { targetRef }),
    })),
    ports: (subset.ports ?? []).map(({ name: portName, port, protocol }) => ({
      name: portName ?? "",
      port,
      protocol: protocol ?? "TCP",
    })),
  }));
}
