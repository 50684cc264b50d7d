import type { TextPart } from "../../model/plan.ts";
import { indexOf } from "./objects.ts";
import { formatQuantity, plain } from "./quantities.ts";
import type { Block, FieldValue, LateSource, ObjectHandle, Program, Value } from "./value.ts";

/** A program as text for people: goldens in tests, and `--emit values`. Everything that was worked out, nothing else. */
export function dumpProgram(program: Program): string {
  const lines: string[] = [];
  if (program.clusterName !== undefined) lines.push(`cluster ${program.clusterName}`);
  for (const [name, value] of program.params) lines.push(`param ${name} = ${dumpValue(value)}`);
  for (const object of program.objects) {
    lines.push(...(lines.length > 0 ? [""] : []), `${title(object)}${dumpIndex(object)}`);
    lines.push(...dumpBody(object.block(), "  "));
  }
  return `${lines.join("\n")}\n`;
}

const title = (object: ObjectHandle): string =>
  `${object.objectKind} ${object.namespace === undefined ? "" : `${object.namespace}/`}${object.name}`;

function dumpIndex(object: ObjectHandle): string {
  const index = indexOf(object);
  if (!index) return "";
  return ` [${[...index].map(([name, value]) => `${name} = ${dumpValue(value)}`).join(", ")}]`;
}

function dumpBody(block: Block, indent: string): string[] {
  const lines: string[] = [];
  for (const [key, field] of block.fields) lines.push(...dumpField(key, field, indent));
  for (const member of block.members) {
    const name = member.name === undefined ? "" : ` ${member.name}`;
    const value = member.value ? `: ${dumpValue(member.value.value)}` : "";
    const target = member.target ? ` -> ${dumpValue(member.target.value)}` : "";
    lines.push(`${indent}${member.word}${name}${value}${target}`, ...dumpBody(member, `${indent}  `));
  }
  return lines;
}

function dumpField(key: string, { value }: FieldValue, indent: string): string[] {
  if (value.kind !== "record" || value.fields.size === 0) return [`${indent}${key}: ${dumpValue(value)}`];
  return [
    `${indent}${key}:`,
    ...[...value.fields].flatMap(([inner, field]) => dumpField(inner, field, `${indent}  `)),
  ];
}

const dumpPart = (part: TextPart): string => {
  if (typeof part === "string") return JSON.stringify(part);
  return "host" in part ? `host(${part.host})` : `port(${part.service} ${part.port})`;
};

/** One value, on one line. */
export function dumpValue(value: Value): string {
  switch (value.kind) {
    case "error":
      return "<error>";
    case "none":
      return "none";
    case "boolean":
      return String(value.value);
    case "number":
      return plain(value.value);
    case "quantity":
      return `${formatQuantity(value.dimension, value.value)}${value.dimension === "cpu" ? " cpu" : ""}`;
    case "string":
      return value.parts.length === 0 ? '""' : value.parts.map(dumpPart).join(" ");
    case "address":
      return value.text;
    case "port":
      return value.reference ? dumpPart(value.reference) : `port ${value.number}`;
    case "portName":
      return `port ${value.name}`;
    case "range":
      return `${value.from}..${value.to}`;
    case "durations":
      return `${formatQuantity("duration", value.from)}..${formatQuantity("duration", value.to)}`;
    case "list":
      return `[${value.items.map(dumpValue).join(", ")}]`;
    case "record":
      return `{ ${[...value.fields].map(([key, field]) => `${key}: ${dumpValue(field.value)}`).join(", ")} }`;
    case "variant": {
      const given = [...value.arguments].map(([name, field]) => `${name}: ${dumpValue(field.value)}`);
      return given.length === 0 ? value.name : `${value.name}(${given.join(", ")})`;
    }
    case "late":
      return `late ${dumpSource(value.source)}`;
    case "object":
      return title(value.object);
    case "block":
      return `block ${value.block.block.word}`;
    case "family":
      return `family of ${value.members.map(title).join(", ")}`;
    case "member":
      return `${value.word} ${value.name}`;
    case "selection":
      return `${value.of} where ${value.requirements.map((one) => `${one.key} ${one.operator} [${one.values.join(", ")}]`).join(" and ")}`;
  }
}

function dumpSource(source: LateSource): string {
  switch (source.from) {
    case "secret":
      return `${title(source.secret)}.${source.key}`;
    case "config":
      return `${title(source.config)}.${source.key}`;
    case "field":
      return source.path;
    case "resource":
      return source.container === undefined ? source.resource : `${source.container}.${source.resource}`;
    case "env":
      return `env ${source.name}`;
    case "file":
      return `file ${source.path}`;
  }
}
