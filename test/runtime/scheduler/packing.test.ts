import { expect, test } from "vitest";
import { packingProfile } from "../../../runtime/scheduler/profile.ts";
import { bestNodes } from "../../../runtime/scheduler/scheduler.ts";
import { createSnapshot, demandOf } from "../../../runtime/scheduler/snapshot.ts";
import { createWorld, requesting } from "./harness.ts";

test("packing fills the node that is fullest, spreading the emptiest", () => {
  const world = createWorld();
  for (const name of ["node-a", "node-b", "node-c"]) world.addNode(name);
  world.addPod("big", requesting("2"));
  world.clock.advance(0);
  const full = world.nodeOf("big")!;
  const snapshot = createSnapshot();
  for (const node of world.client.list("Node")) snapshot.setNode(node.metadata.name, node);
  for (const pod of world.client.list("Pod")) snapshot.setPod(`default/${pod.metadata.name}`, pod);
  const pod = {
    ...world.client.list("Pod")[0]!,
    spec: { ...world.client.list("Pod")[0]!.spec, ...requesting("500m") },
  };
  const info = { pod, demand: demandOf(pod.spec) };
  const cluster = { nodes: snapshot.nodes(), client: world.client };
  const names = (profile?: typeof packingProfile) =>
    bestNodes(info, snapshot.nodes(), cluster, profile).map(({ name }) => name);
  expect(names(packingProfile)).toEqual([full]);
  expect(names()).not.toContain(full);
});
