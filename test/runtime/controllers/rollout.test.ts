import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReplicationController } from "../../../model/core.ts";
import { ROLLOUT_ANNOTATION } from "../../../model/meta.ts";
import {
  formatRollout,
  parseRollout,
  ROLLOUT_REPLICAS,
  type RolloutStrategy,
} from "../../../runtime/controllers/rollout.ts";
import { runs } from "../../runs.ts";
import { rcNamed } from "../registry/world.ts";
import { type Cluster, createCluster, eventsOf, readyPods, scale } from "./cluster.ts";

const labels = { app: "web" };

function start(replicas: number): Cluster {
  const cluster = createCluster();
  cluster.client.create<"ReplicationController">(rcNamed("web", replicas, labels));
  cluster.settle();
  return cluster;
}

function withImage(rc: ReplicationController, image: string): ReplicationController {
  const spec = { ...rc.spec.template.spec, containers: [{ ...rc.spec.template.spec.containers[0]!, image }] };
  return { ...rc, spec: { ...rc.spec, template: { ...rc.spec.template, spec } } };
}

/** What whoever applies a file does with a changed template. */
function roll(
  cluster: Cluster,
  image: string,
  strategy: RolloutStrategy = { surge: 1, unavailable: 0 },
): void {
  const rc = withImage(cluster.rc("web"), image);
  const annotations = { ...rc.metadata.annotations, [ROLLOUT_ANNOTATION]: formatRollout(strategy) };
  cluster.client.update<"ReplicationController">({ ...rc, metadata: { ...rc.metadata, annotations } });
}

const images = (cluster: Cluster) => cluster.active().map((pod) => pod.spec.containers[0]!.image);

