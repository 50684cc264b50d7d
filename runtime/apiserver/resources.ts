import { type Kind, type KindInfo, kindNames, kinds } from "../../model/meta.ts";
import { sliceInfo, sliceKind } from "./slices.ts";

/** What the API serves: for each resource where it lies, what can be done with it and what lies below it. */
export interface Resource {
  readonly kind: Kind;
  readonly info: KindInfo;
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly verbs: readonly string[];
  readonly subresources: readonly Subresource[];
}

export interface Subresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

export const allVerbs = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
] as const;

const below = (kind: string, name: string, verbs: readonly string[], groupVersion = "v1"): Subresource => ({
  name,
  ...splitGroupVersion(groupVersion),
  kind,
  verbs,
});

const status = (kind: string) => below(kind, "status", ["get", "patch", "update"]);

/** What is asked of a program behind the API: any method is its own. */
const proxy = (kind: string) => below(kind, "proxy", ["create", "delete", "get", "patch", "update"]);

const subresources: Partial<Record<Kind, readonly Subresource[]>> = {
  Namespace: [below("Namespace", "finalize", ["update"]), status("Namespace")],
  Node: [status("Node")],
  Service: [proxy("ServiceProxyOptions"), status("Service")],
  ReplicationController: [
    below("Scale", "scale", ["get", "patch", "update"], "autoscaling/v1"),
    status("ReplicationController"),
  ],
  Pod: [
    below("PodAttachOptions", "attach", ["create", "get"]),
    below("Binding", "binding", ["create"]),
    below("Eviction", "eviction", ["create"], "policy/v1"),
    below("PodExecOptions", "exec", ["create", "get"]),
    below("Pod", "log", ["get"]),
    below("PodPortForwardOptions", "portforward", ["create", "get"]),
    proxy("PodProxyOptions"),
    status("Pod"),
  ],
};

/** Of these Kubernetes knows no deletion of a whole collection. */
const withoutDeleteCollection: readonly Kind[] = ["Namespace"];

export function splitGroupVersion(apiVersion: string): { group: string; version: string } {
  const [first = "", second] = apiVersion.split("/");
  return second === undefined ? { group: "", version: first } : { group: first, version: second };
}

const stored = kindNames.map(
  (kind): Resource => ({
    kind,
    info: kinds[kind],
    ...splitGroupVersion(kinds[kind].apiVersion),
    verbs: allVerbs.filter((verb) => verb !== "deletecollection" || !withoutDeleteCollection.includes(kind)),
    subresources: subresources[kind] ?? [],
  }),
);

const slices: Resource = {
  kind: sliceKind,
  info: sliceInfo,
  ...splitGroupVersion(sliceInfo.apiVersion),
  verbs: ["get", "list", "watch"],
  subresources: [],
};

/** By name, as Kubernetes lists them: kubectl prints the kinds of `all` in this order. */
export const resources: readonly Resource[] = [...stored, slices].sort((a, b) =>
  a.info.plural < b.info.plural ? -1 : 1,
);

/** The groups in the order of discovery: the core group first, so that its `pods` and `nodes` are the ones meant. */
export const groupVersions: readonly { readonly group: string; readonly version: string }[] = [
  ...new Map(resources.map(({ group, version }) => [`${group}/${version}`, { group, version }])).values(),
].sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));

export function findResource(group: string, version: string, plural: string): Resource | undefined {
  return resources.find(
    (resource) => resource.group === group && resource.version === version && resource.info.plural === plural,
  );
}

/** As Status messages name a resource: `pods`, `leases.coordination.k8s.io`. */
export function qualifiedName(resource: Resource): string {
  return resource.group === "" ? resource.info.plural : `${resource.info.plural}.${resource.group}`;
}
