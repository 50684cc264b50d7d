// Prints what the command costs as ratios to a floor that is measured in the same run, turn by turn, so that a noisy
// machine disturbs both alike. `npm run bench [-- RUNS]`; see README.md.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapes } from "./applications.mjs";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const kdsl = process.env.KDSL ?? join(root, "dist/kdsl.cjs");
const shop = join(root, "examples/shop/main.kdsl");
const runs = Number(process.argv[2] ?? 10);

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const milliseconds = (number) => `${number.toFixed(0)} ms`;

function report(name, pairs) {
  const ratio = median(pairs.map(([measured, floor]) => measured.time / floor.time));
  const measured = pairs.map(([{ time }]) => time);
  const floors = pairs.map(([, { time }]) => time);
  // Ticks of the clock are too coarse for one run; over all of them they are not.
  const ticks = (side) => pairs.reduce((sum, pair) => sum + (pair[side].user ?? 0), 0);
  const user = ticks(1) > 0 ? `, user CPU time ${(ticks(0) / ticks(1)).toFixed(2)} times` : "";
  console.log(
    `${name}: ${ratio.toFixed(2)} times the floor${user} ` +
      `(median ${milliseconds(median(measured))}, ${milliseconds(Math.min(...measured))} to ${milliseconds(Math.max(...measured))}; ` +
      `floor ${milliseconds(median(floors))})`,
  );
}

/** User CPU time of all children that have ended, in clock ticks; nothing where the system does not tell. */
function childTicks() {
  try {
    return Number(readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ")[13]);
  } catch {
    return undefined;
  }
}

function timeCommand(args, env = {}, expected = 0) {
  const before = childTicks();
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  const time = performance.now() - start;
  if (status !== expected) throw new Error(`node ${args.join(" ")} gave ${status}: ${stderr}`);
  return { time, user: before === undefined ? undefined : childTicks() - before };
}

/** From the command to its "ready in" line, and down again. */
async function timeShop() {
  const runtime = mkdtempSync(join(tmpdir(), "kdsl-bench-"));
  const start = performance.now();
  const child = spawn(process.execPath, [kdsl, "run", shop], {
    env: { ...process.env, XDG_RUNTIME_DIR: runtime },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const time = await new Promise((done, fail) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("ready in")) done(performance.now() - start);
    });
    child.on("exit", () => fail(new Error(`the shop did not start:\n${text}`)));
  });
  child.removeAllListeners("exit");
  child.kill("SIGINT");
  await new Promise((done) => child.on("exit", done));
  rmSync(runtime, { recursive: true, force: true });
  return { time };
}

/** The floor: the shop's nine programs started bare, all at once, until each accepts a connection. */
async function timeBare() {
  const programs = [
    ...[1, 2, 3].map((copy) => ["web/server.mjs", `127.0.77.${copy}`, 8080]),
    ...[1, 2, 3].map((copy) => ["web/counter.mjs", `127.0.77.${copy}`, 8081]),
    ...[4, 5].map((copy) => ["api/server.mjs", `127.0.77.${copy}`, 8080]),
    ["store/server.mjs", "127.0.77.6", 7000],
  ];
  const start = performance.now();
  const children = programs.map(([program, host, port]) =>
    spawn(process.execPath, [program], {
      cwd: join(root, "examples/shop"),
      env: {
        ...process.env,
        HOST: host,
        PORT: String(port),
        API: "http://127.0.77.4:8080",
        STORE_HOST: "127.0.77.6",
        STORE_PORT: "7000",
      },
      stdio: "ignore",
    }),
  );
  await Promise.all(programs.map(([, host, port]) => accepts(host, port)));
  const time = performance.now() - start;
  for (const child of children) child.kill("SIGKILL");
  await Promise.all(children.map((child) => new Promise((done) => child.on("exit", done))));
  return { time };
}

async function accepts(host, port) {
  for (;;) {
    const ok = await new Promise((done) => {
      const socket = connect(port, host, () => done(true));
      socket.on("connect", () => socket.destroy());
      socket.on("error", () => done(false));
    });
    if (ok) return;
    await new Promise((done) => setTimeout(done, 2));
  }
}

const paired = async (measure, floor) => {
  const pairs = [];
  await floor();
  await measure();
  for (let run = 0; run < runs; run++) pairs.push([await measure(), await floor()]);
  return pairs;
};

const empty = () => timeCommand(["-e", "0"]);
const scratch = mkdtempSync(join(tmpdir(), "kdsl-bench-"));
try {
  const commands = [
    ["--version", ["--version"]],
    ["--help", ["--help"]],
    ["get pods, where no cluster runs", ["get", "pods"], { XDG_RUNTIME_DIR: scratch }, 3],
    ["check examples/shop", ["check", shop]],
    ["check examples/shop without the code cache", ["check", shop], { NODE_DISABLE_COMPILE_CACHE: "1" }],
  ];
  for (const [name, args, env, expected] of commands) {
    const pairs = await paired(() => timeCommand([kdsl, ...args], env, expected), empty);
    report(`kdsl ${name} against node -e 0`, pairs);
  }
  for (const count of [100, 1000, 2000]) {
    const file = join(scratch, `${count}.kdsl`);
    writeFileSync(file, shapes.declarations(count));
    const read = `require("node:fs").readFileSync(${JSON.stringify(file)}, "utf8")`;
    const pairs = await paired(
      () => timeCommand([kdsl, "check", file]),
      () => timeCommand(["-e", read]),
    );
    report(`kdsl check of ${count} rcs and services against reading the file`, pairs);
  }
  const pairs = await paired(timeShop, timeBare);
  report("kdsl run examples/shop until ready against its programs started bare", pairs);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
