import type { Pod, Service } from "../../model/core.ts";
import { kinds, type Labels, type ObjectMeta, type Stored } from "../../model/meta.ts";
import { isReady, isTerminal } from "../../model/pod.ts";
import { ApiError, type Client, type WatchEvent } from "../client/client.ts";
import { Loop, turnRanks } from "../client/loop.ts";
import { equalStructure } from "../client/structure.ts";
import { type Controller, type ControllerEnvironment, queueKey, splitKey, stopAll } from "./controller.ts";
import { endpointSubsets, type Offers } from "./endpoint-subsets.ts";
import { Selection } from "./selection.ts";

const HEADLESS_LABEL = "service.kubernetes.io/headless";
const MANAGED_LABEL = "endpoints.kubernetes.io/managed-by";
const MANAGER = "endpoint-controller";
const OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity";

/** Keeps the Endpoints of each service that selects pods: which of them can be reached, and which are not ready. */
export function createEndpointsController(client: Client, environment: ControllerEnvironment): Controller {
  const selection = new Selection(client);
  /** The endpoints that are being written: that they change is no news. */
  let writing: string | undefined;
  const loop = new Loop(
    "endpoints",
    environment.clock,
    (key) => {
      const [namespace, name] = splitKey(key);
      const service = client.get("Service", namespace, name);
      selection.setService(key, service);
      const selected = selection.get(key);
      writing = key;
      try {
        if (!service) remove(client, namespace, name);
        else if (selected) write(client, service, selected.offers);
      } finally {
        writing = undefined;
      }
    },
    environment.onError,
    turnRanks.overview,
  );

  const concerned = (service: string) => loop.add(service);
  const podChanged = ({ type, object, previous }: WatchEvent<Pod>) => {
    const next = type === "DELETED" ? undefined : object;
    if (previous && next && !concernsEndpoints(previous, next)) return;
    selection.setPod(previous ?? (next ? undefined : object), next, concerned);
  };
  const stops = [
    client.watch("Service", ({ type, object }) => {
      const key = queueKey(object);
      selection.setService(key, type === "DELETED" ? undefined : object);
      loop.add(key);
    }),
    client.watch("Endpoints", ({ type, object }) => {
      const key = queueKey(object);
      if (key === writing) return;
      // Endpoints that somebody made before their service are not ours to take away.
      const ours = object.metadata.labels?.[MANAGED_LABEL] === MANAGER;
      if (
        type === "DELETED" ||
        ours ||
        client.get("Service", object.metadata.namespace, object.metadata.name)
      )
        loop.add(key);
    }),
    client.watch("Pod", podChanged),
  ];
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stopAll(stops);
    },
  };
}

/** Whether a change of a pod can change any endpoints. */
function concernsEndpoints(before: Stored<Pod>, after: Stored<Pod>): boolean {
  // Who selects it is followed from the beginning, what it offers from its address on.
  if (before.metadata.labels !== after.metadata.labels) return true;
  if (!before.status?.podIP && !after.status?.podIP) return false;
  return (
    before.status?.podIP !== after.status?.podIP ||
    isTerminal(before) !== isTerminal(after) ||
    isReady(before) !== isReady(after) ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    before.spec !== after.spec
  );
}

function remove(client: Client, namespace: string, name: string): void {
  if (!client.get("Endpoints", namespace, name)) return;
  client.delete("Endpoints", namespace, name);
}

function write(client: Client, service: Stored<Service>, offers: Offers): void {
  const { namespace, name } = service.metadata;
  const current = client.get("Endpoints", namespace, name);
  const before = current?.subsets ?? [];
  const { subsets, truncated } = endpointSubsets(offers.of(service), before);
  if (current) {
    const metadata = withAnnotation(withLabels(current.metadata, labelsOf(service)), truncated);
    if (subsets !== before) client.update<"Endpoints">({ ...current, metadata, subsets });
    else if (metadata !== current.metadata) client.update<"Endpoints">({ ...current, metadata });
    return;
  }
  const { apiVersion } = kinds.Endpoints;
  const metadata = withAnnotation({ name, namespace: namespace!, labels: labelsOf(service) }, truncated);
  try {
    client.create<"Endpoints">({
      ...{ apiVersion, kind: "Endpoints", metadata },
      ...(subsets.length > 0 ? { subsets } : {}),
    });
  } catch (error) {
    // Nothing can be made in a namespace that is being deleted, and nothing needs to be.
    if (!(error instanceof ApiError && error.reason === "Forbidden")) throw error;
  }
}

/** The very same metadata where it has these labels and no others. */
function withLabels<T extends ObjectMeta>(metadata: T, labels: Labels): T {
  return equalStructure(metadata.labels, labels) ? metadata : { ...metadata, labels };
}

/** Metadata that say whether there are more addresses than endpoints hold; the very same where they do. */
function withAnnotation<T extends ObjectMeta>(metadata: T, truncated: boolean): T {
  const wanted = truncated ? "truncated" : undefined;
  if (metadata.annotations?.[OVER_CAPACITY] === wanted) return metadata;
  const { [OVER_CAPACITY]: _, ...others } = metadata.annotations ?? {};
  return { ...metadata, annotations: wanted ? { ...others, [OVER_CAPACITY]: wanted } : others };
}

/** The service's own labels, and two that say what the endpoints are. */
function labelsOf(service: Service): Labels {
  const labels: Record<string, string> = { ...service.metadata.labels, [MANAGED_LABEL]: MANAGER };
  delete labels[HEADLESS_LABEL];
  if (service.spec.clusterIP === "None") labels[HEADLESS_LABEL] = "";
  return labels;
}
