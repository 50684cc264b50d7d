import { span } from "../binder/symbol.ts";
import { notExhaustive } from "../diagnostics/catalog/types.ts";
import type {
  Expression,
  IfExpression,
  ListExpression,
  MatchExpression,
  RecordExpression,
  StringExpression,
} from "../syntax/ast.ts";
import { memberName } from "./blocks.ts";
import { evaluateCall } from "./calls.ts";
import {
  BudgetSpent,
  type Evaluator,
  errorValue,
  type Frame,
  findName,
  force,
  innerFrame,
  limits,
  noneValue,
  report,
  spend,
  spendStep,
} from "./context.ts";
import { negate, parseDecimal } from "./fraction.ts";
import { iterate } from "./loops.ts";
import { evaluateIndex, evaluateMember } from "./members.ts";
import { evaluateInMold } from "./molds.ts";
import { objectValue, pluralValue } from "./objects.ts";
import { equals, evaluateBinary, within } from "./operators.ts";
import { readQuantity } from "./quantities.ts";
import { declaresNames, expandRecord } from "./record-literals.ts";
import { evaluateSelection } from "./selections.ts";
import { evaluatePart } from "./templates.ts";
import { describeValue, joinParts, partsOf, textValue } from "./text.ts";
import { reportUnwritable } from "./unwritable.ts";
import type { Value } from "./value.ts";
import { moduleValue } from "./values.ts";

/** The value of an expression; the silent error value where a mistake was reported. */
export function evaluate(evaluator: Evaluator, expression: Expression, frame: Frame): Value {
  spendStep(evaluator, frame.module, expression);
  const { erroneous } = evaluator.checked;
  if (erroneous.size > 0 && erroneous.has(expression)) return errorValue;
  if (evaluator.depth >= limits.depth)
    throw new BudgetSpent(span(frame.module, expression), "values are nested too deeply");
  const { holes } = evaluator;
  if (holes) return evaluateInMold(evaluator, holes, expression, frame);
  evaluator.depth++;
  const value = evaluateInside(evaluator, expression, frame);
  evaluator.depth--;
  return value;
}

/** What the expression says, once it is known to be in order. */
export function evaluateInside(evaluator: Evaluator, expression: Expression, frame: Frame): Value {
  const resolved = evaluateResolved(evaluator, expression, frame);
  if (resolved) return resolved;
  switch (expression.kind) {
    case "string":
      return evaluateString(evaluator, expression, frame);
    case "number": {
      const value = parseDecimal(expression.digits);
      return evaluator.checked.cpuLiterals.has(expression)
        ? { kind: "quantity", dimension: "cpu", value }
        : { kind: "number", value };
    }
    case "quantity": {
      const read = readQuantity(expression.digits, expression.unit);
      return read ? { kind: "quantity", dimension: read.dimension, value: read.value } : errorValue;
    }
    case "address":
      return { kind: "address", text: expression.text, cidr: expression.cidr };
    case "boolean":
      return { kind: "boolean", value: expression.value };
    case "none":
      return noneValue;
    case "member":
      return evaluateMember(evaluator, expression, frame);
    case "index":
      return evaluateIndex(evaluator, expression, frame);
    case "call":
      return evaluateCall(evaluator, expression, frame);
    case "unary": {
      const operand = evaluate(evaluator, expression.operand, frame);
      if (expression.operator === "not")
        return operand.kind === "boolean" ? { kind: "boolean", value: !operand.value } : errorValue;
      return operand.kind === "number" || operand.kind === "quantity"
        ? { ...operand, value: negate(operand.value) }
        : errorValue;
    }
    case "binary":
      return evaluateBinary(evaluator, expression, frame);
    case "conditional":
      return evaluateConditional(evaluator, expression, frame);
    case "match":
      return evaluateMatch(evaluator, expression, frame);
    case "list":
      return evaluateList(evaluator, expression, frame);
    case "record":
      return evaluateRecord(evaluator, expression, frame);
    case "selection":
      return evaluateSelection(evaluator, expression, frame);
    default:
      return errorValue;
  }
}

