import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { VirtualClock } from "../../../base/clock.ts";
import { seededRandom } from "../../../base/random.ts";
import type { Endpoints, Node, Pod, Service } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import type { ProxyRule } from "../../../runtime/environment.ts";
import { formatAddress, parseAddress, parseBlock } from "../../../runtime/network/address.ts";
import { nodeAddress } from "../../../runtime/network/nodes.ts";
import { createAddressPool, Pool } from "../../../runtime/network/pool.ts";
import { createServiceProxy } from "../../../runtime/network/proxy.ts";
import { proxyRules } from "../../../runtime/network/rules.ts";
import { createWorld, network, serviceNamed } from "../registry/world.ts";

describe("addresses", () => {
  test("are numbers and back again", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (address) => parseAddress(formatAddress(address)) === address,
      ),
    );
    expect(parseAddress("127.0.0.01")).toBeUndefined();
    expect(parseAddress("127.0.0.256")).toBeUndefined();
    expect(parseBlock("127.8.17.9/20")).toEqual({ first: 0x7f081000, last: 0x7f081fff, prefix: 20 });
    expect(() => parseBlock("127.8.0.0")).toThrow(RangeError);
  });

  test("are four numbers without leading zeros, and nothing else", () => {
    const part = fc.oneof(
      fc.nat(300).map(String),
      fc.constantFrom("", "0", "00", "01", "-1", "1e1", " 1", "٣"),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const isOne = parts.length === 4 && parts.every((each) => /^(0|[1-9]\d*)$/.test(each) && +each < 256);
        const sum = parts.reduce((address, each) => address * 256 + Number(each), 0);
        expect(parseAddress(parts.join("."))).toBe(isOne ? sum : undefined);
      }),
    );
  });

  test("of nodes follow from their blocks of pod addresses, each its own", () => {
    expect(nodeAddress(network, "127.8.16.0/24")).toBe("127.8.0.10");
    expect(nodeAddress(network, "127.8.31.0/24")).toBe("127.8.0.25");
    expect(nodeAddress({ ...network, nodeCIDR: "127.8.0.0/28" }, "127.8.31.0/24")).toBeUndefined();
  });
});

describe("a pool", () => {
  test("gives each number to one taker, its band last, and every one before it is empty", () => {
    const step = fc.oneof(
      fc.constant({ type: "take" as const }),
      fc.integer({ min: -2, max: 14 }).map((number) => ({ type: "claim" as const, number })),
      fc.integer({ min: 0, max: 11 }).map((number) => ({ type: "release" as const, number })),
    );
    fc.assert(
      fc.property(fc.array(step), fc.boolean(), fc.integer({ min: 0, max: 14 }), (steps, random, band) => {
        const pool = new Pool({ first: 0, last: 11, band, ...(random ? { random: seededRandom(1) } : {}) });
        const taken = new Set<number>();
        for (const each of steps) {
          if (each.type === "release") {
            pool.release(each.number);
            taken.delete(each.number);
          } else if (each.type === "claim") {
            const outside = each.number < 0 || each.number > 11;
            expect(pool.claim(each.number)).toBe(
              outside ? "outside" : taken.has(each.number) ? "taken" : "claimed",
            );
            if (!outside) taken.add(each.number);
          } else {
            const number = pool.take();
            expect(number === undefined).toBe(taken.size === 12);
            if (number === undefined) continue;
            expect(taken.has(number)).toBe(false);
            const above = Array.from({ length: 12 }, (_, index) => index).filter(
              (index) => index >= band && !taken.has(index),
            );
            if (above.length > 0) expect(number).toBeGreaterThanOrEqual(band);
            taken.add(number);
          }
          expect(pool.free).toBe(12 - taken.size);
        }
      }),
    );
  });

  test("of addresses leaves out the network's own and hands back what was released as late as possible", () => {
    const pool = createAddressPool("127.8.16.0/29");
    const all = Array.from({ length: 6 }, () => pool.take());
    expect(all).toEqual([1, 2, 3, 4, 5, 6].map((host) => `127.8.16.${host}`));
    expect(pool.take()).toBeUndefined();
    pool.release("127.8.16.2");
    expect(pool.claim("127.8.16.2")).toBe("claimed");
    expect(pool.claim("nonsense")).toBe("outside");
  });
});

const stored = <T extends object>(object: T, created = "2026-01-01T00:00:00Z") =>
  ({
    ...object,
    metadata: {
      namespace: "default",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: created,
      ...(object as { metadata?: object }).metadata,
    },
  }) as never;

function service(name: string, spec: Service["spec"], created?: string): Stored<Service> {
  return stored({ apiVersion: "v1", kind: "Service", metadata: { name }, spec }, created);
}

function endpoints(
  name: string,
  addresses: [string, string?][],
  ports: { name?: string; port: number }[],
): Endpoints {
  return stored({
    apiVersion: "v1",
    kind: "Endpoints",
    metadata: { name },
    subsets: [
      { addresses: addresses.map(([ip, nodeName]) => ({ ip, ...(nodeName ? { nodeName } : {}) })), ports },
    ],
  });
}

function node(name: string, address: string): Node {
  return stored({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, namespace: undefined },
    spec: {},
    status: { addresses: [{ type: "InternalIP", address }] },
  });
}

const short = ({ purpose, address, port, backends }: ProxyRule) =>
  `${purpose} ${address}:${port} -> ${backends.map((each) => `${each.address}:${each.port}`).join(",")}`;

