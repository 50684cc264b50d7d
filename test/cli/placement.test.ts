import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPlace, type Place } from "./world.ts";

/** `kdsl simulate` and `kdsl capacity`: where pods would stand, why, and how many more would fit. */

const shop = `
label app
label disk
node worker[i in 1..2] { capacity: { cpu: 2, memory: 4Gi, pods: 20 } }
node slow { capacity: { cpu: 4, memory: 8Gi, pods: 20 }, taints: [{ key: "slow", effect: "NoSchedule" }] }
rc web {
  replicas: 2
  pod { identity: { app: "web" }, container c { image: "w:1", requests: { cpu: 500m, memory: 256Mi } } }
}
rc big {
  replicas: 2
  pod { identity: { app: "big" }, container c { image: "b:1", requests: { cpu: 1800m, memory: 256Mi } } }
}
`;

const manifests = `
apiVersion: v1
kind: ReplicationController
metadata: { name: web, namespace: default }
spec:
  replicas: 4
  selector: { app: web }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: c, image: "w:1", resources: { requests: { cpu: 500m } } }]
`;

let place: Place;
let directory: string;
let file: string;

beforeEach(() => {
  place = createPlace();
  directory = mkdtempSync(join(tmpdir(), "kdsl-test-"));
  file = join(directory, "shop.kdsl");
  writeFileSync(file, shop);
  writeFileSync(join(directory, "web.yaml"), manifests);
});
afterEach(async () => {
  await place.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Lines with their columns one space apart. */
const lines = (text: string) => text.split("\n").map((line) => line.trimEnd().replace(/ {2,}/g, " "));

describe("kdsl simulate", () => {
  test("says where everything lands, what is left, and what the smallest change is for what waits", async () => {
    const { out, code } = await place.kdsl("simulate", file);
    expect(code).toBe(1);
    expect(lines(out)).toEqual([
      "shop: 2 of 4 pods placed on 3 nodes",
      "",
      "NODE PODS CPU MEMORY LEFT",
      "slow 0/20 0/4 (0%) 0/8Gi (0%) 4 cpu, 8Gi memory",
      "worker-1 1/20 500m/2 (25%) 256Mi/4Gi (6%) 1500m cpu, 3840Mi memory",
      "worker-2 1/20 500m/2 (25%) 256Mi/4Gi (6%) 1500m cpu, 3840Mi memory",
      "",
      "POD NODE WHY",
      "big-1 - waits",
      "big-2 - waits",
      expect.stringMatching(
        /^web-1 worker-[12] score \d+, as good as worker-[12] \(\d+\), refused by 1 node$/,
      ),
      expect.stringMatching(/^web-2 worker-[12] score \d+, before worker-[12] \(\d+\), refused by 1 node$/),
      "",
      "big-1 and 1 more of big wait: 0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.",
      " smallest change that would place it: request at most 1500m cpu, as much as worker-1 has left",
      " or: give worker-1 300m more cpu",
      " or: add one more node like worker-1",
      "",
      "packed: 2 of 3 nodes in use, 13% of cpu and 3% of memory requested",
      "stranded: 0% of the cpu left and 0% of the memory left lie where the other is used up",
      "fragmented: 21% of the cpu left is where a pod like these does not fit",
      "spread: at most 1 pod between the fullest and the emptiest node, of rc web",
      "",
    ]);
  });

  test("tells all of one pod, or of those of one rc, for people and for programs", async () => {
    const { out } = await place.kdsl("simulate", file, "--explain", "web-2");
    expect(lines(out)[0]).toMatch(/^web-2: on worker-[12]$/);
    expect(lines(out)[1]).toBe(" refused by TaintToleration, node(s) had untolerated taint(s): slow");
    expect(lines(out)[2]).toBe(
      " NODE TOTAL TaintToleration ×3 NodeResourcesFit ×1 PodTopologySpread ×2 NodeResourcesBalancedAllocation ×1",
    );
    const json = await place.kdsl("simulate", file, "--explain", "big", "--format", "json");
    const report = JSON.parse(json.out);
    expect(report.pods).toHaveLength(2);
    expect(report.pods[0]).toMatchObject({
      name: "big-1",
      rc: "big",
      explanation: {
        refused: [
          { plugin: "TaintToleration", nodes: ["slow"] },
          { plugin: "NodeResourcesFit", reasons: ["Insufficient cpu"], nodes: ["worker-1", "worker-2"] },
        ],
        ranking: [],
      },
      changes: [
        "request at most 1500m cpu, as much as worker-1 has left",
        "give worker-1 300m more cpu",
        "add one more node like worker-1",
      ],
    });
    expect(report.quality).toMatchObject({ usedNodes: 2, nodes: 3 });
  });

  test("the scores that are told are those that chose", async () => {
    const { out } = await place.kdsl("simulate", file, "--format", "json");
    for (const { node, explanation } of JSON.parse(out).pods) {
      if (!node) continue;
      const [best] = explanation.ranking;
      expect(best.node).toBe(node);
      for (const each of explanation.ranking) {
        expect(each.total).toBeLessThanOrEqual(best.total);
        const sum = each.scores.reduce(
          (total: number, { weight, score }: { weight: number; score: number }) => total + weight * score,
          0,
        );
        expect(each.total).toBe(sum);
      }
    }
  });

  test("places on other nodes than the file's, and is the same for one seed", async () => {
    const first = await place.kdsl(
      "simulate",
      file,
      "--nodes",
      "4",
      "--shape",
      "cpu=8,memory=8Gi",
      "--seed",
      "7",
    );
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(lines(first.out)[0]).toBe("shop: 4 of 4 pods placed on 4 nodes");
    const again = await place.kdsl(
      "simulate",
      file,
      "--nodes",
      "4",
      "--shape",
      "cpu=8,memory=8Gi",
      "--seed",
      "7",
    );
    expect(again.out).toBe(first.out);
  });

  test("takes Kubernetes YAML, with nodes that stand in", async () => {
    const { out, code } = await place.kdsl("simulate", directory.concat("/web.yaml"));
    expect(code).toBe(0);
    expect(lines(out)[0]).toContain("declares no node: 3 of 16 CPUs and 64Gi stand in");
    expect(lines(out)[1]).toBe("web: 4 of 4 pods placed on 3 nodes");
  });

  test("places what Deployments and DaemonSets make, and says what it leaves out", async () => {
    const pods = (app: string) =>
      `selector: { matchLabels: { app: ${app} } }, template: { metadata: { labels: { app: ${app} } }, spec: { containers: [{ name: c, image: "x:1" }] } }`;
    const path = join(directory, "deployment.yaml");
    writeFileSync(
      path,
      `
apiVersion: apps/v1
kind: Deployment
metadata: { name: x }
spec: { replicas: 2, ${pods("x")} }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: x }
spec: { ${pods("agent")} }
---
apiVersion: batch/v1
kind: Job
metadata: { name: x }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: x }] } } }
`,
    );
    const { out } = await place.kdsl("simulate", path);
    expect(lines(out).slice(0, 5)).toEqual([
      `${path}: Deployment x is simulated as an rc`,
      `${path}: DaemonSet x is simulated as a pod on each node that takes it`,
      `${path}: Job x is left out`,
      expect.stringContaining("declares no node"),
      "deployment: 5 of 5 pods placed on 3 nodes",
    ]);
  });

  test("goes on where no node could ever hold a pod, and says what would help", async () => {
    writeFileSync(file, shop.replace("1800m", "5"));
    const { out, err, code } = await place.kdsl("simulate", file);
    expect(code).toBe(1);
    expect(err).toContain("error[KD3402]");
    expect(out).toContain("give worker-1 3500m more cpu");
  });
});

test("kdsl simulate goes on where there are fewer nodes than pods that want one port of theirs", async () => {
  writeFileSync(
    file,
    shop
      .replace(/rc big[\s\S]*/, "")
      .replace("replicas: 2", "replicas: 3")
      .replace('image: "w:1"', 'image: "w:1", port p: 80 { host: 80 }'),
  );
  const { out, err } = await place.kdsl("simulate", file);
  expect(err).toContain("error[KD3109]");
  expect(out).toContain("or: add one more node like worker-1");
});

describe("kdsl capacity", () => {
  test("counts nodes for the goal, though others wait for what no such node has", async () => {
    const { out, code } = await place.kdsl(
      "capacity",
      file,
      "--goal",
      "web=9",
      "--shape",
      "cpu=1,memory=4Gi",
    );
    expect(code).toBe(0);
    expect(out).toMatch(
      /^web=9 finds a place with 1 more node of 1 cpu and 4Gi memory; 2 pods of others wait with any number of them \(big-1, big-2\), and kdsl simulate says why$/m,
    );
  });

  test("counts what more fits, what a goal needs, and what is not needed", async () => {
    const without = shop.replace(/rc big[\s\S]*/, "");
    writeFileSync(file, without);
    const { out, code } = await place.kdsl(
      "capacity",
      file,
      "--goal",
      "web=20",
      "--shape",
      "cpu=4,memory=8Gi",
    );
    expect(code).toBe(0);
    expect(lines(out)).toEqual([
      "RC REPLICAS MORE THAT FIT",
      "web 2 6",
      "",
      "web=20 and all else finds a place with 2 more nodes of 4 cpu and 8Gi memory",
      "",
      "2 of 3 nodes could be removed, and everything would still find a place: slow, worker-1",
      "",
    ]);
    const json = await place.kdsl("capacity", file, "--goal", "web=8", "--format", "json");
    expect(JSON.parse(json.out)).toMatchObject({
      headroom: [{ rc: "web", replicas: 2, waiting: 0, fits: 6, more: false }],
      goal: { goals: { "default/web": 8 }, added: 0 },
      removable: ["slow", "worker-1"],
    });
  });

  test("says where no number of nodes is enough, and counts no further than it is told", async () => {
    const never = await place.kdsl("capacity", file, "--goal", "big=3", "--shape", "cpu=1,memory=8Gi");
    expect(never.code).toBe(1);
    expect(never.out).toContain(
      "no number of nodes of 1 cpu and 8Gi memory is enough for big=3 and all else",
    );
    const counted = await place.kdsl("capacity", join(directory, "web.yaml"), "--most", "5");
    expect(counted.out).toContain("5 or more");
  });
});

test.each([
  [["simulate", "FILE", "--explain", "nope"], "--explain nope: there is no such pod or rc", 2],
  [["simulate", "FILE", "--nodes", "0"], '--nodes "0" is no whole number from 1 to 100000', 2],
  [
    ["simulate", "FILE", "--nodes", "2", "--shape", "cpu=x"],
    '--shape cpu=x: "cpu=x" is no amount of a resource',
    2,
  ],
  [
    ["simulate", "FILE", "--nodes", "2", "--shape", "cpu=2"],
    "--shape cpu=2: how much memory it has is missing",
    2,
  ],
  [["simulate", "FILE", "--seed", "x"], '--seed "x" is no whole number from 0 to 4294967295', 2],
  [["simulate", "FILE", "--format", "xml"], "--format xml: there are text, json", 2],
  [["capacity", "FILE", "--goal", "web"], "--goal web: write it as --goal web=20", 2],
  [["capacity", "FILE", "--goal", "nope=3"], "--goal nope=3: there is no such rc", 2],
  [["capacity", "FILE", "--goal", "web=x"], '--goal web "x" is no whole number from 0 to 1000000', 2],
  [["capacity", "FILE", "--shape", "nope"], "--shape nope: no such node is declared", 2],
  [["simulate", "NOWHERE"], "there is no file NOWHERE", 1],
])("%j is one clear error", async (args, message, code) => {
  const printed = await place.kdsl(...args.map((arg) => (arg === "FILE" ? file : arg)));
  const own = printed.err.split("\n").filter((line) => line.startsWith("error: "));
  expect(own).toEqual([`error: ${message}`]);
  expect(printed.code).toBe(code);
});

test("a file whose cluster has ranges of IPv6 is simulated all the same", async () => {
  writeFileSync(file, `cluster { services: "fd00::/108", pods: "fd01::/64" }\n${shop}`);
  const { out, err } = await place.kdsl("simulate", file);
  expect(err).not.toContain("defect");
  expect(out).toContain("worker-1");
});

test("a file without pods says so", async () => {
  writeFileSync(file, "node a { capacity: { cpu: 1, memory: 1Gi, pods: 10 } }");
  const { err, code } = await place.kdsl("simulate", file);
  expect(err).toContain("declares no pods to place");
  expect(code).toBe(1);
});
