import { readFileSync } from "node:fs";
import { type Baseline, readBaseline } from "../compiler/verify/changes/baseline.ts";
import type { Change } from "../compiler/verify/changes/compare.ts";
import { valueText } from "../compiler/verify/changes/field-words.ts";
import type { Plan, UpdateStrategy } from "../model/plan.ts";
import { CommandError, reasonOf } from "./error.ts";

/** `--against`: what a file would change, against an earlier plan or what a cluster has. */

/** Reads a plan, or Kubernetes objects as JSON or YAML; `-` is standard input. Throws `CommandError` for anything else. */
export async function readAgainst(path: string): Promise<Baseline> {
  const shown = path === "-" ? "what came on standard input" : path;
  const text = readText(path, shown);
  const baseline = readBaseline(await documentsOf(text, shown));
  if ("problem" in baseline) throw new CommandError(`${shown} ${baseline.problem}`, undefined, baseline.help);
  return baseline;
}

function readText(path: string, shown: string): string {
  if (path.endsWith(".kdsl"))
    throw new CommandError(
      `${shown} is a program, and a plan is compared with`,
      undefined,
      `\`kdsl compile ${path} -o PLAN.json\` makes one of it`,
    );
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path === "-" ? 0 : path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new CommandError(
        `there is no file ${path} to compare with`,
        undefined,
        "`kdsl compile FILE -o PLAN.json` writes one",
      );
    throw new CommandError(`cannot read ${shown}: ${reasonOf(error)}`);
  }
}

async function documentsOf(text: string, shown: string): Promise<unknown[]> {
  if (text.trim() === "") return [];
  if (/^\s*[[{]/.test(text)) {
    try {
      return [JSON.parse(text)].flat();
    } catch (error) {
      throw new CommandError(
        `${shown} is no whole JSON: ${(error as Error).message}`,
        undefined,
        "write it anew: `kdsl compile FILE -o PLAN.json`, or `kubectl get all -o json`",
      );
    }
  }
  const { parseAllDocuments } = await import("yaml");
  const documents = [...parseAllDocuments(text)] as {
    readonly errors: readonly Error[];
    toJS(): unknown;
  }[];
  const wrong = documents.find(({ errors }) => errors.length > 0)?.errors[0];
  if (wrong) throw new CommandError(`${shown} is no YAML: ${wrong.message.split("\n")[0]}`);
  return documents.map((document) => document.toJS()).filter((document) => document !== null);
}

const signs: Readonly<Record<Change["action"], string>> = {
  create: "+",
  change: "~",
  roll: "~",
  replace: "!",
  remove: "-",
  unlisted: "?",
};

const done: readonly (readonly [Change["action"], string])[] = [
  ["create", "created"],
  ["change", "changed"],
  ["roll", "rolled out"],
  ["replace", "not changeable in place"],
  ["remove", "removed"],
  ["unlisted", "not in the file"],
];

/** The changes as lines: one for each object, and under it one for each field. */
export function showChanges(changes: readonly Change[], plan: Plan | undefined, against: string): string {
  if (changes.length === 0) return `nothing changes against ${against}\n`;
  const lines = [`against ${against}:`];
  for (const change of changes) {
    lines.push(`  ${signs[change.action]} ${change.title.replaceAll("`", "")}${remark(change, plan)}`);
    const width = Math.min(40, Math.max(0, ...change.fields.map(({ words }) => words.length)));
    for (const { path, words, before, after } of change.fields)
      lines.push(`      ${words.padEnd(width)}  ${valueText(path, before)} → ${valueText(path, after)}`);
  }
  const counts = done.flatMap(([action, word]) => {
    const count = changes.filter((each) => each.action === action).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return `${lines.join("\n")}\n${counts.join(", ")}\n`;
}

function remark({ action, key, fields }: Change, plan: Plan | undefined): string {
  if (action === "replace") return "  (has to be deleted and made anew)";
  if (action === "unlisted") return "  (live, not in the file; left alone)";
  if (action !== "roll") return "";
  const strategy: UpdateStrategy = plan?.updates[key] ?? { surge: 1, unavailable: 0 };
  if (strategy === "never") return "  (live pods stay as they are: `update: never`)";
  const scaled = fields.some(({ path }) => path === "spec.replicas") ? " and scales" : "";
  return `  (rolls${scaled}: surge ${strategy.surge}, unavailable ${strategy.unavailable})`;
}
