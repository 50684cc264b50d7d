import { spawn } from "node:child_process";
import type { Plan } from "../../model/plan.ts";
import { CommandError } from "../error.ts";

/** Runs the builds of all containers that have one, each once. */
export async function buildAll(plan: Plan): Promise<void> {
  const builds = new Map<string, { command: readonly string[]; directory: string; container: string }>();
  for (const containers of Object.values(plan.local)) {
    for (const [container, { build, directory }] of Object.entries(containers)) {
      if (build?.length)
        builds.set(JSON.stringify([directory, build]), { command: build, directory, container });
    }
  }
  await Promise.all(
    [...builds.values()].map(async ({ command, directory, container }) => {
      const { code, output } = await runBuild(command, directory);
      if (code !== 0)
        throw new CommandError(
          `the build of ${container} failed: ${command.join(" ")} (exit code ${code})\n${output.trimEnd()}`,
        );
    }),
  );
}

/** Runs a build to its end; the last 16 KiB of what it printed. */
export function runBuild(
  command: readonly string[],
  directory: string,
): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const [program = "", ...args] = command;
    const child = spawn(program, args, { cwd: directory, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-16_384);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => done({ code: 127, output: error.message }));
    child.on("close", (code) => done({ code: code ?? 1, output }));
  });
}
