import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultPullPolicy, withAdmissionDefaults, withDefaults } from "../../model/defaults.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import { runs } from "../runs.ts";

fc.configureGlobal({ seed: 1 });

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind, and hand in what is none.
const defaulted = (object: unknown): any => withDefaults(object as KubernetesObject);

const pod = (spec: unknown) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec });

describe("Kubernetes' defaults", () => {
  test("of a pod", () => {
    const { spec } = defaulted(
      pod({
        containers: [
          {
            name: "c",
            image: "shop/web:1.4",
            ports: [{ containerPort: 80 }],
            resources: { limits: { memory: "64Mi", cpu: "1" }, requests: { cpu: "100m" } },
            livenessProbe: { httpGet: { port: 80 } },
            env: [{ name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
          },
        ],
        volumes: [
          { name: "a" },
          { name: "b", configMap: { name: "c" } },
          { name: "h", hostPath: { path: "/x" } },
        ],
      }),
    );
    expect(spec).toMatchObject({
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      terminationGracePeriodSeconds: 30,
      schedulerName: "default-scheduler",
      enableServiceLinks: true,
      volumes: [
        { emptyDir: {} },
        { configMap: { defaultMode: 420 } },
        { hostPath: { path: "/x", type: "" } },
      ],
    });
    expect(spec.containers[0]).toMatchObject({
      imagePullPolicy: "IfNotPresent",
      terminationMessagePath: "/dev/termination-log",
      ports: [{ containerPort: 80, protocol: "TCP" }],
      resources: { requests: { cpu: "100m", memory: "64Mi" } },
      livenessProbe: {
        httpGet: { path: "/", port: 80, scheme: "HTTP" },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      env: [{ valueFrom: { fieldRef: { apiVersion: "v1" } } }],
    });
  });

  test("of a replication controller: selector and labels are its template's, requests stay as written", () => {
    const container = { name: "c", image: "x", resources: { limits: { memory: "1Mi" } } };
    const rc = defaulted({
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { name: "r" },
      spec: { template: { metadata: { labels: { app: "x" } }, spec: { containers: [container] } } },
    });
    expect(rc.metadata.labels).toEqual({ app: "x" });
    expect(rc.spec).toMatchObject({ replicas: 1, selector: { app: "x" } });
    expect(rc.spec.template.spec.containers[0].resources).toEqual({ limits: { memory: "1Mi" } });
  });

  test("of services, by their type", () => {
    const service = (spec: unknown) =>
      defaulted({ apiVersion: "v1", kind: "Service", metadata: { name: "s" }, spec }).spec;
    expect(service({ ports: [{ port: 80 }] })).toEqual({
      type: "ClusterIP",
      sessionAffinity: "None",
      internalTrafficPolicy: "Cluster",
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
    });
    expect(service({ type: "NodePort" }).externalTrafficPolicy).toBe("Cluster");
    expect(service({ type: "LoadBalancer" }).allocateLoadBalancerNodePorts).toBe(true);
    expect(service({ type: "ExternalName", externalName: "x" })).not.toHaveProperty("internalTrafficPolicy");
    expect(service({ sessionAffinity: "ClientIP" }).sessionAffinityConfig).toEqual({
      clientIP: { timeoutSeconds: 10800 },
    });
  });

  test("of nodes, namespaces and secrets", () => {
    const object = (kind: string, rest = {}) =>
      defaulted({ apiVersion: "v1", kind, metadata: { name: "n" }, ...rest });
    expect(object("Node", { status: { capacity: { cpu: "4" } } }).status.allocatable).toEqual({ cpu: "4" });
    expect(object("Namespace").metadata.labels).toEqual({ "kubernetes.io/metadata.name": "n" });
    expect(object("Secret").type).toBe("Opaque");
  });

  test.each([
    ["web", "Always"],
    ["web:latest", "Always"],
    ["registry:5000/web", "Always"],
    ["registry:5000/web:1", "IfNotPresent"],
    ["web@sha256:abc", "IfNotPresent"],
    ["web:1@sha256:abc", "IfNotPresent"],
    ["web:latest@sha256:abc", "Always"],
  ])("image %s is pulled %s", (image, policy) => expect(defaultPullPolicy(image)).toBe(policy));

  test.each([
    [{}, 0],
    [{ priority: 7 }, 7],
    [{ priorityClassName: "system-cluster-critical" }, 2_000_000_000],
    [{ priorityClassName: "system-node-critical" }, 2_000_001_000],
    [{ priorityClassName: "kdsl-priority-10" }, 10],
    [{ priorityClassName: "kdsl-priority-minus-5" }, -5],
    [{ priorityClassName: "of-somebody-else" }, 0],
  ])("admission gives a pod with %j the priority %i", (spec, priority) => {
    expect(withAdmissionDefaults(pod(spec))).toMatchObject({ spec: { priority } });
  });

  test("admission adds tolerations of failing nodes, unless the pod has its own", () => {
    const tolerations = (own?: unknown[]) =>
      (withAdmissionDefaults(pod({ tolerations: own })) as unknown as { spec: { tolerations: unknown[] } })
        .spec.tolerations;
    expect(tolerations()).toHaveLength(2);
    expect(tolerations([{ operator: "Exists" }])).toEqual([{ operator: "Exists" }]);
    expect(tolerations([{ key: "node.kubernetes.io/unreachable", operator: "Exists" }])).toHaveLength(2);
  });
});

const kinds = [
  "Pod",
  "ReplicationController",
  "Service",
  "Node",
  "Namespace",
  "Endpoints",
  "Secret",
  "Event",
  "Other",
];
const names = [
  "spec",
  "template",
  "metadata",
  "labels",
  "containers",
  "ports",
  "volumes",
  "env",
  "valueFrom",
  "fieldRef",
  "resources",
  "limits",
  "requests",
  "livenessProbe",
  "httpGet",
  "lifecycle",
  "status",
  "capacity",
  "subsets",
  "tolerations",
  "type",
  "sessionAffinity",
  "image",
  "name",
  "hostNetwork",
  "__proto__",
];

test("no JSON makes defaulting throw; it changes nothing in place, and a second time nothing at all", () => {
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(null, 0, 7, "", "x", true, "ClientIP", "LoadBalancer"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie("value"), { maxKeys: 6, noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(fc.constantFrom(...kinds), json, json, json, (kind, spec, metadata, status) => {
      const object = { kind, spec, metadata, status };
      const before = JSON.stringify(object);
      const once = withAdmissionDefaults(defaulted(object));
      expect(JSON.stringify(object)).toBe(before);
      expect(withAdmissionDefaults(defaulted(once))).toBe(once);
    }),
    runs(1000),
  );
  for (const hostile of [null, 7, "x", [], {}, { kind: 3 }, { kind: "__proto__" }, { kind: "constructor" }])
    expect(defaulted(hostile)).toBe(hostile);
});
