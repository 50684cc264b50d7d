import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Endpoints } from "../../model/core.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import { type Kind, kindNames, kinds } from "../../model/meta.ts";
import { validateCreate, validateStatusUpdate, validateUpdate } from "../../model/validation.ts";
import { runs } from "../runs.ts";
import { container, controller, pod, service, typicalPod } from "./objects.ts";

const said = (object: unknown) =>
  validateCreate(object as KubernetesObject).map(({ field, message }) => `${field}: ${message}`);
const fieldsOf = (object: unknown) => validateCreate(object as KubernetesObject).map(({ field }) => field);

const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe("what Kubernetes takes", () => {
  test.each([pod(), typicalPod, controller(), service()])("$kind $metadata.name", (object) => {
    expect(said(object)).toEqual([]);
  });

  test("null stands for an absent field", () => {
    const object = structuredClone(typicalPod) as unknown as Record<string, Record<string, unknown>>;
    object.metadata!.creationTimestamp = null;
    object.spec!.volumes = [{ name: "cache", emptyDir: {}, hostPath: null }];
    object.spec!.affinity = null;
    object.spec!.initContainers = null;
    object.status = null as never;
    expect(said(object)).toEqual([]);
  });
});

describe("a pod", () => {
  test("needs a container", () => {
    expect(said(pod({ containers: [] }))).toEqual(["spec.containers: Required value"]);
  });

  test("names its containers with labels, each once", () => {
    expect(said(pod({ containers: [container({ name: "My_App" })] }))).toEqual([
      `spec.containers[0].name: Invalid value: "My_App": ${label}`,
    ]);
    expect(said(pod({ containers: [container(), container()] }))).toEqual([
      'spec.containers[1].name: Duplicate value: "server"',
    ]);
  });

  test("asks for no more than its limit", () => {
    const resources = { requests: { memory: "512Mi" }, limits: { memory: "256Mi" } };
    expect(said(pod({ containers: [container({ resources })] }))).toEqual([
      'spec.containers[0].resources.requests: Invalid value: "512Mi": must be less than or equal to memory limit of 256Mi',
    ]);
    const same = { requests: { cpu: "1000m" }, limits: { cpu: "1" } };
    expect(said(pod({ containers: [container({ resources: same })] }))).toEqual([]);
  });

  test("mounts volumes that it has, at paths of their own", () => {
    const volumeMounts = [
      { name: "cache", mountPath: "/in" },
      { name: "cache", mountPath: "/in" },
      { name: "gone", mountPath: "/out" },
    ];
    const volumes = [{ name: "cache", emptyDir: {} }];
    expect(said(pod({ volumes, containers: [container({ volumeMounts })] }))).toEqual([
      'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/in": must be unique',
      'spec.containers[0].volumeMounts[2].name: Not found: "gone"',
    ]);
  });

  test("has one source for a volume and one handler for a probe", () => {
    const volumes = [{ name: "a", emptyDir: {}, hostPath: { path: "/x" } }, { name: "b" }];
    expect(fieldsOf(pod({ volumes }))).toEqual(["spec.volumes[0].hostPath", "spec.volumes[1]"]);
    expect(fieldsOf(pod({ containers: [container({ readinessProbe: {} })] }))).toEqual([
      "spec.containers[0].readinessProbe",
    ]);
  });

  test("tolerates only what can be said", () => {
    expect(
      fieldsOf(pod({ tolerations: [{ value: "x" }, { key: "a", operator: "Exists", value: "x" }] })),
    ).toEqual(["spec.tolerations[0].operator", "spec.tolerations[1].operator"]);
  });

  test("keeps all but images, its deadline and further tolerations", () => {
    const image = pod({ containers: [container({ image: "shop/web:2" })] });
    expect(validateUpdate(pod(), image)).toEqual([]);
    const moved = pod({ nodeName: "worker-a" });
    const [cause] = validateUpdate(pod(), moved);
    expect(cause).toMatchObject({ reason: "FieldValueForbidden", field: "spec" });
    expect(cause!.message).toMatch(
      /^Forbidden: pod updates may not change fields other than `spec\.containers/,
    );
    expect(cause!.message).toContain("changed: spec.nodeName");
    expect(
      validateUpdate(pod({ activeDeadlineSeconds: 10 }), pod({ activeDeadlineSeconds: 20 })),
    ).toHaveLength(1);
    expect(validateUpdate(pod({ activeDeadlineSeconds: 20 }), pod({ activeDeadlineSeconds: 10 }))).toEqual(
      [],
    );
    const tolerant = pod({ tolerations: [{ key: "a", operator: "Exists" }] });
    expect(validateUpdate(pod(), tolerant)).toEqual([]);
    expect(validateUpdate(tolerant, pod())).toHaveLength(1);
  });
});

describe("a replication controller", () => {
  test("selects its own template", () => {
    expect(said(controller({ selector: { app: "other" } }))).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"shop"}: `selector` does not match template `labels`',
    ]);
    expect(said(controller({ selector: {} }))).toEqual(["spec.selector: Required value"]);
  });

  test("restarts its pods always", () => {
    const template = {
      metadata: { labels: { app: "shop" } },
      spec: { containers: [container()], restartPolicy: "Never" as const },
    };
    expect(said(controller({ template }))).toEqual([
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ]);
  });

  test("counts no more ready pods than pods", () => {
    const next = { ...controller(), status: { replicas: 1, readyReplicas: 2 } };
    expect(validateStatusUpdate(controller(), next).map(({ field }) => field)).toEqual([
      "status.readyReplicas",
    ]);
  });
});

describe("a service", () => {
  test("names each of several ports, once", () => {
    expect(
      said(service({ ports: [{ port: 80 }, { port: 81, name: "b" }, { port: 80, name: "b" }] })),
    ).toEqual([
      "spec.ports[0].name: Required value",
      'spec.ports[2].name: Duplicate value: "b"',
      'spec.ports[2]: Duplicate value: {"protocol":"TCP","port":80}',
    ]);
  });

  test("has node ports only where its type does", () => {
    expect(said(service({ ports: [{ port: 80, nodePort: 30080 }] }))).toEqual([
      "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
    ]);
    expect(said(service({ type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] }))).toEqual([]);
  });

  test("keeps its address", () => {
    const old = service({ clusterIP: "10.0.0.5" });
    expect(validateUpdate(old, service({ clusterIP: "10.0.0.6" })).map(({ field }) => field)).toEqual([
      "spec.clusterIPs[0]",
    ]);
    expect(validateUpdate(old, service({ type: "ExternalName", externalName: "db.example.com" }))).toEqual(
      [],
    );
  });

  test("is a label, not a subdomain", () => {
    expect(fieldsOf(service({}, "a.b"))).toEqual(["metadata.name"]);
    expect(fieldsOf(pod({}, "a.b"))).toEqual([]);
  });
});

describe("metadata", () => {
  test("labels are qualified names with short values", () => {
    const object = pod();
    const labels = { "a b": "x", "example.com/": "x", ok: "no good", fine: "" };
    expect(fieldsOf({ ...object, metadata: { ...object.metadata, labels } })).toEqual(
      Array(3).fill("metadata.labels"),
    );
  });

  test("a name stays", () => {
    expect(validateUpdate(pod({}, "a"), pod({}, "b"))).toEqual([
      {
        reason: "FieldValueInvalid",
        field: "metadata.name",
        message: 'Invalid value: "b": field is immutable',
      },
    ]);
  });

  test("a namespaced object has a namespace, another has none", () => {
    expect(fieldsOf({ ...pod(), metadata: { name: "a" } })).toEqual(["metadata.namespace"]);
    expect(fieldsOf({ apiVersion: "v1", kind: "Node", metadata: { name: "a", namespace: "b" } })).toEqual([
      "metadata.namespace",
    ]);
  });
});

describe("any JSON", () => {
  test("a wrong type is named with its place", () => {
    expect(said({ ...pod(), spec: 7 })).toEqual(["spec: Invalid value: 7: must be an object"]);
    expect(said(pod({ containers: {} as never }))).toEqual([
      "spec.containers: Invalid value: {}: must be an array",
    ]);
    expect(said(controller({ replicas: 1.5 }))).toEqual([
      "spec.replicas: Invalid value: 1.5: must be a 32-bit integer",
    ]);
    expect(said(null)).toEqual([": Invalid value: null: must be an object"]);
    expect(validateCreate({ ...pod(), spec: 7 } as never)[0]!.reason).toBe("FieldValueTypeInvalid");
  });

  const valid: readonly KubernetesObject[] = [
    typicalPod,
    controller({ template: { metadata: { labels: { app: "shop" } }, spec: typicalPod.spec } }),
    service({
      type: "NodePort",
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
    }),
    ...kindNames.map((kind) => bare(kind)).filter((object) => validateCreate(object).length === 0),
  ];

  test("any part replaced by anything gives causes and never throws", () => {
    const cases = fc.record({
      object: fc.constantFrom(...valid),
      at: fc.nat(),
      by: fc.jsonValue({ maxDepth: 3 }),
    });
    fc.assert(
      fc.property(cases, ({ object, at, by }) => {
        const changed = structuredClone(object) as unknown;
        const places = everyPlace(changed);
        const [holder, key] = places[at % places.length]!;
        holder[key] = by;
        for (const causes of [
          validateCreate(changed as KubernetesObject),
          validateUpdate(object, changed as KubernetesObject),
          validateStatusUpdate(object, changed as KubernetesObject),
        ])
          for (const cause of causes) expect(cause.message).not.toBe("");
      }),
      runs(2000),
    );
  });

  test("of an object what it shares with one in order is not looked at again, and all else is", () => {
    const likely = fc.constantFrom<unknown>(
      "",
      "web",
      "Bad_Name",
      "__proto__",
      "9Gi",
      0,
      -1,
      80,
      70_000,
      null,
      {},
      [],
    );
    const change = fc.record({ at: fc.nat(), by: fc.oneof(likely, fc.jsonValue({ maxDepth: 2 })) });
    const cases = fc.record({
      object: fc.constantFrom(...valid),
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
    });
    fc.assert(
      fc.property(cases, ({ object, changes }) => {
        const changed = structuredClone(object);
        for (const { at, by } of changes) {
          const places = everyPlace(changed);
          const [holder, key] = places[at % places.length]!;
          holder[key] = by;
        }
        const sharing = sharedWith(object, changed) as KubernetesObject;
        expect(validateCreate(sharing, object)).toEqual(validateCreate(changed));
      }),
      runs(3000),
    );
  });

  test("what an update shares with the object before is not looked at again, wherever it has moved, and all else is", () => {
    const address = (ip: unknown) => Object.freeze({ ip }) as { ip: string };
    const item = fc.constantFrom(...["10.0.0.1", "10.0.0.2", "no address", 7, null].map(address));
    const good = Array.from({ length: 40 }, (_, index) => address(`10.1.0.${index}`));
    const change = fc.record({
      at: fc.nat(),
      remove: fc.integer({ min: 0, max: 20 }),
      insert: fc.array(item),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.boolean(), (changes, moved) => {
        const addresses = [...good];
        for (const { at, remove, insert } of changes)
          addresses.splice(at % (addresses.length + 1), remove, ...insert);
        if (moved) addresses.reverse();
        const endpoints = (list: readonly { ip: string }[]) =>
          ({ ...bare("Endpoints"), subsets: list.length > 0 ? [{ addresses: list }] : [] }) as Endpoints;
        expect(validateUpdate(endpoints(good), endpoints(addresses))).toEqual(
          validateUpdate(endpoints(good), structuredClone(endpoints(addresses))),
        );
      }),
      runs(300),
    );
  });

  test("deep and wide bodies are cut short", () => {
    let deep: unknown = {};
    for (let level = 0; level < 20_000; level++) deep = { x: [deep] };
    const causes = validateCreate(pod({ containers: deep as never }));
    expect(causes[0]!.message.length).toBeLessThan(2000);
    const wide = Array.from({ length: 100_000 }, () => 7);
    expect(validateCreate(pod({ containers: wide as never })).length).toBeLessThanOrEqual(20);
  });
});

function bare(kind: Kind): KubernetesObject {
  const metadata = kinds[kind].namespaced ? { name: "a", namespace: "default" } : { name: "a" };
  return { apiVersion: kinds[kind].apiVersion, kind, metadata };
}

/** Every field and item below a value, as its holder and key. */
function everyPlace(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [value as Record<string, unknown>, key] as [Record<string, unknown>, string],
    ...everyPlace(inner),
  ]);
}

/** `changed` with the parts that are as they were before being the very same. */
function sharedWith(before: unknown, changed: unknown): unknown {
  if (isDeepStrictEqual(before, changed)) return before;
  if (typeof changed !== "object" || changed === null || typeof before !== "object" || before === null)
    return changed;
  if (Array.isArray(changed))
    return changed.map((item, index) => sharedWith((before as unknown[])[index], item));
  return Object.fromEntries(
    Object.entries(changed).map(([key, value]) => [
      key,
      sharedWith((before as Record<string, unknown>)[key], value),
    ]),
  );
}
