import { kinds, type Stored } from "../../model/meta.ts";
import { connect } from "../client.ts";
import { parseDuration } from "../duration.ts";
import { CommandError, exitCodes } from "../error.ts";
import { podsOf, resolveTarget, type Selection } from "../selection.ts";
import { followLogs } from "./follow.ts";
import { instancesOf, type LogFlags, readInstance } from "./instances.ts";
import { createPrinter } from "./printer.ts";

export interface LogsOptions {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly follow?: boolean;
  readonly container?: string;
  readonly previous?: boolean;
  readonly since?: string;
  readonly tail?: string;
  readonly timestamps?: boolean;
  readonly prefix?: boolean;
}

/** All pods of a namespace: what is meant where no target is named. */
const everything: Selection = {
  info: kinds.Pod,
  object: { metadata: { name: "" } } as Stored,
  owns: () => true,
};

/**
 * `kdsl logs [TARGET…]`: what containers wrote; a target is a pod, an rc or a service, or a name of one. Several
 * containers are interleaved in the order of time, each line with its pod in front.
 */
export async function logs(words: readonly string[], options: LogsOptions): Promise<number> {
  if (options.previous && options.follow)
    throw new CommandError("--previous has ended: it cannot be followed", exitCodes.usage);
  const flags = flagsOf(options);
  const client = connect(options);
  const namespace = options.namespace ?? "default";
  const selections =
    words.length === 0
      ? [everything]
      : await Promise.all(words.map((word) => resolveTarget(client, word, namespace)));
  const single = selections.length === 1 && selections[0]!.info.kind === "Pod" && words.length > 0;
  const printer = createPrinter({
    color: process.stdout.isTTY === true && !process.env.NO_COLOR,
    prefix: options.prefix === true ? "always" : options.prefix === false ? "never" : "several",
    write: (text) => process.stdout.write(text),
  });
  if (options.follow) return followLogs({ client, namespace, selections, flags, printer, single });

  const pods = new Map<string, Awaited<ReturnType<typeof podsOf>>[number]>();
  for (const selection of selections)
    for (const pod of await podsOf(client, selection, namespace)) pods.set(pod.metadata.uid, pod);
  const instances = [...pods.values()].flatMap((pod) => instancesOf(pod, flags));
  if (instances.length === 0) {
    requireContainer([...pods.values()], flags);
    console.error(pods.size === 0 ? `no pods in namespace ${namespace}` : "nothing has been written yet");
    return exitCodes.success;
  }
  for (const instance of instances) printer.expect(instance);
  // Asked for with their instants, so that lines of several containers can be put in order.
  const read = await Promise.allSettled(
    instances.map(async (instance) => {
      const lines: string[] = [];
      for await (const line of readInstance(client, instance, flags, { follow: false })) lines.push(line);
      return lines.map((line) => ({ instance, line }));
    }),
  );
  const lines = read.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
  lines.sort((a, b) =>
    instantOf(a.line) < instantOf(b.line) ? -1 : instantOf(a.line) > instantOf(b.line) ? 1 : 0,
  );
  for (const { instance, line } of lines) printer.print(instance, line, flags.timestamps);
  const failures = read.flatMap((each) => (each.status === "rejected" ? [each.reason as Error] : []));
  if (failures.length > 0 && (failures.length === read.length || single)) throw failures[0];
  for (const failure of failures) console.error(`error: ${failure.message}`);
  return failures.length > 0 ? exitCodes.failure : exitCodes.success;
}

function instantOf(line: string): string {
  const space = line.indexOf(" ");
  return space < 0 ? line : line.slice(0, space);
}

function flagsOf({ container, previous, since, tail, timestamps }: LogsOptions): LogFlags {
  if (tail !== undefined && !/^(-1|\d{1,9})$/.test(tail))
    throw new CommandError(`--tail ${JSON.stringify(tail)} is not a number of lines`, exitCodes.usage);
  const sinceMilliseconds = since === undefined ? undefined : parseDuration(since, "--since");
  return {
    previous: previous === true,
    timestamps: timestamps === true,
    ...(container !== undefined && { container }),
    ...(tail !== undefined && tail !== "-1" && { tailLines: Number(tail) }),
    ...(sinceMilliseconds !== undefined && {
      sinceTime: new Date(Date.now() - sinceMilliseconds).toISOString(),
    }),
  };
}

function requireContainer(
  pods: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly containers: readonly { readonly name: string }[] };
  }[],
  { container, previous }: LogFlags,
): void {
  const names = new Set(pods.flatMap(({ spec }) => spec.containers.map(({ name }) => name)));
  if (container !== undefined && pods.length > 0 && !names.has(container))
    throw new CommandError(`no pod has a container ${container}; there is ${[...names].join(", ")}`);
  if (previous && pods.length > 0)
    throw new CommandError("no container has run before: there is nothing --previous to show");
}
