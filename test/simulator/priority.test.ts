import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../model/meta.ts";
import { createPlacement } from "../../runtime/simulator/placement/place.ts";
import { createSimulation } from "../../runtime/simulator/simulation.ts";
import { planOf } from "./support.ts";

const rc = (name: string, more: string) => `
rc ${name} {
  replicas: 1
  pod {
    identity: { app: "${name}" }
    ${more}
    container main {
      image: "example/${name}:1"
      requests: { cpu: 800m, memory: 64Mi }
    }
  }
}`;

/** One node with room for one of two pods, and a class of priority by which the second may drive out the first. */
function planWith(...classes: readonly object[]) {
  const text = `
label app: String
node only { capacity: { cpu: 1, memory: 2Gi } }
${rc("batch", "")}
${rc("web", 'priorityClassName: "high"')}`;
  const plan = planOf(text);
  const objects = classes.map(
    (each): KubernetesObject =>
      ({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", ...each }) as unknown as KubernetesObject,
  );
  return { ...plan, objects: [...plan.objects, ...objects] };
}

const high = { metadata: { name: "high" }, value: 1000 };
const low = { metadata: { name: "low" }, value: -5, globalDefault: true };

describe("a pod whose class of priority stands in the plan", () => {
  const placed = (...classes: readonly object[]) => {
    const placement = createPlacement({ plan: planWith(...classes), seed: 1 });
    placement.settle();
    return placement
      .pods()
      .filter(({ spec }) => spec.nodeName)
      .map(({ metadata }) => metadata.name);
  };

  test("goes before others, which it does not where nobody says what the class means", () => {
    expect(placed(high)).toEqual(["web-1"]);
    expect(placed()).toEqual(["batch-1"]);
  });

  test("has its priority in a simulation, and those without a class that of the class for all", () => {
    const classes = [{ ...high, preemptionPolicy: "Never" }, low];
    const simulation = createSimulation({ plan: planWith(...classes), seed: 1 });
    const end = simulation.clock.now() + 60_000;
    while (simulation.step(end));
    const priorities = simulation.cluster.client
      .list("Pod")
      .map(({ metadata, spec }) => [metadata.labels?.app, spec.priority, spec.preemptionPolicy]);
    expect(priorities.sort()).toEqual([
      ["batch", -5, "PreemptLowerPriority"],
      ["web", 1000, "Never"],
    ]);
  });
});
