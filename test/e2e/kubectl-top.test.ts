import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, openCluster, present } from "./kubectl.ts";

/** `kubectl top` against programs whose use is known: one that burns a share of a core, one that holds memory, one that sleeps. */

/** Works for 30 of each 100 milliseconds of its own processor time against the clock. */
const burner = `
  const share = 0.3;
  const begin = process.hrtime.bigint();
  const used = () => { const { user, system } = process.cpuUsage(); return (user + system) * 1000; };
  const start = used();
  setInterval(() => { while (used() - start < share * Number(process.hrtime.bigint() - begin)); }, 20);
`;

const program = `
label app
node worker[i in 1..2] { capacity: { cpu: 2, memory: 1Gi, pods: 10 } }
rc burner {
  replicas: 1
  pod {
    identity: { app: "burner" }
    grace: 1s
    container burns { image: "host", local { directory: ".", command: ["node", "burner.mjs"] } }
    container sleeps { image: "host", command: ["sleep", "1000"] }
  }
}
rc holder {
  replicas: 1
  pod {
    identity: { app: "holder" }
    grace: 1s
    container holds { image: "host", local { directory: ".", command: ["node", "holder.mjs"] } }
  }
}
`;

/** Holds 200 MiB. */
const holder = "const held = Buffer.alloc(200 << 20, 1); setInterval(() => held, 1e6);";

interface Row {
  readonly cpu: number;
  readonly memory: number;
  readonly text: string;
}

/** Rows by their first columns: `burner-x7k2p burns`. */
function rows(text: string, names: number): Map<string, Row> {
  return new Map(
    text
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/ +/))
      .map((cells) => [
        cells
          .slice(0, names)
          .join(" ")
          .replace(/-\w{5}\b/, ""),
        {
          cpu: Number(/^(\d+)m$/.exec(cells[names] ?? "")?.[1]),
          memory: Number(/^(\d+)Mi$/.exec(cells.find((cell) => /Mi$/.test(cell)) ?? "")?.[1]),
          text: cells.join(" "),
        },
      ]),
  );
}

describe.skipIf(!present)("kubectl top", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster(program, [], {}, { "burner.mjs": burner, "holder.mjs": holder });
  });
  afterAll(() => cluster?.close());

  test("pods and their containers use what their programs use", async () => {
    // A busy machine gives the burner less than it wants in a second, and later more.
    let found = new Map<string, Row>();
    for (let attempt = 0; attempt < 20; attempt++) {
      found = rows(await cluster.run("top", "pod", "--containers", "--no-headers"), 2);
      const { cpu = 0 } = found.get("burner burns") ?? {};
      if (cpu > 150 && cpu < 450 && (found.get("holder holds")?.memory ?? 0) >= 200) break;
    }
    const burns = found.get("burner burns")!;
    expect(burns.cpu).toBeGreaterThan(150);
    expect(burns.cpu).toBeLessThan(450);
    expect(found.get("burner sleeps")!.cpu).toBeLessThan(5);
    const { memory } = found.get("holder holds")!;
    expect(memory).toBeGreaterThanOrEqual(200);
    expect(memory).toBeLessThan(320);
  });

  test("nodes: the shares are of what can be allocated", async () => {
    const text = await cluster.run("top", "node");
    expect(text).toMatch(/NAME +CPU\(cores\) +CPU\(%\) +MEMORY\(bytes\) +MEMORY\(%\)/);
    const nodes = rows(text, 1);
    let memory = 0;
    for (const name of ["worker-1", "worker-2"]) {
      const row = nodes.get(name)!;
      const shares = [...row.text.matchAll(/(\d+)%/g)].map(([, share]) => Number(share));
      expect(Math.abs(shares[0]! - row.cpu / 20)).toBeLessThanOrEqual(1);
      expect(Math.abs(shares[1]! - row.memory / 10.24)).toBeLessThanOrEqual(1);
      memory += row.memory;
    }
    expect(memory).toBeGreaterThanOrEqual(200);
  });

  test("selectors, order, sums", async () => {
    const only = await cluster.run("top", "pod", "-A", "-l", "app=holder");
    expect(only).toMatch(/default +holder-/);
    expect(only).not.toMatch(/burner/);
    const byMemory = await cluster.run("top", "pod", "--sort-by=memory", "--no-headers");
    expect(byMemory.split("\n")[0]).toMatch(/^holder-/);
    expect(await cluster.run("top", "pod", "--sum")).toMatch(/_{4,}[\s\S]*\d+m +\d+Mi/);
    expect(await cluster.fails("top", "pod", "nothing")).toMatch(/"default\/nothing" not found/);
    expect((await cluster.result(["top", "pod", "-n", "kube-system"])).stderr).toMatch(/No resources found/);
  });

  test("the objects say when they were measured", async () => {
    const before = Date.now();
    const list = JSON.parse(await cluster.run("get", "--raw", "/apis/metrics.k8s.io/v1beta1/pods"));
    for (const { timestamp, window } of list.items) {
      expect(Date.parse(timestamp)).toBeGreaterThan(before - 5000);
      expect(window).toMatch(/^\d+(\.\d+)?s$/);
    }
    // The kinds of the core keep their names.
    expect(await cluster.run("get", "pods", "-o", "name")).toMatch(/^pod\//);
    expect(await cluster.run("get", "pods.metrics.k8s.io")).toMatch(/NAME +CPU +MEMORY +WINDOW/);
  });
});
