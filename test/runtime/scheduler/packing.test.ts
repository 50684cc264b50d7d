import { expect, test } from "vitest";
import { bestNodes, type Profile } from "../../../runtime/scheduler/framework.ts";
import { defaultProfile, packingProfile } from "../../../runtime/scheduler/profile.ts";
import { describePod } from "../../../runtime/scheduler/snapshot.ts";
import { createWorld, mirror, requesting } from "./harness.ts";

test("packing fills the node that is fullest, spreading the emptiest", () => {
  const world = createWorld();
  for (const name of ["node-a", "node-b", "node-c"]) world.addNode(name);
  world.addPod("big", requesting("2"));
  world.clock.advance(0);
  const full = world.nodeOf("big")!;
  const { view } = mirror(world.client);
  const pod = world.client.list("Pod")[0]!;
  const info = describePod({ ...pod, spec: { ...pod.spec, ...requesting("500m") } });
  const names = (profile: Profile) => bestNodes(profile, info, view.nodes, view).map(({ name }) => name);
  expect(names(packingProfile)).toEqual([full]);
  expect(names(defaultProfile)).not.toContain(full);
});
