import type { Clock } from "../../base/clock.ts";
import { ApiError } from "../client/client.ts";
import type { NetworkPlan } from "../environment.ts";
import { authorize } from "./access/access.ts";
import { attributesOf } from "./access/attributes.ts";
import { answerReview, reviewResources } from "./access/reviews.ts";
import type { ApiBackend, LogReader } from "./backend.ts";
import { discover } from "./discovery.ts";
import { connectPod, createResourceHandler, isConnection, viewOf } from "./handler.ts";
import { type ApiRequest, type ApiResponse, json, text } from "./http.ts";
import { createMetrics, metricsResources } from "./metrics/metrics.ts";
import type { UsageReader } from "./metrics/usage.ts";
import { createOpenApi } from "./openapi/serve.ts";
import { listOfNone } from "./read/none.ts";
import { resources } from "./resources.ts";
import { methodsOf, resourceRoute } from "./routes.ts";
import { withSlices } from "./slices.ts";
import { failure, internalError, methodNotAllowed, unknownPath } from "./status.ts";
import type { PodConnection } from "./streams/connect.ts";
import { type ProxyTarget, proxyTarget } from "./streams/proxy.ts";
import { versionDocument } from "./version.ts";

export interface ApiServerOptions {
  readonly backend: ApiBackend;
  readonly logs: LogReader;
  /** KDSL's own version. */
  readonly version: string;
  readonly network: Pick<NetworkPlan, "openPort">;
  readonly clock: Clock;
  /** Looks at what the processes of the containers use; absent: nothing is told of it (no `metrics.k8s.io`). */
  readonly usage?: UsageReader;
  /** Hears of errors that nobody foresaw; their answer is a 500 without details. */
  readonly onError?: (error: unknown, request: ApiRequest) => void;
}

/** The Kubernetes HTTP API over a cluster, without a transport: a request in, an answer out. */
export interface ApiServer {
  /** What is to be waited for before a request is handled: parts that are loaded when they are first asked for. */
  prepare?(request: ApiRequest): Promise<void> | undefined;
  /** Never throws: what is wrong with a request is in the answer. */
  handle(request: ApiRequest): ApiResponse;
  /**
   * A request that asks for another protocol: what streams it wants of which pod, for the host to run. Undefined for a
   * path that has no streams (all where this is absent), where HTTP lets a server answer as if it had not been asked. Throws `ApiError`.
   */
  connect?(request: ApiRequest): PodConnection | undefined;
  /** To which program a request is to be sent on, for the host to do; undefined where it is the API's own. Throws `ApiError`. */
  proxy?(request: ApiRequest): ProxyTarget | undefined;
}

/** Paths that tell nothing of the cluster, and that anyone may ask for. */
export const anonymousPaths: readonly string[] = ["/healthz", "/livez", "/readyz", "/version"];

export function createApiServer(options: ApiServerOptions): ApiServer {
  const handleResource = createResourceHandler({ ...options, backend: withSlices(options.backend) });
  const { backend, clock, usage } = options;
  const metrics =
    usage && createMetrics({ backend, read: usage, clock, view: (request) => viewOf(request, options) });
  const served = [...resources, ...reviewResources, ...(metrics ? metricsResources : [])];
  const openApi = createOpenApi(options.version, options.clock, served);
  const route = (request: ApiRequest): ApiResponse => {
    authorize(request);
    const get = request.method === "GET";
    const path = pathOf(request);
    if (path === "/version" && get) return json(versionDocument(options.version));
    if (anonymousPaths.includes(path)) {
      if (!get && (request.method !== "HEAD" || path === "/version")) throw methodNotAllowed();
      return text("ok");
    }
    const schema = openApi.answer({ ...request, path });
    if (schema) return schema;
    const discovered = discover(request, served);
    if (discovered && !get) throw methodNotAllowed();
    if (discovered) return discovered;
    const reviewed = answerReview(request, path);
    if (reviewed) return reviewed;
    const measured = metrics?.answer(request, path);
    if (measured) return measured;
    const none = listOfNone(request, path, backend.revision);
    if (none) return none;
    const found = resourceRoute(path);
    if (!found) throw unknownPath(askedFor(request));
    return handleResource(found, request);
  };
  return {
    prepare: (request) => openApi.prepare(request) ?? metrics?.prepare(request),
    handle(request) {
      try {
        return route(request);
      } catch (error) {
        const answer = errorResponse(error, (unforeseen) => options.onError?.(unforeseen, request));
        return answer.status === 405
          ? { ...answer, headers: { ...answer.headers, allow: allowed(pathOf(request)) } }
          : answer;
      }
    },
    proxy(request) {
      if (!/\/(pods|services)\/[^/]+\/proxy(\/|$)/.test(request.path)) return undefined;
      authorize(request);
      return proxyTarget(options.backend, options.network, request);
    },
    connect(request) {
      const found = resourceRoute(request.path);
      if (!isConnection(found)) return undefined;
      authorize(request);
      if (request.method !== "GET" && request.method !== "POST") throw methodNotAllowed();
      return connectPod(options, found, request);
    },
  };
}

/** Without a slash at its end. */
function pathOf({ path }: ApiRequest): string {
  return path.replace(/(.)\/$/, "$1");
}

/** The methods of a path that does not take the one that was tried. */
function allowed(path: string): string {
  const route = resourceRoute(path);
  if (route) return methodsOf(route).join(", ");
  if (reviewResources.some((review) => path.endsWith(`/${review.info.plural}`))) return "POST";
  return anonymousPaths.includes(path) && path !== "/version" ? "GET, HEAD" : "GET";
}

/** What a write wants of the API that is not there; who reads knows it from discovery. */
function askedFor(request: ApiRequest): string {
  const attributes = attributesOf(request);
  if (request.method === "GET" || "path" in attributes) return "";
  const { group, resource } = attributes;
  return group === "" ? resource : `${resource}.${group}`;
}

/** A `Status` for an error. `unforeseen` hears of what is not an answer of the API. */
export function errorResponse(error: unknown, unforeseen: (error: unknown) => void = () => {}): ApiResponse {
  if (!(error instanceof ApiError)) unforeseen(error);
  const status = failure(error instanceof ApiError ? error : internalError(error));
  const seconds = status.details?.retryAfterSeconds;
  return json(status, status.code, seconds === undefined ? {} : { "retry-after": String(seconds) });
}
