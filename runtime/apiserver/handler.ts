import type { Pod } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import { type ApiRequest, type ApiResponse, json } from "./http.ts";
import { negotiate } from "./negotiate.ts";
import { listOptions } from "./options.ts";
import { list } from "./read/list.ts";
import { podLog } from "./read/log.ts";
import { type IncludeObject, renderList, renderObject, type View } from "./read/render.ts";
import { createListEncoder } from "./read/segments.ts";
import { createWatches, watch } from "./read/watch.ts";
import type { ResourceRoute } from "./routes.ts";
import type { ApiServerOptions } from "./server.ts";
import { badRequest, methodNotAllowed, notImplemented, unknownPath } from "./status.ts";
import { connectionOf, connectSubresources, type PodConnection } from "./streams/connect.ts";
import { warningHeaders } from "./write/body.ts";
import { remove, removeCollection } from "./write/delete.ts";
import { patch } from "./write/patch.ts";
import { bindPod, evictPod } from "./write/pods.ts";
import { getScale, writeScale } from "./write/scale.ts";
import { create, existing, replace, type Written } from "./write/write.ts";

/** Subresources of pods and nodes that Kubernetes has and this server has not, and why. */
const missingSubresources: ReadonlyMap<string | undefined, string> = new Map([
  [
    "ephemeralcontainers",
    "ephemeral containers are not supported: containers are processes of this machine, whose tools `kubectl exec` runs inside them",
  ],
  ["proxy", "proxy is not supported for nodes: they are this machine"],
  ["resize", "resize is not supported: the resources of a running pod cannot be changed"],
]);

/** Answers requests for resources: what is done with a collection, with one object, and with what lies below it. */
export function createResourceHandler(
  options: ApiServerOptions,
): (route: ResourceRoute, request: ApiRequest) => ApiResponse {
  const { backend, clock, logs } = options;
  const watches = createWatches(backend, clock);
  const encode = createListEncoder();

  // How the answer is to look is settled before anything is written: what cannot be answered is not done.
  const viewer = (request: ApiRequest) => viewOf(request, options);

  const shown = (view: () => View, object: Stored, status = 200, warnings: readonly string[] = []) =>
    body(renderObject(object, view()), status, warnings);

  const written = (view: () => View, { object, warnings, created }: Written) =>
    shown(view, object, created ? 201 : 200, warnings);

  function collection(route: ResourceRoute, request: ApiRequest): ApiResponse {
    const nowhere = route.resource.info.namespaced && route.namespace === undefined;
    const view = viewer(request);
    switch (request.method) {
      case "GET": {
        const asked = listOptions(request.query);
        if (asked.watch) return watch(watches, route, asked, view);
        return list(backend, route, request, view(), encode);
      }
      case "POST":
        if (nowhere) throw methodNotAllowed();
        return written(view, create(options, route, request));
      case "DELETE": {
        if (nowhere || !route.resource.verbs.includes("deletecollection")) throw methodNotAllowed();
        const removed = removeCollection(backend, route, request);
        const metadata = { resourceVersion: String(backend.revision) };
        return body(
          renderList(route.resource.kind, route.resource.info.apiVersion, removed, metadata, view()),
        );
      }
      default:
        throw methodNotAllowed();
    }
  }

  function single(route: ResourceRoute, request: ApiRequest): ApiResponse {
    const view = viewer(request);
    switch (request.method) {
      case "GET":
        return shown(view, existing(backend, route));
      case "PUT":
        return written(view, replace(options, route, request));
      case "PATCH":
        return written(view, patch(options, route, request));
      case "DELETE": {
        if (route.subresource !== undefined) throw methodNotAllowed();
        const result = remove(backend, route, request);
        return "code" in result ? json(result, 200) : shown(view, result as Stored);
      }
      default:
        throw methodNotAllowed();
    }
  }

  function subresource(route: ResourceRoute, request: ApiRequest): ApiResponse {
    const { method } = request;
    if (!route.below) {
      const { kind } = route.resource;
      const missing =
        kind === "Pod" || kind === "Node" ? missingSubresources.get(route.subresource) : undefined;
      if (missing !== undefined) throw notImplemented(missing);
      // Below a namespace is what lies in it: of that this is another kind, which is not served.
      throw unknownPath(kind === "Namespace" && method !== "GET" ? route.subresource : "");
    }
    const verb = { GET: "get", PUT: "update", PATCH: "patch", POST: "create" }[method];
    if (verb === undefined || !route.below.verbs.includes(verb)) throw methodNotAllowed();
    switch (route.below.name) {
      case "status":
      case "finalize":
        return single(route, request);
      case "scale":
        return json(method === "GET" ? getScale(backend, route) : writeScale(options, route, request));
      case "binding":
        return json(bindPod(backend, route, request), 201);
      case "eviction":
        return json(evictPod(options, route, request), 201);
      case "attach":
      case "exec":
      case "portforward":
        connectPod(options, route, request);
        throw badRequest("Upgrade request required");
      case "proxy":
        // What has sockets sends it on before it comes here.
        throw notImplemented("proxy is not supported: this server has no connections to pods");
      default:
        return podLog(logs, clock, existing(backend, route) as unknown as Stored<Pod>, request);
    }
  }

  return (route, request) => {
    requireVerb(route, request);
    if (route.name === undefined) return collection(route, request);
    return route.subresource === undefined ? single(route, request) : subresource(route, request);
  };
}

/** How a request wants to see what it asks for; made anew for each moment, as ages change. */
export function viewOf(
  request: ApiRequest,
  { clock, network }: Pick<ApiServerOptions, "clock" | "network">,
): () => View {
  const form = negotiate(request);
  const include = includeOf(request);
  return () => ({
    form,
    include,
    context: { now: clock.now(), openPort: (port) => network.openPort(port) },
  });
}

/** Kinds that can only be read (405). Collections and subresources have rules of their own beyond this. */
function requireVerb({ resource, subresource }: ResourceRoute, { method }: ApiRequest): void {
  if (subresource !== undefined) return;
  const verb = { GET: "get", POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" }[method];
  if (verb === undefined || !resource.verbs.includes(verb)) throw methodNotAllowed();
}

/** Whether a path is one whose requests turn their connection into streams. */
export function isConnection(route: ResourceRoute | undefined): route is ResourceRoute {
  return connectSubresources.some((name) => name === route?.below?.name);
}

/** What a request for streams wants. Throws what is wrong with it. */
export function connectPod(
  { backend }: Pick<ApiServerOptions, "backend">,
  route: ResourceRoute,
  request: Pick<ApiRequest, "query">,
): PodConnection {
  const pod = existing(backend, route) as unknown as Stored<Pod>;
  return connectionOf(route.below?.name as PodConnection["type"], pod, request);
}

function body(text: string, status = 200, warnings: readonly string[] = []): ApiResponse {
  const headers = { "content-type": "application/json", ...warningHeaders(warnings) };
  return { status, headers, body: `${text}\n` };
}

function includeOf(request: ApiRequest): IncludeObject {
  const include = request.query.get("includeObject") || "Metadata";
  if (include !== "Object" && include !== "Metadata" && include !== "None")
    throw badRequest(
      `includeObject: Unsupported value: ${JSON.stringify(include)}: supported values: "Metadata", "None", "Object"`,
    );
  return include;
}
