// Prints what the command costs as ratios to a floor that is measured in the same run, turn by turn, so that a noisy
// machine disturbs both alike. `npm run bench [-- RUNS]`.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "..");
const kdsl = join(root, "dist/kdsl.mjs");
const shop = join(root, "examples/shop/main.kdsl");
const runs = Number(process.argv[2] ?? 10);

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const milliseconds = (number) => `${number.toFixed(0)} ms`;

function report(name, pairs) {
  const ratio = median(pairs.map(([measured, floor]) => measured / floor));
  const measured = pairs.map(([time]) => time);
  const floors = pairs.map(([, time]) => time);
  console.log(
    `${name}: ${ratio.toFixed(2)} times the floor ` +
      `(median ${milliseconds(median(measured))}, ${milliseconds(Math.min(...measured))} to ${milliseconds(Math.max(...measured))}; ` +
      `floor ${milliseconds(median(floors))})`,
  );
}

function timeCommand(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} gave ${status}: ${stderr}`);
  return performance.now() - start;
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
  return time;
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
  return time;
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

report(
  "kdsl --version against node -e 0",
  await paired(
    () => timeCommand([kdsl, "--version"]),
    () => timeCommand(["-e", "0"]),
  ),
);
report(
  "kdsl check examples/shop against node -e 0",
  await paired(
    () => timeCommand([kdsl, "check", shop]),
    () => timeCommand(["-e", "0"]),
  ),
);
report(
  "kdsl run examples/shop until ready against its programs started bare",
  await paired(timeShop, timeBare),
);
