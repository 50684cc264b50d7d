import type { Clock } from "../../../base/clock.ts";
import type { Node, Pod } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import { ApiError } from "../../client/client.ts";
import type { ApiBackend } from "../backend.ts";
import type { ApiRequest, BodyResponse } from "../http.ts";
import { listOptions } from "../options.ts";
import { select } from "../read/list.ts";
import { renderList, renderObject, type View } from "../read/render.ts";
import { allVerbs, findResource, type Resource } from "../resources.ts";
import { decodeSegment } from "../routes.ts";
import { methodNotAllowed, unknownPath } from "../status.ts";
import {
  metricsKinds,
  metricsVersion,
  type NodeMetrics,
  nodeMetrics,
  type PodMetrics,
  podMetrics,
} from "./objects.ts";
import { createUsageMeter, type Measurement, type UsageReader } from "./usage.ts";

/** What nodes and pods use (`kubectl top`): a group of its own beside those of the store, measured when it is asked for. */

const verbs = allVerbs.filter((verb) => verb === "get" || verb === "list");

/** As discovery tells them. */
export const metricsResources: readonly Resource[] = [metricsKinds.nodes, metricsKinds.pods].map((info) => ({
  kind: info.kind as Kind,
  info,
  ...metricsVersion,
  verbs,
  subresources: [],
}));

export interface MetricsOptions {
  readonly backend: ApiBackend;
  readonly read: UsageReader;
  readonly clock: Clock;
  readonly view: (request: ApiRequest) => () => View;
}

export interface Metrics {
  /** Measures, where the request asks for a measurement; that takes up to a second. */
  prepare(request: ApiRequest): Promise<void> | undefined;
  /** The answer to a request below `/apis/metrics.k8s.io/v1beta1/`; undefined for another path. */
  answer(request: ApiRequest, path: string): BodyResponse | undefined;
}

export function createMetrics({ backend, read, clock, view }: MetricsOptions): Metrics {
  const measure = createUsageMeter(read, clock);
  let measurement: Measurement = { at: clock.now(), windowMilliseconds: 0, containers: [] };
  const metrics = (object: Stored) => metricsOf(object, measurement, backend, clock.now());
  return {
    prepare({ method, path, query }) {
      if (method !== "GET" || query.has("watch") || !path.startsWith(base)) return undefined;
      return measure().then((measured) => {
        measurement = measured;
      });
    },
    answer(request, path) {
      if (!path.startsWith(base)) return undefined;
      const place = placeOf(path.slice(base.length));
      const asked = listOptions(request.query);
      if (request.method !== "GET" || asked.watch) throw methodNotAllowed();
      const look = view(request)();
      const { plural, namespace, name } = place;
      if (name !== undefined) {
        const found = existing(backend, place);
        const made = found && metrics(found);
        if (!made || !isMeasured(made)) throw notFound(place);
        return body(renderObject(made, look));
      }
      const resource = findResource("", "v1", plural)!;
      const found = select(backend, { resource, ...(namespace !== undefined && { namespace }) }, asked);
      const { kind, apiVersion } = metricsKinds[plural];
      const items = found.map(metrics).filter(isMeasured);
      return body(renderList(kind as Kind, apiVersion, items, { resourceVersion: "" }, look));
    },
  };
}

function body(text: string): BodyResponse {
  return { status: 200, headers: { "content-type": "application/json" }, body: `${text}\n` };
}

type Plural = keyof typeof metricsKinds;

interface Place {
  readonly plural: Plural;
  readonly namespace?: string;
  readonly name?: string;
}

const pattern = /^(?:namespaces\/([^/]+)\/pods|(nodes|pods))(?:\/([^/]+))?$/;

const base = `/apis/${metricsVersion.group}/${metricsVersion.version}/`;

function placeOf(rest: string): Place {
  const match = pattern.exec(rest.split("/").map(decodeSegment).join("/"));
  const [, namespace, plural = "pods", name] = match ?? [];
  // A pod is named in its namespace.
  if (!match || (namespace === undefined && plural === "pods" && name !== undefined)) throw unknownPath();
  return {
    plural: plural as Plural,
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
  };
}

function existing(backend: ApiBackend, { plural, namespace, name = "" }: Place): Stored | undefined {
  return plural === "nodes" ? backend.get("Node", undefined, name) : backend.get("Pod", namespace, name);
}

/** As metrics-server names what it does not find. */
function notFound({ plural, namespace, name = "" }: Place): ApiError {
  const kind = metricsKinds[plural].kind.toLowerCase();
  const text = namespace === undefined ? name : `${namespace}/${name}`;
  return new ApiError(404, "NotFound", `${kind}.${metricsVersion.group} ${JSON.stringify(text)} not found`, {
    name: text,
    group: metricsVersion.group,
    kind,
  });
}

function metricsOf(
  object: Stored,
  measurement: Measurement,
  backend: ApiBackend,
  now: number,
): NodeMetrics | PodMetrics {
  const of = (uids: ReadonlySet<string>): Measurement => ({
    ...measurement,
    containers: measurement.containers.filter(({ podUid }) => uids.has(podUid)),
  });
  if (object.kind === "Pod")
    return podMetrics(object as Stored<Pod>, of(new Set([object.metadata.uid])), now);
  const pods = backend.list("Pod", { fields: { "spec.nodeName": object.metadata.name } });
  return nodeMetrics(object as Stored<Node>, of(new Set(pods.map(({ metadata }) => metadata.uid))), now);
}

/** A pod of which nothing runs uses nothing, and is not told of. */
const isMeasured = (metrics: NodeMetrics | PodMetrics) =>
  metrics.kind === "NodeMetrics" || metrics.containers.length > 0;
