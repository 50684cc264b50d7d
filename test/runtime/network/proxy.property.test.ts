import fc from "fast-check";
import { expect, test } from "vitest";
import type { Endpoints } from "../../../model/core.ts";
import type { ProxyRule } from "../../../runtime/environment.ts";
import { createServiceProxy } from "../../../runtime/network/proxy.ts";
import { proxyRules } from "../../../runtime/network/rules.ts";
import { runs } from "../../runs.ts";
import { createWorld, network, serviceNamed } from "../registry/world.ts";

const names = ["a", "b", "c"];
const name = fc.constantFrom(...names);
const step = fc.oneof(
  // Several services ask for one address: the oldest has it.
  fc.record({
    do: fc.constant("service" as const),
    name,
    externalIPs: fc.subarray(["127.0.0.5", "127.0.0.6"]),
    ports: fc.subarray([80, 81, 82], { minLength: 1 }),
    nodePort: fc.boolean(),
  }),
  fc.record({ do: fc.constant("remove" as const), name }),
  fc.record({
    do: fc.constant("endpoints" as const),
    name,
    ready: fc.nat(3),
    notReady: fc.nat(2),
    port: fc.constantFrom(80, 81),
  }),
  fc.record({ do: fc.constant("node" as const), name }),
  fc.record({ do: fc.constant("pod" as const), name, ending: fc.boolean() }),
  fc.record({ do: fc.constant("wait" as const), seconds: fc.nat(2) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type World = ReturnType<typeof createWorld>;

function act({ client, clock }: World, action: Step): void {
  if (action.do === "wait") {
    clock.advance(action.seconds * 1000);
    return;
  }
  const { name } = action;
  const service = client.get("Service", "default", name);
  switch (action.do) {
    case "service": {
      const ports = action.ports.map((port) => ({ name: `p${port}`, port, targetPort: 8080 }));
      const type = action.nodePort ? "NodePort" : "ClusterIP";
      const wanted = serviceNamed(name, { type, externalIPs: action.externalIPs, ports });
      const kept = service && { clusterIP: service.spec.clusterIP!, clusterIPs: service.spec.clusterIPs! };
      if (service) client.update<"Service">({ ...service, spec: { ...wanted.spec, ...kept } });
      else client.create<"Service">(wanted);
      return;
    }
    case "remove":
      if (service) client.delete("Service", "default", name);
      return;
    case "endpoints": {
      const all = Array.from({ length: action.ready + action.notReady }, (_, index) => ({
        ip: `127.8.16.${index + 2}`,
        nodeName: names[index % names.length]!,
      }));
      const [addresses, notReadyAddresses] = [all.slice(0, action.ready), all.slice(action.ready)];
      const subset = {
        ...(addresses.length > 0 ? { addresses } : {}),
        ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
        ports: [{ name: `p${action.port}`, port: 8080 }],
      };
      const subsets = all.length > 0 ? [subset] : [];
      const current = client.get("Endpoints", "default", name);
      const wanted: Endpoints = { apiVersion: "v1", kind: "Endpoints", metadata: { name }, subsets };
      if (current) client.update<"Endpoints">({ ...current, subsets });
      else client.create<"Endpoints">(wanted);
      return;
    }
    case "node":
      if (client.get("Node", undefined, name)) client.delete("Node", undefined, name);
      else {
        const node = client.create<"Node">({ apiVersion: "v1", kind: "Node", metadata: { name }, spec: {} });
        const address = `127.8.0.${10 + names.indexOf(name)}`;
        client.updateStatus<"Node">({ ...node, status: { addresses: [{ type: "InternalIP", address }] } });
      }
      return;
    case "pod": {
      const pod = client.get("Pod", "default", name);
      if (pod && action.ending) client.delete("Pod", "default", name);
      if (pod) return;
      const labels = { app: name };
      const containers = [{ name: "c", image: "i", command: ["c"] }];
      const metadata = { name, namespace: "default", labels };
      const made = client.create<"Pod">({
        apiVersion: "v1",
        kind: "Pod",
        metadata,
        spec: { containers, nodeName: "a" },
      });
      const podIP = `127.8.17.${2 + names.indexOf(name)}`;
      const conditions = [{ type: "Ready", status: "True" as const }];
      client.updateStatus<"Pod">({
        ...made,
        status: { ...made.status, phase: "Running", podIP, conditions },
      });
    }
  }
}

/** With its backends, which are made when they are read. */
const written = (rule: ProxyRule) => ({ ...rule, backends: rule.backends });

test("the proxies' table, of which only what changed is made anew, is that made of everything", () => {
  fc.assert(
    fc.property(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 40 }), (turns) => {
      const world = createWorld();
      const { client, clock } = world;
      let table: readonly ProxyRule[] = [];
      const proxy = createServiceProxy(client, {
        clock,
        network,
        proxy: { apply: (rules) => void (table = rules), onEvent: () => {} },
        onError: (_loop, _key, error) => {
          throw error;
        },
      });
      for (const turn of turns) {
        for (const action of turn) act(world, action);
        clock.advance(0);
        const [services, endpoints, nodes, pods] = [
          client.list("Service"),
          client.list("Endpoints"),
          client.list("Node"),
          client.list("Pod"),
        ];
        expect(table.map(written)).toEqual(
          proxyRules(services, endpoints, nodes, network, pods).map(written),
        );
      }
      proxy.stop();
    }),
    runs(150),
  );
});
