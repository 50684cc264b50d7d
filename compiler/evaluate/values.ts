import { type LetSymbol, type ModuleSymbols, type ParamSymbol, span } from "../binder/symbol.ts";
import { keyText } from "../checker/record-literals.ts";
import { parameterMissing } from "../diagnostics/catalog/evaluate.ts";
import { displayType } from "../types/display.ts";
import { conform } from "./conform.ts";
import { type Evaluator, errorValue, force, lazy, moduleFrame, noneValue, report } from "./context.ts";
import { evaluate } from "./expressions.ts";
import { profileValue } from "./overrides.ts";
import type { Value } from "./value.ts";

/** The value of a `param` or `let` at the top of a module, worked out on first use. */
export function moduleValue(evaluator: Evaluator, symbol: ParamSymbol | LetSymbol): Value {
  if (evaluator.checked.cyclic.has(symbol)) return errorValue;
  let known = evaluator.values.get(symbol);
  if (!known) {
    const compute = () =>
      withoutCalls(evaluator, () =>
        symbol.kind === "let" ? letValue(evaluator, symbol) : paramValue(evaluator, symbol),
      );
    known = lazy(symbol.name, symbol.span, compute);
    evaluator.values.set(symbol, known);
  }
  return force(evaluator, known);
}

/** Values are worked out once, for all who read them: no caller is to blame. */
function withoutCalls(evaluator: Evaluator, task: () => Value): Value {
  const calls = evaluator.calls.splice(0);
  const value = task();
  evaluator.calls.push(...calls);
  return value;
}

function letValue(evaluator: Evaluator, symbol: LetSymbol): Value {
  const { module, declaration } = symbol;
  const value = evaluate(evaluator, declaration.value, moduleFrame(module));
  const type = declaration.type && evaluator.checked.valueTypes.get(symbol);
  return type ? conform(evaluator, value, type, span(module, declaration.value), module) : value;
}

/** What was set from outside, else by the user of the module, else the default. */
function paramValue(evaluator: Evaluator, symbol: ParamSymbol): Value {
  const { module, declaration, name } = symbol;
  const type = evaluator.checked.valueTypes.get(symbol) ?? { kind: "any" as const };
  if (type.kind === "error") return errorValue;
  const setting = module.root ? evaluator.settings.get(name) : undefined;
  if (setting) return setting;
  const chosen = module.root ? profileValue(evaluator, name) : undefined;
  if (chosen) {
    const value = evaluate(evaluator, chosen.value, chosen.frame);
    return conform(evaluator, value, type, span(chosen.frame.module, chosen.value), chosen.frame.module);
  }
  const given = givenByUser(module, name);
  if (given) {
    const value = evaluate(evaluator, given.value, moduleFrame(given.user));
    return conform(evaluator, value, type, span(given.user, given.value), given.user);
  }
  if (declaration.value) {
    const value = evaluate(evaluator, declaration.value, moduleFrame(module));
    return conform(evaluator, value, type, span(module, declaration.value), module);
  }
  if (type.kind === "optional") return noneValue;
  report(evaluator, symbol.span, (at) =>
    parameterMissing(
      at,
      { name, type: displayType(type) },
      { fixes: [{ title: `give it: \`--set ${name}=…\`, or a default after \`=\``, edits: [] }] },
    ),
  );
  return errorValue;
}

function givenByUser(module: ModuleSymbols, name: string) {
  const { parameters } = module;
  for (const member of parameters?.use.with?.members ?? [])
    if (member.kind === "field" && keyText(member) === name)
      return { value: member.value, user: parameters!.user };
  return undefined;
}
