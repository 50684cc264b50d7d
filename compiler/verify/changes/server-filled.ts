import type { KubernetesObject } from "../../../model/meta.ts";
import { controllerOf } from "../../../model/meta.ts";
import type { FieldChange } from "./compare.ts";

/**
 * What a cluster writes into its objects by itself, and objects that it makes for itself: none of it is a difference
 * between a file and the cluster.
 */

const metadata =
  /^metadata\.(?:uid|resourceVersion|generation|creationTimestamp|managedFields|selfLink|ownerReferences|finalizers|deletion\w+|generateName)\b/;
const spec =
  /^spec\.(?:clusterIPs?|ipFamil\w+|healthCheckNodePort|nodeName|serviceAccount\w*|priority\w*|preemptionPolicy|podCIDRs?|providerID|volumeName|finalizers|schedulerName|unschedulable)\b|\.nodePort$|^spec(?:\.template\.spec)?\.serviceAccount$/;
const system = /(?:^|[./])(?:kubernetes|k8s)\.io\/|^kdsl\.dev\/(?:rollout(?:-replicas)?|restartedAt)$/;
const wholeMap = /^(?:metadata|spec\.template\.metadata)\.(?:labels|annotations)$/;
const mapEntry = /^(?:metadata|spec\.template\.metadata)\.(?:labels|annotations)(?:\.([^.[]+)|\[([^\]]+)\])$/;

/**
 * Whether the server filled a field in that the file leaves to it. `own`: the cluster is one that kdsl runs, which puts
 * nothing on nodes but what is the system's.
 */
export function fromServer(
  object: KubernetesObject,
  { path, words, before, after }: FieldChange,
  own = false,
): boolean {
  if (/^status\b/.test(path) || metadata.test(path)) return true;
  if (after !== undefined) return false;
  if (own && path === "spec.unschedulable") return false;
  const labelled = object.kind === "Node" && !own;
  if (spec.test(path) || path === "immutable") return true;
  // All that a namespace's spec holds is what must be done before it can go.
  if (object.kind === "Namespace" && path === "spec") return true;
  const entry = mapEntry.exec(path);
  if (entry) return labelled || system.test(entry[1] ?? entry[2] ?? "");
  if (wholeMap.test(path)) return labelled || Object.keys(before as object).every((key) => system.test(key));
  // What admission adds to pods: the account's token, and the time that a lost node has to come back.
  if (/\/var\/run\/secrets\/kubernetes\.io\/serviceaccount|volume kube-api-access-/.test(words)) return true;
  if (/^spec\.(?:tolerations|taints)/.test(path))
    return [before]
      .flat()
      .every((each) => /^node\.kubernetes\.io\//.test(String((each as { key?: string }).key)));
  return (
    /^spec\.(?:volumes|containers\[\d+\]\.volumeMounts)$/.test(path) &&
    /kube-api-access-/.test(JSON.stringify(before))
  );
}

/** Whether an object is the cluster's own, or some controller's. */
export function isTheirs(object: KubernetesObject): boolean {
  const { kind } = object;
  const { name, namespace } = object.metadata;
  if (controllerOf(object)) return true;
  if (["Endpoints", "EndpointSlice", "Event", "Lease", "Node", "Namespace"].includes(kind)) return true;
  if (kind === "Service" && name === "kubernetes" && namespace === "default") return true;
  if (kind === "ConfigMap" && name === "kube-root-ca.crt") return true;
  if (kind === "ServiceAccount" && name === "default") return true;
  return kind === "Secret" && String((object as { type?: string }).type ?? "").startsWith("kubernetes.io/");
}
