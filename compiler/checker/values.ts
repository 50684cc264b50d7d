import type { FunctionSymbol, LabelSymbol, LetSymbol, ParamSymbol, ValueSymbol } from "../binder/symbol.ts";
import { cannotInfer } from "../diagnostics/catalog/types.ts";
import { widen } from "../types/assignable.ts";
import type { Type } from "../types/type.ts";
import { type Checker, innerScope, moduleScope, type Signature } from "./checked.ts";
import { check, infer } from "./expressions.ts";
import { declareLocal } from "./locals.ts";
import { at, errorType } from "./report.ts";
import { typeOf } from "./type-nodes.ts";

/** Runs `task` as a part of a symbol's definition, so that what it reads is the symbol's dependency. */
function within<T>(checker: Checker, symbol: ValueSymbol, task: () => T): T {
  const before = checker.current;
  checker.current = symbol;
  checker.open.add(symbol);
  const result = task();
  checker.open.delete(symbol);
  checker.current = before;
  return result;
}

/** The type of a `param` or `let`, checked on first use. While it is being found it is silent: the cycle is reported once. */
export function valueType(checker: Checker, symbol: ParamSymbol | LetSymbol): Type {
  const known = checker.valueTypes.get(symbol);
  if (known) return known;
  if (checker.open.has(symbol)) return errorType;
  const type = within(checker, symbol, () => findValueType(checker, symbol));
  checker.valueTypes.set(symbol, type);
  return type;
}

function findValueType(checker: Checker, symbol: ParamSymbol | LetSymbol): Type {
  const { type, value } = symbol.declaration;
  const scope = moduleScope(symbol.module);
  if (type) {
    const declared = typeOf(checker, type, scope);
    checker.valueTypes.set(symbol, declared);
    if (value) check(checker, value, declared, scope);
    return declared;
  }
  if (!value) {
    checker.report(cannotInfer(symbol.span, { what: `param \`${symbol.name}\`` }));
    return errorType;
  }
  const inferred = infer(checker, value, undefined, scope);
  return symbol.kind === "param" ? widen(inferred) : inferred;
}

/** The parameters and result of a function; its body is checked on first use, once. */
export function signatureOf(checker: Checker, symbol: FunctionSymbol): Signature {
  const known = checker.signatures.get(symbol);
  if (known) return known;
  if (checker.open.has(symbol)) return { parameters: [], result: errorType };
  return within(checker, symbol, () => {
    const scope = innerScope(moduleScope(symbol.module));
    const parameters = symbol.declaration.parameters.map((parameter) => {
      let type: Type = errorType;
      if (parameter.type) {
        type = typeOf(checker, parameter.type, scope);
        if (parameter.value) check(checker, parameter.value, type, scope);
      } else if (parameter.value) type = widen(infer(checker, parameter.value, undefined, scope));
      else
        checker.report(
          cannotInfer(at(scope, parameter.name), { what: `parameter \`${parameter.name.text}\`` }),
        );
      declareLocal(checker, scope, parameter.name, type);
      return { name: parameter.name.text, type, value: parameter.value };
    });
    const { result, value } = symbol.declaration;
    const declared = result && typeOf(checker, result, scope);
    if (declared) checker.signatures.set(symbol, { parameters, result: declared });
    const found = declared ? check(checker, value, declared, scope) : infer(checker, value, undefined, scope);
    const signature: Signature = { parameters, result: declared ?? found };
    checker.signatures.set(symbol, signature);
    return signature;
  });
}

export function labelType(checker: Checker, symbol: LabelSymbol): Type {
  const known = checker.labelTypes.get(symbol);
  if (known) return known;
  const { type } = symbol.declaration;
  const found: Type = type ? typeOf(checker, type, moduleScope(symbol.module)) : { kind: "string" };
  checker.labelTypes.set(symbol, found);
  return found;
}
