import { describe, expect, test } from "vitest";
import type { ContainerStatus } from "../../../model/core.ts";
import { timestamp } from "../../../model/meta.ts";
import { humanDuration } from "../../../runtime/apiserver/tables/age.ts";
import {
  call,
  container,
  createWorld,
  node,
  pod,
  rc,
  service,
  setStatus,
  table,
  tableAccept,
} from "./world.ts";

const pods = "/api/v1/namespaces/default/pods";

describe("ages read as kubectl prints them", () => {
  const [s, m, h, d] = [1000, 60_000, 3_600_000, 86_400_000];
  test.each([
    [-5 * s, "<invalid>"],
    [-0.5 * s, "0s"],
    [0, "0s"],
    [119 * s, "119s"],
    [120 * s, "2m"],
    [150 * s, "2m30s"],
    [10 * m, "10m"],
    [179 * m, "179m"],
    [180 * m, "3h"],
    [3 * h + 5 * m, "3h5m"],
    [8 * h, "8h"],
    [47 * h, "47h"],
    [48 * h, "2d"],
    [50 * h, "2d2h"],
    [9 * d, "9d"],
    [729 * d, "729d"],
    [2 * 365 * d, "2y"],
    [(3 * 365 + 4) * d, "3y4d"],
    [9 * 365 * d, "9y"],
  ])("%d ms is %s", (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});

describe("pods", () => {
  const status = (name: string, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
    name,
    ready: true,
    restartCount: 0,
    image: "x",
    imageID: "",
    state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
    lastState: {},
    ...more,
  });

  function row(statuses: object, wide = false): readonly string[] {
    const world = createWorld();
    const created = world.registry.create(
      pod("web", {
        containers: [container("server"), container("log")],
        initContainers: [container("prepare")],
      }),
    );
    world.registry.bind("default", "web", "worker-a");
    setStatus(world, world.registry.get("Pod", "default", "web")!, statuses);
    world.clock.advance(300_000);
    expect(created.metadata.creationTimestamp).toBe(timestamp(Date.parse("2026-01-01T00:00:00Z")));
    return table(world, pods, wide)[1]!;
  }

  test("that are not to be scheduled yet, that wait for room, for a gate, or for a node that is lost", () => {
    const gated = [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }];
    expect(row({ phase: "Pending", conditions: gated })[2]).toBe("SchedulingGated");
    const world = createWorld();
    const gates = { readinessGates: [{ conditionType: "a/b" }, { conditionType: "c/d" }] };
    const waiting = world.registry.create(pod("web", gates as object));
    setStatus(world, waiting, {
      phase: "Pending",
      nominatedNodeName: "worker-b",
      conditions: [{ type: "a/b", status: "True" }],
    });
    expect(table(world, pods, true)[1]!.slice(7)).toEqual(["worker-b", "1/2"]);
    world.registry.bind("default", "web", "worker-a");
    world.registry.delete("Pod", "default", "web");
    const deleted = (status: object) => {
      setStatus(world, world.registry.get("Pod", "default", "web")!, status);
      return table(world, pods)[1]![2];
    };
    expect(deleted({ phase: "Running" })).toBe("Terminating");
    expect(deleted({ phase: "Running", reason: "NodeLost" })).toBe("Unknown");
    expect(deleted({ phase: "Succeeded" })).toBe("Succeeded");
  });

  test("that run", () => {
    const running = {
      phase: "Running",
      podIP: "127.9.129.2",
      containerStatuses: [status("server"), status("log")],
    };
    expect(row(running)).toEqual(["web", "2/2", "Running", "0", "5m"]);
    expect(row(running, true)).toEqual([
      ...["web", "2/2", "Running", "0", "5m"],
      ...["127.9.129.2", "worker-a", "<none>", "<none>"],
    ]);
  });

  test("that crash tell how often and when last", () => {
    const finished = { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:04:00Z" } };
    const crashed = status("server", {
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: finished,
    });
    expect(row({ phase: "Running", containerStatuses: [crashed, status("log")] })).toEqual([
      ...["web", "1/2", "CrashLoopBackOff", "3 (60s ago)", "5m"],
    ]);
  });

  test("whose init containers still run tell how far they are, and how often those were restarted", () => {
    const waiting = status("prepare", { ready: false, restartCount: 2 });
    expect(row({ phase: "Pending", initContainerStatuses: [waiting] })).toEqual([
      ...["web", "0/2", "Init:0/1", "2", "5m"],
    ]);
  });

  test("that have ended, or are being ended", () => {
    const done = status("server", {
      ready: false,
      state: { terminated: { exitCode: 0, reason: "Completed" } },
    });
    expect(row({ phase: "Succeeded", containerStatuses: [done] })[2]).toBe("Completed");
    const world = createWorld();
    world.registry.create(pod("web"));
    world.registry.bind("default", "web", "worker-a");
    world.registry.delete("Pod", "default", "web");
    expect(table(world, pods)[1]![2]).toBe("Terminating");
  });
});

describe("services", () => {
  const world = createWorld();
  world.registry.create(service("low", { clusterIP: "127.9.16.5" }));
  world.registry.create(service("headless", { clusterIP: "None" }));
  world.registry.create(
    service("open", {
      type: "NodePort",
      clusterIP: "127.9.16.6",
      ports: [
        { name: "a", port: 443, nodePort: 30443 },
        { name: "b", port: 8080, nodePort: 30080, protocol: "UDP" },
      ],
    }),
  );
  world.registry.create(
    service("cloud", {
      type: "LoadBalancer",
      clusterIP: "127.9.16.7",
      ports: [{ port: 8080, nodePort: 30081 }],
    }),
  );
  world.registry.create<"Service">({
    ...service("outside"),
    spec: { type: "ExternalName", externalName: "example.org" },
  });
  const rows = Object.fromEntries(
    table(world, "/api/v1/namespaces/default/services")
      .slice(1)
      .map(([name, ...rest]) => [name, rest]),
  );

  test("show the port that answers where it is another one", () => {
    expect(rows.low).toEqual(["ClusterIP", "127.9.16.5", "<none>", "80->10080/TCP", "0s"]);
    expect(rows.open).toEqual([
      "NodePort",
      "127.9.16.6",
      "<none>",
      "443->10443:30443/TCP,8080:30080/UDP",
      "0s",
    ]);
  });
  test("without an address of their own go to the pods' ports", () => {
    expect(rows.headless).toEqual(["ClusterIP", "None", "<none>", "80/TCP", "0s"]);
  });
  test("of other types", () => {
    expect(rows.cloud).toEqual(["LoadBalancer", "127.9.16.7", "<pending>", "8080:30081/TCP", "0s"]);
    expect(rows.outside).toEqual(["ExternalName", "<none>", "example.org", "<none>", "0s"]);
  });
});

test("nodes", () => {
  const world = createWorld();
  const labels = { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/edge": "" };
  world.registry.create(node("new"));
  const ready = world.registry.create(
    node("old", { metadata: { name: "old", labels }, spec: { unschedulable: true } }),
  );
  setStatus(world, ready, {
    conditions: [{ type: "Ready", status: "True" }],
    nodeInfo: { kubeletVersion: "v1.36.2" },
    addresses: [{ type: "InternalIP", address: "127.9.0.10" }],
  });
  const [heads, ...rows] = table(world, "/api/v1/nodes", true);
  expect(heads).toEqual([
    ...["Name", "Status", "Roles", "Age", "Version"],
    ...["Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime"],
  ]);
  expect(rows[0]!.slice(0, 3)).toEqual(["new", "Unknown", "<none>"]);
  expect(rows[1]!.slice(0, 6)).toEqual([
    "old",
    "Ready,SchedulingDisabled",
    "edge,worker",
    "0s",
    "v1.36.2",
    "127.9.0.10",
  ]);
});

test("replication controllers count", () => {
  const world = createWorld();
  const web = world.registry.create(rc("web", 3));
  setStatus(world, web, { replicas: 2, readyReplicas: 1 });
  expect(table(world, "/api/v1/namespaces/default/replicationcontrollers", true)).toEqual([
    ["Name", "Desired", "Current", "Ready", "Age", "Containers", "Images", "Selector"],
    ["web", "3", "2", "1", "0s", "server", "shop/server:1", "app=web"],
  ]);
});

test("endpoints show three and how many more", () => {
  const world = createWorld();
  const addresses = [2, 3, 4, 5, 6].map((last) => ({ ip: `127.9.129.${last}` }));
  const endpoints = (name: string, subsets: object[]) =>
    world.registry.create({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name, namespace: "default" },
      subsets,
    } as never);
  endpoints("empty", []);
  endpoints("many", [{ addresses, ports: [{ port: 80 }] }]);
  expect(table(world, "/api/v1/namespaces/default/endpoints").slice(1)).toEqual([
    ["empty", "<none>", "0s"],
    ["many", "127.9.129.2:10080,127.9.129.3:10080,127.9.129.4:10080 + 2 more...", "0s"],
  ]);
});

test("events", () => {
  const world = createWorld();
  const web = world.registry.create(pod("web"));
  const tell = () =>
    world.registry.event(web, "kubelet", "Warning", "BackOff", "Back-off", {
      host: "worker-a",
      fieldPath: "spec.containers{server}",
    });
  tell();
  world.clock.advance(60_000);
  tell();
  const [row] = table(world, "/api/v1/namespaces/default/events", true).slice(1);
  expect(row!.slice(0, 9)).toEqual([
    ...["0s", "Warning", "BackOff", "pod/web", "spec.containers{server}"],
    ...["kubelet, worker-a", "Back-off", "60s", "2"],
  ]);
});

describe("beside a row", () => {
  const world = createWorld();
  world.registry.create(pod("web"));
  const rows = (query: string) => call(world, "GET", `${pods}${query}`, { accept: tableAccept }).body.rows;
  test("stands the object's metadata, all of it, or nothing, as asked", () => {
    expect(rows("")[0].object).toMatchObject({ kind: "PartialObjectMetadata", metadata: { name: "web" } });
    expect(rows("")[0].object.spec).toBeUndefined();
    expect(rows("?includeObject=Object")[0].object.spec).toBeDefined();
    expect(rows("?includeObject=None")[0].object).toBeUndefined();
  });
  test("a table of one object is asked for at the object", () => {
    const { body } = call(world, "GET", `${pods}/web`, { accept: tableAccept });
    expect(body).toMatchObject({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
    expect(body.rows).toHaveLength(1);
  });
  test("an error is a Status all the same", () => {
    expect(call(world, "GET", `${pods}/nope`, { accept: tableAccept }).body.kind).toBe("Status");
  });
});
