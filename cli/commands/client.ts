import type { Command } from "commander";
import { withCompileFlags } from "./file.ts";
import { startClient } from "./start.ts";

/** The commands that speak with a running cluster. */

/** Adds a command with the flags that all of these take. */
function clientCommand(program: Command, name: string, summary: string, namespaced = true): Command {
  const command = program
    .command(name)
    .summary(summary)
    .option("--cluster <name>", "which cluster, where several run (by name or file)");
  return namespaced
    ? command.option("-n, --namespace <name>", "which namespace (default: default)")
    : command;
}

const typed = "KIND, KIND NAME… or KIND/NAME…; kinds are separated by commas; all is pods, rcs and services";

const get = (program: Command) =>
  clientCommand(program, "get", "list what there is")
    .description("Print objects of a running cluster: kdsl get pods, kdsl get rc/web, kdsl get all -o wide.")
    .argument("<target...>", typed)
    .option("-o, --output <form>", "wide, yaml, json or name")
    .option("-l, --selector <labels>", "only objects with these labels: app=web,tier!=data")
    .option("--field-selector <fields>", "only objects with these fields: status.phase=Running")
    .option("-A, --all-namespaces", "in every namespace")
    .option("-w, --watch", "go on printing what changes")
    .option("--show-labels", "with a column of labels")
    .option("--no-headers", "without the heads of the columns")
    .action((words, options) => startClient(async () => (await import("../get/get.ts")).get(words, options)));

const describe = (program: Command) =>
  clientCommand(program, "describe", "tell all about objects")
    .description(
      "Print all that there is to say about objects, with their events: kdsl describe node worker-a.",
    )
    .argument("<target...>", typed)
    .option("-l, --selector <labels>", "only objects with these labels")
    .action((words, options) =>
      startClient(async () => (await import("../describe/describe.ts")).describe(words, options)),
    );

const logs = (program: Command) =>
  clientCommand(program, "logs", "print what containers wrote")
    .description(
      "Print what containers wrote, interleaved in the order of time. TARGET is a pod, an rc or a service, or a name of one: `web` means the pods of rc web. Without a target: all pods.",
    )
    .argument("[target...]", "NAME or KIND/NAME")
    .option("-f, --follow", "go on with what is written from now on")
    .option("-c, --container <name>", "only this container")
    .option("-p, --previous", "the run before the last")
    .option("--since <time>", "only what is newer: 30s, 5min, 1h")
    .option("--tail <lines>", "only so many of the last lines of each container")
    .option("--timestamps", "with the instant of each line")
    .option("--prefix", "always with the pod in front")
    .option("--no-prefix", "never with the pod in front")
    .action((words, options) =>
      startClient(async () => (await import("../logs/logs.ts")).logs(words, options)),
    );

const scale = (program: Command) =>
  clientCommand(program, "scale", "set how many pods an rc has")
    .description("Set how many pods are wanted: kdsl scale web=5 db=2, or kdsl scale rc/web --replicas 5.")
    .argument("<target...>", "NAME=N, or NAME or rc/NAME with --replicas")
    .option("--replicas <n>", "how many")
    .action((words, options) => startClient(async () => (await import("../scale.ts")).scale(words, options)));

const restart = (program: Command) =>
  clientCommand(program, "restart", "replace the pods of an rc, one by one")
    .description("Replace all pods of an rc, one after the other, so that it goes on serving.")
    .argument("<target...>", "NAME or rc/NAME")
    .action((words, options) =>
      startClient(async () => (await import("../restart.ts")).restart(words, options)),
    );

const remove = (program: Command) =>
  clientCommand(program, "delete", "delete objects")
    .description("Delete objects and wait until they are gone: kdsl delete pod web-x2x4c.")
    .argument("<target...>", typed)
    .option("-l, --selector <labels>", "all objects with these labels")
    .option("--all", "all objects of the kind")
    .option(
      "--cascade <how>",
      "what becomes of what they own: background, foreground or orphan",
      "background",
    )
    .option("--grace-period <seconds>", "how long pods may take to end")
    .option("--now", "with a grace of one second")
    .option("--force", "at once, without waiting")
    .option("--ignore-not-found", "what is not there is no error")
    .option("--no-wait", "do not wait until they are gone")
    .option("--timeout <time>", "how long to wait (default: 1h)")
    .action((words, options) =>
      startClient(async () => (await import("../delete.ts")).deleteCommand(words, options)),
    );

const wait = (program: Command) =>
  clientCommand(program, "wait", "wait until objects are ready or gone")
    .description(
      "Wait for objects: kdsl wait rc/web, kdsl wait pod/web-x2x4c --for deleted. Without a target: for all.",
    )
    .argument("[target...]", typed)
    .option("--for <what>", "ready or deleted", "ready")
    .option("--timeout <time>", "how long", "60s")
    .action((words, options) => startClient(async () => (await import("../wait.ts")).wait(words, options)));

const fileArgument = "a file of the cluster as it is now; the plan in force when left out";

const diff = (program: Command) =>
  withCompileFlags(clientCommand(program, "diff", "say what is not as the file says", false))
    .description(
      "Say what kubectl, kdsl scale and others changed of a running cluster, field by field, with the line of the file that says otherwise. With FILE, against what that says now. Exit code 1 when something differs.",
    )
    .argument("[file]", fileArgument)
    .option("--format <format>", "text or json", "text")
    .action((file, options) =>
      startClient(async () => (await import("../drift/diff.ts")).diff(file, options)),
    );

const apply = (program: Command) =>
  withCompileFlags(clientCommand(program, "apply", "make it as the file says", false))
    .description(
      "Make a running cluster as its plan says again, or as FILE says now. What the file does not have, objects and fields that others made, stays.",
    )
    .argument("[file]", fileArgument)
    .action((file, options) =>
      startClient(async () => (await import("../drift/apply.ts")).apply(file, options)),
    );

const stop = (program: Command) =>
  clientCommand(program, "stop", "end a running cluster", false)
    .description("End a running cluster, as Ctrl-C in its terminal does, and wait until it is gone.")
    .option("--all", "every running cluster of yours")
    .option("--now", "give its pods no grace")
    .option("--timeout <time>", "how long to wait", "60s")
    .action((options) => startClient(async () => (await import("../stop.ts")).stop(options)));

/** By its name, what adds each command to the program. */
export const clientCommands: Readonly<Record<string, (program: Command) => unknown>> = {
  get,
  describe,
  logs,
  scale,
  restart,
  diff,
  apply,
  delete: remove,
  wait,
  stop,
};
