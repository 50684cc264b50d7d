import { expand } from "./expansion.ts";
import { referenceText } from "./services.ts";
import { type ContainerWorker, listOf, type PodWorker, type Turn } from "./worker.ts";

export interface ContainerRun {
  readonly command: readonly string[];
  /** Absolute. */
  readonly directory: string;
}

/**
 * What a container runs on this machine: the command of its `local` block in that block's directory, else its own
 * `command` and `args` in `workingDir`, else beside the file. `$(NAME)` is expanded from the container's environment
 * (Kubernetes' `ExpandContainerCommandAndArgs`). A text says what is missing (CreateContainerError).
 */
export function containerRun(
  worker: PodWorker,
  container: ContainerWorker,
  lookup: (name: string) => string | undefined,
  turn: Turn,
): ContainerRun | string {
  const { spec, name } = container;
  const local = worker.source.local[name];
  const list = listOf(container);
  const texts = (field: "command" | "args") =>
    (spec[field] ?? []).map((text, index) => {
      const parts = worker.source.references[`spec.${list}[${container.index}].${field}[${index}]`];
      return parts ? referenceText(parts, turn.client, turn.network) : text;
    });
  const own: readonly string[] = spec.command?.length ? [...texts("command"), ...texts("args")] : nothing;
  const command = local?.command?.length ? local.command : own;
  if (command.length === 0 && !turn.runsImages) {
    return (
      `image "${spec.image}" cannot be run on this machine and container "${name}" says no command: add ` +
      '`local { directory: "./…", command: ["…"] }` to the container to run it from source, or a `command`'
    );
  }
  return {
    command: command.length === 0 ? nothing : command.map((text) => expand(text, lookup)),
    directory: local?.directory ?? absolute(spec.workingDir, turn.fileDirectory),
  };
}

/** What the image says itself. */
const nothing: readonly string[] = [];

function absolute(directory: string | undefined, base: string): string {
  if (!directory) return base;
  return directory.startsWith("/") ? directory : `${base}/${directory}`;
}
