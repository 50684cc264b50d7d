import type { KubernetesObject } from "../../model/meta.ts";
import { keyOf } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { canonical } from "../plan/canonical.ts";
import { priorityClasses, withPriorityClass } from "./priority.ts";
import { literalBlock, scalar } from "./scalar.ts";

export interface YamlOptions {
  /** Values of secrets by secret, then by key, where they are to stand in the manifests. */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * The plan's objects as manifests that `kubectl apply -f` takes, one document each, in the order of creation.
 * Nodes and statuses are left out, for a real cluster has its own; so are secrets whose values come from outside,
 * unless the values are given. A comment at the top says what was left out.
 */
export function emitYaml(plan: Plan, options: YamlOptions = {}): string {
  const documents = priorityClasses(plan.objects).map(yamlDocument);
  const omitted: string[] = [];
  for (const object of plan.objects) {
    const why = whyOmitted(plan, object, options);
    if (why === undefined) documents.push(yamlDocument(exported(object, options)));
    else omitted.push(`#   ${object.kind} ${nameOf(object)}: ${why}`);
  }
  const header = [`# Made by kdsl from ${plan.sources[0]?.path ?? plan.name}.`, ...notes(plan, omitted)];
  return [`${header.join("\n")}\n`, ...documents].join("---\n");
}

const nameOf = ({ metadata: { name, namespace } }: KubernetesObject) =>
  namespace === undefined ? name : `${namespace}/${name}`;

function whyOmitted(plan: Plan, object: KubernetesObject, { secrets }: YamlOptions): string | undefined {
  if (object.kind === "Node") return "a real cluster has its own nodes";
  if (object.kind !== "Secret") return undefined;
  const key = keyOf(object);
  const missing = Object.entries(plan.secrets[key] ?? {}).filter(
    ([name]) => secrets?.[key]?.[name] === undefined,
  );
  if (missing.length === 0) return undefined;
  const from = missing.map(([name, source]) =>
    "env" in source
      ? `${name} from the environment variable ${source.env}`
      : `${name} from the file ${source.file}`,
  );
  return `its values come from outside (${from.join("; ")}); create it with kubectl create secret generic`;
}

function notes(plan: Plan, omitted: readonly string[]): string[] {
  const lines: string[] = [];
  if (omitted.length > 0) lines.push("# Left out:", ...omitted);
  for (const [key, earlier] of Object.entries(plan.after))
    lines.push(
      `# ${key} waits for ${earlier.join(", ")}: kdsl does so, plain Kubernetes starts both at once.`,
    );
  // A path or a name may hold anything; a comment ends with its line.
  return lines.map((line) => line.replace(/[\n\r\u0085\u2028\u2029]/g, " "));
}

function exported(object: KubernetesObject, { secrets }: YamlOptions): unknown {
  const { status: _, ...rest } = withPriorityClass(object) as KubernetesObject & { status?: unknown };
  const values = object.kind === "Secret" ? secrets?.[keyOf(object)] : undefined;
  return canonical(values ? { ...rest, stringData: values } : rest);
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
