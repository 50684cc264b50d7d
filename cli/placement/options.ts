import type { Node } from "../../model/core.ts";
import type { Plan } from "../../model/plan.ts";
import { parseQuantity } from "../../model/quantity.ts";
import { nodesOf, rcsOf, withCopies } from "../../runtime/simulator/placement/capacity.ts";
import { standIns, withNodes } from "../../runtime/simulator/scenario/common.ts";
import { withWorkloads } from "../../runtime/simulator/workloads.ts";
import { hasColor } from "../color.ts";
import { type CompileFlags, compileInput, countDiagnostics, showDiagnostics } from "../compile-file.ts";
import { CommandError, exitCodes } from "../error.ts";
import { translationRemarks } from "./remarks.ts";

/** The flags that `kdsl simulate` and `kdsl capacity` share. */
export interface PlacementFlags extends CompileFlags {
  readonly seed?: string;
  readonly nodes?: string;
  readonly shape?: string;
  readonly format?: string;
}

/** A plan with nodes to put it on, and what is to be said of that. */
export interface Subject {
  readonly plan: Plan;
  readonly remarks: readonly string[];
}

/** Errors that say that pods fit nowhere: here it is asked what could be done about it. */
const aboutRoom: ReadonlySet<string> = new Set(["KD3109", "KD3402", "KD3404", "KD3407", "KD3408"]);

/** Compiles what was named; undefined where there are errors, which have been printed. */
export async function readSubject(path: string, flags: PlacementFlags): Promise<Subject | undefined> {
  const compiled = await compileInput(path, flags);
  const { diagnostics } = compiled;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const draft =
    compiled.plan ?? (errors.every(({ code }) => aboutRoom.has(code)) ? compiled.draft : undefined);
  // With other nodes than the file's, what is wrong with those is nobody's matter.
  const told = draft && flags.nodes !== undefined ? [] : errors;
  if (told.length > 0) process.stderr.write(showDiagnostics(told, "text", hasColor(process.stderr)));
  if (!draft) {
    process.stderr.write(`${countDiagnostics(errors)}: there is nothing to place yet\n`);
    return undefined;
  }
  const translated = withWorkloads(draft);
  const { plan } = translated;
  const remarks = [...(compiled.remarks ?? []), ...translationRemarks(path, translated)];
  if (
    !plan.objects.some(
      ({ kind }) => kind === "Pod" || kind === "ReplicationController" || kind === "DaemonSet",
    )
  )
    throw new CommandError(
      `${path} declares no pods to place`,
      exitCodes.failure,
      "declare an rc or a pod; kdsl init writes a first file",
    );
  if (flags.nodes !== undefined) {
    const count = wholeNumber(flags.nodes, "--nodes", 1, 100_000);
    const shape = shapeOf(flags.shape, plan);
    const bare = { ...plan, objects: plan.objects.filter(({ kind }) => kind !== "Node") };
    return { plan: withCopies(bare, shape, count), remarks };
  }
  const { plan: whole, added } = withNodes(plan);
  const { count, cpu, memory } = standIns;
  const note = `${path} declares no node: ${count} of ${cpu} CPUs and ${memory} stand in; --nodes and --shape say otherwise`;
  return { plan: whole, remarks: added ? [...remarks, note] : remarks };
}

/** `cpu=4,memory=8Gi` or the name of a declared node; the first declared node where nothing is said. */
export function shapeOf(text: string | undefined, plan: Plan): Node {
  const nodes = nodesOf(plan);
  if (text === undefined) {
    const [first] = nodes;
    if (first) return first;
    throw new CommandError(
      "there is no node to take as a shape",
      exitCodes.usage,
      "say what a node has: --shape cpu=4,memory=8Gi",
    );
  }
  if (!text.includes("=")) {
    const named = nodes.find(({ metadata }) => metadata.name === text);
    if (named) return named;
    const names = nodes.map(({ metadata }) => metadata.name).slice(0, 10);
    const help =
      names.length > 0 ? `declared are ${names.join(", ")}` : "write it as --shape cpu=4,memory=8Gi";
    throw new CommandError(`--shape ${text}: no such node is declared`, exitCodes.usage, help);
  }
  const capacity: Record<string, string> = {};
  for (const part of text.split(",")) {
    const [resource = "", amount = "", ...rest] = part.split("=").map((each) => each.trim());
    const value = parseQuantity(amount);
    if (resource === "" || rest.length > 0 || value === undefined || value < 0n)
      throw new CommandError(
        `--shape ${text}: ${JSON.stringify(part)} is no amount of a resource`,
        exitCodes.usage,
        "write it as --shape cpu=4,memory=8Gi",
      );
    capacity[resource] = amount;
  }
  for (const resource of ["cpu", "memory"])
    if (capacity[resource] === undefined)
      throw new CommandError(
        `--shape ${text}: how much ${resource} it has is missing`,
        exitCodes.usage,
        "write it as --shape cpu=4,memory=8Gi",
      );
  return { apiVersion: "v1", kind: "Node", metadata: { name: "node" }, spec: {}, status: { capacity } };
}

/** `web=20`, or `namespace/web=20`, as often as given. */
export function goalsOf(texts: readonly string[], plan: Plan): ReadonlyMap<string, number> {
  const goals = new Map<string, number>();
  const rcs = rcsOf(plan).map(({ metadata }) => `${metadata.namespace ?? "default"}/${metadata.name}`);
  for (const text of texts) {
    const at = text.lastIndexOf("=");
    if (at < 1) throw new CommandError(`--goal ${text}: write it as --goal web=20`, exitCodes.usage);
    const name = text.slice(0, at);
    const found = rcs.filter((key) => key === name || key.endsWith(`/${name}`));
    if (found.length !== 1) {
      const known = rcs.map((key) => key.replace(/^default\//, "")).join(", ") || "none";
      const what = found.length === 0 ? "there is no such rc" : "there are several; name the namespace too";
      throw new CommandError(`--goal ${text}: ${what}`, exitCodes.usage, `the rcs are ${known}`);
    }
    goals.set(found[0]!, wholeNumber(text.slice(at + 1), `--goal ${name}`, 0, 1_000_000));
  }
  return goals;
}

export function wholeNumber(text: string, flag: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new CommandError(
    `${flag} ${JSON.stringify(text)} is no whole number from ${least} to ${most}`,
    exitCodes.usage,
  );
}

export function seedOf({ seed }: PlacementFlags): number {
  return seed === undefined ? 1 : wholeNumber(seed, "--seed", 0, 2 ** 32 - 1);
}

export function formatOf({ format = "text" }: PlacementFlags): "text" | "json" {
  if (format === "text" || format === "json") return format;
  throw new CommandError(`--format ${format}: there are text, json`, exitCodes.usage);
}
