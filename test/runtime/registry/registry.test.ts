import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../base/random.ts";
import type { Namespace, Node, Pod, Secret, Service } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { createRegistry, type Registry } from "../../../runtime/registry/registry.ts";
import { createWorld, network, podNamed, podOf, rcNamed, refused, serviceNamed, spec } from "./world.ts";

describe("an object that is created", () => {
  test("gets what the server sets, and its kind's defaults", () => {
    const { client } = createWorld();
    const pod = client.create<"Pod">(podNamed("web", { app: "web" }));
    expect(pod.metadata).toMatchObject({
      name: "web",
      namespace: "default",
      generation: 1,
      creationTimestamp: "2026-01-01T00:00:00Z",
    });
    expect(pod.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(pod.metadata.resourceVersion).toBe(String(client.revision));
    expect(pod.spec.restartPolicy).toBe("Always");
    expect(pod.status).toEqual({ phase: "Pending", qosClass: "BestEffort" });
    expect(Object.isFrozen(pod.spec.containers[0])).toBe(true);
  });

  test("tolerates a failing node for 300 s, unless it says otherwise", () => {
    const { client } = createWorld();
    const { tolerations } = client.create<"Pod">(podNamed("web")).spec;
    expect(tolerations).toEqual(
      ["not-ready", "unreachable"].map((name) => ({
        key: `node.kubernetes.io/${name}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
    );
    const patient = podNamed("patient", {}, { tolerations: [{ operator: "Exists" }] });
    expect(client.create<"Pod">(patient).spec.tolerations).toHaveLength(1);
  });

  test("is refused under a name that is taken, with Kubernetes' text", () => {
    const { client } = createWorld();
    client.create<"Pod">(podNamed("web"));
    const error = refused(() => client.create<"Pod">(podNamed("web")));
    expect(error).toMatchObject({
      code: 409,
      reason: "AlreadyExists",
      message: 'pods "web" already exists',
      details: { name: "web", kind: "pods" },
    });
  });

  test("is refused with its causes where it is not valid", () => {
    const { client } = createWorld();
    const error = refused(() => client.create<"Pod">(podNamed("web", {}, { containers: [] })));
    expect(error.code).toBe(422);
    expect(error.reason).toBe("Invalid");
    expect(error.message).toBe('Pod "web" is invalid: spec.containers: Required value');
    expect(error.details).toEqual({
      name: "web",
      kind: "Pod",
      causes: [{ reason: "FieldValueRequired", field: "spec.containers", message: "Required value" }],
    });
  });

  test("whatever its body is, is refused and never a crash", () => {
    const { client } = createWorld();
    const before = client.revision;
    for (const body of [
      7,
      null,
      [],
      {},
      { kind: "Nothing" },
      { kind: "Pod" },
      { kind: "Pod", metadata: 7, spec: 7 },
      { kind: "Pod", metadata: { name: 7, namespace: 9 }, spec: { containers: {} } },
      { kind: "Service", metadata: { name: "x" }, spec: { ports: 7, clusterIP: 4 } },
      { kind: "Service", metadata: { name: "x" }, spec: [] },
      { kind: "Node", metadata: { name: "x" }, spec: { taints: "no" } },
      { kind: "ReplicationController", metadata: { name: "x" }, spec: { template: [] } },
    ])
      expect(refused(() => client.create(body as never)).code, JSON.stringify(body)).toBeLessThan(500);
    expect(client.revision).toBe(before);
  });

  test("gets a name of its own from generateName, without look-alike letters", () => {
    const { client } = createWorld();
    const metadata = { generateName: "web-" } as Pod["metadata"];
    const names = Array.from(
      { length: 20 },
      () => client.create<"Pod">({ ...podNamed(""), metadata }).metadata.name,
    );
    expect(new Set(names).size).toBe(20);
    for (const name of names) expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    const long = { generateName: `${"a".repeat(80)}-` } as Pod["metadata"];
    expect(client.create<"Pod">({ ...podNamed(""), metadata: long }).metadata.name).toHaveLength(63);
  });

  test("says so when no free name can be found", () => {
    const { clock, store } = createWorld();
    const stuck = { below: () => 0, fork: () => stuck };
    const client = createRegistry({ clock, random: stuck, network, store });
    const pod = { ...podNamed(""), metadata: { generateName: "web-" } as Pod["metadata"] };
    client.create<"Pod">(pod);
    const error = refused(() => client.create<"Pod">(pod));
    expect(error).toMatchObject({ code: 409, reason: "AlreadyExists" });
    expect(error.message).toContain("the server was not able to generate a unique name for the object");
  });

  test("is not written by a dry run, which takes nothing either", () => {
    const { client } = createWorld();
    const before = client.revision;
    const asked = client.create<"Service">(serviceNamed("web", { type: "NodePort" }), { dryRun: true });
    expect(asked.spec.clusterIP).toMatch(/^127\.8\.1\./);
    expect(client.revision).toBe(before);
    expect(client.get("Service", "default", "web")).toBeUndefined();
    const { clusterIP } = asked.spec;
    const again = serviceNamed("web", { type: "NodePort", clusterIP: clusterIP! });
    expect(client.create<"Service">(again).spec.clusterIP).toBe(clusterIP);
  });

  test("needs its namespace", () => {
    const { client } = createWorld();
    const pod = { ...podNamed("web"), metadata: { name: "web", namespace: "nowhere" } };
    expect(refused(() => client.create<"Pod">(pod)).message).toBe('namespaces "nowhere" not found');
  });

  test("keeps a secret's stringData as data", () => {
    const { client } = createWorld();
    const secret: Secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login" },
      data: { user: "YQ==" },
      stringData: { password: "schön" },
    };
    const stored = client.create<"Secret">(secret);
    expect(stored.data).toEqual({ user: "YQ==", password: Buffer.from("schön").toString("base64") });
    expect("stringData" in stored).toBe(false);
  });
});

describe("an update", () => {
  test("counts the generation for the spec and never for the status", () => {
    const { client } = createWorld();
    const rc = client.create<"ReplicationController">(rcNamed("web", 1, { app: "web" }));
    const scaled = client.update<"ReplicationController">({ ...rc, spec: { ...rc.spec, replicas: 2 } });
    expect(scaled.metadata.generation).toBe(2);
    const status = client.updateStatus<"ReplicationController">({ ...scaled, status: { replicas: 1 } });
    expect(status.metadata.generation).toBe(2);
    const labelled = client.update<"ReplicationController">({
      ...status,
      metadata: { ...status.metadata, labels: { a: "b" } },
    });
    expect(labelled.metadata.generation).toBe(2);
  });

  test("ignores the status, and a status update everything else", () => {
    const { client } = createWorld();
    const rc = client.create<"ReplicationController">(rcNamed("web", 1, { app: "web" }));
    const updated = client.update<"ReplicationController">({ ...rc, status: { replicas: 9 } });
    expect(updated).toBe(rc);
    const status = client.updateStatus<"ReplicationController">({
      ...rc,
      metadata: { ...rc.metadata, labels: { x: "y" } },
      spec: { ...rc.spec, replicas: 7 },
      status: { replicas: 1 },
    });
    expect(status.spec).toBe(rc.spec);
    expect(status.metadata.labels).toBe(rc.metadata.labels);
    expect(status.status).toEqual({ replicas: 1 });
  });

  test("that changes nothing keeps the revision", () => {
    const { client } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    expect(client.update<"Pod">(structuredClone(pod))).toBe(pod);
    expect(client.updateStatus<"Pod">(structuredClone(pod))).toBe(pod);
  });

  test("over a newer version is a conflict with Kubernetes' text", () => {
    const { client } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, labels: { a: "b" } } });
    const error = refused(() => client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, labels: {} } }));
    expect(error).toMatchObject({ code: 409, reason: "Conflict", details: { name: "web", kind: "pods" } });
    expect(error.message).toBe(
      'Operation cannot be fulfilled on pods "web": the object has been modified; ' +
        "please apply your changes to the latest version and try again",
    );
    const { resourceVersion: _any, ...metadata } = pod.metadata;
    expect(client.update({ ...pod, metadata } as Stored<Pod>).metadata.labels).toEqual({});
  });

  test("of what is not there, or of another object of its name, is refused", () => {
    const { client } = createWorld();
    expect(refused(() => client.update<"Pod">(podNamed("web"))).message).toBe('pods "web" not found');
    const pod = client.create<"Pod">(podNamed("web"));
    const other = { ...pod, metadata: { ...pod.metadata, uid: "other" } };
    expect(refused(() => client.update<"Pod">(other)).message).toBe(
      `Operation cannot be fulfilled on pods "web": Precondition failed: UID in precondition: other, UID in object meta: ${pod.metadata.uid}`,
    );
  });

  test("cannot touch what is the server's", () => {
    const { client } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    const forged = client.update<"Pod">({
      ...pod,
      metadata: {
        ...pod.metadata,
        generation: 9,
        creationTimestamp: "2000-01-01T00:00:00Z",
        labels: { a: "b" },
      },
    });
    expect(forged.metadata).toMatchObject({
      generation: 1,
      creationTimestamp: pod.metadata.creationTimestamp,
    });
  });

  test("of a pod changes no more than Kubernetes allows", () => {
    const { client } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    const error = refused(() =>
      client.update<"Pod">({ ...pod, spec: { ...pod.spec, restartPolicy: "Never" } }),
    );
    expect(error.code).toBe(422);
    expect(error.message).toContain("pod updates may not change fields other than");
    const image = { ...pod.spec.containers[0]!, image: "shop/web:2" };
    expect(
      client.update<"Pod">({ ...pod, spec: { ...pod.spec, containers: [image] } }).metadata.generation,
    ).toBe(2);
  });
});

describe("a pod with scheduling gates", () => {
  const gated = (more: Partial<Pod["spec"]> = {}) => {
    const { client } = createWorld();
    const pod = client.create<"Pod">(podNamed("web", {}, { schedulingGates: [{ name: "g1" }], ...more }));
    const changed = (change: Partial<Pod["spec"]>) =>
      client.update<"Pod">({ ...pod, spec: { ...pod.spec, ...change } });
    return { client, pod, changed };
  };
  const terms = (...keys: string[]) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: keys.map((key) => ({ key, operator: "Exists" as const })) }],
      },
    },
  });

  test("says that it waits for them, and cannot be bound", () => {
    const { client, pod } = gated();
    expect(pod.status?.conditions).toEqual([
      {
        type: "PodScheduled",
        status: "False",
        lastProbeTime: null,
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ]);
    expect(refused(() => client.bind("default", "web", "one")).message).toBe(
      'Operation cannot be fulfilled on pods/binding "web": pod web has non-empty .spec.schedulingGates',
    );
  });

  test("loses gates and gets no new ones", () => {
    const { changed } = gated();
    expect(refused(() => changed({ schedulingGates: [{ name: "g1" }, { name: "g2" }] })).message).toContain(
      "spec.schedulingGates[1].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g2'",
    );
    expect(changed({ schedulingGates: [] }).spec.schedulingGates).toEqual([]);
  });

  test("may be told more narrowly where to go, and not otherwise", () => {
    const { changed } = gated({ nodeSelector: { a: "b" }, affinity: terms("disk") });
    expect(refused(() => changed({ nodeSelector: { a: "z", c: "d" } })).message).toContain(
      "spec.nodeSelector: Invalid value: " +
        '{"a":"z","c":"d"}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    );
    const path =
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
    expect(refused(() => changed({ affinity: terms("cpu") })).message).toMatch(
      new RegExp(
        `${path}\\[0\\]: Invalid value: .*: only additions are allowed \\(no mutations or deletions\\)$`,
      ),
    );
    expect(refused(() => changed({ affinity: {} })).message).toContain(
      "no additions/deletions to non-empty NodeSelectorTerms list are allowed",
    );
    const narrowed = { nodeSelector: { a: "b", c: "d" }, affinity: terms("disk", "cpu") };
    expect(changed(narrowed).spec).toMatchObject(narrowed);
  });

  test("that has none any more has its place as it was told", () => {
    const { client, changed } = gated({ nodeSelector: { a: "b" } });
    const free = changed({ schedulingGates: [] });
    const error = refused(() =>
      client.update<"Pod">({ ...free, spec: { ...free.spec, nodeSelector: { a: "b", c: "d" } } }),
    );
    expect(error.message).toContain("changed: spec.nodeSelector");
  });
});

describe("deleting", () => {
  const onNode = (world: ReturnType<typeof createWorld>, grace?: number) => {
    world.client.create<"Pod">(
      podNamed("web", {}, grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
    );
    world.client.bind("default", "web", "worker");
  };

  test("a pod on a node waits for its kubelet, for the grace it has", () => {
    const world = createWorld();
    onNode(world, 45);
    world.client.delete("Pod", "default", "web");
    expect(podOf(world, "web")?.metadata).toMatchObject({
      deletionTimestamp: "2026-01-01T00:00:45Z",
      deletionGracePeriodSeconds: 45,
      generation: 2,
    });
    world.clock.advance(1000);
    world.client.delete("Pod", "default", "web", { gracePeriodSeconds: 60 });
    expect(podOf(world, "web")?.metadata.deletionGracePeriodSeconds).toBe(45);
    world.client.delete("Pod", "default", "web", { gracePeriodSeconds: 10 });
    expect(podOf(world, "web")?.metadata).toMatchObject({
      deletionTimestamp: "2026-01-01T00:00:10Z",
      deletionGracePeriodSeconds: 10,
    });
    world.client.delete("Pod", "default", "web", { gracePeriodSeconds: 0 });
    expect(podOf(world, "web")).toBeUndefined();
  });

  test("takes 30 s where nothing says otherwise, and 1 s for a negative grace", () => {
    const world = createWorld();
    onNode(world);
    world.client.delete("Pod", "default", "web");
    expect(podOf(world, "web")?.metadata.deletionGracePeriodSeconds).toBe(30);
    world.client.delete("Pod", "default", "web", { gracePeriodSeconds: -5 });
    expect(podOf(world, "web")?.metadata.deletionGracePeriodSeconds).toBe(1);
  });

  test("an unscheduled or an ended pod is done at once", () => {
    const world = createWorld();
    world.client.create<"Pod">(podNamed("pending"));
    world.client.delete("Pod", "default", "pending");
    expect(podOf(world, "pending")).toBeUndefined();
    onNode(world);
    world.client.updateStatus<"Pod">({ ...podOf(world, "web")!, status: { phase: "Failed" } });
    world.client.delete("Pod", "default", "web");
    expect(podOf(world, "web")).toBeUndefined();
  });

  test("demands what the preconditions say", () => {
    const world = createWorld();
    const pod = world.client.create<"Pod">(podNamed("web"));
    const error = refused(() =>
      world.client.delete("Pod", "default", "web", { preconditions: { uid: "x" } }),
    );
    expect(error.message).toBe(
      `Operation cannot be fulfilled on pods "web": Precondition failed: UID in precondition: x, UID in object meta: ${pod.metadata.uid}`,
    );
    expect(refused(() => world.client.delete("Pod", "default", "no")).message).toBe('pods "no" not found');
  });

  test("waits for finalizers, and no new ones may come", () => {
    const world = createWorld();
    const metadata = { name: "web", finalizers: ["example.com/hold"] };
    world.client.create<"Pod">({ ...podNamed("web"), metadata });
    world.client.delete("Pod", "default", "web");
    const held = podOf(world, "web")!;
    expect(held.metadata.deletionTimestamp).toBeDefined();
    const more = { ...held.metadata, finalizers: ["example.com/hold", "example.com/late"] };
    expect(refused(() => world.client.update<"Pod">({ ...held, metadata: more })).message).toContain(
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/late"}',
    );
    world.client.update<"Pod">({ ...held, metadata: { ...held.metadata, finalizers: [] } });
    expect(podOf(world, "web")).toBeUndefined();
  });

  test("an rc leaves its pods behind unless told otherwise", () => {
    const { client } = createWorld();
    client.create<"ReplicationController">(rcNamed("web", 1, { app: "web" }));
    client.delete("ReplicationController", "default", "web");
    expect(client.get("ReplicationController", "default", "web")?.metadata.finalizers).toEqual(["orphan"]);
    client.delete("ReplicationController", "default", "web", { propagationPolicy: "Background" });
    expect(client.get("ReplicationController", "default", "web")).toBeUndefined();
  });

  test("in a dry run deletes nothing", () => {
    const world = createWorld();
    world.client.create<"Pod">(podNamed("web"));
    expect(world.client.remove("Pod", "default", "web", { dryRun: true }).gone).toBe(true);
    expect(podOf(world, "web")).toBeDefined();
  });
});

describe("binding", () => {
  test("sets the node and PodScheduled once", () => {
    const world = createWorld();
    world.client.create<"Pod">(podNamed("web"));
    world.client.bind("default", "web", "one");
    expect(podOf(world, "web")?.spec.nodeName).toBe("one");
    expect(podOf(world, "web")?.status?.conditions).toEqual([
      { type: "PodScheduled", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" },
    ]);
    const error = refused(() => world.client.bind("default", "web", "two"));
    expect(error).toMatchObject({ code: 409, reason: "Conflict" });
    expect(error.message).toBe(
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "one"',
    );
    expect(refused(() => world.client.bind("default", "no", "one")).message).toBe('pods "no" not found');
  });
});

describe("a service", () => {
  test("gets an address and node ports outside the bands that are left to those who ask", () => {
    const { client } = createWorld();
    for (let index = 0; index < 40; index++) {
      const service = client.create<"Service">(serviceNamed(`web-${index}`, { type: "NodePort" }));
      expect(Number(service.spec.clusterIP?.split(".")[3])).toBeGreaterThan(16);
      expect(service.spec.ports?.[0]?.nodePort).toBeGreaterThan(30085);
      expect(service.spec).toMatchObject({
        clusterIPs: [service.spec.clusterIP],
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
      });
    }
  });

  test("is refused what another has, or what is outside, as in Kubernetes", () => {
    const { client } = createWorld();
    client.create<"Service">(
      serviceNamed("one", {
        type: "NodePort",
        clusterIP: "127.8.1.5",
        ports: [{ port: 80, nodePort: 30080 }],
      }),
    );
    const message = (more: Partial<Service["spec"]>) =>
      refused(() => client.create<"Service">(serviceNamed("two", more))).message;
    expect(message({ clusterIP: "127.8.1.5" })).toBe(
      'Service "two" is invalid: spec.clusterIPs: Invalid value: ["127.8.1.5"]: failed to allocate IP 127.8.1.5: provided IP is already allocated',
    );
    expect(message({ clusterIP: "10.0.0.1" })).toBe(
      'Service "two" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided IP (10.0.0.1) is not in the valid range. The range of valid IPs is 127.8.1.0/24',
    );
    expect(message({ type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] })).toBe(
      'Service "two" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    );
    expect(message({ type: "NodePort", ports: [{ port: 80, nodePort: 80 }] })).toBe(
      'Service "two" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    );
  });

  test("that is refused leaves nothing taken", () => {
    const { client } = createWorld();
    client.create<"Service">(
      serviceNamed("one", { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] }),
    );
    const ports = [
      { name: "a", port: 80, nodePort: 30081 },
      { name: "b", port: 81, nodePort: 30080 },
    ];
    refused(() =>
      client.create<"Service">(serviceNamed("two", { type: "NodePort", clusterIP: "127.8.1.9", ports })),
    );
    const free = serviceNamed("two", {
      type: "NodePort",
      clusterIP: "127.8.1.9",
      ports: [{ port: 80, nodePort: 30081 }],
    });
    expect(client.create<"Service">(free).spec.clusterIP).toBe("127.8.1.9");
  });

  test("keeps its address through every update, and cannot be given another", () => {
    const { client } = createWorld();
    const service = client.create<"Service">(serviceNamed("web", { type: "NodePort" }));
    const { clusterIP, ports } = service.spec;
    const plain = { ...serviceNamed("web", { type: "NodePort", sessionAffinity: "ClientIP" }) };
    const updated = client.update<"Service">(plain);
    expect(updated.spec.clusterIP).toBe(clusterIP);
    expect(updated.spec.ports?.[0]?.nodePort).toBe(ports?.[0]?.nodePort);
    const moved = {
      ...updated,
      spec: { ...updated.spec, clusterIP: "127.8.1.77", clusterIPs: ["127.8.1.77"] },
    };
    expect(refused(() => client.update<"Service">(moved)).message).toMatch(
      /spec\.clusterIPs\[0\]: Invalid value: .*may not change once set/,
    );
  });

  test("made anew has the address that it had, unless somebody took it or another is asked for", () => {
    const { client } = createWorld();
    const { clusterIP } = client.create<"Service">(serviceNamed("web")).spec;
    const again = (more = {}) => {
      client.delete("Service", "default", "web");
      return client.create<"Service">(serviceNamed("web", more)).spec.clusterIP;
    };
    expect(again()).toBe(clusterIP);
    expect(again({ clusterIP: "None" })).toBe("None");
    expect(again()).toBe(clusterIP);
    client.delete("Service", "default", "web");
    client.create<"Service">(serviceNamed("thief", { clusterIP: clusterIP! }));
    const other = client.create<"Service">(serviceNamed("web")).spec.clusterIP;
    expect(other).toMatch(/^127\.8\.1\./);
    expect(other).not.toBe(clusterIP);
    expect(again()).toBe(other);
  });

  test("gives back what it leaves: node ports with its type, all with its end", () => {
    const { client } = createWorld();
    const ports = [{ port: 80, nodePort: 30080 }];
    const service = client.create<"Service">(
      serviceNamed("one", { type: "NodePort", clusterIP: "127.8.1.5", ports }),
    );
    const inner = client.update<"Service">({ ...service, spec: { ...service.spec, type: "ClusterIP" } });
    expect(inner.spec.ports?.[0]).toEqual({ port: 80, targetPort: 80, protocol: "TCP" });
    client.create<"Service">(serviceNamed("two", { type: "NodePort", ports }));
    client.delete("Service", "default", "one");
    expect(client.create<"Service">(serviceNamed("three", { clusterIP: "127.8.1.5" })).spec.clusterIP).toBe(
      "127.8.1.5",
    );
  });

  test("to an external name gives its address back, and gets one when it returns", () => {
    const { client } = createWorld();
    const service = client.create<"Service">(serviceNamed("web", { clusterIP: "127.8.1.5" }));
    const outside = client.update<"Service">({
      ...service,
      spec: { ...service.spec, type: "ExternalName", externalName: "example.com" },
    });
    expect(outside.spec.clusterIP).toBeUndefined();
    client.create<"Service">(serviceNamed("other", { clusterIP: "127.8.1.5" }));
    const { externalName: _name, ...rest } = outside.spec;
    const back = client.update<"Service">({ ...outside, spec: { ...rest, type: "ClusterIP" } });
    expect(back.spec.clusterIP).toMatch(/^127\.8\.1\./);
  });

  test("without an address of its own stays so", () => {
    const { client } = createWorld();
    const headless = client.create<"Service">(serviceNamed("db", { clusterIP: "None" }));
    expect(headless.spec).toMatchObject({ clusterIP: "None", clusterIPs: ["None"] });
    const updated = client.update<"Service">({
      ...headless,
      metadata: { ...headless.metadata, labels: { a: "b" } },
    });
    expect(updated.spec).toBe(headless.spec);
  });

  test("has a port of its own where a balancer asks whose pods are on a node, as long as it needs one", () => {
    const { client } = createWorld();
    const asked = serviceNamed("web", { type: "LoadBalancer", externalTrafficPolicy: "Local" });
    const made = client.create<"Service">(asked);
    const port = made.spec.healthCheckNodePort!;
    expect(port).toBeGreaterThanOrEqual(network.nodePorts.first);
    expect(made.spec.ports![0]!.nodePort).not.toBe(port);
    const { healthCheckNodePort: _, ...spec } = made.spec;
    const kept = client.update<"Service">({
      ...made,
      metadata: { ...made.metadata, labels: { a: "b" } },
      spec,
    });
    expect(kept.spec.healthCheckNodePort).toBe(port);
    const wide = client.update<"Service">({
      ...kept,
      spec: { ...kept.spec, externalTrafficPolicy: "Cluster" },
    });
    expect(wide.spec.healthCheckNodePort).toBeUndefined();
    const next = serviceNamed("next", { type: "NodePort", ports: [{ port: 80, nodePort: port }] });
    expect(client.create<"Service">(next).spec.ports![0]!.nodePort).toBe(port);
  });

  test("of a family that this cluster has not is refused", () => {
    const { client } = createWorld();
    const why = (spec: Service["spec"]) => refused(() => client.create(serviceNamed("web", spec))).message;
    expect(why({ ipFamilyPolicy: "RequireDualStack" })).toContain(
      'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    );
    expect(why({ ipFamilies: ["IPv6"] })).toContain(
      'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
    );
    expect(
      client.create<"Service">(serviceNamed("web", { ipFamilyPolicy: "PreferDualStack" })).spec,
    ).toMatchObject({
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "PreferDualStack",
    });
  });

  test("shares one node port between the protocols of one port", () => {
    const { client } = createWorld();
    const ports = [
      { name: "a", port: 53, protocol: "TCP" },
      { name: "b", port: 53, protocol: "UDP" },
    ] as const;
    const [tcp, udp] = client.create<"Service">(serviceNamed("dns", { type: "NodePort", ports })).spec.ports!;
    expect(tcp?.nodePort).toBe(udp?.nodePort);
  });

  test("is told when nothing is left", () => {
    const { client } = createWorld({ serviceCIDR: "127.8.1.0/29" });
    for (let index = 0; index < 5; index++) client.create<"Service">(serviceNamed(`web-${index}`));
    const error = refused(() => client.create<"Service">(serviceNamed("late")));
    expect(error).toMatchObject({ code: 500, reason: "InternalError" });
    expect(error.message).toBe("Internal error occurred: failed to allocate a serviceIP: range is full");
  });

  test("keeps its address over a restart", () => {
    const { client, clock, store } = createWorld();
    const service = client.create<"Service">(serviceNamed("web", { type: "NodePort" }));
    const again = createRegistry({ clock, random: seededRandom(1), network, store });
    const nodePort = service.spec.ports![0]!.nodePort!;
    const clash = serviceNamed("two", { type: "NodePort", ports: [{ port: 1, nodePort }] });
    expect(refused(() => again.create<"Service">(clash)).message).toContain(
      "provided port is already allocated",
    );
    expect(
      refused(() => again.create<"Service">(serviceNamed("x", { clusterIP: service.spec.clusterIP! }))).code,
    ).toBe(422);
  });
});

describe("a node", () => {
  test("starts not ready, pending, with a block of pod addresses of its own", () => {
    const { client } = createWorld();
    const nodes = ["a", "b", "c"].map((name) =>
      client.create<"Node">({
        apiVersion: "v1",
        kind: "Node",
        metadata: { name },
        spec: {},
        status: { capacity: { cpu: "4" } },
      }),
    );
    expect(nodes.map((node) => node.spec.podCIDR)).toEqual([
      "127.8.16.0/24",
      "127.8.17.0/24",
      "127.8.18.0/24",
    ]);
    expect(nodes[0]?.spec.taints).toEqual([{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }]);
    expect(nodes[0]?.status).toMatchObject({ phase: "Pending", capacity: { cpu: "4" } });
    client.delete("Node", undefined, "a");
    const names = Array.from({ length: 14 }, (_, index) => `n${index}`);
    const blocks = names.map(
      (name) =>
        client.create<"Node">({ apiVersion: "v1", kind: "Node", metadata: { name }, spec: {} }).spec.podCIDR,
    );
    expect(new Set([...blocks, "127.8.17.0/24", "127.8.18.0/24"]).size).toBe(16);
    const late = client.create<"Node">({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "late" },
      spec: {},
    });
    expect(late.spec.podCIDR).toBeUndefined();
  });
});

describe("a node's block of pod addresses", () => {
  const node = (name: string, podCIDR?: string): Node => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
  });

  test("is the one it asks for, if that is free and of the cluster", () => {
    const { client } = createWorld();
    expect(client.create<"Node">(node("a", "127.8.16.0/24")).spec.podCIDR).toBe("127.8.16.0/24");
    expect(client.create<"Node">(node("b")).spec.podCIDR).toBe("127.8.17.0/24");
    for (const taken of ["127.8.16.0/24", "10.0.0.0/24", "127.8.20.0/25", "fd00::/64"])
      expect(refused(() => client.create<"Node">(node("c", taken))).message).toContain(
        `spec.podCIDR: Invalid value: "${taken}`,
      );
  });

  test("cannot be changed, and need not be repeated", () => {
    const { client } = createWorld();
    const live = client.create<"Node">(node("a"));
    const moved = { ...live, spec: { ...live.spec, podCIDR: "127.8.20.0/24", podCIDRs: ["127.8.20.0/24"] } };
    expect(refused(() => client.update<"Node">(moved)).code).toBe(422);
    expect(client.update<"Node">(node("a")).spec.podCIDR).toBe(live.spec.podCIDR);
  });
});

test("a field that is null is as good as absent", () => {
  const { client } = createWorld();
  const pod = podNamed("web");
  const metadata = { name: "web", labels: null, annotations: { a: null }, creationTimestamp: null } as never;
  const created = client.create<"Pod">({ ...pod, metadata });
  expect(created.metadata.labels).toBeUndefined();
  expect(created.metadata.annotations).toEqual({});
  expect(created.metadata.creationTimestamp).toBe("2026-01-01T00:00:00Z");
});

describe("a namespace", () => {
  const shop: Namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };

  test("has those from the start that Kubernetes has", () => {
    const { client } = createWorld();
    expect(client.list("Namespace").map((each) => each.metadata.name)).toEqual([
      "default",
      "kube-node-lease",
      "kube-public",
      "kube-system",
    ]);
    expect(refused(() => client.delete("Namespace", undefined, "default"))).toMatchObject({
      code: 403,
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
    });
  });

  test("that is being deleted takes nothing in any more, and goes when it is empty", () => {
    const { client } = createWorld();
    const created = client.create<"Namespace">(shop);
    expect(created).toMatchObject({ spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
    expect(created.metadata.labels).toEqual({ "kubernetes.io/metadata.name": "shop" });
    client.create<"Pod">({ ...podNamed("web"), metadata: { name: "web", namespace: "shop" }, spec });
    client.delete("Namespace", undefined, "shop");
    const going = client.get("Namespace", undefined, "shop")!;
    expect(going.status?.phase).toBe("Terminating");
    const error = refused(() =>
      client.create<"Pod">({ ...podNamed("late"), metadata: { name: "late", namespace: "shop" }, spec }),
    );
    expect(error).toMatchObject({ code: 403, reason: "Forbidden" });
    expect(error.message).toBe(
      'pods "late" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
    expect(error.details?.causes?.[0]?.reason).toBe("NamespaceTerminating");
    client.update<"Namespace">({ ...going, spec: { finalizers: [] } });
    expect(client.get("Namespace", undefined, "shop")?.spec?.finalizers).toEqual(["kubernetes"]);
    client.delete("Pod", "shop", "web");
    client.update<"Namespace">({ ...going, spec: { finalizers: [] } });
    expect(client.get("Namespace", undefined, "shop")).toBeUndefined();
  });
});

describe("events", () => {
  test("count what is said again, and keep apart what differs", () => {
    const { client, clock } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    client.event(pod, "kubelet", "Warning", "BackOff", "again", {
      host: "worker",
      fieldPath: "spec.containers{c}",
    });
    clock.advance(5000);
    client.event(pod, "kubelet", "Warning", "BackOff", "again", {
      host: "worker",
      fieldPath: "spec.containers{c}",
    });
    client.event(pod, "kubelet", "Warning", "BackOff", "again", {
      host: "worker",
      fieldPath: "spec.containers{d}",
    });
    const events = client.list("Event");
    expect(events.map(({ count }) => count)).toEqual([2, 1]);
    expect(events[0]).toMatchObject({
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:00:05Z",
      involvedObject: { kind: "Pod", name: "web", uid: pod.metadata.uid, fieldPath: "spec.containers{c}" },
      source: { component: "kubelet", host: "worker" },
    });
    expect(events[0]?.metadata.name).toMatch(/^web\.[0-9a-f]+$/);
  });

  const messages = (client: Registry) =>
    client.list("Event").map(({ message, count }) => `${count} ${message}`);

  test("that differ in their message alone are told as one, from the tenth on", () => {
    const { client, clock } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    const tell = (index: number, reason = "Pulling") =>
      client.event(pod, "kubelet", "Normal", reason, `image ${index}`);
    for (let index = 1; index <= 12; index++) tell(index);
    const each = Array.from({ length: 9 }, (_, index) => `1 image ${index + 1}`);
    expect(messages(client)).toEqual([...each, "3 (combined from similar events): image 12"]);
    // What is known already counts up by itself; another reason is another sort.
    tell(12);
    tell(1, "Pulled");
    expect(messages(client).slice(9)).toEqual([
      "3 (combined from similar events): image 12",
      "1 image 12",
      "1 image 1",
    ]);
    clock.advance(600_001);
    tell(13);
    expect(messages(client).at(-1)).toBe("1 image 13");
  });

  test("of one object by one source are rationed: 25 at once, then one in five minutes", () => {
    const { client, clock } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    const other = client.create<"Pod">(podNamed("other"));
    const tell = (about = pod) => client.event(about, "kubelet", "Warning", "BackOff", "again");
    for (let index = 0; index < 40; index++) tell();
    expect(messages(client)).toEqual(["25 again"]);
    tell(other);
    expect(messages(client)).toEqual(["1 again", "25 again"]);
    clock.advance(299_999);
    tell();
    expect(messages(client)[1]).toBe("25 again");
    // What was not told is counted when it is told again.
    clock.advance(1);
    tell();
    expect(messages(client)[1]).toBe("42 again");
    tell();
    expect(messages(client)[1]).toBe("42 again");
  });

  test("go on counting after a restart, together with those they are told with", () => {
    const { client, store, clock } = createWorld();
    const pod = client.create<"Pod">(podNamed("web"));
    for (let index = 1; index <= 11; index++) client.event(pod, "kubelet", "Normal", "R", `image ${index}`);
    const again = createRegistry({ clock, random: seededRandom(2), network, store });
    again.event(pod, "kubelet", "Normal", "R", "image 1");
    expect(messages(client)[0]).toBe("2 image 1");
    for (let index = 20; index <= 28; index++) again.event(pod, "kubelet", "Normal", "R", `image ${index}`);
    expect(messages(client)).toContain("3 (combined from similar events): image 28");
  });

  test("are bounded in number", () => {
    const { client } = createWorld();
    const pods = Array.from({ length: 5010 }, (_, index) => client.create<"Pod">(podNamed(`web-${index}`)));
    for (const pod of pods) client.event(pod, "x", "Normal", "R", `of ${pod.metadata.name}`);
    const events = client.list("Event");
    expect(events).toHaveLength(5000);
    expect(events.some(({ message }) => message === "of web-0")).toBe(false);
    expect(events.some(({ message }) => message === "of web-5009")).toBe(true);
  });
});
