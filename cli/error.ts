/** The exit codes of `kdsl`, as `docs/cli.md` lists them. */
export const exitCodes = {
  success: 0,
  /** What was asked for failed: errors in the file, a cluster that did not start, a command that did not succeed. */
  failure: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** There is no such running cluster, or it does not answer. */
  notFound: 3,
} as const;

/** A user's mistake or a refusal of the machine: shown as one message with its way out, never with a stack. */
export class CommandError extends Error {
  readonly exitCode: number;
  /** What to do about it; shown as `help:`. */
  readonly help: string | undefined;

  constructor(message: string, exitCode: number = exitCodes.failure, help?: string) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
    this.help = help;
  }
}

/** What the machine says of a file or stream, without the code, the call and the path that Node sets around it. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^E[A-Z0-9]+: (.*?), \w+( '.*)?$/s, "$1");
}
