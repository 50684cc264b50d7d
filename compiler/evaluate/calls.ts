import { type FunctionSymbol, span } from "../binder/symbol.ts";
import type { Resolution } from "../checker/checked.ts";
import type { CallExpression, Expression } from "../syntax/ast.ts";
import { conform } from "./conform.ts";
import { type Evaluator, errorValue, type Frame, innerFrame, known, moduleFrame, spend } from "./context.ts";
import { evaluate } from "./expressions.ts";
import { callIntrinsic } from "./intrinsics.ts";
import type { FieldValue, Value } from "./value.ts";

type Call = Extract<Resolution, { kind: "call" }>;

export function evaluateCall(evaluator: Evaluator, call: CallExpression, frame: Frame): Value {
  const resolution = evaluator.checked.resolutions.get(call);
  if (resolution?.kind !== "call") return errorValue;
  const { target } = resolution;
  switch (target.kind) {
    case "observation":
      return errorValue; // known only in a run
    case "variant":
      return evaluateVariant(evaluator, resolution, frame);
    case "function":
      return callFunction(evaluator, call, target.symbol, resolution, frame);
    case "intrinsic": {
      const values = new Map<string, readonly Value[]>();
      let broken = false;
      for (const [name, expressions] of resolution.arguments) {
        const given = expressions.map((expression) => evaluate(evaluator, expression, frame));
        if (given.some((value) => value.kind === "error")) broken = true;
        values.set(name, given);
      }
      if (broken) return errorValue;
      return callIntrinsic(evaluator, target.name, values, span(frame.module, call), frame);
    }
  }
}

/** `emptyDir(64Mi)`: the named form with its arguments kept apart. */
function evaluateVariant(evaluator: Evaluator, resolution: Call, frame: Frame): Value {
  const { target } = resolution;
  if (target.kind !== "variant") return errorValue;
  const found = new Map<string, FieldValue>();
  for (const parameter of target.schema.parameters) {
    const expressions = resolution.arguments.get(parameter.name);
    const [first] = expressions ?? [];
    if (!first) continue;
    const place = span(frame.module, first);
    const values = expressions!.map((expression) => evaluate(evaluator, expression, frame));
    const value: Value = values.length === 1 ? values[0]! : { kind: "list", items: values };
    found.set(parameter.name, {
      value: conform(evaluator, value, parameter.type, place, frame.module),
      keySpan: place,
      span: place,
    });
  }
  return { kind: "variant", name: target.name, arguments: found };
}

function callFunction(
  evaluator: Evaluator,
  call: CallExpression,
  symbol: FunctionSymbol,
  resolution: Call,
  frame: Frame,
): Value {
  const signature = evaluator.checked.signatures.get(symbol);
  if (!signature || evaluator.checked.cyclic.has(symbol)) return errorValue;
  const inner = innerFrame(moduleFrame(symbol.module));
  const place = span(frame.module, call);
  spend(evaluator, () => place);
  const given = new Map<string, Value>();
  for (const parameter of signature.parameters) {
    const argument = resolution.arguments.get(parameter.name)?.[0];
    if (!argument) continue;
    const value = evaluate(evaluator, argument, frame);
    given.set(
      parameter.name,
      conform(evaluator, value, parameter.type, span(frame.module, argument), frame.module),
    );
  }
  evaluator.calls.push({ span: place, name: symbol.name });
  for (const parameter of signature.parameters) {
    const value =
      given.get(parameter.name) ?? defaultOf(evaluator, parameter.value, parameter.type, symbol, inner);
    inner.names.set(parameter.name, known(parameter.name, place, value));
  }
  const body = symbol.declaration.value;
  const value = evaluate(evaluator, body, inner);
  const result = symbol.declaration.result
    ? conform(evaluator, value, signature.result, span(symbol.module, body), symbol.module)
    : value;
  evaluator.calls.pop();
  return result;
}

function defaultOf(
  evaluator: Evaluator,
  expression: Expression | undefined,
  type: Parameters<typeof conform>[2],
  symbol: FunctionSymbol,
  frame: Frame,
): Value {
  if (!expression) return errorValue;
  const value = evaluate(evaluator, expression, frame);
  return conform(evaluator, value, type, span(symbol.module, expression), symbol.module);
}
