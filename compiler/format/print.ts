import { isName } from "../../grammar/characters.ts";
import type { Declaration, Member, Module, Parameter } from "../syntax/ast.ts";
import { format } from "./format.ts";
import { expressionText, recordText, stringText } from "./print-expressions.ts";
import { stepText } from "./print-steps.ts";
import { typeText } from "./print-types.ts";

/**
 * The text of a tree that was made and not read, in the one style. Reading it gives the same tree, but for places.
 * What a tree does not hold (comments but `///`, the spelling of numbers) is not in it.
 */
export function print(module: Module): string {
  const text = membersText(module.members, module.file.text);
  return format({ path: module.file.path, text }).text ?? text;
}

/** Members with a comma behind each: the formatter takes away what is not needed. */
export function membersText(members: readonly Member[], source: string): string {
  return members.map((member) => `${helpText(member)}${memberText(member, source)}`).join(",\n");
}

function helpText(member: Member | Parameter): string {
  if (!("help" in member) || member.help === undefined) return "";
  return `\n${member.help
    .split("\n")
    .map((line) => (line === "" ? "///" : `/// ${line}`))
    .join("\n")}\n`;
}

/** A member, without its help. */
export function memberText(member: Member, source: string): string {
  const block = (members: readonly Member[]) => `{\n${membersText(members, source)}\n}`;
  const value = (expression: Parameters<typeof expressionText>[0]) => expressionText(expression);
  const optional = (word: string, part: Parameters<typeof expressionText>[0] | undefined) =>
    part === undefined ? "" : ` ${word} ${value(part)}`;
  switch (member.kind) {
    case "use": {
      const path = member.library ? member.path : JSON.stringify(member.path);
      const names = member.names.map(({ name, alias }) =>
        alias ? `${name.text} as ${alias.text}` : name.text,
      );
      const list = names.length > 0 ? ` { ${names.join(", ")} }` : "";
      const record = member.with ? ` with ${recordText(member.with.members)}` : "";
      return `use ${path}${list}${member.alias ? ` as ${member.alias.text}` : ""}${record}`;
    }
    case "param":
      return `param ${parameterText(member)}`;
    case "let":
      return `let ${parameterText(member)}`;
    case "function": {
      const result = member.result ? `: ${typeText(member.result)}` : "";
      return `fn ${member.name.text}(${parametersText(member.parameters)})${result} = ${value(member.value)}`;
    }
    case "type":
      return `type ${member.name.text} = ${typeText(member.type)}`;
    case "label": {
      const plain = member.key === member.name.text;
      const key = plain ? member.key : `${stringText([member.key])} as ${member.name.text}`;
      return `label ${key}${member.type ? `: ${typeText(member.type)}` : ""}`;
    }
    case "template":
      return `template ${member.name.text}(${parametersText(member.parameters)}) ${block(member.body)}`;
    case "declaration":
      return declarationText(member, block);
    case "extend":
      return `extend ${member.word.text} ${expressionText(member.path, "operand")} ${block(member.body)}`;
    case "drop":
      return `drop ${member.word.text} ${member.name.kind === "name" ? member.name.text : value(member.name)}`;
    case "field":
      return fieldText(member);
    case "spread":
      return `...${value(member.value)}`;
    case "mount": {
      const readonly = member.readonly ? " readonly" : "";
      const body = member.body ? ` ${block(member.body)}` : "";
      return `mount ${value(member.volume)} at ${value(member.path)}${readonly}${body}`;
    }
    case "require":
    case "assert":
      return `${member.kind} ${value(member.condition)}${optional("else", member.message)}`;
    case "policy": {
      const title = stringText(member.title.parts);
      const subject = `${member.word.text} ${member.variable.text}`;
      return `policy ${title} on ${subject}${optional("where", member.where)} ${block(member.body)}`;
    }
    case "if": {
      const otherwise = member.otherwise ? ` else ${block(member.otherwise)}` : "";
      return `if ${value(member.condition)} ${block(member.then)}${otherwise}`;
    }
    case "for": {
      const names = member.variables.map((name) => name.text).join(", ");
      return `for ${names} in ${value(member.over)}${optional("if", member.condition)} ${block(member.body)}`;
    }
    case "scenario":
      return `scenario ${stringText(member.title.parts)} ${block(member.body)}`;
    default:
      return stepText(member, block);
  }
}

function fieldText({ key, value }: Extract<Member, { kind: "field" }>): string {
  return `${key.kind === "name" ? key.text : stringText(key.parts)}: ${expressionText(value)}`;
}

function declarationText(
  member: Extract<Member, { kind: "declaration" }>,
  block: (members: readonly Member[]) => string,
): string {
  const { word, value, target, body } = member;
  const name = nameText(member);
  const family = member.family?.map(({ variable, over }) => `${variable.text} in ${expressionText(over)}`);
  return [
    member.external ? "external " : "",
    member.qualifier ? `${member.qualifier.text}.` : "",
    word.text,
    name === undefined ? "" : ` ${name}`,
    family ? `[${family.join(", ")}]` : "",
    value ? `${name === undefined && !family ? "" : ":"} ${expressionText(value)}` : "",
    target ? ` -> ${expressionText(target)}` : "",
    body ? ` ${block(body)}` : "",
  ].join("");
}

function nameText({ objectName, computedName, name }: Declaration): string | undefined {
  if (computedName) return `${stringText(computedName.parts)}${name ? ` as ${name.text}` : ""}`;
  if (objectName === undefined) return undefined;
  if (name?.text === objectName && isName(objectName)) return objectName;
  return `${stringText([objectName])}${name && name.text !== objectName ? ` as ${name.text}` : ""}`;
}

function parametersText(list: readonly Parameter[]): string {
  return list.map((one) => `${helpText(one)}${parameterText(one)}`).join(", ");
}

function parameterText({ name, type, value }: Pick<Parameter, "name" | "type" | "value">): string {
  return `${name.text}${type ? `: ${typeText(type)}` : ""}${value ? ` = ${expressionText(value)}` : ""}`;
}
