import { statSync } from "node:fs";
import { resolve } from "node:path";
import { findExecutable } from "../process/executable.ts";
import type { ClusterContext, ContainerContext } from "./check.ts";
import type { Notice } from "./notice.ts";

/** Whether each container's program is there. */
export function checkCommand({ containers }: ClusterContext): Notice[] {
  return containers.flatMap((each) => checkOne(each));
}

function checkOne(context: ContainerContext): Notice[] {
  const { container, containerPath, key, local, capabilities } = context;
  const run = local[container.name];
  const command = run?.command?.length ? run.command : (container.command ?? []);
  if (command.length === 0) {
    return [
      {
        code: "KD4001",
        severity: "error",
        object: key,
        field: `${containerPath}.image`,
        message: `container \`${container.name}\` has the image \`${container.image}\` and no command: images are not run as processes`,
        fix: 'say how it runs here: `local { directory: "./…", command: ["…"] }`, or give the container a `command`',
      },
    ];
  }
  const given = run?.directory ?? container.workingDir;
  const directory = resolve(capabilities.fileDirectory, given ?? ".");
  const problem = directoryProblem(directory);
  if (problem !== undefined) {
    return [
      {
        code: "KD4003",
        severity: "error",
        object: key,
        field: run ? containerPath : `${containerPath}.workingDir`,
        message: `container \`${container.name}\` is to run in \`${directory}\`, which ${problem}`,
        fix: "make it, or change `directory` in the container's `local` block",
      },
    ];
  }
  const [program = ""] = command;
  if (cannotTell(program, context, run?.build !== undefined)) return [];
  const path = container.env?.find(({ name }) => name === "PATH")?.value ?? capabilities.env.PATH ?? "";
  const found = findExecutable(program, directory, path);
  if (!("problem" in found)) return [];
  return [
    {
      code: "KD4002",
      severity: "error",
      object: key,
      field: run?.command ? containerPath : `${containerPath}.command`,
      message: `container \`${container.name}\` cannot start: ${found.problem}`,
      fix: found.missing
        ? `install \`${program}\`, or say in \`local { command: [...] }\` how the container runs on this machine`
        : `make \`${program}\` runnable, or name another program`,
    },
  ];
}

/** Whether the program may come to be later: from a variable, a volume, or a build. */
function cannotTell(program: string, { container, capabilities }: ContainerContext, built: boolean): boolean {
  if (program.includes("$(")) return true;
  if (container.env?.some(({ name, valueFrom }) => name === "PATH" && valueFrom !== undefined)) return true;
  if (built && program.includes("/")) return true;
  return (
    capabilities.namespaces &&
    (container.volumeMounts ?? []).some(({ mountPath }) => program.startsWith(`${mountPath}/`))
  );
}

function directoryProblem(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? undefined : "is not a directory";
  } catch {
    return "does not exist";
  }
}
