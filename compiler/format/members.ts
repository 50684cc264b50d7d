import type { ChaosFault, Expression, FamilyVariable, Member, Module, Parameter } from "../syntax/ast.ts";
import { expressionWriter } from "./expressions.ts";
import { blank, concat, type Doc, newline } from "./layout.ts";
import { typeWriter } from "./types.ts";
import type { Enclosed, Sentence, Write, Writer } from "./writer.ts";

/** Writes a whole file. */
export function writeModule(writer: Writer, module: Module): Doc {
  const docs: Doc[] = [];
  for (const [index, member] of module.members.entries()) {
    if (index > 0) docs.push(writer.blankBefore() ? blank : "", newline);
    docs.push(writer.lead(), writeMember(writer, member));
    const { had, behind } = writer.commas();
    docs.push(had && needsComma(member) && index < module.members.length - 1 ? "," : "", behind);
  }
  if (writer.blankBefore()) docs.push(blank);
  docs.push(writer.lead());
  return concat(...docs);
}

const block = (writer: Writer, members: readonly Member[]): Write => {
  const what: Enclosed<Member> = {
    items: members,
    write: (member) => writeMember(writer, member),
    style: "members",
    keepComma: needsComma,
  };
  return () => writer.enclosed(what);
};

/** A word alone would take what begins the next line for its name. */
function needsComma(member: Member): boolean {
  return member.kind === "declaration" && member.value === undefined && member.body === undefined;
}

/** The braces of a value. */
export function writeRecord(writer: Writer, members: readonly Member[]): Doc {
  return block(writer, members)();
}

export function writeMember(writer: Writer, member: Member): Doc {
  return writer.words(member.end, sentenceOf(writer, member));
}

/** What stands in a member beside its words. */
function sentenceOf(writer: Writer, member: Member): Sentence {
  const value = expressionWriter(writer);
  const type = typeWriter(writer);
  switch (member.kind) {
    case "use":
      return {
        parts: parts([member.pathRange, () => writer.tight(member.pathRange.end)], [member.with, value]),
        braces: [names(writer, member.names)],
      };
    case "param":
      return { parts: parts([member.type, type], [member.value, value]) };
    case "let":
      return { parts: parts([member.type, type], [member.value, value]) };
    case "function":
      return {
        parts: parts([member.result, type], [member.value, value]),
        parentheses: [parameters(writer, member.parameters)],
      };
    case "type":
      return { parts: parts([member.type, type]) };
    case "label":
      return { parts: parts([member.type, type]) };
    case "template":
      return { parentheses: [parameters(writer, member.parameters)], braces: [block(writer, member.body)] };
    case "declaration":
      return {
        parts: parts([member.value, value], [member.target, value]),
        brackets: member.family ? [family(writer, member.family)] : [],
        braces: member.body ? [block(writer, member.body)] : [],
      };
    case "extend":
      return { parts: parts([member.path, value]), braces: [block(writer, member.body)] };
    case "field":
      return { parts: parts([member.value, value]) };
    case "spread":
      return { parts: parts([member.value, value]) };
    case "mount":
      return {
        parts: parts([member.volume, value], [member.path, value]),
        braces: member.body ? [block(writer, member.body)] : [],
      };
    case "require":
    case "assert":
      return { parts: parts([member.condition, value], [member.message, value]), breaks: ["else"] };
    case "policy":
      return { parts: parts([member.where, value]), braces: [block(writer, member.body)] };
    case "if": {
      const { condition, then: yes, otherwise = [] } = member;
      const [chained] = otherwise;
      const next = chained?.kind === "if" && otherwise.length === 1 ? chained : undefined;
      return {
        parts: parts([condition, value], [next, (inner) => writeMember(writer, inner)]),
        braces: [block(writer, yes), block(writer, otherwise)],
      };
    }
    case "for":
      return {
        parts: parts([member.over, value], [member.condition, value]),
        braces: [block(writer, member.body)],
      };
    case "scenario":
      return { braces: [block(writer, member.body)] };
    case "step": {
      const { operand, condition, clauses } = member;
      const values = [operand, condition, ...clauses.map((clause) => clause.value)];
      return { parts: partsOf(values, value), breaks: clauses.map(({ word }) => word.text) };
    }
    case "update":
      return { parts: parts([member.path, value]), braces: [block(writer, member.body)] };
    case "apply":
      return { braces: [block(writer, member.body)] };
    case "fork":
      return { parts: partsOf([member.count, member.over], value), braces: [block(writer, member.body)] };
    case "repeat":
      return { parts: parts([member.count, value]), braces: [block(writer, member.body)] };
    case "chaos":
      return {
        parts: partsOf(
          member.clauses.map((clause) => clause.value),
          value,
        ),
        braces: [faults(writer, member.faults)],
      };
    default:
      // `drop`, and whatever is words alone.
      return {};
  }
}

type Place = { readonly start: number };
type PartOf<Node extends Place> = readonly [Node | undefined, (node: Node) => Doc];

/** Parts by where they begin. */
export function parts<A extends Place, B extends Place = A>(
  first: PartOf<A>,
  second?: PartOf<B>,
): Map<number, Write> {
  const found = new Map<number, Write>();
  const add = <Node extends Place>(part: PartOf<Node> | undefined) => {
    const [node, write] = part ?? [];
    if (node !== undefined && write !== undefined) found.set(node.start, () => write(node));
  };
  add(first);
  add(second);
  return found;
}

function partsOf(
  values: readonly (Expression | undefined)[],
  write: (value: Expression) => Doc,
): Map<number, Write> {
  const found = new Map<number, Write>();
  for (const value of values) if (value) found.set(value.start, () => write(value));
  return found;
}

function faults(writer: Writer, list: readonly ChaosFault[]): Write {
  const value = expressionWriter(writer);
  const write = ({ count, clauses, end }: ChaosFault) =>
    writer.words(end, { parts: partsOf([count, ...clauses.map((clause) => clause.value)], value) });
  return () => writer.enclosed({ items: list, write, style: "members" });
}

function parameters(writer: Writer, list: readonly Parameter[]): Write {
  const write = (parameter: Parameter) =>
    writer.words(parameter.end, {
      parts: parts([parameter.type, typeWriter(writer)], [parameter.value, expressionWriter(writer)]),
    });
  return () => writer.enclosed({ items: list, write, style: "items" });
}

function family(writer: Writer, list: readonly FamilyVariable[]): Write {
  const write = (variable: FamilyVariable) =>
    writer.words(variable.end, { parts: parts([variable.over, expressionWriter(writer)]) });
  return () => writer.enclosed({ items: list, write, style: "items" });
}

type Named = { readonly name: { readonly end: number }; readonly alias?: { readonly end: number } };

function names(writer: Writer, list: readonly Named[]): Write {
  const write = ({ name, alias }: Named) => writer.words((alias ?? name).end);
  return () => writer.enclosed({ items: list, write, style: "members" });
}
