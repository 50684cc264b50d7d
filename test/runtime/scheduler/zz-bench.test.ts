import { test } from "vitest";
import { createWorld, requesting } from "/work/main/test/runtime/scheduler/harness.ts";
test("bench", () => {
  for (const [n, p] of [[100, 2000], [1000, 2000]] as const) {
    const world = createWorld();
    for (let i = 0; i < n; i++) world.addNode(`n${i}`);
    world.client.create({ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "default" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } } as never);
    world.clock.advance(0);
    for (let i = 0; i < p; i++) world.addPod(`p${i}`, requesting("10m"));
    const t = performance.now();
    world.clock.advance(0);
    const ms = performance.now() - t;
    console.log(n, p, `${Math.round(ms)} ms`, `${Math.round((p / ms) * 1000)} pods/s`, world.client.list("Pod").filter((x) => x.spec.nodeName).length);
  }
}, 300000);
