import type { Plan } from "../../model/plan.ts";
import { type ExportOptions, exportedObjects } from "./exported.ts";
import { literalBlock, scalar } from "./scalar.ts";

/**
 * The plan's objects as manifests that `kubectl apply -f` takes, one document each, in the order of creation. A
 * comment at the top says what was left out.
 */
export function emitYaml(plan: Plan, options: ExportOptions = {}): string {
  const { objects, notes } = exportedObjects(plan, options);
  const header = [`Made by kdsl from ${plan.sources[0]?.path ?? plan.name}.`, ...notes];
  return [`${header.map((line) => `# ${line}\n`).join("")}`, ...objects.map(yamlDocument)].join("---\n");
}

/** A value as one YAML document, in block style. Reads back as the same JSON in YAML 1.1 and 1.2. */
export function yamlDocument(value: unknown): string {
  const lines: string[] = [];
  if (isNested(value)) block(lines, value as object, "", "");
  else withValue(lines, "", value, "");
  return `${lines.join("\n")}\n`;
}

/** Adds the lines of a list or record that stands behind the margin `pad`; the first line begins with `lead` instead. */
function block(lines: string[], value: object, pad: string, lead: string): void {
  const inner = `${pad}  `;
  let margin = lead;
  if (Array.isArray(value)) {
    for (const each of value as unknown[]) {
      if (isNested(each)) block(lines, each as object, inner, `${margin}- `);
      else withValue(lines, `${margin}-`, each, pad);
      margin = pad;
    }
    return;
  }
  for (const key of Object.keys(value)) {
    const each = (value as Record<string, unknown>)[key];
    const name = known(key);
    let head = `${margin}${name}:`;
    // A key beside its colon may be 1024 characters long; a longer one has a line of its own.
    if (name.length >= 1000) {
      lines.push(`${margin}? ${name}`);
      head = `${pad}:`;
    }
    margin = pad;
    if (isNested(each)) {
      lines.push(head);
      block(lines, each as object, inner, inner);
    } else withValue(lines, head, each, pad);
  }
}

/** Whether the value takes lines of its own below its key. */
function isNested(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  for (const _ in value) return true;
  return false;
}

/** `head value` on one line, or `head |` with the lines of a text below it. */
function withValue(lines: string[], head: string, value: unknown, pad: string): void {
  const before = head === "" ? "" : `${head} `;
  if (typeof value === "string") {
    const literal = literalBlock(value);
    if (!literal) {
      lines.push(before + known(value));
      return;
    }
    lines.push(before + literal.header);
    for (const line of literal.lines) lines.push(line === "" ? "" : `${pad}  ${line}`);
  } else if (Array.isArray(value)) lines.push(`${before}[]`);
  else if (typeof value === "object" && value !== null) lines.push(`${before}{}`);
  else lines.push(before + String(value));
}

/** Keys and most texts come again for every object. */
const scalars = new Map<string, string>();
const mostScalars = 10_000;

function known(text: string): string {
  let found = scalars.get(text);
  if (found === undefined) {
    found = scalar(text);
    if (scalars.size < mostScalars && text.length < 100) scalars.set(text, found);
  }
  return found;
}
