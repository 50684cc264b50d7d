// Prints what the compiler costs on large inputs: cold as a process, against a floor of reading the source and writing as
// many bytes, and warm within one; and what an edit costs in a workspace of many files. Everything is measured turn by
// turn, and the ratios count. `node bench/compiler.mjs [--runs N] [--sizes 10,100,1000] [--peers]`; see README.md.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { objects, shapes } from "./applications.mjs";
import { machine, machineLine } from "./machine.mjs";
import { peers } from "./peers.mjs";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "7" },
    sizes: { type: "string", default: "10,100,1000,10000" },
    peers: { type: "boolean", default: false },
  },
});
const runs = Number(options.runs);
const sizes = options.sizes.split(",").map(Number);
const root = join(import.meta.dirname, "..");
const kdsl = process.env.KDSL ?? join(root, "dist/kdsl.cjs");
const library = process.env.KDSL_LIBRARY ?? join(root, "dist/index.mjs");

const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const median = (numbers) => sorted(numbers)[numbers.length >> 1];
const milliseconds = (number) => `${number.toFixed(number < 10 ? 1 : 0)} ms`;

/** Runs a command to its end: wall time in milliseconds. */
function run([program, ...args]) {
  const start = performance.now();
  const { status, stderr, error } = spawnSync(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} gave ${status}: ${error ?? stderr}`);
  return time;
}

/** The greatest memory of a command on Node, in MiB: measured in a run of its own. */
function peakOf(args) {
  const report = join(scratch, "peak");
  const hook = join(scratch, "peak.cjs");
  writeFileSync(
    hook,
    `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)));`,
  );
  run([process.execPath, "--require", hook, ...args]);
  return Number(readFileSync(report, "utf8")) / 1024;
}

/** Compares what is made with what is meant, so that nothing is measured that is wrong. */
function verify(items, count) {
  const found = new Map(items.map((item) => [`${item.kind}/${item.metadata.name}`, item]));
  for (const index of new Set([0, 1, count >> 1, count - 1])) {
    for (const meant of objects(index)) {
      const made = found.get(`${meant.kind}/${meant.metadata.name}`);
      if (!made || !holds(made, meant))
        throw new Error(`application ${index} is not what it should be: ${JSON.stringify(made)}`);
    }
  }
}

/** Whether all that is meant is there; what Kubernetes fills in may be there too. */
function holds(made, meant) {
  if (typeof meant !== "object") return made === meant;
  return Object.entries(meant).every(([key, value]) => made?.[key] !== undefined && holds(made[key], value));
}

const floorScript = (source, bytes) => `
const fs = require("node:fs");
fs.readFileSync(${JSON.stringify(source)}, "utf8");
fs.writeSync(1, Buffer.alloc(${bytes}, 32));
`;

async function measureSize(count) {
  const { compile, memoryFileSystem } = await import(library);
  for (const [shape, write] of Object.entries(shapes)) {
    const text = write(count);
    const source = join(scratch, `${shape}-${count}.kdsl`);
    writeFileSync(source, text);
    const once = () =>
      compile({
        fileSystem: memoryFileSystem({ "main.kdsl": text }),
        path: "main.kdsl",
        resolvePath: (_, path) => `/${path}`,
      });
    const { plan, diagnostics } = once();
    if (!plan) {
      console.log(`${shape}, ${count}: ${diagnostics[0]?.message ?? "no plan"}`);
      continue;
    }
    verify(plan.objects, count);
    const bytes = JSON.stringify(plan.objects).length;
    const floor = join(scratch, "floor.cjs");
    writeFileSync(floor, floorScript(source, bytes));
    const commands = {
      check: [kdsl, "check", source],
      "compile --emit yaml": [kdsl, "compile", "--emit", "yaml", source],
    };
    console.log(`\n${shape}, ${count} applications: ${(text.length / 1e6).toFixed(2)} MB in`);
    for (const [name, args] of Object.entries(commands)) {
      const pairs = [];
      for (let turn = 0; turn <= runs; turn++)
        pairs.push([run([process.execPath, ...args]), run([process.execPath, floor])]);
      pairs.shift();
      const ratio = median(pairs.map(([own, other]) => own / other));
      const [own, other] = [0, 1].map((side) => milliseconds(median(pairs.map((pair) => pair[side]))));
      const peak = peakOf(args).toFixed(0);
      console.log(
        `  cold, ${name}: ${ratio.toFixed(1)} times the floor (${own}, floor ${other}; ${peak} MiB)`,
      );
    }
    const times = [];
    const until = performance.now() + 8000;
    while (times.length < 60 && (times.length < 4 || performance.now() < until)) {
      const start = performance.now();
      once();
      times.push(performance.now() - start);
    }
    const warm = sorted(times.slice(Math.floor(times.length / 3)));
    const json = machine() * (count / 1000);
    console.log(
      `  warm: ${(median(warm) / json).toFixed(1)} times reading and writing the objects as JSON (${milliseconds(median(warm))}, ` +
        `best ${milliseconds(warm[0])}, ${times.length} compilations)`,
    );
    if (options.peers) await measurePeers(source, shape, count);
  }
}

/** What another language's command makes, as objects. */
function itemsOf([program, ...args]) {
  const { stdout } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 30 });
  const made = JSON.parse(stdout);
  return made.items ?? made;
}

/** The same objects made by others, where they are to be had. */
async function measurePeers(source, shape, count) {
  for (const peer of await peers(scratch)) {
    const command = peer.prepare(shape, count);
    if (!command) continue;
    verify(itemsOf(command), count);
    const pairs = [];
    for (let turn = 0; turn <= runs; turn++)
      pairs.push([run(command), run([process.execPath, kdsl, "check", source])]);
    pairs.shift();
    const ratio = median(pairs.map(([theirs, own]) => own / theirs));
    const theirs = milliseconds(median(pairs.map(([time]) => time)));
    console.log(`  check takes ${ratio.toFixed(2)} times what ${peer.name} takes (${theirs})`);
  }
}

// ── Edits ────────────────────────────────────────────────────────────────────────────────────────────────────

const fileCount = 200;

/** Files of 250 lines, each a small cluster that uses two modules which all share. */
function workspaceFiles() {
  const labels = 'label app\nlabel tier: "web" | "api" | "batch"\nlabel "managed-by" as managedBy: "bench"\n';
  const sizes = "let small = 64Mi\nlet large = 512Mi\n";
  const written = shapes.declarations(6);
  const body = written
    .slice(written.indexOf("config "))
    .replaceAll('"managed-by":', "managedBy:")
    .replaceAll("cpu: 50m, memory: 64Mi", "cpu: 50m, memory: small");
  const lines = body.split("\n").length;
  const use = 'use "./labels.kdsl" { app, tier, managedBy }\nuse "./sizes.kdsl" { small }\n';
  const files = { "labels.kdsl": labels, "sizes.kdsl": sizes };
  for (let index = 0; index < fileCount; index++) files[`cluster-${index}.kdsl`] = `${use}${body}`;
  return { files, lines: lines * fileCount };
}

async function measureEdits() {
  const { createWorkspace, memoryFileSystem } = await import(library);
  const { files, lines } = workspaceFiles();
  const names = Object.keys(files);
  const workspace = createWorkspace({
    fileSystem: memoryFileSystem(files),
    resolvePath: (_, path) => `/${path}`,
  });
  const cold = performance.now();
  for (const name of names) workspace.diagnostics(name);
  const all = performance.now() - cold;
  const times = [];
  for (let edit = 0; edit < 400; edit++) {
    // Each file in turn, in an order that is far from theirs; a mistake, and then its correction.
    const name = `cluster-${(edit * 37) % fileCount}.kdsl`;
    const text = files[name];
    const mistaken = edit % 2 === 0;
    const edited = mistaken
      ? text.replace("select: app1", "select: ap1")
      : text.replace("replicas: 1", "replicas: 2");
    const start = performance.now();
    workspace.setFile(name, edited);
    const found = workspace.diagnostics(name);
    times.push(performance.now() - start);
    if (found.length > 0 !== mistaken)
      throw new Error(`an edit is not judged as it should be: ${found[0]?.message}`);
    workspace.setFile(name, text);
    workspace.diagnostics(name);
  }
  const order = sorted(times);
  const share = (part) => milliseconds(order[Math.floor(order.length * part)]);
  console.log(
    `\nedits in a workspace of ${names.length} files and ${lines} lines: median ${share(0.5)}, 95th percentile ${share(0.95)}, ` +
      `worst ${milliseconds(order.at(-1))}; all files at first ${milliseconds(all)}`,
  );
}

const scratch = mkdtempSync(join(tmpdir(), "kdsl-bench-"));
try {
  statSync(kdsl);
  console.log(machineLine());
  await measureEdits();
  for (const count of sizes) await measureSize(count);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
