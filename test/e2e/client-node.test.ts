import {
  type ApiException,
  CoordinationV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  type Informer,
  KubeConfig,
  KubernetesObjectApi,
  Metrics,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  topNodes,
  topPods,
  type V1ConfigMap,
  type V1Pod,
  VersionApi,
  Watch,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster } from "./kubectl.ts";

/** The JavaScript client of Kubernetes: a second client that nobody here wrote, with habits of its own. */

const program = `
label app
node worker { capacity: { cpu: 2, memory: 1Gi, pods: 20 } }
rc web {
  replicas: 2
  pod {
    identity: { app: "web" }
    grace: 1s
    container main { image: "host", command: ["sleep", "1000"], requests: { cpu: 100m, memory: 32Mi } }
  }
}
service web { select: web, port 8000 }
`;

const namespace = "default";
const config = (name: string, data: Record<string, string>): V1ConfigMap => ({
  metadata: { name, namespace, labels: { test: name } },
  data,
});

/** The `Status` of a request that must fail. */
async function refused(
  request: Promise<unknown>,
): Promise<{ code: number; reason: string; message: string }> {
  try {
    await request;
  } catch (error) {
    const { code, body } = error as ApiException<string | object>;
    return { code, ...(typeof body === "string" ? JSON.parse(body) : body) };
  }
  throw new Error("the request was not refused");
}

