import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { runCommandLine } from "../../cli/program.ts";
import { serveUnix } from "../../runtime/host/http.ts";
import { bootId } from "../../runtime/host/machine.ts";
import { identityOf } from "../../runtime/host/processes.ts";
import { type ClusterRecord, writeRecord } from "../../runtime/host/record.ts";
import { createWorld, type World } from "../runtime/apiserver/world.ts";

/** Clusters that other commands find as running, and what those commands print. */

export interface Place {
  /** Serves a world as the running cluster of a name. */
  run(name: string, world?: World): Promise<World>;
  /** What a command line prints, and its exit code. */
  kdsl(...args: readonly string[]): Promise<Printed>;
  /** As `kdsl`, for a command that goes on: what it has printed so far can be looked at while it runs. */
  begin(...args: readonly string[]): { readonly printed: Printed; readonly done: Promise<Printed> };
  close(): Promise<void>;
}

export interface Printed {
  out: string;
  err: string;
  code: number;
}

export function createPlace(): Place {
  const directory = mkdtempSync(join(tmpdir(), "kdsl-test-"));
  const before = process.env.XDG_RUNTIME_DIR;
  process.env.XDG_RUNTIME_DIR = directory;
  const closers: (() => Promise<void>)[] = [];

  const begin = (...args: readonly string[]) => {
    const printed: Printed = { out: "", err: "", code: -1 };
    const write = (name: "out" | "err") => (chunk: unknown) => {
      printed[name] += String(chunk);
      return true;
    };
    const spies = [
      vi.spyOn(process.stdout, "write").mockImplementation(write("out") as never),
      vi.spyOn(process.stderr, "write").mockImplementation(write("err") as never),
      vi.spyOn(console, "log").mockImplementation((line) => void write("out")(`${line}\n`)),
      vi.spyOn(console, "error").mockImplementation((line) => void write("err")(`${line}\n`)),
    ];
    process.exitCode = undefined;
    const done = runCommandLine(args).then(() => {
      for (const spy of spies) spy.mockRestore();
      process.stdout.removeAllListeners("error");
      printed.code = Number(process.exitCode ?? -1);
      process.exitCode = undefined;
      return printed;
    });
    return { printed, done };
  };

  return {
    async run(name, world = createWorld({ start: (Math.floor(Date.now() / 1000) - 60) * 1000 })) {
      const own = join(directory, "kdsl", name);
      const socketPath = join(own, "api.sock");
      const record: ClusterRecord = {
        version: 1,
        id: `${name}-1`,
        name,
        file: `/srv/${name}.kdsl`,
        directory: own,
        socketPath,
        network: "127.9.0.0/16",
        process: identityOf(process.pid),
        bootId: bootId(),
        guardian: identityOf(process.pid),
        startedAt: "2026-01-01T00:00:00Z",
        endpoints: {},
      };
      const { runtimeDirectory } = await import("../../runtime/host/directory.ts");
      runtimeDirectory();
      writeRecord(record);
      const served = await serveUnix(world.api, socketPath);
      closers.push(() => served.close());
      return world;
    },
    begin,
    kdsl: (...args) => begin(...args).done,
    async close() {
      for (const close of closers) await close();
      rmSync(directory, { recursive: true, force: true });
      if (before === undefined) delete process.env.XDG_RUNTIME_DIR;
      else process.env.XDG_RUNTIME_DIR = before;
    },
  };
}
