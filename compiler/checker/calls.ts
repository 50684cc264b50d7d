import { broughtIn } from "../binder/bring-in.ts";
import type { FunctionSymbol } from "../binder/symbol.ts";
import { unknownName } from "../diagnostics/catalog/names.ts";
import { argumentName } from "../diagnostics/catalog/plan.ts";
import {
  missingArgument,
  notCallable,
  outsideValue,
  tooManyArguments,
  unknownArgument,
} from "../diagnostics/catalog/types.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import { argumentSpelling, formSpelling } from "../diagnostics/spellings.ts";
import type { CallExpression, Expression } from "../syntax/ast.ts";
import { fieldAt } from "../types/records.ts";
import { observations } from "../types/scenarios.ts";
import type { Type, VariantSchema } from "../types/type.ts";
import type { CallTarget, Checker, Scope } from "./checked.ts";
import { check, infer } from "./expressions.ts";
import { type IntrinsicParameter, intrinsics } from "./intrinsics.ts";
import { depend } from "./names.ts";
import { inferObservation, inRun } from "./observations.ts";
import { at, didYouMean, errorType, flatten, mistaken, muted, replaceBy } from "./report.ts";
import { signatureOf } from "./values.ts";

/** A call: a named form of the position (`emptyDir(64Mi)`), a function, or one of the language's own. */
export function inferCall(
  checker: Checker,
  call: CallExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { callee } = call;
  if (callee.kind === "reference") {
    for (const type of flatten(expected)) {
      const schema = type.kind === "variant" ? fieldAt(type.variants, callee.name) : undefined;
      if (!schema) continue;
      const target: CallTarget = { kind: "variant", name: callee.name, schema };
      const parameters = schema.of === undefined ? schema.parameters.map(spread) : schema.parameters;
      const named = schema.of === undefined || allNamed(checker, call, callee.name, schema, scope);
      if (named) bindArguments(checker, call, target, callee.name, parameters, scope);
      return type;
    }
    const symbol = scope.module.values.get(callee.name);
    if (symbol?.kind === "function") return callFunction(checker, call, symbol, scope);
    const observed = symbol ? undefined : inferObservation(checker, call, scope);
    if (observed) return observed;
    if (!symbol && Object.hasOwn(intrinsics, callee.name))
      return callIntrinsic(checker, call, callee.name, scope);
  }
  if (callee.kind === "member" && callee.object.kind === "reference") {
    const module = scope.module.values.get(callee.object.name);
    const symbol = module?.kind === "module" ? module.module.values.get(callee.member.text) : undefined;
    if (module) checker.used.add(module);
    if (symbol?.kind === "function") return callFunction(checker, call, symbol, scope);
  }
  return refuse(checker, call, expected, scope);
}

/** Whether the arguments have names, where they are the fields of a Kubernetes type, which have no order. */
function allNamed(
  checker: Checker,
  call: CallExpression,
  callee: string,
  { parameters }: VariantSchema,
  scope: Scope,
): boolean {
  const first = call.arguments.find(({ name }) => name === undefined);
  if (!first) return true;
  const notes = [`it takes ${parameters.map(({ name }) => `\`${name}\``).join(", ")}`];
  const fixes = parameters
    .filter(({ optional }) => !optional)
    .slice(0, 1)
    .map(({ name }) => ({ title: `write the name of each argument: \`${callee}(${name}: …)\``, edits: [] }));
  checker.report(argumentName(at(scope, first), { callee }, { fixes, notes }));
  mistaken(checker, call);
  return false;
}

/** The last parameter of a named form that takes a list takes its items one by one too: `external(a, b)`. */
function spread(
  parameter: IntrinsicParameter,
  index: number,
  all: readonly IntrinsicParameter[],
): IntrinsicParameter {
  const list = index === all.length - 1 && flatten(parameter.type).some((type) => type.kind === "list");
  return list ? { ...parameter, rest: true } : parameter;
}

function callFunction(checker: Checker, call: CallExpression, symbol: FunctionSymbol, scope: Scope): Type {
  depend(checker, call.callee, symbol, scope);
  const signature = signatureOf(checker, symbol);
  if (checker.open.has(symbol)) return mistaken(checker, call);
  const parameters = signature.parameters.map(({ name, type, value }) => ({
    name,
    type,
    optional: value !== undefined,
  }));
  bindArguments(checker, call, { kind: "function", symbol }, symbol.name, parameters, scope);
  return signature.result;
}

function callIntrinsic(checker: Checker, call: CallExpression, name: string, scope: Scope): Type {
  const intrinsic = intrinsics[name]!;
  if ((name === "env" && scope.data !== "secret") || (name === "file" && !scope.data)) {
    const fixes = [{ title: "declare a `param`, or a `secret` with this value, and refer to it", edits: [] }];
    checker.report(outsideValue(at(scope, call), { callee: name }, { fixes }));
    return mistaken(checker, call);
  }
  const types = bindArguments(checker, call, { kind: "intrinsic", name }, name, intrinsic.parameters, scope);
  if (name === "file") return scope.data === "secret" ? { kind: "late" } : { kind: "string" };
  return types.some((type) => type.kind === "error") ? errorType : intrinsic.result(types);
}