/** The value of what checking found a meaning for. */
function evaluateResolved(evaluator: Evaluator, expression: Expression, frame: Frame): Value | undefined {
  const resolution = evaluator.checked.resolutions.get(expression);
  switch (resolution?.kind) {
    case undefined:
    case "call":
      return undefined;
    case "local": {
      const found = findName(frame, resolution.name);
      return found ? force(evaluator, found) : errorValue;
    }
    case "value":
      return moduleValue(evaluator, resolution.symbol);
    case "object":
      return objectValue(evaluator, resolution.symbol, frame, span(frame.module, expression));
    case "part":
      return evaluatePart(evaluator, expression, resolution, frame);
    case "use": {
      const { made } = frame;
      return made ? textValue(made[resolution.member]) : errorValue;
    }
    case "familyMember":
      return objectValue(
        evaluator,
        resolution.symbol,
        frame,
        span(frame.module, expression),
        resolution.name,
      );
    case "plural":
      return pluralValue(evaluator, resolution.word);
    case "portName":
      return { kind: "portName", name: resolution.name };
    case "podMember":
      return {
        kind: "member",
        word: resolution.word,
        name: memberName(frame, resolution.word, resolution.name),
      };
    case "variant":
      return { kind: "variant", name: resolution.name, arguments: new Map() };
    case "lateField":
      return { kind: "late", source: { from: "field", path: resolution.path } };
    case "lateResource": {
      const { resource } = resolution;
      const container = resolution.container && memberName(frame, "container", resolution.container);
      return {
        kind: "late",
        source: { from: "resource", ...(container === undefined ? {} : { container }), resource },
      };
    }
    case "text":
      return { kind: "string", parts: [resolution.text] };
  }
}

function evaluateString(evaluator: Evaluator, expression: StringExpression, frame: Frame): Value {
  const [only] = expression.parts;
  if (expression.parts.length === 1 && typeof only === "string" && only !== "") {
    spendStep(evaluator, frame.module, expression, only.length);
    return { kind: "string", parts: expression.parts as readonly string[] };
  }
  const parts = [];
  let broken = false;
  for (const part of expression.parts) {
    if (typeof part === "string") {
      parts.push(part);
      continue;
    }
    const value = evaluate(evaluator, part, frame);
    const written = partsOf(value);
    if (written) parts.push(...written);
    else {
      if (value.kind !== "error") reportUnwritable(evaluator, value, span(frame.module, part));
      broken = true;
    }
  }
  if (broken) return errorValue;
  spend(
    evaluator,
    () => span(frame.module, expression),
    parts.reduce((sum, part) => sum + (typeof part === "string" ? part.length : 1), 0),
  );
  return { kind: "string", parts: joinParts(parts) };
}

/** A condition; undefined when it is erroneous. */
export function evaluateCondition(
  evaluator: Evaluator,
  condition: Expression,
  frame: Frame,
): boolean | undefined {
  const value = evaluate(evaluator, condition, frame);
  return value.kind === "boolean" ? value.value : undefined;
}

function evaluateConditional(evaluator: Evaluator, expression: IfExpression, frame: Frame): Value {
  const holds = evaluateCondition(evaluator, expression.condition, frame);
  if (holds === undefined) return errorValue;
  return evaluate(evaluator, holds ? expression.then : expression.otherwise, frame);
}

function evaluateMatch(evaluator: Evaluator, expression: MatchExpression, frame: Frame): Value {
  const subject = evaluate(evaluator, expression.subject, frame);
  if (subject.kind === "error") return subject;
  for (const { pattern, value } of expression.arms) {
    if (!pattern) return evaluate(evaluator, value, frame);
    const wanted = evaluate(evaluator, pattern, frame);
    const met =
      wanted.kind === "range"
        ? within(subject, wanted)
        : equals(evaluator, subject, wanted, () => span(frame.module, pattern));
    if (met) return evaluate(evaluator, value, frame);
  }
  report(evaluator, span(frame.module, expression.subject), (at) =>
    notExhaustive(at, { missing: describeValue(subject) }),
  );
  return errorValue;
}

function evaluateList(evaluator: Evaluator, expression: ListExpression, frame: Frame): Value {
  const items: Value[] = [];
  const place = () => span(frame.module, expression);
  const { comprehension } = expression;
  if (comprehension) {
    const element = expression.items[0]?.value;
    if (!element) return errorValue;
    const { variables, over, condition } = comprehension;
    const done = iterate(evaluator, variables, over, condition, frame, (inner) => {
      spend(evaluator, place, 1);
      items.push(evaluate(evaluator, element, inner));
    });
    return done ? { kind: "list", items } : errorValue;
  }
  for (const { spread, value } of expression.items) {
    const item = evaluate(evaluator, value, frame);
    if (!spread) items.push(item);
    else if (item.kind === "list") {
      spend(evaluator, place, item.items.length);
      for (const one of item.items) items.push(one);
    } else return errorValue;
  }
  spend(evaluator, place, expression.items.length);
  return { kind: "list", items };
}

function evaluateRecord(evaluator: Evaluator, expression: RecordExpression, frame: Frame): Value {
  const { members } = expression;
  const fields = expandRecord(evaluator, members, declaresNames(members) ? innerFrame(frame) : frame);
  return fields ? { kind: "record", fields } : errorValue;
}