describe("@kubernetes/client-node", () => {
  let cluster: Cluster;
  let kubeConfig: KubeConfig;
  let core: CoreV1Api;

  beforeAll(async () => {
    cluster = await openCluster(program);
    kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(cluster.kubeconfig);
    core = kubeConfig.makeApiClient(CoreV1Api);
  });
  afterAll(() => cluster?.close());

  test("lists and reads, in pages and by selectors", async () => {
    expect((await kubeConfig.makeApiClient(VersionApi).getCode()).gitVersion).toMatch(/^v1\./);
    const { items } = await core.listNode();
    expect(items[0]?.status?.nodeInfo?.kubeletVersion).toMatch(/^v1\./);
    expect(items[0]?.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const first = await core.listNamespacedPod({ namespace, limit: 1 });
    expect(first.items).toHaveLength(1);
    const rest = await core.listNamespacedPod({ namespace, limit: 5, _continue: first.metadata!._continue! });
    expect(rest.items).toHaveLength(1);
    const running = { labelSelector: "app=web", fieldSelector: "status.phase=Running" };
    expect((await core.listPodForAllNamespaces(running)).items).toHaveLength(2);
    const service = await core.readNamespacedService({ namespace, name: "web" });
    expect(service.spec?.ports?.[0]?.port).toBe(8000);
    const slices = await kubeConfig.makeApiClient(DiscoveryV1Api).listNamespacedEndpointSlice({
      namespace,
      labelSelector: "kubernetes.io/service-name=web",
    });
    expect(slices.items[0]?.endpoints).toHaveLength(2);
    const leases = await kubeConfig
      .makeApiClient(CoordinationV1Api)
      .listNamespacedLease({ namespace: "kube-node-lease" });
    expect(leases.items[0]?.spec?.holderIdentity).toBe("worker");
    expect(await refused(core.readNamespacedPod({ namespace, name: "nothing" }))).toMatchObject({
      code: 404,
      reason: "NotFound",
      message: 'pods "nothing" not found',
    });
  });

  test("creates, replaces and deletes, and hears of conflicts", async () => {
    const created = await core.createNamespacedConfigMap({ namespace, body: config("one", { a: "1" }) });
    expect(created.metadata?.uid).toBeTruthy();
    expect(
      await refused(core.createNamespacedConfigMap({ namespace, body: config("one", {}) })),
    ).toMatchObject({ code: 409, reason: "AlreadyExists" });
    const replaced = await core.replaceNamespacedConfigMap({
      namespace,
      name: "one",
      body: { ...created, data: { a: "2" } },
    });
    expect(replaced.data).toEqual({ a: "2" });
    expect(
      await refused(core.replaceNamespacedConfigMap({ namespace, name: "one", body: created })),
    ).toMatchObject({ code: 409, reason: "Conflict" });
    const dry = await core.createNamespacedConfigMap({ namespace, body: config("dry", {}), dryRun: "All" });
    expect(dry.metadata?.name).toBe("dry");
    expect((await refused(core.readNamespacedConfigMap({ namespace, name: "dry" }))).code).toBe(404);
    expect((await core.deleteNamespacedConfigMap({ namespace, name: "one" })).status).toBe("Success");
    const bad = { metadata: { name: "Not A Name" } };
    expect(await refused(core.createNamespacedConfigMap({ namespace, body: bad }))).toMatchObject({
      code: 422,
      reason: "Invalid",
    });
  });

  test("patches in every form", async () => {
    await core.createNamespacedConfigMap({ namespace, body: config("patched", { a: "1" }) });
    const patch = (strategy: PatchStrategy, body: unknown, more: object = {}) =>
      core.patchNamespacedConfigMap(
        { namespace, name: "patched", body, ...more },
        setHeaderOptions("Content-Type", strategy),
      );
    const json = await core.patchNamespacedConfigMap({
      namespace,
      name: "patched",
      body: [{ op: "add", path: "/data/b", value: "2" }],
    });
    expect(json.data).toEqual({ a: "1", b: "2" });
    expect((await patch(PatchStrategy.MergePatch, { data: { a: null, c: "3" } })).data).toEqual({
      b: "2",
      c: "3",
    });
    expect(
      (await patch(PatchStrategy.StrategicMergePatch, { data: { $patch: "replace", d: "4" } })).data,
    ).toEqual({ d: "4" });
    const applied = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "patched" }, data: { e: "5" } };
    const owner = { fieldManager: "client", force: true };
    expect((await patch(PatchStrategy.ServerSideApply, applied, owner)).data).toEqual({ d: "4", e: "5" });
    await core.deleteNamespacedConfigMap({ namespace, name: "patched" });
  });

  test("scales and evicts", async () => {
    const scale = await core.readNamespacedReplicationControllerScale({ namespace, name: "web" });
    expect(scale.status?.replicas).toBe(2);
    await core.replaceNamespacedReplicationControllerScale({
      namespace,
      name: "web",
      body: { ...scale, spec: { replicas: 3 } },
    });
    await expect.poll(async () => (await core.listNamespacedPod({ namespace })).items.length).toBe(3);
    const [pod] = (await core.listNamespacedPod({ namespace })).items;
    const name = pod!.metadata!.name!;
    await core.createNamespacedPodEviction({ namespace, name, body: { metadata: { name, namespace } } });
    await expect
      .poll(async () =>
        (await core.listNamespacedPod({ namespace })).items.map((each) => each.metadata?.name),
      )
      .not.toContain(name);
    await core.patchNamespacedReplicationControllerScale({
      namespace,
      name: "web",
      body: [{ op: "replace", path: "/spec/replicas", value: 2 }],
    });
    await expect.poll(async () => (await core.listNamespacedPod({ namespace })).items.length).toBe(2);
  });

  test("an informer has what there is, and hears of all that comes and goes", async () => {
    const heard: string[] = [];
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: "test=informed" });
    const informer: Informer<V1ConfigMap> & { list(): readonly V1ConfigMap[] } = makeInformer(
      kubeConfig,
      `/api/v1/namespaces/${namespace}/configmaps`,
      list,
      "test=informed",
    );
    for (const verb of ["add", "update", "delete"] as const)
      informer.on(verb, ({ metadata, data }) => heard.push(`${verb} ${metadata?.name} ${data?.a}`));
    // Stopping it ends its watch, which it tells as an error.
    informer.on("error", () => {});
    await core.createNamespacedConfigMap({ namespace, body: config("informed", { a: "1" }) });
    await informer.start();
    await expect.poll(() => heard).toEqual(["add informed 1"]);
    await core.patchNamespacedConfigMap({
      namespace,
      name: "informed",
      body: [{ op: "replace", path: "/data/a", value: "2" }],
    });
    await expect.poll(() => heard.at(-1)).toBe("update informed 2");
    expect(informer.list().map(({ data }) => data?.a)).toEqual(["2"]);
    await core.createNamespacedConfigMap({ namespace, body: config("unheard", {}) });
    await core.deleteCollectionNamespacedConfigMap({
      namespace,
      labelSelector: "test in (informed,unheard)",
    });
    await expect.poll(() => heard.at(-1)).toBe("delete informed 2");
    expect(heard).toHaveLength(3);
    expect(informer.list()).toEqual([]);
    await informer.stop();
  });

  test("a watch from a revision tells what happened since", async () => {
    const { metadata } = await core.listNamespacedPod({ namespace });
    const [pod] = (await core.listNamespacedPod({ namespace })).items;
    await core.deleteNamespacedPod({ namespace, name: pod!.metadata!.name! });
    const events: string[] = [];
    const controller = await new Watch(kubeConfig).watch(
      `/api/v1/namespaces/${namespace}/pods`,
      { resourceVersion: metadata!.resourceVersion, allowWatchBookmarks: true },
      (type: string, object: V1Pod) => events.push(`${type} ${object.metadata?.name}`),
      () => {},
    );
    await expect.poll(() => events).toContain(`DELETED ${pod!.metadata!.name}`);
    expect(events.some((event) => event.startsWith("ADDED web-"))).toBe(true);
    controller.abort();
  });

  test("the object API finds its way by discovery", async () => {
    const objects = KubernetesObjectApi.makeApiClient(kubeConfig);
    const spec = { apiVersion: "v1", kind: "ConfigMap", ...config("object", { a: "1" }) };
    const header = { ...spec, metadata: { name: "object", namespace } };
    expect((await objects.create(spec)).metadata?.uid).toBeTruthy();
    expect(await objects.read<V1ConfigMap>(header)).toMatchObject({ data: { a: "1" } });
    const patched = await objects.patch({ ...header, data: { b: "2" } } as V1ConfigMap);
    expect(patched.data).toEqual({ a: "1", b: "2" });
    const applied = { ...header, data: { c: "3" } };
    expect(
      await objects.patch(applied, undefined, undefined, "test", true, PatchStrategy.ServerSideApply),
    ).toMatchObject({ data: { c: "3" } });
    expect((await objects.list("v1", "ConfigMap", namespace)).items).toHaveLength(1);
    expect(await objects.list("coordination.k8s.io/v1", "Lease", "kube-node-lease")).toMatchObject({
      items: [{ metadata: { name: "worker" } }],
    });
    expect((await objects.delete(header)).status).toBe("Success");
    await expect(
      objects.create({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" } }),
    ).rejects.toThrow();
  });

  test("metrics and top", async () => {
    const metrics = new Metrics(kubeConfig);
    const nodes = await metrics.getNodeMetrics();
    expect(nodes.items[0]).toMatchObject({
      metadata: { name: "worker" },
      usage: { cpu: expect.any(String) },
    });
    const pods = await metrics.getPodMetrics(namespace);
    expect(pods.items.map(({ containers }) => containers.map(({ name }) => name))).toEqual([
      ["main"],
      ["main"],
    ]);
    const [node] = await topNodes(core);
    expect(Number(node?.CPU.Capacity)).toBe(2);
    expect(Number(node?.CPU.RequestTotal)).toBeCloseTo(0.2);
    const [pod] = await topPods(core, metrics, namespace);
    expect(Number(pod?.Memory.CurrentUsage)).toBeGreaterThan(0);
  });
});
