import type {
  Argument,
  BinaryExpression,
  Expression,
  IfExpression,
  ListExpression,
  MatchExpression,
} from "../syntax/ast.ts";
import { concat, type Doc, group, indent, line, softline } from "./layout.ts";
import { parts, writeRecord } from "./members.ts";
import type { Writer } from "./writer.ts";

export const expressionWriter =
  (writer: Writer) =>
  (expression: Expression): Doc =>
    writeExpression(writer, expression, expression.end);

/** Writes a value with the parentheses around it, which the tree shows only by the range of what they hold. */
function writeExpression(writer: Writer, expression: Expression, end: number): Doc {
  const { text, start } = writer.next;
  const close = text === "(" ? writer.closing(start) : undefined;
  if (close?.end !== end) return writeBare(writer, expression, end);
  const open = writer.take();
  const inner = writeExpression(writer, expression, close.inner);
  return group(concat(open, indent(concat(softline, inner)), softline, writer.take()));
}

/** `end` is where the value itself ends: the range of one in parentheses has them in it. */
function writeBare(writer: Writer, expression: Expression, end: number): Doc {
  const value = expressionWriter(writer);
  const keyword = (of: Expression) => concat(writer.words(of.start), " ", value(of));
  switch (expression.kind) {
    case "unary":
      return writeUnary(writer, expression.operator, value, expression.operand);
    case "binary":
      return writeBinary(writer, expression);
    case "where":
      return group(concat(value(expression.subject), indent(concat(line, keyword(expression.predicate)))));
    case "selection":
      return group(concat(writer.take(), indent(concat(line, keyword(expression.terms)))));
    case "member":
      return concat(value(expression.object), writer.tight(expression.member.end));
    case "index":
      return concat(
        value(expression.object),
        writer.enclosed({ items: expression.indices, write: value, style: "items", hugs: true }),
      );
    case "call":
      return concat(value(expression.callee), writeArguments(writer, expression.arguments));
    case "conditional":
      return group(writeConditional(writer, expression));
    case "match":
      return writeMatch(writer, expression);
    case "list":
      return writeList(writer, expression);
    case "record":
      return writeRecord(writer, expression.members);
    default:
      return writer.words(end);
  }
}

function writeUnary(
  writer: Writer,
  operator: string,
  value: (expression: Expression) => Doc,
  operand: Expression,
): Doc {
  const sign = writer.take();
  const spaced = operator === "not" || (operand.kind === "unary" && !writer.isWrapped(operand));
  return concat(sign, spaced ? " " : "", value(operand));
}

/** Operators that stand side by side in one chain. */
const chains: Readonly<Record<string, string>> = {
  "*": "*",
  "/": "*",
  "+": "+",
  "-": "+",
  and: "and",
  or: "or",
  "??": "??",
};

function writeBinary(writer: Writer, expression: BinaryExpression): Doc {
  const value = expressionWriter(writer);
  if (expression.operator === "..") return writeRange(writer, expression);
  const chain = chains[expression.operator];
  const links: BinaryExpression[] = [expression];
  for (let left = expression.left; chain !== undefined && left.kind === "binary"; left = left.left) {
    if (chains[left.operator] !== chain || writer.isWrapped(left)) break;
    links.unshift(left);
  }
  const first = value(links[0]!.left);
  const rest = links.map(({ right }) => concat(line, writer.take(), " ", value(right)));
  return group(concat(first, indent(concat(...rest))));
}

const simple: ReadonlySet<Expression["kind"]> = new Set([
  "number",
  "quantity",
  "reference",
  "member",
  "call",
  "index",
]);

/** `1..3`, and with spaces where its ends are more than a name or a number. */
function writeRange(writer: Writer, { left, right }: BinaryExpression): Doc {
  const value = expressionWriter(writer);
  const tight = [left, right].every((end) => simple.has(end.kind) && !writer.isWrapped(end));
  const space = tight ? "" : " ";
  return concat(value(left), space, writer.take(), space, value(right));
}

function writeConditional(writer: Writer, expression: IfExpression): Doc {
  const value = expressionWriter(writer);
  const { condition, then: yes, otherwise } = expression;
  const head = concat(writer.take(), " ", value(condition));
  const then = concat(line, writer.take(), " ", value(yes), line, writer.take(), " ");
  const chained = otherwise.kind === "conditional" && !writer.isWrapped(otherwise);
  if (!chained) return concat(head, indent(concat(then, value(otherwise))));
  const chain = writeConditional(writer, otherwise);
  return concat(head, indent(then), chain);
}

function writeMatch(writer: Writer, { subject, arms }: MatchExpression): Doc {
  const value = expressionWriter(writer);
  const head = concat(writer.take(), " ", value(subject), " ");
  const write = ({ pattern, value: result, range }: MatchExpression["arms"][number]) =>
    writer.words(range.end, { parts: parts([pattern, value], [result, value]) });
  return concat(head, writer.enclosed({ items: arms, write, style: "members" }));
}

function writeArguments(writer: Writer, list: readonly Argument[]): Doc {
  const value = expressionWriter(writer);
  const write = (argument: Argument) => writer.words(argument.end, { parts: parts([argument.value, value]) });
  const hugs = list.length === 1 && holdsBrackets(writer, list[0]!.value);
  return writer.enclosed({ items: list, write, style: "items", hugs });
}

/** Whether a value breaks within its own brackets, so that those around it need not. */
function holdsBrackets(writer: Writer, value: Expression): boolean {
  if (writer.isWrapped(value)) return false;
  return value.kind === "list" || value.kind === "record" || value.kind === "string";
}

function writeList(writer: Writer, { items, comprehension }: ListExpression): Doc {
  const value = expressionWriter(writer);
  type Item = (typeof items)[number];
  const write = ({ spread, value: item }: Item) =>
    spread ? concat(writer.take(), value(item)) : value(item);
  if (comprehension === undefined) {
    const hugs = items.length === 1 && !items[0]!.spread && holdsBrackets(writer, items[0]!.value);
    return writer.enclosed({ items, write, style: "items", hugs });
  }
  const { over, condition } = comprehension;
  const tail = () => {
    const head = writer.words(over.end, { parts: parts([over, value]) });
    if (condition === undefined) return head;
    return concat(head, line, writer.words(condition.end, { parts: parts([condition, value]) }));
  };
  return writer.enclosed({ items, write, style: "items", tail });
}
