import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type ContainerSample, createUsageSampler } from "../../runtime/host/process/usage.ts";
import { containerMark, containerVariable } from "../../runtime/host/process/variables.ts";

/** What containers use, read from /proc, against what programs say of themselves. */

const children: ChildProcess[] = [];
afterEach(() => {
  for (const { pid } of children.splice(0)) {
    try {
      process.kill(-pid!, "SIGKILL");
    } catch {}
  }
});

/** A container of one program: in a session of its own, with the mark. Resolves when it has said `ready`. */
async function run(container: string, script: string) {
  const mark = containerMark("uid", container, 0);
  const child = spawn(process.execPath, ["-e", script], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, [containerVariable]: mark },
  });
  children.push(child);
  const [text] = (await once(child.stdout!, "data")) as [Buffer];
  return {
    said: JSON.parse(String(text)),
    running: {
      podUid: "uid",
      container,
      attempt: 0,
      startedAt: Date.now(),
      pid: child.pid!,
      guests: new Set<number>(),
    },
  };
}

/** Burns so many milliseconds of processor time, and tells how many it has used in all. */
const burn = (milliseconds: number) => `
  const own = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
  while (own() < ${milliseconds});
`;

const milliseconds = (sample: ContainerSample | undefined) => (sample?.cpuNanoseconds ?? 0) / 1e6;

test("processor time is what the program used itself, and memory what it holds", async () => {
  const held = 64 << 20;
  const busy = await run(
    "busy",
    `const held = Buffer.alloc(${held}, 1); ${burn(400)}
     console.log(JSON.stringify({ cpu: own() })); setInterval(() => held, 1e6)`,
  );
  const idle = await run("idle", "console.log(0); setInterval(() => {}, 1e6)");
  const [one, other] = await createUsageSampler()([busy.running, idle.running]);
  // The clock of the kernel has grains of 10 ms; it may have worked a little on since it spoke.
  expect(milliseconds(one)).toBeGreaterThan(busy.said.cpu - 30);
  expect(milliseconds(one)).toBeLessThan(busy.said.cpu + 300);
  expect(one!.memoryBytes - other!.memoryBytes).toBeGreaterThan(held * 0.8);
  expect(one!.memoryBytes).toBeLessThan(held * 4);
});

test("children count while they run and when they have ended, and so do daemons that left", async () => {
  const worker = JSON.stringify(
    `${burn(250)}; console.log("x"); process.argv[1] && setInterval(() => {}, 1e6)`,
  );
  const family = await run(
    "family",
    `const { spawn, spawnSync } = require("node:child_process");
     spawnSync(process.execPath, ["-e", ${worker}]);
     const live = spawn(process.execPath, ["-e", ${worker}, "stay"]);
     const daemon = spawn(process.execPath, ["-e", ${worker}, "stay"], { detached: true });
     let spoken = 0;
     for (const each of [live, daemon]) each.stdout.once("data", () => {
       if (++spoken === 2) console.log(JSON.stringify([live.pid, daemon.pid]));
     });
     setInterval(() => {}, 1e6)`,
  );
  const sample = createUsageSampler();
  const [one] = await sample([family.running]);
  expect(milliseconds(one)).toBeGreaterThan(3 * 250 - 60);
  // Its parent gone, the daemon is found by its mark alone.
  process.kill(-family.running.pid, "SIGKILL");
  await once(children[0]!, "exit");
  const [orphan] = await sample([family.running]);
  expect(milliseconds(orphan)).toBeGreaterThan(250 - 30);
  expect(orphan!.memoryBytes).toBeGreaterThan(0);
  process.kill(family.said[1], "SIGKILL");
});

test("a container that is gone has used nothing", async () => {
  const gone = {
    podUid: "u",
    container: "c",
    attempt: 3,
    startedAt: 0,
    pid: 2 ** 22 + 7,
    guests: new Set<number>(),
  };
  expect(await createUsageSampler()([gone])).toMatchObject([
    { attempt: 3, cpuNanoseconds: 0, memoryBytes: 0 },
  ]);
  expect(await createUsageSampler()([])).toEqual([]);
});
