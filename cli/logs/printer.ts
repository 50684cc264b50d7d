import picocolors from "picocolors";
import type { Instance } from "./instances.ts";

export interface LogPrinter {
  /** Tells of a container before its lines come: with several, lines get a prefix. */
  expect(instance: Instance): void;
  /** Prints a line that begins with its instant; the instant is left out unless it is asked for. */
  print(instance: Instance, line: string, timestamps: boolean): void;
}

const palette = ["cyan", "yellow", "green", "magenta", "blue", "red"] as const;

/** Lines with the pod that wrote them in front, in a colour of its own; `several`: only where there are several. */
export function createPrinter(options: {
  readonly color: boolean;
  readonly prefix: "always" | "never" | "several";
  readonly write: (text: string) => void;
}): LogPrinter {
  const paint = picocolors.createColors(options.color);
  const names = new Map<string, (text: string) => string>();
  let width = 0;
  const expect = (instance: Instance) => {
    const name = nameOf(instance);
    if (names.has(name)) return;
    names.set(name, paint[palette[names.size % palette.length]!]);
    width = Math.max(width, name.length);
  };
  return {
    expect,
    print(instance, line, timestamps) {
      expect(instance);
      const name = nameOf(instance);
      const shown = options.prefix === "always" || (options.prefix === "several" && names.size > 1);
      const prefix = shown ? `${names.get(name)!(`${name.padEnd(width)} |`)} ` : "";
      options.write(`${prefix}${timestamps ? line : line.slice(line.indexOf(" ") + 1)}\n`);
    },
  };
}

function nameOf({ pod, container, sidecars }: Instance): string {
  return sidecars ? `${pod}/${container}` : pod;
}
