import type {
  Container,
  Node,
  NodeSpec,
  Pod,
  PodSpec,
  ReplicationController,
  ResourceList,
  Service,
  ServicePort,
  ServiceSpec,
} from "../../model/core.ts";
import type { KubernetesObject, Labels } from "../../model/meta.ts";

/** Objects as a plan holds them, small and sound; tests make them unsound. */

export const container = (more: Partial<Container> = {}): Container => ({
  name: "server",
  image: "shop/web:1.4.2",
  ...more,
});

export const web = container({ ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }] });

export function rc(
  name: string,
  spec: Partial<PodSpec> = {},
  more: { labels?: Labels; selector?: Labels; replicas?: number } = {},
): ReplicationController {
  const labels = more.labels ?? { app: name };
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, namespace: "default" },
    spec: {
      replicas: more.replicas ?? 1,
      selector: more.selector ?? labels,
      template: { metadata: { labels }, spec: { containers: [web], ...spec } },
    },
  };
}

export function pod(name: string, spec: Partial<PodSpec> = {}, labels: Labels = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", labels },
    spec: { containers: [web], ...spec },
  };
}

export function service(
  name: string,
  selector: Labels,
  ports: readonly ServicePort[] = [{ name: "http", port: 80, targetPort: "http" }],
  more: Partial<ServiceSpec> = {},
): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { type: "ClusterIP", selector, ports, ...more },
  };
}

export function node(name: string, capacity: ResourceList, labels: Labels = {}, spec: NodeSpec = {}): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec,
    status: { capacity: { pods: "110", ...capacity } },
  };
}

export const config = (name: string, data: Record<string, string>): KubernetesObject & { data: unknown } => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});

export const secret = (name: string): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "default" },
});

/** A container that asks for these amounts. */
export const asking = (requests: ResourceList, name = "server"): Container =>
  container({ name, resources: { requests } });
