import type { EndpointSubset, Pod, Service } from "../../../model/core.ts";
import { ApiError } from "../../client/client.ts";
import type { NetworkPlan } from "../../environment.ts";
import type { ApiBackend } from "../backend.ts";
import { decodeSegment } from "../routes.ts";
import { badRequest } from "../status.ts";

/** Where a request through the API to a pod or a service is to go (`pods/NAME/proxy`, `services/NAME/proxy`). */
export interface ProxyTarget {
  readonly scheme: "http" | "https";
  /** Any of these will do. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** What the request's own path begins with; empty behind it means that the client is to be sent to `…/proxy/`. */
  readonly prefix: string;
  /** Still percent-encoded; "" or with a slash before it. */
  readonly path: string;
}

const form = /^(\/api\/v1\/namespaces\/([^/]+)\/(pods|services)\/([^/]+)\/proxy)(\/.*)?$/;

/** Undefined for a path that is none of a proxy. Throws the 400, 404 and 503 of Kubernetes' (`ResourceLocation`). */
export function proxyTarget(
  backend: Pick<ApiBackend, "get">,
  network: Pick<NetworkPlan, "openPort">,
  request: { readonly path: string },
): ProxyTarget | undefined {
  const [, prefix = "", namespaceText = "", resource, id = "", path = ""] = form.exec(request.path) ?? [];
  if (resource === undefined) return undefined;
  const namespace = decodeSegment(namespaceText);
  const { scheme, name, port } = split(decodeSegment(id), resource === "pods" ? "pod" : "service");
  const found =
    resource === "pods"
      ? podAddresses(backend.get("Pod", namespace, name), name, port)
      : serviceAddresses(
          backend.get("Service", namespace, name),
          backend.get("Endpoints", namespace, name)?.subsets ?? [],
          name,
          port,
        );
  const addresses = found.map((each) => ({ ...each, port: network.openPort(each.port) }));
  return { scheme, addresses, prefix, path };
}

/** `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT` (Kubernetes' `SplitSchemeNamePort`). */
function split(id: string, what: string): { scheme: "http" | "https"; name: string; port: string } {
  const parts = id.split(":");
  const [scheme = "", name = "", port = ""] = parts.length < 3 ? ["", ...parts] : parts;
  if (!["", "http", "https"].includes(scheme) || name === "" || parts.length > 3)
    throw badRequest(`invalid ${what} request ${JSON.stringify(id)}`);
  return { scheme: scheme === "https" ? "https" : "http", name, port };
}

function podAddresses(pod: Pod | undefined, name: string, port: string) {
  if (!pod)
    throw new ApiError(404, "NotFound", `pods ${JSON.stringify(name)} not found`, { name, kind: "pods" });
  const host = pod.status?.podIP;
  if (!host) throw badRequest("address not allowed");
  const first = pod.spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort ?? 80;
  const number = port === "" ? first : numberOf(port);
  if (number === undefined) throw badRequest(`invalid pod request ${JSON.stringify(`${name}:${port}`)}`);
  return [{ host, port: number }];
}

function serviceAddresses(
  service: Service | undefined,
  subsets: readonly EndpointSubset[],
  name: string,
  asked: string,
) {
  if (!service)
    throw new ApiError(404, "NotFound", `services ${JSON.stringify(name)} not found`, {
      name,
      kind: "services",
    });
  const number = numberOf(asked);
  const byNumber = service.spec.ports?.find(({ port }) => port === number);
  if (number !== undefined && !byNumber)
    throw unavailable(`no service port ${number} found for service ${JSON.stringify(name)}`);
  const portName = byNumber ? (byNumber.name ?? "") : asked;
  const addresses = subsets.flatMap(({ addresses: ready = [], ports = [] }) =>
    ports
      .filter((port) => (port.name ?? "") === portName)
      .flatMap(({ port }) => ready.map(({ ip }) => ({ host: ip, port }))),
  );
  if (addresses.length === 0)
    throw unavailable(
      `no endpoints available for service ${JSON.stringify(asked === "" ? name : `${name}:${asked}`)}`,
    );
  return addresses;
}

function numberOf(port: string): number | undefined {
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  return number > 0 && number < 65_536 ? number : undefined;
}

function unavailable(message: string): ApiError {
  return new ApiError(503, "ServiceUnavailable", message);
}
