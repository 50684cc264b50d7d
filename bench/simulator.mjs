// What a simulated cluster costs, in process and in CPU time: `npm run bench:simulator [-- NAME…]`; see README.md.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machineLine } from "./machine.mjs";

const root = join(fileURLToPath(new URL(".", import.meta.url)), "..");
const year = 365 * 24 * 3_600_000;
const day = 24 * 3_600_000;

/** An application: an rc whose pods have two probes at 10 s, with its service. */
function application(index, replicas, scheduler) {
  const name = `app-${index}`;
  const labels = { app: name };
  const probe = { httpGet: { path: "/", port: 8080 }, periodSeconds: 10 };
  return [
    {
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata: { name, namespace: "default" },
      spec: {
        replicas,
        selector: labels,
        template: {
          metadata: { labels },
          spec: {
            ...(scheduler ? { schedulerName: scheduler } : {}),
            containers: [
              {
                name: "server",
                image: `example/${name}:1`,
                ports: [{ name: "http", containerPort: 8080 }],
                resources: { requests: { cpu: "100m", memory: "100Mi" }, limits: { memory: "200Mi" } },
                readinessProbe: probe,
                livenessProbe: probe,
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default" },
      spec: { selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
  ];
}

export function planOf({ nodes, pods, replicas, scheduler }) {
  const objects = [];
  for (let index = 0; index < nodes; index++) {
    const name = `node-${index}`;
    objects.push({
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": `zone-${index % 3}` },
      },
      spec: {},
      status: { capacity: { cpu: "16", memory: "32Gi", pods: "110" } },
    });
  }
  for (let index = 0; index * replicas < pods; index++) {
    objects.push(...application(index, Math.min(replicas, pods - index * replicas), scheduler));
  }
  const none = { provenance: {}, local: {}, references: {}, secrets: {}, after: {}, updates: {} };
  return { version: 1, name: "bench", objects, ...none, sources: [], params: {}, hash: "" };
}

/** In place of the scheduler: pods go to the nodes in turn. */
function bindInTurn({ cluster, clock }, nodes, scheduler) {
  const { client } = cluster;
  let turn = 0;
  client.watch("Pod", ({ type, object }) => {
    if (type !== "ADDED" || object.spec.schedulerName !== scheduler || object.spec.nodeName) return;
    clock.schedule(clock.now(), () => {
      const { namespace, name } = object.metadata;
      const node = `node-${turn++ % nodes}`;
      client.bind(namespace, name, node);
      const message = `Successfully assigned ${namespace}/${name} to ${node}`;
      client.event(object, scheduler, "Normal", "Scheduled", message);
    });
  });
}

const running = (simulation) =>
  simulation.cluster.client
    .list("Pod")
    .filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined &&
        status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
    ).length;

async function start(shape) {
  const { createSimulation } = await import(process.env.KDSL_SIMULATOR ?? join(root, "dist/simulator.mjs"));
  const simulation = createSimulation({ plan: planOf(shape), seed: 1 });
  if (shape.scheduler) bindInTurn(simulation, shape.nodes, shape.scheduler);
  return simulation;
}

/** Advances until all is as it is to be; virtual time must not run out before. */
function untilRunning(simulation, pods, within = 10 * 60_000) {
  const end = simulation.clock.now() + within;
  for (;;) {
    const next = simulation.clock.nextAt();
    if (running(simulation) === pods) return;
    if (next === undefined || next > end) throw new Error(`only ${running(simulation)} of ${pods} pods run`);
    simulation.clock.advanceTo(Math.min(end, simulation.clock.now() + 1000));
  }
}

function measure() {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
}

const seconds = (number) => `${number.toFixed(number < 10 ? 2 : 1)} s`;
const megabytes = () => `${Math.round(process.resourceUsage().maxRSS / 1024)} MB resident at most`;

const benchmarks = {
  async "from-nothing"(shape) {
    const done = measure();
    const simulation = await start(shape);
    untilRunning(simulation, shape.pods);
    const cost = done();
    verify(simulation);
    const each = ((cost / shape.pods) * 1e6).toFixed(0);
    return {
      cost,
      text: `${seconds(cost)} of CPU, ${each} µs a pod, ${megabytes()}, trace ${simulation.traceHash()}`,
    };
  },

  async quiet(shape) {
    const simulation = await start(shape);
    untilRunning(simulation, shape.pods);
    const done = measure();
    const { revision } = simulation.cluster.store;
    simulation.clock.advance(year);
    const cost = done();
    verify(simulation);
    const writes = simulation.cluster.store.revision - revision;
    return { cost, text: `${seconds(cost)} of CPU, ${writes} writes (events that expire), ${megabytes()}` };
  },

  /** Every pod is replaced twice a week, every node lost for 20 minutes once a month, each at its own time. */
  async busy(shape) {
    const simulation = await start(shape);
    const { clock, cluster, faults } = simulation;
    untilRunning(simulation, shape.pods);
    let lives = 0;
    cluster.store.subscribe(({ kind, previous }) => {
      if (kind === "Pod" && !previous) lives++;
    });
    const days = Number(process.env.DAYS ?? 365);
    const done = measure();
    const end = clock.now() + days * day;
    const podPause = (3.5 * day) / shape.pods;
    const nodePause = (365 * day) / 12 / shape.nodes;
    const begun = clock.now();
    const every = (pause, act) => {
      let count = 0;
      const again = () => {
        const at = begun + Math.round(++count * pause);
        if (at > end) return;
        clock.schedule(at, () => {
          act(count - 1);
          again();
        });
      };
      again();
    };
    const later = (milliseconds, act) => clock.schedule(clock.now() + milliseconds, act);
    let oldest = [];
    every(podPause, () => {
      if (oldest.length === 0) oldest = [...cluster.client.list("Pod")].reverse();
      for (let pod = oldest.pop(); pod; pod = oldest.pop()) {
        const { namespace, name, uid } = pod.metadata;
        const now = cluster.client.get("Pod", namespace, name);
        if (now?.metadata.uid !== uid || now.metadata.deletionTimestamp) continue;
        cluster.client.delete("Pod", namespace, name);
        return;
      }
    });
    every(nodePause, (index) => {
      const node = `node-${index % shape.nodes}`;
      faults.killNode(node);
      later(20 * 60_000, () => faults.reviveNode(node));
    });
    clock.advanceTo(end);
    clock.advance(3_600_000);
    const cost = done();
    verify(simulation);
    if (running(simulation) !== shape.pods)
      throw new Error(`${running(simulation)} of ${shape.pods} pods run`);
    const each = ((cost / lives) * 1e6).toFixed(0);
    return {
      cost,
      text: `${days} days, ${lives} pod lives, ${seconds(cost)} of CPU, ${each} µs a life, all invariants held, ${megabytes()}`,
    };
  },
};

/** A figure of a run that went wrong is none. */
function verify({ errors, broken, cluster }) {
  if (errors.length > 0) throw new Error(`${errors.length} decisions threw`, { cause: errors[0].error });
  if (broken) throw new Error(`${broken.invariant} did not hold: ${broken.message}`);
  cluster.stop();
}

const heap = "--max-old-space-size=1800";
const scheduler = process.env.IN_TURN ? "in-turn" : undefined;
const shapes = {
  "quiet-100": ["quiet", { nodes: 100, pods: 1_000, replicas: 20, scheduler }],
  "quiet-5000": ["quiet", { nodes: 5_000, pods: 50_000, replicas: 100, scheduler }],
  "busy-100": ["busy", { nodes: 100, pods: 1_000, replicas: 20, scheduler }],
  "from-nothing-500": ["from-nothing", { nodes: 500, pods: 15_000, replicas: 100, scheduler }],
  "from-nothing-5000": ["from-nothing", { nodes: 5_000, pods: 150_000, replicas: 100, scheduler }],
};

/** `from-nothing:50:1000`: one of another size. */
function shapeOf(name) {
  const [kind, nodes, pods] = name.split(":");
  return [kind, { nodes: Number(nodes), pods: Number(pods), replicas: 100, scheduler }];
}

async function main() {
  const [name, ...more] = process.argv.slice(2);
  if (name !== undefined && more.length === 0) {
    const [kind, shape] = shapes[name] ?? shapeOf(name);
    if (!benchmarks[kind])
      throw new Error(
        `no such benchmark: ${name}; there are ${Object.keys(shapes).join(", ")}, and quiet:NODES:PODS and its kin`,
      );
    const { text } = await benchmarks[kind](shape);
    console.log(`${name} (${shape.nodes} nodes, ${shape.pods} pods): ${text}`);
    return;
  }
  console.log(machineLine());
  // Each in a process of its own: what one leaves in memory must not slow the next. The heap is held to what the largest may
  // take, else V8 lets garbage lie for as long as the machine has room.
  for (const each of name === undefined ? Object.keys(shapes) : [name, ...more]) {
    const { status } = spawnSync(process.execPath, [heap, fileURLToPath(import.meta.url), each], {
      stdio: "inherit",
    });
    if (status !== 0) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
