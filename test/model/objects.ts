import type {
  Container,
  Pod,
  PodSpec,
  ReplicationController,
  Service,
  ServiceSpec,
} from "../../model/core.ts";

/** Small valid objects that tests vary. */

export const container = (more: Partial<Container> = {}): Container => ({
  name: "server",
  image: "shop/web:1.4.2",
  ...more,
});

export const pod = (spec: Partial<PodSpec> = {}, name = "web"): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels: { app: "shop" } },
  spec: { containers: [container()], ...spec },
});

export const controller = (
  spec: Partial<ReplicationController["spec"]> = {},
  name = "web",
): ReplicationController => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name, namespace: "default" },
  spec: {
    replicas: 1,
    selector: { app: "shop" },
    template: { metadata: { labels: { app: "shop" } }, spec: { containers: [container()] } },
    ...spec,
  },
});

export const service = (spec: Partial<ServiceSpec> = {}, name = "web"): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "default" },
  spec: { selector: { app: "shop" }, ports: [{ port: 80 }], ...spec },
});

/** A pod as a plan holds it: all defaults explicit, two containers, probes, environment, mounts. */
export const typicalPod: Pod = pod({
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
  dnsPolicy: "ClusterFirst",
  nodeSelector: { zone: "a" },
  volumes: [{ name: "cache", emptyDir: { sizeLimit: "64Mi" } }],
  tolerations: [
    { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
  ],
  containers: ["server", "log"].map((name, index) =>
    container({
      name,
      imagePullPolicy: "IfNotPresent",
      ports: [{ name: `http${index}`, containerPort: 8080 + index, protocol: "TCP" }],
      env: [
        { name: "DB_HOST", value: "db.default" },
        { name: "DB_PASS", valueFrom: { secretKeyRef: { name: "login", key: "password" } } },
      ],
      resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
      volumeMounts: [{ name: "cache", mountPath: "/var/cache" }],
      readinessProbe: {
        httpGet: { path: "/healthz", port: `http${index}`, scheme: "HTTP" },
        periodSeconds: 2,
      },
    }),
  ),
});
