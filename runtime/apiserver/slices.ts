import { hash32 } from "../../base/random.ts";
import type { EndpointAddress, EndpointSubset, Endpoints, KindMap } from "../../model/core.ts";
import {
  type Kind,
  type KindInfo,
  type KubernetesObject,
  kinds,
  type ObjectMeta,
  type Stored,
} from "../../model/meta.ts";
import type { ListQuery, WatchEvent } from "../client/client.ts";
import { matchesQuery } from "../client/fields.ts";
import type { ApiBackend } from "./backend.ts";

/**
 * EndpointSlices: clients of today ask for a service's endpoints in this form (`kubectl describe service`). They are
 * a view of the Endpoints that are kept (decision 0059): read and watched like any other kind, at the same revisions,
 * and not written.
 */
export interface EndpointSlice extends KubernetesObject {
  readonly kind: "EndpointSlice";
  readonly addressType: "IPv4";
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports: readonly SlicePort[];
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions: { readonly ready: boolean; readonly serving: boolean; readonly terminating: boolean };
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: EndpointAddress["targetRef"];
}

export interface SlicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

/** The kind that is served and not stored: for what the API server asks by kind, and for nothing else. */
export const sliceKind = "EndpointSlice" as Kind;

export const sliceInfo: KindInfo = {
  kind: "EndpointSlice",
  apiVersion: "discovery.k8s.io/v1",
  plural: "endpointslices",
  singular: "endpointslice",
  shortNames: [],
  namespaced: true,
  categories: [],
};

const MANAGED = "endpoints.kubernetes.io/managed-by";

/** Of Endpoints that people keep themselves Kubernetes has another controller make the slices. */
const managers = {
  selected: "endpointslice-controller.k8s.io",
  mirrored: "endpointslicemirroring-controller.k8s.io",
} as const;

/** The backend with slices among its kinds. */
export function withSlices(backend: ApiBackend): ApiBackend {
  const made = new WeakMap<object, readonly Stored<EndpointSlice>[]>();
  const slices = (endpoints: Stored<Endpoints>) => {
    let found = made.get(endpoints);
    if (!found) {
      const { namespace, name } = endpoints.metadata;
      found = slicesOf(endpoints, backend.get("Service", namespace, name)?.metadata.uid);
      made.set(endpoints, found);
    }
    return found;
  };
  const inNamespace = ({ namespace }: ListQuery): ListQuery => (namespace === undefined ? {} : { namespace });
  const list = (query: ListQuery) =>
    backend
      .list("Endpoints", inNamespace(query))
      .flatMap(slices)
      .filter((slice) => matchesQuery(slice, query))
      .sort(byName);
  const teller = (query: ListQuery, handler: (event: WatchEvent<never>) => void) => (event: Change) => {
    for (const each of changes(event, slices, query)) handler(each as unknown as WatchEvent<never>);
  };
  const isSlice = (kind: Kind) => kind === sliceKind;
  // What is not said here is the backend's own, its revision among them.
  return Object.assign(Object.create(backend) as ApiBackend, {
    get: ((kind, namespace, name) =>
      isSlice(kind)
        ? list({ namespace: namespace || "default", fields: { "metadata.name": name } })[0]
        : backend.get(kind, namespace, name)) as ApiBackend["get"],
    list: ((kind, query = {}) =>
      isSlice(kind) ? list(query) : backend.list(kind, query)) as ApiBackend["list"],
    watch: ((kind, handler, query = {}) =>
      isSlice(kind)
        ? backend.watch("Endpoints", teller(query, handler), inNamespace(query))
        : backend.watch(kind, handler, query)) as ApiBackend["watch"],
    watchFrom: ((kind, from, handler, query = {}) =>
      isSlice(kind)
        ? backend.watchFrom(
            "Endpoints",
            from,
            (event, revision) => teller(query, (each) => handler(each, revision))(event as Change),
            inNamespace(query),
          )
        : backend.watchFrom(kind, from, handler, query)) as ApiBackend["watchFrom"],
  });
}

type Change = WatchEvent<KindMap["Endpoints"]>;

