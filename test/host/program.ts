import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "vite";
import { root } from "./support.ts";

/** Bundles a program of `programs/` so that plain Node runs it, and gives its path. */
export async function bundleProgram(name: string, directory: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: "error",
    root,
    ssr: { noExternal: true },
    build: {
      ssr: join(root, "test/host/programs", `${name}.ts`),
      outDir: directory,
      emptyOutDir: false,
      target: "node20",
      rollupOptions: { output: { entryFileNames: `${name}.mjs`, format: "es" } },
    },
  });
  return join(directory, `${name}.mjs`);
}

function groupOf(user: string): string {
  return execFileSync("id", ["-g", user], { encoding: "utf8" }).trim();
}

export interface Running {
  readonly child: ChildProcess;
  /** The first line that it prints, as JSON. */
  readonly said: Promise<Record<string, unknown>>;
  readonly ended: Promise<void>;
}

/** Runs a bundled program; as another user where `user` is given (only root can). */
export function runProgram(
  path: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  user?: string,
): Running {
  const argv = [process.execPath, path, ...args];
  const [file = "", ...rest] = user
    ? ["setpriv", `--reuid=${user}`, `--regid=${groupOf(user)}`, "--clear-groups", "--inh-caps=-all", ...argv]
    : argv;
  const child = spawn(file, rest, { env, cwd: "/", stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const said = new Promise<Record<string, unknown>>((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      const end = text.indexOf("\n");
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)));
    });
    void ended.then(() => reject(new Error(`the program ended and said only: ${text}`)));
  });
  said.catch(() => {});
  return { child, said, ended };
}
