import picocolors from "picocolors";
import { nearest } from "../base/edit-distance.ts";
import { aliasesOf, type FoundField, findFields, nearestField } from "../compiler/services/find-fields.ts";
import { type Link, type Origin, originOf } from "../compiler/services/origins.ts";
import type { Plan } from "../model/plan.ts";
import { hasColor } from "./color.ts";
import {
  type CompileFlags,
  compileInput,
  countDiagnostics,
  inspectFile,
  parseSet,
  showDiagnostics,
} from "./compile-file.ts";
import { CommandError, exitCodes } from "./error.ts";

/** `kdsl why PATH [FILE]`: the value of a field in the plan, and the lines that it came from, link by link. */
export async function why(path: string, file: string, flags: CompileFlags): Promise<number> {
  const { plan, diagnostics, files } = await compileInput(file, flags);
  if (!plan) {
    process.stderr.write(showDiagnostics(diagnostics, "text", hasColor(process.stderr)));
    console.error(countDiagnostics(diagnostics));
    return exitCodes.failure;
  }
  const found = findFields(plan, path, aliasesOf(plan, files));
  const [field, ...more] = found;
  if (!field) throw notFound(plan, path);
  if (more.length > 0) throw ambiguous(path, found);
  const { checked } = await inspectFile(file, flags);
  const set = new Set(Object.keys(parseSet(flags.set)));
  process.stdout.write(
    showOrigin(
      field,
      originOf(
        { checked, plan, files, set, ...(flags.profile && { profile: flags.profile }) },
        field.key,
        field.path,
      ),
    ),
  );
  return exitCodes.success;
}

function showOrigin(field: FoundField, origin: Origin): string {
  const paint = picocolors.createColors(hasColor(process.stdout));
  const place = field.path === "" ? field.key : `${field.path} of ${field.key}`;
  const head =
    field.path === ""
      ? paint.bold(field.shown)
      : `${paint.bold(field.shown)} is ${brief(plainly(field.value))}`;
  const lines = [head, paint.dim(`  ${place}`), ""];
  if (origin.links.length === 0 || origin.around !== undefined) {
    lines.push(
      "  Nothing was written for it: it is Kubernetes' default, or follows from what was written around it:",
    );
    if (origin.links.length > 0) lines.push("");
  }
  lines.push(...rows(origin.links, paint));
  return `${lines.join("\n").trimEnd()}\n`;
}

function rows(links: readonly Link[], paint: ReturnType<typeof picocolors.createColors>): string[] {
  const places = links.map(
    ({ place, depth }) => `${"  ".repeat(depth + 1)}${place.file}:${place.line}:${place.column}`,
  );
  const width = Math.max(0, ...places.map(({ length }) => length));
  return links.map(({ text, note }, index) => {
    const said = note === undefined ? "" : paint.dim(`   (${note})`);
    return `${paint.cyan(places[index]!.padEnd(width))}  ${text}${said}`;
  });
}

/** Of a variable, which stands as its name and its value in a list, the value. */
function plainly(value: unknown): unknown {
  const isVariable =
    typeof value === "object" && value !== null && Object.keys(value).join() === "name,value";
  return isVariable ? (value as { readonly value: unknown }).value : value;
}

/** A value on one line. */
function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

function notFound(plan: Plan, path: string): CommandError {
  const names = plan.objects.map(({ metadata }) => metadata.name);
  const first = path.split(".")[0]!;
  const known = names.includes(first) || names.some((name) => path.startsWith(name));
  const meant = known ? nearestField(plan, path) : nearest(first, names);
  return new CommandError(
    known ? `${path}: the object has no such field` : `${path}: the plan has no such object`,
    exitCodes.failure,
    meant
      ? `did you mean ${known ? path.replace(/[^.]*$/, meant) : path.replace(first, meant)}?`
      : known
        ? `kdsl why ${first} shows the object; kdsl compile prints the plan`
        : names.length > 0
          ? `it has ${[...new Set(names)].slice(0, 12).join(", ")}`
          : "it has none",
  );
}

function ambiguous(path: string, found: readonly FoundField[]): CommandError {
  const shown = found.slice(0, 8).map((field) => field.shown);
  const more = found.length - shown.length;
  return new CommandError(
    `${path} could be ${found.length} fields`,
    exitCodes.failure,
    `write ${shown.join(" or ")}${more > 0 ? ` (and ${more} more)` : ""}`,
  );
}
