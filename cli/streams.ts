import { exitCodes, reasonOf } from "./error.ts";

/**
 * What becomes of a command whose output is not taken. A reader that has gone (`| head`) wants no more, and the command
 * ends with the exit code that it would have had; a full disk is told.
 */
export function tellLostOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`error: cannot write to standard output: ${reasonOf(error)}\n`);
    process.exit(exitCodes.failure);
  });
  process.stderr.on("error", () => {});
}