/** Gives every argument its parameter, checks it, and notes the binding. The types are in the order of the arguments. */
function bindArguments(
  checker: Checker,
  call: CallExpression,
  target: CallTarget,
  callee: string,
  parameters: readonly IntrinsicParameter[],
  scope: Scope,
): readonly Type[] {
  const bound = new Map<string, Expression[]>();
  const types: Type[] = [];
  let position = 0;
  for (const argument of call.arguments) {
    const name = argument.name?.text;
    const parameter = name === undefined ? parameters[position] : parameters.find((one) => one.name === name);
    if (name === undefined && parameter && !parameter.rest) position++;
    const before = parameter && bound.get(parameter.name);
    if (parameter && (!before || parameter.rest)) {
      bound.set(parameter.name, [...(before ?? []), argument.value]);
      types.push(check(checker, argument.value, parameter.type, scope));
      continue;
    }
    infer(checker, argument.value, undefined, scope);
    if (argument.name && !before) {
      const place = at(scope, argument.name);
      const names = parameters.map((one) => one.name);
      const meant = argumentSpelling(name!);
      const fixes =
        meant !== undefined && names.includes(meant) && !bound.has(meant)
          ? [replaceBy(place, meant)]
          : didYouMean(place, name!, names);
      const notes =
        parameters.length > 0 ? [`it takes ${parameters.map((one) => `\`${one.name}\``).join(", ")}`] : [];
      checker.report(unknownArgument(place, { name: name!, callee }, { fixes, notes }));
    } else {
      const notes = before ? [`\`${parameter!.name}\` is given twice`] : [];
      checker.report(tooManyArguments(at(scope, argument), { callee, most: parameters.length }, { notes }));
    }
    mistaken(checker, call);
  }
  for (const parameter of parameters) {
    if (parameter.optional || bound.has(parameter.name)) continue;
    checker.report(missingArgument(at(scope, call), { name: parameter.name, callee }));
    mistaken(checker, call);
  }
  checker.resolutions.set(call, { kind: "call", target, arguments: bound });
  return types;
}

function refuse(checker: Checker, call: CallExpression, expected: Type | undefined, scope: Scope): Type {
  const { callee } = call;
  // What the arguments are expected to be is not known: nothing can be said of them.
  muted(checker, () => {
    for (const argument of call.arguments) infer(checker, argument.value, undefined, scope);
  });
  const place = at(scope, callee);
  if (callee.kind === "missing" || (callee.kind === "reference" && scope.module.missing.has(callee.name)))
    return mistaken(checker, call);
  if (
    callee.kind === "member" &&
    callee.object.kind === "reference" &&
    scope.module.missing.has(callee.object.name)
  )
    return mistaken(checker, call);
  if (callee.kind === "reference" && !scope.module.values.has(callee.name)) {
    const forms = flatten(expected).flatMap((type) =>
      type.kind === "variant" ? Object.keys(type.variants) : [],
    );
    const functions = [...scope.module.values]
      .filter(([, symbol]) => symbol.kind === "function")
      .map(([name]) => name);
    const form = formSpelling(callee.name);
    const observed = inRun(scope) ? [...Object.keys(observations), "count"] : [];
    const library = broughtIn(scope.module, "fn", callee.name);
    const fixes = library
      ? [library]
      : form !== undefined && forms.includes(form)
        ? [replaceBy(place, form)]
        : didYouMean(place, callee.name, [...forms, ...functions, ...observed, ...Object.keys(intrinsics)]);
    const notes =
      fixes.length === 0 && forms.length > 0
        ? [`it can be ${forms.map((one) => `\`${one}\``).join(", ")}`]
        : [];
    // One missing `use` is one mistake, however often the function is called.
    scope.module.missing.add(callee.name);
    checker.report(unknownName(place, { name: callee.name, what: "function" }, { fixes, notes }));
  } else {
    const written = scope.module.file.text.slice(callee.start, callee.end);
    const short = written.length > 40 || written.includes("\n") ? "this" : `\`${written}\``;
    const { scenario } = scope;
    const compares = scenario === "run" && callee.kind === "member" && /^to[A-Z]/.test(callee.member.text);
    const fixes = compares
      ? [{ title: "values are compared by `==`: `expect A == B`", edits: [] }]
      : moduleUnnamed(callee, scope);
    checker.report(notCallable(place, { what: short }, { fixes }));
  }
  return mistaken(checker, call);
}

/** `probe.http(…)` under `use std/probe`, which gives the module no name. */
function moduleUnnamed(callee: Expression, scope: Scope): readonly Fix[] {
  if (callee.kind !== "member" || callee.object.kind !== "reference") return [];
  const { name } = callee.object;
  const use = scope.module.module.members.find(
    (member) => member.kind === "use" && !member.alias && member.path.split("/").at(-1) === name,
  );
  if (use?.kind !== "use") return [];
  return [
    {
      title: `give the module a name: \`use ${use.path} as ${name}\`, or bring the function in: \`use ${use.path} { ${callee.member.text} }\``,
      edits: [],
    },
  ];
}
