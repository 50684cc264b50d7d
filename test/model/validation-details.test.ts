import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../model/meta.ts";
import { validateCreate, validateUpdate } from "../../model/validation.ts";
import { container, pod, service } from "./objects.ts";

/** Rules that few run into, each with the words of `pkg/apis/core/validation`. */

const said = (object: unknown) =>
  validateCreate(object as KubernetesObject).map(({ field, message }) => `${field}: ${message}`);
const withContainer = (more: object) => pod({ containers: [container(more)] });

test.each([["foo"], ["example.com/hold"], ["orphan"]])("the finalizer %s", (name) => {
  const object = { ...pod(), metadata: { ...pod().metadata, finalizers: [name] } };
  const why = "name is neither a standard finalizer name nor is it fully qualified";
  expect(said(object)).toEqual(
    name === "foo" ? [`metadata.finalizers[0]: Invalid value: "foo": ${why}`] : [],
  );
});

describe("facts of a pod", () => {
  const variable = (fieldRef: object) => withContainer({ env: [{ name: "X", valueFrom: { fieldRef } }] });
  const at = "spec.containers[0].env[0].valueFrom.fieldRef";

  test("in a variable are those that variables can have", () => {
    expect(said(variable({ fieldPath: "metadata.labels['app']" }))).toEqual([]);
    expect(said(variable({ fieldPath: "metadata.foo" }))).toEqual([
      `${at}.fieldPath: Invalid value: "metadata.foo": error converting fieldPath: field label not supported: metadata.foo`,
    ]);
    expect(said(variable({ fieldPath: "metadata.name", apiVersion: "v2" }))).toEqual([
      `${at}.fieldPath: Invalid value: "metadata.name": error converting fieldPath: unsupported pod version: v2`,
    ]);
    expect(said(variable({ fieldPath: "metadata.name['x']" }))).toEqual([
      `${at}.fieldPath: Invalid value: "metadata.name['x']": error converting fieldPath: field label does not support subscript: metadata.name['x']`,
    ]);
    expect(said(variable({ fieldPath: "metadata.labels['A B']" }))[0]).toMatch(
      /^spec\.containers\[0\]\.env\[0\]\.valueFrom\.fieldRef: Invalid value: "A B": name part must consist of/,
    );
    // A field of a pod, but one that changes while it runs.
    expect(said(variable({ fieldPath: "status.phase" }))[0]).toMatch(
      /fieldPath: Unsupported value: "status\.phase": supported values: "metadata\.name"/,
    );
  });

  const files = (items: readonly object[]) => [
    pod({ volumes: [{ name: "info", downwardAPI: { items } as never }] }),
    pod({ volumes: [{ name: "info", projected: { sources: [{ downwardAPI: { items } as never }] } }] }),
  ];
  const paths = [
    "spec.volumes[0].downwardAPI.items[0]",
    "spec.volumes[0].projected.sources[0].downwardAPI.items[0]",
  ];

  test("in a file are those that files can have, at a path inside of the volume", () => {
    for (const [index, good] of files([
      { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
    ]).entries()) {
      expect(said(good)).toEqual([]);
      const item = paths[index];
      const wrong = (one: object) => said(files([one])[index]);
      expect(wrong({ path: "", fieldRef: { fieldPath: "metadata.name" } })).toEqual([
        `${item}.path: Required value`,
      ]);
      expect(wrong({ path: "../x", fieldRef: { fieldPath: "metadata.name" } })).toEqual([
        `${item}.path: Invalid value: "../x": must not contain '..'`,
      ]);
      expect(wrong({ path: "x" })).toEqual([
        `${item}: Required value: one of fieldRef and resourceFieldRef is required`,
      ]);
      expect(wrong({ path: "x", fieldRef: { fieldPath: "status.podIP" } })[0]).toContain("Unsupported value");
      expect(wrong({ path: "x", resourceFieldRef: { resource: "limits.cpu" } })).toEqual([
        `${item}.resourceFieldRef.containerName: Required value`,
      ]);
    }
  });
});

test("a projected volume has one thing in each of its sources", () => {
  const sources = [{ secret: { name: "" }, configMap: { name: "c" } }];
  expect(said(pod({ volumes: [{ name: "all", projected: { sources } }] }))).toEqual([
    "spec.volumes[0].projected.sources[0].configMap: Forbidden: may not specify more than 1 volume type",
    "spec.volumes[0].projected.sources[0].secret.name: Required value",
  ]);
});

test("mounts propagate in one of three ways", () => {
  const volumeMounts = [{ name: "v", mountPath: "/v", mountPropagation: "Foo" }];
  const object = pod({ volumes: [{ name: "v", emptyDir: {} }], containers: [container({ volumeMounts })] });
  expect(said(object)).toEqual([
    'spec.containers[0].volumeMounts[0].mountPropagation: Unsupported value: "Foo": supported values: "Bidirectional", "HostToContainer", "None"',
  ]);
});

test("keys of labels by which pods are spread narrow a selector", () => {
  const constraint = {
    maxSkew: 1,
    topologyKey: "zone",
    whenUnsatisfiable: "ScheduleAnyway",
    matchLabelKeys: ["v"],
  };
  expect(said(pod({ topologySpreadConstraints: [constraint as never] }))).toEqual([
    "spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set",
  ]);
});

describe("rights", () => {
  const user = "must be between 0 and 2147483647, inclusive";

  test("of a pod", () => {
    const securityContext = {
      supplementalGroups: [-1],
      fsGroupChangePolicy: "Foo",
      sysctls: [{ name: "a.b", value: "1" }, { name: "a.b", value: "1" }, { value: "1" }],
      seccompProfile: { type: "Localhost" },
    };
    expect(said(pod({ securityContext }))).toEqual([
      "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
      `spec.securityContext.supplementalGroups[0]: Invalid value: -1: ${user}`,
      'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Foo": supported values: "Always", "OnRootMismatch"',
      'spec.securityContext.sysctls[1].name: Duplicate value: "a.b"',
      "spec.securityContext.sysctls[2].name: Required value",
    ]);
    expect(said(pod({ hostPID: true, shareProcessNamespace: true } as never))).toEqual([
      "spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
    ]);
  });

  test("of a container", () => {
    const securityContext = {
      runAsUser: -1,
      privileged: true,
      allowPrivilegeEscalation: false,
      procMount: "Foo",
    };
    const at = "spec.containers[0].securityContext";
    expect(said(withContainer({ securityContext }))).toEqual([
      `${at}.runAsUser: Invalid value: -1: ${user}`,
      `${at}.procMount: Unsupported value: "Foo": supported values: "Default", "Unmasked"`,
      `${at}.allowPrivilegeEscalation: Invalid value: false: cannot set \`allowPrivilegeEscalation\` to false and \`privileged\` to true`,
    ]);
  });

  test("that are no objects at all are never a crash", () => {
    for (const wrong of [1, "x", [], { sysctls: 1, seccompProfile: "x", capabilities: [] }])
      expect(() => said(withContainer({ securityContext: wrong }))).not.toThrow();
  });
});

describe("a service", () => {
  const asking = (spec: object) => service({ ports: [{ port: 80 }], ...spec });

  test("is of families that there are, each once", () => {
    expect(said(asking({ ipFamilies: ["IPv5", "IPv4", "IPv4"], ipFamilyPolicy: "Foo" }))).toEqual([
      'spec.ipFamilyPolicy: Unsupported value: "Foo": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
      'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
      'spec.ipFamilies[2]: Duplicate value: "IPv4"',
    ]);
  });

  test("that is only a name has no address of any family", () => {
    const only = {
      type: "ExternalName",
      externalName: "a.example",
      clusterIP: "10.0.0.1",
      ipFamilies: ["IPv4"],
    };
    expect(said(asking({ ...only, ipFamilyPolicy: "SingleStack" }))).toEqual([
      "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
      "spec.ipFamilies: Forbidden: may not be set for ExternalName services",
      "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services",
    ]);
  });

  test("keeps the port at which balancers ask", () => {
    const at = (healthCheckNodePort: number) =>
      asking({ type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort });
    expect(validateUpdate(at(31000), at(31001)).map(({ field }) => field)).toEqual([
      "spec.healthCheckNodePort",
    ]);
  });
});

test("endpoints name hosts and nodes as there can be", () => {
  const addresses = [{ ip: "1.2.3.4", hostname: "A_", nodeName: "B_" }];
  const object = { apiVersion: "v1", kind: "Endpoints", metadata: { name: "e", namespace: "default" } };
  expect(said({ ...object, subsets: [{ addresses }] }).map((text) => text.split(":")[0])).toEqual([
    "subsets[0].addresses[0].hostname",
    "subsets[0].addresses[0].nodeName",
  ]);
});
