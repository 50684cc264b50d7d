import { Command, CommanderError } from "commander";
import { clientCommands } from "./commands/client.ts";
import { fileCommands } from "./commands/file.ts";
import { exitCodes } from "./error.ts";
import { reportError } from "./report.ts";
import { tellLostOutput } from "./streams.ts";
import { version } from "./version.ts";

/**
 * The command `kdsl`, with one command alone where it is known which is called. Each command's own code is loaded when
 * it is called, so that none pays for another.
 */
function createProgram(called: string): Command {
  const program = new Command("kdsl")
    .description("Describe a cluster in a .kdsl file and run it on this machine.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .addHelpCommand(
      new Command("help")
        .argument("[command]")
        .description("print help for a command")
        .helpGroup("With a running cluster:"),
    )
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) });
  const all = { ...fileCommands, ...clientCommands };
  if (Object.hasOwn(all, called)) {
    all[called]!(program);
    return program;
  }
  program.commandsGroup("From a file:");
  for (const add of Object.values(fileCommands)) add(program);
  program.commandsGroup("With a running cluster:");
  for (const add of Object.values(clientCommands)) add(program);
  program.addHelpText("after", "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 no such running cluster.");
  return program;
}

/** commander sets its suggestion on a line of its own; one line says it as well. */
function oneLine(text: string): string {
  return text.replace(/\n\(Did you mean (.*?)\?\)/s, "; did you mean $1?");
}

/** Does what a command line says, and leaves the exit code in `process.exitCode`. Never throws. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  tellLostOutput();
  const program = createProgram(args[0] ?? "");
  if (args.length === 0) {
    program.outputHelp({ error: true });
    process.exitCode = exitCodes.usage;
    return;
  }
  // What a command awaits may hang on nothing that keeps a process alive (a watcher's first word).
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError)
      process.exitCode = error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    else process.exitCode = reportError(error);
  } finally {
    clearInterval(alive);
  }
}
