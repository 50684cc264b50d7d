import picocolors from "picocolors";
import { hasColor } from "./color.ts";
import { CommandError, exitCodes } from "./error.ts";

/** Prints an error for a person, and gives the exit code that it asks for. Stacks are shown for our own defects alone. */
export function reportError(error: unknown): number {
  const paint = picocolors.createColors(hasColor(process.stderr));
  const say = (message: string, help?: string) => {
    process.stderr.write(`${paint.bold(paint.red("error"))}: ${message}\n`);
    if (help) process.stderr.write(`  ${paint.cyan("help")}: ${help}\n`);
  };
  if (error instanceof CommandError) {
    say(error.message, error.help);
    return error.exitCode;
  }
  // What the machine refuses (`HostError`) is told by its message, which names the way out.
  if (error instanceof Error && error.name === "HostError") say(error.message);
  else if (error instanceof Error && (error as NodeJS.ErrnoException).code === "EPIPE")
    return exitCodes.success;
  else say(`this is a defect of kdsl: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
  return exitCodes.failure;
}
