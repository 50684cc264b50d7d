import type { Command } from "commander";
import { start, startClient } from "./start.ts";

/** The commands that begin with a file. */

const collect = (value: string, values: string[] = []) => [...values, value];

/** The flags of every command that compiles. */
export const withCompileFlags = (command: Command): Command =>
  command
    .option("--set <name=value>", "set a parameter of the file (may be given again)", collect)
    .option("--params <path>", "values of parameters, in YAML or JSON (may be given again)", collect)
    .option("--profile <name>", "choose a profile of the file: its parameters and overrides")
    .option("--allow-outside", "let files use others from outside of their project")
    .hook("preAction", async (_, action) => {
      const flags = action.opts();
      if (flags.params || flags.set) await (await import("../compile-file.ts")).prepareFlags(flags);
    });

/** The flags of the commands that place pods and start none. */
const withPlacementFlags = (command: Command): Command =>
  withCompileFlags(command)
    .argument("<file>", "the file, or a folder with a main.kdsl; or Kubernetes YAML: a file, a folder, -")
    .option("--nodes <n>", "so many nodes of one shape, in place of those of the file")
    .option(
      "--shape <shape>",
      "what a node has, cpu=4,memory=8Gi, or the name of a declared node: its first when left out",
    )
    .option("--seed <s>", "what chooses among equally good nodes (default: 1)")
    .option("--format <format>", "text or json", "text");

