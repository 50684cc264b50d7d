import type { Progress } from "../../runtime/simulator/scenario/explore.ts";
import type { TestFormat } from "./options.ts";

/** One line on a terminal that says how far it is; nothing elsewhere. */
export function createProgress(format: TestFormat): {
  show(what: string, progress: Progress, seeds: number): void;
  clear(): void;
} {
  const { stderr } = process;
  const live = format === "text" && stderr.isTTY && process.env.TERM !== "dumb";
  let shown = 0;
  return {
    show(what, { runs, seed, shrinking }, seeds) {
      if (!live) return;
      const now = performance.now();
      if (now - shown < 80 && !shrinking) return;
      shown = now;
      const where = shrinking
        ? "has failed: looking for the shortest history"
        : `${runs} ${runs === 1 ? "run" : "runs"}${seeds > 1 ? `, seed ${seed}` : ""}`;
      const line = `${what}: ${where}`;
      stderr.write(`\r\u001b[2K${line.slice(0, Math.max(10, (stderr.columns || 80) - 1))}`);
    },
    clear() {
      if (live && shown > 0) stderr.write("\r\u001b[2K");
    },
  };
}
