import type { Expression as Live, Observation } from "../../model/scenario.ts";
import { span } from "../binder/symbol.ts";
import type { CallTarget } from "../checker/checked.ts";
import type { Span } from "../source/source.ts";
import type { CallExpression, Expression, ListExpression } from "../syntax/ast.ts";
import { observations } from "../types/scenarios.ts";
import { conform } from "./conform.ts";
import { errorValue, innerFrame, known, moduleFrame, spend } from "./context.ts";
import { evaluate } from "./expressions.ts";
import {
  type Here,
  isLive,
  type Lowering,
  liveSize,
  lowerLive,
  nothing,
  placeOf,
  refuse,
  withLive,
} from "./live.ts";
import { iterate } from "./loops.ts";

/** Lists and calls among what a scenario observes. */

export function lowerList(lowering: Lowering, expression: ListExpression, at: Here): Live {
  const { evaluator } = lowering;
  const { comprehension, items } = expression;
  const place = span(at.frame.module, expression);
  if (!comprehension) {
    if (items.some(({ spread }) => spread)) return refuse(lowering, place, "a list with `...`");
    return { type: "list", items: items.map(({ value }) => lowerLive(lowering, value, at)) };
  }
  const { variables, over, condition } = comprehension;
  const [variable] = variables;
  const item = items[0]?.value;
  if (!item || !variable) return nothing;
  if (!isLive(lowering, over, at) && !(condition && isLive(lowering, condition, at)))
    return unrolled(lowering, expression, item, at);
  if (variables.length > 1) return refuse(lowering, place, "a list of what is observed, with two variables,");
  const through = lowerLive(lowering, over, at);
  const name = at.depth === 0 ? variable.text : `${variable.text}#${++lowering.fresh}`;
  const inner = withLive(at, variable.text, { type: "variable", name });
  return {
    type: "comprehension",
    variable: name,
    over: through,
    ...(condition ? { where: lowerLive(lowering, condition, inner) } : {}),
    give: lowerLive(lowering, item, inner),
    place: placeOf(evaluator, place),
  };
}

/** A list over what is known now, of which each item is known in a run. */
function unrolled(lowering: Lowering, { comprehension }: ListExpression, item: Expression, at: Here): Live {
  const { variables, over, condition } = comprehension!;
  const items: Live[] = [];
  iterate(lowering.evaluator, variables, over, condition, at.frame, (frame) => {
    items.push(lowerLive(lowering, item, { ...at, frame }));
  });
  return { type: "list", items };
}

const observedFunctions: Readonly<Record<string, "any" | "all" | "count" | "min" | "max" | "sum">> = {
  any: "any",
  all: "all",
  length: "count",
  min: "min",
  max: "max",
  sum: "sum",
};

/** How many milliseconds are one of these: `seconds(time)`. */
const units: Readonly<Record<string, number>> = { milliseconds: 1, seconds: 1000, minutes: 60_000 };

export function lowerCall(lowering: Lowering, call: CallExpression, at: Here): Live {
  const { evaluator } = lowering;
  const place = span(at.frame.module, call);
  const resolution = evaluator.checked.resolutions.get(call);
  if (resolution?.kind !== "call") return nothing;
  const { target } = resolution;
  if (target.kind === "function") return inlined(lowering, call, target, at);
  const given = [...resolution.arguments.values()].flat();
  if (target.kind === "observation") return observation(lowering, target.name, given[0], place, at);
  if (target.kind === "intrinsic") {
    const { name } = target;
    const lower = () => given.map((one) => lowerLive(lowering, one, at));
    const meant = Object.hasOwn(observedFunctions, name) ? observedFunctions[name] : undefined;
    if (meant) return { type: "call", function: meant, arguments: lower(), place: placeOf(evaluator, place) };
    const unit = Object.hasOwn(units, name) ? units[name] : undefined;
    if (unit !== undefined)
      return { type: "operator", operator: "/", operands: [...lower(), { type: "literal", value: unit }] };
  }
  return refuse(
    lowering,
    place,
    `\`${target.kind === "intrinsic" ? target.name : "this"}(…)\` of what is observed`,
  );
}

function observation(
  lowering: Lowering,
  name: string,
  of: Expression | undefined,
  place: Span,
  at: Here,
): Live {
  const where = placeOf(lowering.evaluator, place);
  const words = Object.hasOwn(observations, name) ? observations[name]!.words : undefined;
  const set = of && lowerLive(lowering, of, at, words);
  if (name === "count") return { type: "call", function: "count", arguments: set ? [set] : [], place: where };
  return { type: "observe", observation: name as Observation, ...(set ? { of: set } : {}), place: where };
}

/** A function of the file, with what is observed among its arguments: its body in place of the call. */
function inlined(
  lowering: Lowering,
  call: CallExpression,
  { symbol }: Extract<CallTarget, { kind: "function" }>,
  at: Here,
): Live {
  const { evaluator } = lowering;
  const { checked } = evaluator;
  const resolution = checked.resolutions.get(call);
  const signature = checked.signatures.get(symbol);
  if (!signature || resolution?.kind !== "call" || checked.cyclic.has(symbol)) return nothing;
  const place = span(at.frame.module, call);
  spend(evaluator, () => place, liveSize);
  const frame = innerFrame(moduleFrame(symbol.module));
  let inner: Here = { frame, names: undefined, depth: at.depth + 1 };
  for (const { name, type, value } of signature.parameters) {
    const argument = resolution.arguments.get(name)?.[0];
    if (argument && isLive(lowering, argument, at)) {
      inner = withLive(inner, name, lowerLive(lowering, argument, at));
      continue;
    }
    const from = argument ?? value;
    const given = argument
      ? evaluate(evaluator, argument, at.frame)
      : value
        ? evaluate(evaluator, value, frame)
        : errorValue;
    const where = from ? span(argument ? at.frame.module : symbol.module, from) : place;
    frame.names.set(name, known(name, place, conform(evaluator, given, type, where, symbol.module)));
  }
  evaluator.calls.push({ span: place, name: symbol.name });
  const body = lowerLive(lowering, symbol.declaration.value, inner);
  evaluator.calls.pop();
  return body;
}
