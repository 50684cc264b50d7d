import { describe, expect, test } from "vitest";
import type { ConfigMap } from "../../../model/core.ts";
import { createWorld, type World } from "./harness.ts";

const follows = (): World => createWorld({ wrap: (driver) => ({ ...driver, updatesSandboxes: true }) });
const config = (value: string): ConfigMap => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "default" },
  data: { key: value },
});
const volumes = [{ name: "settings", configMap: { name: "settings" } }];
const encoded = (text: string) => Buffer.from(text).toString("base64");
/** What the volume held by the last command that told of it, as the driver was told. */
const told = (world: World) =>
  [...world.commandsOf("createSandbox"), ...world.commandsOf("updateSandbox")]
    .sort((a, b) => a.at - b.at)
    .flatMap(({ volumes: all }) => all.flatMap((each) => (each.type === "files" ? each.files : [])))
    .at(-1)?.content;

describe("what a pod sees of a config", () => {
  test("follows it while the pod runs", () => {
    const world = follows();
    world.addNode("node-a");
    world.client.create(config("1"));
    world.createPod("web", { volumes }, "node-a");
    world.clock.advance(1000);
    expect(told(world)).toBe(encoded("1"));
    world.client.update(config("2"));
    world.clock.advance(1000);
    expect(told(world)).toBe(encoded("2"));
    world.clock.advance(1000);
    expect(world.commandsOf("updateSandbox")).toHaveLength(1);
    expect(world.errors).toEqual([]);
  });

  test("is told again when it could not be written", () => {
    const world = follows();
    const kubelet = world.addNode("node-a");
    world.client.create(config("1"));
    const { uid } = world.createPod("web", { volumes }, "node-a").metadata;
    world.clock.advance(1000);
    world.client.update(config("2"));
    world.clock.advance(1000);
    kubelet.handle({ type: "updateFailed", podUid: uid, message: "no space left" });
    expect(world.events("web")).toContain("Warning FailedMount: no space left");
    world.clock.advance(60_000);
    expect(world.commandsOf("updateSandbox")).toHaveLength(2);
    expect(told(world)).toBe(encoded("2"));
  });

  test("is what it says now also where it changed while the sandbox was being made", () => {
    const world = follows();
    world.addNode("node-a");
    world.client.create(config("1"));
    world.createPod("web", { volumes }, "node-a");
    world.clock.advance(1);
    expect(told(world)).toBe(encoded("1"));
    expect(world.pod("web")?.status?.podIP).toBeUndefined();
    world.client.update(config("2"));
    world.clock.advance(60_000);
    expect(told(world)).toBe(encoded("2"));
  });
});