/** By its name, what adds each command to the program. */
export const fileCommands: Readonly<Record<string, (program: Command) => void>> = {
  init: (program) => {
    program
      .command("init")
      .summary("write a first file that runs")
      .description(
        "Write main.kdsl and server.mjs: a small web server, twice, behind one address. Nothing is written over.",
      )
      .argument("[dir]", "where", ".")
      .action((directory) => start(async () => (await import("../init.ts")).init(directory)));
  },
  run: (program) => {
    withCompileFlags(program.command("run"))
      .summary("run a file's cluster on this machine")
      .description(
        "Compile FILE and run its cluster as real processes on this machine, until Ctrl-C. With --wait, run COMMAND once all is ready, and take everything down when it has ended.",
      )
      .argument("<file>", "the file, or a folder with a main.kdsl; or Kubernetes YAML: a file, a folder, -")
      .argument("[command...]", "with --wait: what to run, after --")
      .option("-w, --watch", "follow edits of the file and of the containers' sources")
      .option("--kubeconfig <path>", "write a kubeconfig for kubectl")
      .option(
        "--isolate",
        "give each pod a network, processes and a host name of its own, as Kubernetes does",
      )
      .option("-d, --detach", "go on in the background once all is ready")
      .option("--wait", "run the command after -- and give its exit code")
      .option("--env-file <path>", 'values for env("X"), one NAME=value a line')
      .option(
        "--timeout <time>",
        "how long --wait and --detach wait for the cluster, e.g. 30s (default: 60s)",
      )
      .action((file, command, options) =>
        start(async () => (await import("../run/run.ts")).run(file, options, command)),
      );
  },
  check: (program) => {
    withCompileFlags(program.command("check"))
      .summary("say what is wrong with files")
      .description(
        "Compile each FILE and print its diagnostics. Exit code 1 when one is an error. With --against, say what would change, and which of it is impossible.",
      )
      .argument("<file...>", "files, folders, or - : KDSL, or Kubernetes YAML and JSON")
      .option(
        "--against <path>",
        "a plan that `kdsl compile -o` wrote, or objects of a cluster as JSON or YAML; - is standard input",
      )
      .option("--all-profiles", "check each FILE with each of its profiles too")
      .option("--format <format>", "text, json, sarif or github", "text")
      .action((files, options) => start(async () => (await import("../check.ts")).check(files, options)));
  },
  test: (program) => {
    withCompileFlags(program.command("test"))
      .summary("run a file's scenarios on a simulated cluster")
      .description(
        "Run the scenarios of each FILE on a simulated cluster, in virtual time and from a seed: no cluster is needed and nothing is written. A failure is told with the shortest history that shows it. A file without a scenario, or Kubernetes YAML, is asked what every cluster is asked: whether it comes up, and whether it survives the loss of any one node. Exit code 1 when a scenario fails.",
      )
      .argument("<file...>", "files, folders, or - : KDSL, or Kubernetes YAML and JSON")
      .option("--seeds <n>", "run from so many seeds, one after the other (default: 1)")
      .option("--seed <s>", "the first seed (default: 1)")
      .option("--time <time>", "how long each scenario may take, e.g. 5min (default: 60s)")
      .option("--filter <text>", "only the scenario of this name, or those with this in their names")
      .option("--instants <n>", "try each fault at once and at each of the next n states (default: 0)")
      .option("--format <format>", "text, json or junit", "text")
      .option("--trace <path>", "write all that is known of the runs to a file, as JSON")
      .option("--replay <path>", "run the failures of such a file once more")
      .action((files, options) => start(async () => (await import("../test/test.ts")).test(files, options)));
  },
  simulate: (program) => {
    withPlacementFlags(program.command("simulate"))
      .summary("say where a file's pods would stand, and why")
      .description(
        "Place the pods of FILE on its nodes with the scheduler of kdsl run, and start nothing: print where each lands and why, what is left of each node, what waits and the smallest change that would place it, and how good the placement is. Exit code 1 when something waits.",
      )
      .option(
        "--explain <pod>",
        "tell all of one pod, or of the pods of one rc: who refused it, and every score",
      )
      .action((file, options) =>
        start(async () => (await import("../placement/simulate.ts")).simulate(file, options)),
      );
  },
  capacity: (program) => {
    withPlacementFlags(program.command("capacity"))
      .summary("say how much more a file's nodes could hold")
      .description(
        "Place the pods of FILE on its nodes with the scheduler of kdsl run, and ask how many more of each rc fit, how many nodes a goal needs, and which nodes could be removed. Exit code 1 when no number of nodes meets the goal.",
      )
      .option(
        "--goal <rc=replicas>",
        "how many nodes are needed for so many replicas (may be given again)",
        collect,
      )
      .option("--most <n>", "count no more copies than these (default: 1000)")
      .action((file, options) =>
        start(async () => (await import("../placement/capacity.ts")).capacity(file, options)),
      );
  },
  fix: (program) => {
    withCompileFlags(program.command("fix"))
      .summary("mend what a machine can mend")
      .description(
        "Apply the fixes of diagnostics to each FILE, and to every .kdsl file in and below a folder: those that can be read in one way only, with --all also guesses where there is one. Says what it did. What would make a file worse is not done.",
      )
      .argument("<path...>", "files, or folders")
      .option("--all", "also what is a guess: names that are near, units")
      .option("--dry-run", "change nothing: print the changes as a patch")
      .action((paths, options) => start(async () => (await import("../fix.ts")).fix(paths, options)));
  },
  fmt: (program) => {
    program
      .command("fmt")
      .summary("lay files out in the one style")
      .description(
        "Format each FILE in place, and every .kdsl file in and below a folder; - formats standard input to standard output. Prints the files that were changed. A file that has mistakes of syntax is left as it is.",
      )
      .argument("<path...>", "files, folders, or - for standard input")
      .option(
        "--check",
        "change nothing: list the files that are not formatted; exit code 1 when there is one",
      )
      .action((paths, options) => start(async () => (await import("../fmt.ts")).fmt(paths, options)));
  },
  explain: (program) => {
    program
      .command("explain")
      .summary("say what a message or a field means")
      .description(
        "Print why a diagnostic is given, an example and the way out, or what a field is for and where it stands in Kubernetes. Without an argument, list every code with its title.",
      )
      .argument(
        "[code or field]",
        "a code as it stands in brackets, KD2103; a field as in the language or in Kubernetes, rc.pod.container.ready or pod.spec.containers.livenessProbe",
      )
      .action((code) =>
        startClient(async () => {
          await (await import("../explain.ts")).explainCommand(code);
          return 0;
        }),
      );
  },
  why: (program) => {
    withCompileFlags(program.command("why"))
      .summary("say where a value came from")
      .description(
        "Print the value of a field and the lines that it came from, link by link. PATH is an object's name and names of fields, in KDSL's words or Kubernetes': web.replicas, web.server.image, service.web.spec.type.",
      )
      .argument("<path>", "the field")
      .argument("[file]", "the file, or a folder with a main.kdsl", ".")
      .action((path, file, options) =>
        startClient(async () => (await import("../why.ts")).why(path, file, options)),
      );
  },
  docs: (program) => {
    withCompileFlags(program.command("docs"))
      .summary("print what a module offers, as Markdown")
      .description(
        "Print the parameters, templates, functions, labels and objects of a module with their `///` texts, as Markdown. std/probe and its like are modules of the library, which std lists; @acme/web is one of an npm package.",
      )
      .argument(
        "[file]",
        "the file, a folder with a main.kdsl, or a module of the library or of a package",
        ".",
      )
      .action((file, options) => startClient(async () => (await import("../docs.ts")).docs(file, options)));
  },
  compile: (program) => {
    withCompileFlags(program.command("compile"))
      .summary("print a file's plan, or manifests for Kubernetes")
      .description(
        "Compile FILE to its plan as canonical JSON, with --emit yaml or json to manifests that Kubernetes takes, or print what an earlier phase made of it.",
      )
      .argument("<file>", "the file, or a folder with a main.kdsl; or Kubernetes YAML: a file, a folder, -")
      .option("--emit <form>", "tokens, cst, ast, symbols, types, graph, plan, json, yaml or ts", "plan")
      .option("-o, --output <path>", "write to a file instead of standard output")
      .action((file, options) =>
        start(async () => (await import("../compile.ts")).compileCommand(file, options)),
      );
  },
  import: (program) => {
    program
      .command("import")
      .summary("turn Kubernetes YAML or a compose file into KDSL")
      .description(
        "Turn Kubernetes objects in YAML or JSON, or a compose file, into one KDSL program: kdsl import k8s/*.yaml -o shop. Values of secrets go to a file beside it. FILE may be - for standard input.",
      )
      .argument("[file...]", "files of objects or folders of them, as many as there are, or one compose file")
      .option("-o, --output <path>", "write to a .kdsl file, or to main.kdsl in a folder")
      .option(
        "--as <name=file>",
        "a variant (rendered Helm or Kustomize); each becomes a profile, what differs parameters",
        collect,
      )
      .option("--force", "write over what is there")
      .action((files, options) =>
        start(async () => (await import("../import/import.ts")).importCommand(files, options)),
      );
  },
};