describe("the rules of the proxies", () => {
  const nodes = [node("a", "127.8.0.10"), node("b", "127.8.0.11")];

  test("lead from the cluster address, every node and localhost to the ready endpoints, by ports that can be opened", () => {
    const web = service("web", {
      type: "NodePort",
      clusterIP: "127.8.1.20",
      externalIPs: ["127.0.0.5", "192.0.2.1"],
      ports: [{ name: "http", port: 80, nodePort: 30080 }],
    });
    const rules = proxyRules(
      [web],
      [endpoints("web", [["127.8.17.2"], ["127.8.16.2"]], [{ name: "http", port: 443 }])],
      nodes,
      network,
    );
    const to = "127.8.16.2:10443,127.8.17.2:10443";
    expect(rules.map(short)).toEqual([
      `clusterIP 127.8.1.20:10080 -> ${to}`,
      `externalIP 127.0.0.5:10080 -> ${to}`,
      `nodePort 127.8.0.10:30080 -> ${to}`,
      `nodePort 127.8.0.11:30080 -> ${to}`,
      `nodePort 127.0.0.1:30080 -> ${to}`,
    ]);
    expect(rules[0]).toMatchObject({ service: "Service/default/web", portName: "http" });
  });

  test("stand without a backend where nobody is ready, and are none for headless services and external names", () => {
    const rules = proxyRules(
      [
        service("web", { clusterIP: "127.8.1.20", ports: [{ port: 80 }] }),
        service("db", { clusterIP: "None", ports: [{ port: 80 }] }),
        service("out", { type: "ExternalName", externalName: "example.com", ports: [{ port: 80 }] }),
        service("dns", { clusterIP: "127.8.1.21", ports: [{ port: 53, protocol: "UDP" }] }),
      ],
      [],
      nodes,
      network,
    );
    expect(rules.map(short)).toEqual(["clusterIP 127.8.1.20:10080 -> "]);
  });

  test("fall back to pods that are being deleted and still ready", () => {
    const pod = (name: string, ready: string, more: object): Pod =>
      stored({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, labels: { app: "web" }, ...more },
        spec: { containers: [] },
        status: { podIP: `127.8.16.${name}`, conditions: [{ type: "Ready", status: ready }] },
      });
    const gone = { deletionTimestamp: "2026-01-01T00:00:30Z" };
    const pods = [pod("1", "True", gone), pod("2", "False", gone), pod("3", "True", {})];
    const web = service("web", {
      clusterIP: "127.8.1.20",
      selector: { app: "web" },
      ports: [{ port: 8080 }],
    });
    expect(proxyRules([web], [], [], network, pods).map(short)).toEqual([
      "clusterIP 127.8.1.20:8080 -> 127.8.16.1:8080",
    ]);
  });

  test("keep a client with one backend, or a node's port with the node's own pods, where the service says so", () => {
    const web = service("web", {
      type: "NodePort",
      clusterIP: "127.8.1.20",
      sessionAffinity: "ClientIP",
      externalTrafficPolicy: "Local",
      ports: [{ port: 8080, nodePort: 30080 }],
    });
    const rules = proxyRules(
      [web],
      [endpoints("web", [["127.8.16.2", "a"]], [{ port: 8080 }])],
      nodes,
      network,
    );
    expect(rules.map((rule) => rule.affinitySeconds)).toEqual([10800, 10800, 10800, 10800]);
    expect(rules.map((rule) => rule.backends.length)).toEqual([1, 1, 0, 1]);
  });

  test("have each address and port once: the older service's", () => {
    const ports = [{ port: 8080 }];
    const late = service(
      "a",
      { clusterIP: "127.8.1.20", externalIPs: ["127.0.0.5"], ports },
      "2026-01-02T00:00:00Z",
    );
    const early = service("b", { clusterIP: "127.8.1.21", externalIPs: ["127.0.0.5"], ports });
    expect(
      proxyRules([late, early], [], [], network).map(({ service: owner, address }) => [owner, address]),
    ).toEqual([
      ["Service/default/a", "127.8.1.20"],
      ["Service/default/b", "127.8.1.21"],
      ["Service/default/b", "127.0.0.5"],
    ]);
  });
});

describe("the service proxy", () => {
  test("tells the whole table once per turn, when it changed, and blames the service whose port cannot be opened", () => {
    const { client, clock } = createWorld();
    const applied: (readonly ProxyRule[])[] = [];
    const proxy = createServiceProxy(client, {
      clock: clock as VirtualClock,
      network,
      proxy: { apply: (rules) => applied.push(rules), onEvent: () => {} },
    });
    const web = client.create<"Service">(serviceNamed("web"));
    client.create<"Service">(serviceNamed("api"));
    clock.advance(0);
    expect(applied.map((rules) => rules.length)).toEqual([2]);
    client.update<"Service">({ ...web, metadata: { ...web.metadata, labels: { a: "b" } } });
    clock.advance(0);
    expect(applied).toHaveLength(1);
    client.create<"Endpoints">({
      apiVersion: "v1",
      kind: "Endpoints",
      metadata: { name: "web" },
      subsets: [{ addresses: [{ ip: "127.8.16.2" }], ports: [{ port: 8080 }] }],
    });
    clock.advance(0);
    expect(applied).toHaveLength(2);
    const rule = applied[1]!.find((each) => each.service === "Service/default/web")!;
    expect(rule.backends).toEqual([{ address: "127.8.16.2", port: 8080 }]);
    proxy.handle({
      type: "failed",
      address: rule.address,
      port: rule.port,
      message: "address in use by nginx",
    });
    expect(client.list("Event")[0]).toMatchObject({
      type: "Warning",
      reason: "FailedToListen",
      involvedObject: { name: "web" },
    });
    client.delete("Service", "default", "web");
    clock.advance(0);
    expect(applied[2]?.map((each) => each.service)).toEqual(["Service/default/api"]);
    proxy.stop();
  });
});
