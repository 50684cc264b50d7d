import type { BinaryOperator, Expression, Member } from "../syntax/ast.ts";
import { memberText } from "./print.ts";

/** How tightly a value holds together, from what takes all that follows to what stands by itself. */
const levels = { whole: 0, operand: 9, postfix: 10 } as const;

/** Tight binds last; the parser has the same table by tokens. */
const precedence: Readonly<Record<BinaryOperator, number>> = {
  or: 2,
  and: 3,
  "??": 4,
  "==": 5,
  "!=": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  in: 5,
  "not in": 5,
  "..": 6,
  "+": 7,
  "-": 7,
  "*": 8,
  "/": 8,
};
const alone: ReadonlySet<number> = new Set([5, 6]);

/** The text of a value, on one line, in parentheses where it would not be read as one at its place. */
export function expressionText(expression: Expression, place: keyof typeof levels = "whole"): string {
  return at(expression, levels[place]);
}

function at(expression: Expression, level: number): string {
  const text = bare(expression);
  return levelOf(expression) < level ? `(${text})` : text;
}

function levelOf(expression: Expression): number {
  switch (expression.kind) {
    case "where":
    case "selection":
    case "conditional":
      return levels.whole;
    case "binary":
      return precedence[expression.operator];
    case "unary":
      return levels.operand;
    default:
      return levels.postfix;
  }
}

function bare(expression: Expression): string {
  switch (expression.kind) {
    case "string":
      return stringText(expression.parts);
    case "number":
      return expression.digits;
    case "quantity":
      return `${expression.digits}${expression.unit}`;
    case "address":
      return expression.text;
    case "boolean":
      return String(expression.value);
    case "none":
      return "none";
    case "reference":
      return expression.name;
    case "member":
      return `${at(expression.object, levels.postfix)}.${expression.member.text}`;
    case "index":
      return `${at(expression.object, levels.postfix)}[${expression.indices.map((index) => at(index, 0)).join(", ")}]`;
    case "call": {
      const args = expression.arguments.map(
        ({ name, value }) => `${name ? `${name.text}: ` : ""}${at(value, 0)}`,
      );
      return `${at(expression.callee, levels.postfix)}(${args.join(", ")})`;
    }
    case "unary": {
      const space = expression.operator === "not" || expression.operand.kind === "unary" ? " " : "";
      return `${expression.operator}${space}${at(expression.operand, levels.operand)}`;
    }
    case "binary": {
      const own = precedence[expression.operator];
      const left = at(expression.left, alone.has(own) ? own + 1 : own);
      return `${left} ${expression.operator} ${at(expression.right, own + 1)}`;
    }
    case "conditional": {
      const { condition, then: yes, otherwise } = expression;
      return `if ${at(condition, 0)} then ${at(yes, 0)} else ${at(otherwise, 0)}`;
    }
    case "match": {
      const arms = expression.arms.map(
        ({ pattern, value }) => `${pattern ? at(pattern, 0) : "_"} => ${at(value, 0)}`,
      );
      return `match ${at(expression.subject, 0)} { ${arms.join(", ")} }`;
    }
    case "list":
      return listText(expression);
    case "record":
      return recordText(expression.members);
    case "selection":
      return `${expression.of} where ${at(expression.terms, 0)}`;
    case "where":
      return `${at(expression.subject, 1)} where ${at(expression.predicate, 0)}`;
    case "has":
      return `has ${expression.key.text}`;
    case "missing":
      return "";
  }
}

function listText({ items, comprehension }: Extract<Expression, { kind: "list" }>): string {
  const list = items.map(({ spread, value }) => `${spread ? "..." : ""}${at(value, 0)}`).join(", ");
  if (comprehension === undefined) return `[${list}]`;
  const names = comprehension.variables.map((name) => name.text).join(", ");
  const condition = comprehension.condition ? ` if ${at(comprehension.condition, 0)}` : "";
  return `[${list} for ${names} in ${at(comprehension.over, 0)}${condition}]`;
}

/** A record on one line, as it may stand in a string too. */
export function recordText(members: readonly Member[]): string {
  if (members.length === 0) return "{}";
  return `{ ${members.map((member) => memberText(member, "")).join(", ")} }`.replaceAll("\n", " ");
}

/** A string of text and values, on one line. */
export function stringText(parts: readonly (string | Expression)[]): string {
  const written = parts.map((part, index) => {
    // `{{` is how template engines for text begin.
    if (typeof part !== "string") return `{${at(part, 0)}}`.replace(/^\{\{/, "{ {");
    const text = escaped(part);
    // Before a value a `$` would be taken for another language's `${…}`.
    return typeof parts[index + 1] === "object" ? text.replace(/\$$/, "\\u{24}") : text;
  });
  return `"${written.join("")}"`;
}

const escapes: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\\": "\\\\",
  '"': '\\"',
  "{": "\\{",
};

/** What would end the string or be read as more than itself, and what no eye would see. */
function escaped(text: string): string {
  return text.replace(
    /["\\{\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufeff]/gu,
    (sign) => escapes[sign] ?? `\\u{${sign.codePointAt(0)!.toString(16).toUpperCase()}}`,
  );
}
