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
  return `${block(value, 0).join("\n")}\n`;
}

function block(value: unknown, indent: number): string[] {
  const pad = " ".repeat(indent);
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${pad}[]`];
    return value.flatMap((each: unknown) => {
      if (!isNested(each)) return withValue(`${pad}-`, each, indent);
      const [first = "", ...rest] = block(each, indent + 2);
      return [`${pad}- ${first.trimStart()}`, ...rest];
    });
  }
  if (isNested(value)) {
    return Object.entries(value as object).flatMap(([key, each]) => {
      const name = scalar(key);
      // A key beside its colon may be 1024 characters long; a longer one has a line of its own.
      const [before, head] = name.length < 1000 ? [[], `${pad}${name}:`] : [[`${pad}? ${name}`], `${pad}:`];
      if (isNested(each)) return [...before, head, ...block(each, indent + 2)];
      return [...before, ...withValue(head, each, indent)];
    });
  }
  return withValue(pad === "" ? "" : pad.slice(1), value, indent);
}

/** Whether the value takes lines of its own below its key. */
function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** `head value` on one line, or `head |` with the lines of a text below it. */
function withValue(head: string, value: unknown, indent: number): string[] {
  const before = head === "" ? "" : `${head} `;
  if (typeof value === "string") {
    const literal = literalBlock(value);
    if (!literal) return [before + scalar(value)];
    const pad = " ".repeat(indent + 2);
    return [before + literal.header, ...literal.lines.map((line) => (line === "" ? "" : pad + line))];
  }
  if (Array.isArray(value)) return [`${before}[]`];
  if (typeof value === "object" && value !== null) return [`${before}{}`];
  return [before + String(value)];
}
