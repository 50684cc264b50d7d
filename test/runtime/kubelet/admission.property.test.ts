import fc from "fast-check";
import { expect, test } from "vitest";
import { runs } from "../../runs.ts";
import { container, createWorld } from "./harness.ts";

const step = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    cpu: fc.integer({ min: 0, max: 4 }),
    ends: fc.boolean(),
  }),
  fc.record({ type: fc.constant("delete" as const), pod: fc.nat() }),
  fc.record({ type: fc.constant("restart" as const) }),
  fc.record({ type: fc.constant("wait" as const), milliseconds: fc.constantFrom(1, 10, 1000, 40_000) }),
);

/** What stands on a node is counted as it comes, and anew where something may have gone. */
test("a pod is taken if it has room beside those that have neither ended nor gone", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const world = createWorld({
        behaviour: ({ podUid }) => (ending.has(podUid) ? { exitAfter: 500 } : { stopDelay: 300 }),
      });
      const ending = new Set<string>();
      world.addNode("node-a", { status: { capacity: { cpu: "5", pods: "6" } } });
      world.clock.advance(100);
      let count = 0;
      for (const each of steps) {
        world.clock.advance(0);
        const pods = world.client.list("Pod");
        if (each.type === "create") {
          const standing = pods.filter(
            ({ status }) => status?.phase !== "Failed" && status?.phase !== "Succeeded",
          );
          const used = standing.reduce((sum, pod) => sum + cpuOf(pod.spec.containers[0]!), 0);
          const main = container("main", { resources: { requests: { cpu: String(each.cpu) } } });
          const name = `pod-${count++}`;
          const spec = { containers: [main], restartPolicy: "Never" as const };
          const { uid } = world.createPod(name, spec, "node-a").metadata;
          if (each.ends) ending.add(uid);
          world.clock.advance(0);
          const expected =
            standing.length + 1 > 6
              ? "OutOfpods"
              : each.cpu > 0 && used + each.cpu > 5
                ? "OutOfcpu"
                : undefined;
          expect(world.pod(name)?.status?.reason).toBe(expected);
        } else if (each.type === "delete" && pods.length > 0) {
          world.client.delete("Pod", "default", pods[each.pod % pods.length]!.metadata.name);
        } else if (each.type === "restart") {
          world.kubelets.get("node-a")!.stop();
          world.startKubelet("node-a");
        } else if (each.type === "wait") world.clock.advance(each.milliseconds);
      }
      expect(world.errors).toEqual([]);
    }),
    runs(100),
  );
});

const cpuOf = ({ resources }: { resources?: { requests?: Readonly<Record<string, string>> } }) =>
  Number(resources?.requests?.cpu ?? 0);
