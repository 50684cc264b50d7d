import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

/** The rules of the house, as a test: who may import whom, what may not be used where, how long a file may be. */

const root = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "..");
const folders = ["base", "model", "grammar", "compiler", "runtime", "cli"];

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name)),
);

const read = (file: string) => readFileSync(join(root, file), "utf8");

const importPattern =
  /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|(?:^|\n)\s*import\s*["']([^"']+)["']/g;

function imports(file: string): string[] {
  return [...read(file).matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

/** The folder by which the rules know a file: `runtime/host`, `compiler/binder`, `base`. */
function area(file: string): string {
  const [top = "", second = ""] = file.split("/");
  return (top === "runtime" || top === "compiler") && second && !second.endsWith(".ts")
    ? `${top}/${second}`
    : top;
}

const phases = [
  "source",
  "diagnostics",
  "syntax",
  "format",
  "binder",
  "types",
  "checker",
  "evaluate",
  "plan",
  "verify",
  "emit",
  "services",
  "import",
];
const loops = ["controllers", "scheduler", "kubelet", "network"];

/** Whether `from` may import a file of `to`. */
function allowed(from: string, to: string): boolean {
  const [fromTop = "", fromPart] = from.split("/");
  const [toTop = "", toPart] = to.split("/");
  if (from === to) return true;
  switch (fromTop) {
    case "base":
      return false;
    case "model":
    case "grammar":
      return toTop === "base";
    case "compiler":
      if (["base", "model", "grammar"].includes(toTop)) return true;
      if (toTop !== "compiler") return false;
      return (
        fromPart === undefined || (toPart !== undefined && phases.indexOf(toPart) < phases.indexOf(fromPart))
      );
    case "runtime":
      if (["base", "model"].includes(toTop)) return true;
      if (toTop !== "runtime") return false;
      if (fromPart === undefined || fromPart === "host") return true;
      // It puts the whole runtime together for a simulation, as `cluster.ts` does for any environment.
      if (fromPart === "simulator") return toPart !== "host";
      if (toPart === undefined || toPart === "client") return true;
      if (loops.includes(fromPart)) return toPart === "network" && fromPart !== "network";
      if (fromPart === "apiserver")
        return toPart === "registry" || toPart === "store" || toPart === "network";
      return fromPart === "registry" && (toPart === "store" || toPart === "network");
    default:
      return fromTop === "cli";
  }
}

describe("imports", () => {
  for (const file of files) {
    test(file, () => {
      const wrong: string[] = [];
      for (const name of imports(file)) {
        if (name.startsWith("node:")) {
          if (!["runtime/host", "cli"].includes(area(file)))
            wrong.push(`${name}: only runtime/host and cli touch the machine`);
        } else if (name.startsWith(".")) {
          if (!/\.(ts|json)$/.test(name)) continue;
          const target = relative(root, normalize(join(root, dirname(file), name)));
          if (target.startsWith("..") || target === "package.json") continue;
          if (!allowed(area(file), area(target)))
            wrong.push(`${target}: ${area(file)} may not know ${area(target)}`);
        } else if (/chevrotain/.test(name) && area(file) !== "grammar") {
          wrong.push(`${name}: only grammar knows the parser library`);
        }
      }
      expect(wrong).toEqual([]);
    });
  }
});

const bans: [RegExp, string][] = [
  [/\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/, "the clock is an argument (base/clock.ts)"],
  [/\b(setTimeout|setInterval|setImmediate|queueMicrotask)\(/, "time is an argument (base/clock.ts)"],
  [/\bMath\.random\b|\bcrypto\.random|\brandomUUID\b/, "randomness is an argument (base/random.ts)"],
  [/\bMath\.(log|log2|log10|exp|pow|sin|cos|tan|sqrt|cbrt)\b/, "engines may differ in its last digit"],
  [/\blocaleCompare\b|\bIntl\.|\btoLocale/, "locales differ between machines"],
  [/\bprocess\.|\bconsole\./, "only runtime/host and cli touch the machine"],
];

describe("pure code takes the world as an argument", () => {
  for (const file of files.filter((name) => !["runtime/host", "cli"].includes(area(name)))) {
    test(file, () => {
      const text = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "");
      expect(bans.filter(([pattern]) => pattern.test(text)).map(([, why]) => why)).toEqual([]);
    });
  }
});

describe("size", () => {
  test("no file is over 500 lines, tables apart", () => {
    const long = files
      .filter((file) => !/(^|\/)(catalog|tables?|fields|schema)[^/]*\.ts$/.test(file))
      .map((file) => [file, read(file).split("\n").length] as const)
      .filter(([, lines]) => lines > 500);
    expect(long).toEqual([]);
  });
});