/** What a change of Endpoints changes of their slices, as a watch with this query tells it. */
function changes(
  { type, object, previous }: Change,
  slices: (endpoints: Stored<Endpoints>) => readonly Stored<EndpointSlice>[],
  query: ListQuery,
): { type: Change["type"]; object: Stored<EndpointSlice>; previous?: Stored<EndpointSlice> }[] {
  const { resourceVersion } = object.metadata;
  const ours = (found: readonly Stored<EndpointSlice>[]) =>
    new Map(found.filter((slice) => matchesQuery(slice, query)).map((slice) => [slice.metadata.name, slice]));
  const before = ours(type === "ADDED" ? [] : slices(previous ?? object));
  const after = ours(type === "DELETED" ? [] : slices(object));
  const gone = [...before.values()]
    .filter(({ metadata }) => !after.has(metadata.name))
    .map((slice) => ({
      type: "DELETED" as const,
      object: { ...slice, metadata: { ...slice.metadata, resourceVersion } },
      previous: slice,
    }));
  const there = [...after.values()].map((slice) => {
    const earlier = before.get(slice.metadata.name);
    return earlier
      ? { type: "MODIFIED" as const, object: slice, previous: earlier }
      : { type: "ADDED" as const, object: slice };
  });
  return [...gone, ...there];
}

function byName(left: Stored, right: Stored): number {
  const [a, b] = [left.metadata, right.metadata];
  return compare(a.namespace ?? "", b.namespace ?? "") || compare(a.name, b.name);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * One slice for each subset: a slice has one set of ports, as a subset has, and is named after it. A service without
 * endpoints has one that is empty, as in Kubernetes.
 */
function slicesOf(
  endpoints: Stored<Endpoints>,
  serviceUid: string | undefined,
): readonly Stored<EndpointSlice>[] {
  const subsets = endpoints.subsets?.length ? endpoints.subsets : [{}];
  const names = new Set<string>();
  return subsets.map((subset) => {
    const ports = portsOf(subset);
    const key = `${endpoints.metadata.uid}/${JSON.stringify(ports)}`;
    let suffix = suffixOf(key);
    for (let again = 1; names.has(suffix); again++) suffix = suffixOf(`${key}/${again}`);
    names.add(suffix);
    return {
      kind: "EndpointSlice",
      apiVersion: sliceInfo.apiVersion,
      metadata: metadataOf(endpoints, suffix, serviceUid),
      addressType: "IPv4",
      endpoints: [
        ...(subset.addresses ?? []).map((address) => endpointOf(address, true)),
        ...(subset.notReadyAddresses ?? []).map((address) => endpointOf(address, false)),
      ],
      ports,
    };
  });
}

/** Kubernetes' alphabet of generated names. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";

function suffixOf(key: string): string {
  let rest = hash32(key);
  return Array.from({ length: 5 }, () => {
    const letter = alphabet[rest % alphabet.length];
    rest = Math.floor(rest / alphabet.length);
    return letter;
  }).join("");
}

function metadataOf(
  { metadata }: Stored<Endpoints>,
  suffix: string,
  serviceUid: string | undefined,
): Stored["metadata"] {
  const { name, namespace, uid, creationTimestamp, resourceVersion, labels = {} } = metadata;
  const { [MANAGED]: manager, ...own } = labels;
  const selected = manager !== undefined && serviceUid !== undefined;
  const owner = { apiVersion: kinds.Service.apiVersion, kind: "Service", name, uid: serviceUid! };
  const generated: Pick<ObjectMeta, "labels" | "ownerReferences"> = {
    labels: {
      ...own,
      "endpointslice.kubernetes.io/managed-by": selected ? managers.selected : managers.mirrored,
      "kubernetes.io/service-name": name,
    },
    ...(selected && { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] }),
  };
  return {
    name: `${name}-${suffix}`,
    generateName: `${name}-`,
    ...(namespace !== undefined && { namespace }),
    uid: `${uid.slice(0, -5)}${hash32(`${uid}/${suffix}`).toString(16).padStart(8, "0").slice(0, 5)}`,
    resourceVersion,
    creationTimestamp,
    ...generated,
  };
}

function endpointOf(address: EndpointAddress, ready: boolean): SliceEndpoint {
  const { ip, nodeName, targetRef, hostname } = address as EndpointAddress & { readonly hostname?: string };
  return {
    addresses: [ip],
    // Endpoints hold no pods that are being ended.
    conditions: { ready, serving: ready, terminating: false },
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    ...(targetRef && { targetRef }),
  };
}

function portsOf(subset: EndpointSubset): SlicePort[] {
  return (subset.ports ?? []).map(({ name, port, protocol, ...more }) => {
    const { appProtocol } = more as { readonly appProtocol?: string };
    return { name: name ?? "", port, protocol: protocol ?? "TCP", ...(appProtocol && { appProtocol }) };
  });
}
