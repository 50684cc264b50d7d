import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { driftOf } from "../../cli/drift/drift.ts";
import type { Service } from "../../model/core.ts";
import { kindNames } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { createSimulation } from "../../runtime/simulator/simulation.ts";

/** `kdsl diff` of clusters that nobody has touched: what the cluster itself writes is no difference. */

const root = join(import.meta.dirname, "../fixtures/compile");
const plans = readdirSync(root).filter((name) => existsSync(join(root, name, "main.plan.json")));

/** Clusters of kdsl have addresses of one family, and refuse services that ask for another, as Kubernetes' do. */
function ofOneFamily(plan: Plan): Plan {
  const objects = plan.objects.map((object) => {
    if (object.kind !== "Service") return object;
    const { ipFamilies, clusterIPs = [], ...spec } = (object as Service).spec;
    if (!ipFamilies?.includes("IPv6")) return object;
    const one = { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", clusterIPs: clusterIPs.slice(0, 1) };
    return { ...object, spec: { ...spec, ...one } };
  });
  return { ...plan, objects: objects as Plan["objects"] };
}

describe.each(plans)("%s", (name) => {
  test("is as its plan says", () => {
    const plan = ofOneFamily(JSON.parse(readFileSync(join(root, name, "main.plan.json"), "utf8")) as Plan);
    const { cluster, clock, errors } = createSimulation({ plan, seed: 1 });
    clock.advance(5 * 60_000);
    const passing = ["Event", "Endpoints", "Lease"];
    const objects = kindNames
      .filter((kind) => !passing.includes(kind))
      .flatMap((kind) => cluster.client.list(kind).map((object) => ({ ...object, kind })));
    expect(errors).toEqual([]);
    expect(objects.length).toBeGreaterThan(4);
    const fields = driftOf(objects as never, plan, plan).flatMap((drift) =>
      drift.fields.length > 0 ? drift.fields.map(({ words }) => words) : [drift.title],
    );
    expect(fields).toEqual([]);
    cluster.stop();
  });
});