describe("a rolling update", () => {
  test("gives every pod the new template, with never fewer ready nor more in all than it may", () => {
    const size = fc.integer({ min: 1, max: 5 });
    const extra = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(size, extra, extra, fc.nat(6), (replicas, surge, unavailable, restartAt) => {
        const cluster = start(replicas);
        let fewest = replicas;
        let most = replicas;
        cluster.client.watch("Pod", () => {
          fewest = Math.min(fewest, readyPods(cluster).length);
          most = Math.max(most, cluster.active().length);
        });
        roll(cluster, "shop/web:2", { surge, unavailable });
        for (let round = 0; round < 30; round++) {
          cluster.clock.advance(150);
          if (round === restartAt) cluster.restart();
        }
        expect(images(cluster)).toEqual(Array.from({ length: replicas }, () => "shop/web:2"));
        const lost = surge === 0 && unavailable === 0 ? 1 : unavailable;
        expect(fewest).toBeGreaterThanOrEqual(replicas - Math.min(lost, replicas));
        expect(most).toBeLessThanOrEqual(replicas + surge);
        expect(cluster.rc("web").spec.replicas).toBe(replicas);
        expect(cluster.rc("web").metadata.annotations).toEqual({});
        expect(cluster.errors).toEqual([]);
        cluster.stop();
      }),
      runs(60),
    );
  });

  test("waits with a template that does not come up, and goes on with one that does", () => {
    const cluster = start(3);
    cluster.broken.add("shop/web:bad");
    roll(cluster, "shop/web:bad");
    cluster.settle(20_000);
    expect(images(cluster).sort()).toEqual(["shop/web:1", "shop/web:1", "shop/web:1", "shop/web:bad"]);
    expect(cluster.rc("web").metadata.annotations?.[ROLLOUT_REPLICAS]).toBe("3/4");
    roll(cluster, "shop/web:3");
    cluster.settle(20_000);
    expect(images(cluster)).toEqual(["shop/web:3", "shop/web:3", "shop/web:3"]);
    expect(readyPods(cluster)).toHaveLength(3);
    expect(eventsOf(cluster, "web")).toContain("Normal RolloutComplete All 3 pods are of the new template");
  });

  test("replaces pods that are not ready one after the other, as far as new ones have to stand in for them", () => {
    const cluster = createCluster();
    cluster.broken.add("shop/web:1").add("shop/web:2");
    cluster.client.create<"ReplicationController">(rcNamed("web", 3, labels));
    cluster.settle();
    roll(cluster, "shop/web:2");
    cluster.settle(20_000);
    expect(images(cluster).sort()).toEqual(["shop/web:1", "shop/web:1", "shop/web:1", "shop/web:2"]);
    cluster.broken.delete("shop/web:2");
    for (const pod of cluster.active()) {
      if (pod.spec.containers[0]!.image === "shop/web:2")
        cluster.client.delete("Pod", "default", pod.metadata.name, { gracePeriodSeconds: 0 });
    }
    cluster.settle(20_000);
    expect(readyPods(cluster).map((pod) => pod.spec.containers[0]!.image)).toEqual(
      Array.from({ length: 3 }, () => "shop/web:2"),
    );
  });

  test("ends with the count that was set meanwhile", () => {
    const cluster = start(3);
    roll(cluster, "shop/web:2");
    cluster.clock.advance(50);
    scale(cluster, "web", 6);
    cluster.settle(20_000);
    expect(images(cluster)).toEqual(Array.from({ length: 6 }, () => "shop/web:2"));
    expect(cluster.rc("web").spec.replicas).toBe(6);
  });

  test("to none ends with none", () => {
    const cluster = start(2);
    scale(cluster, "web", 0);
    roll(cluster, "shop/web:2");
    cluster.settle(20_000);
    expect(cluster.pods()).toEqual([]);
    expect(cluster.rc("web").metadata.annotations).toEqual({});
  });

  test("is asked for, or does not happen: an edit of the template alone does nothing", () => {
    const cluster = start(2);
    cluster.client.update(withImage(cluster.rc("web"), "shop/web:2"));
    cluster.settle();
    expect(images(cluster)).toEqual(["shop/web:1", "shop/web:1"]);
    roll(cluster, "shop/web:2");
    cluster.settle(20_000);
    expect(images(cluster)).toEqual(["shop/web:2", "shop/web:2"]);
    const before = cluster.pods();
    roll(cluster, "shop/web:2");
    cluster.settle(20_000);
    expect(cluster.pods()).toEqual(before);
  });

  test("that only changes an annotation of the template restarts the pods", () => {
    const cluster = start(2);
    const before = cluster.pods().map((pod) => pod.metadata.uid);
    const rc = cluster.rc("web");
    const annotations = { "kdsl.dev/restartedAt": "2026-01-01T00:00:00Z" };
    const template = { ...rc.spec.template, metadata: { ...rc.spec.template.metadata, annotations } };
    cluster.client.update<"ReplicationController">({ ...rc, spec: { ...rc.spec, template } });
    roll(cluster, "shop/web:1");
    cluster.settle(20_000);
    expect(cluster.pods().filter((pod) => before.includes(pod.metadata.uid))).toEqual([]);
    expect(readyPods(cluster)).toHaveLength(2);
  });

  test("asked for in words that mean nothing is refused with the way out", () => {
    const cluster = start(1);
    const rc = withImage(cluster.rc("web"), "shop/web:2");
    const annotations = { [ROLLOUT_ANNOTATION]: "quickly" };
    cluster.client.update<"ReplicationController">({ ...rc, metadata: { ...rc.metadata, annotations } });
    cluster.settle();
    expect(images(cluster)).toEqual(["shop/web:1"]);
    expect(eventsOf(cluster, "web")).toContain(
      'Warning InvalidRollout The annotation kdsl.dev/rollout is "quickly" and should be like "surge=1,unavailable=0"',
    );
    expect(cluster.rc("web").metadata.annotations).toEqual({});
  });

  test("is written as it is read", () => {
    expect(parseRollout(formatRollout({ surge: 2, unavailable: 1 }))).toEqual({ surge: 2, unavailable: 1 });
    expect(parseRollout("surge=0,unavailable=0")).toEqual({ surge: 0, unavailable: 1 });
    expect(parseRollout("surge=-1,unavailable=0")).toBeUndefined();
  });
});
