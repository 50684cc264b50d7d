import type { TypeSymbol } from "../binder/symbol.ts";
import { budgetExceeded } from "../diagnostics/catalog/evaluate.ts";
import { definitionCycle } from "../diagnostics/catalog/names.ts";
import { badPattern, needsConstant, unknownType } from "../diagnostics/catalog/types.ts";
import { typeSpelling } from "../diagnostics/spellings.ts";
import type { Expression, NamedType, TypeNode } from "../syntax/ast.ts";
import { joinAll, optional } from "../types/assignable.ts";
import { probe, resources } from "../types/blocks/common.ts";
import { localRun } from "../types/blocks/container.ts";
import { spread, toleration } from "../types/blocks/pod.ts";
import { compilePattern } from "../types/pattern.ts";
import { fieldsOf } from "../types/records.ts";
import type { Type } from "../types/type.ts";
import { type Checker, innerScope, moduleScope, type Predicate, type Scope } from "./checked.ts";
import { check, deepest } from "./expressions.ts";
import { at, didYouMean, errorType, integerOf, literalText, replaceBy, reportEmptyRange } from "./report.ts";
import { templateType, useTemplate } from "./templates.ts";

const boolean: Type = { kind: "boolean" };

/** The types that the language has names for. */
const named: Readonly<Record<string, Type>> = {
  Bool: boolean,
  Int: { kind: "number", integer: true },
  Number: { kind: "number", integer: false },
  String: { kind: "string" },
  Cpu: { kind: "quantity", dimension: "cpu" },
  Memory: { kind: "quantity", dimension: "memory" },
  Duration: { kind: "quantity", dimension: "duration" },
  Percent: { kind: "quantity", dimension: "percent" },
  Port: { kind: "port" },
  Ip: { kind: "ip" },
  Cidr: { kind: "cidr" },
  Image: { kind: "image" },
  Node: { kind: "object", words: ["node"] },
  Pod: { kind: "object", words: ["pod"] },
  Service: { kind: "object", words: ["service"] },
  Rc: { kind: "object", words: ["rc"] },
  Config: { kind: "object", words: ["config"] },
  Secret: { kind: "object", words: ["secret"] },
  Namespace: { kind: "object", words: ["namespace"] },
  Claim: { kind: "object", words: ["claim"] },
  Account: { kind: "object", words: ["account"] },
  Container: { kind: "member", word: "container" },
  Volume: { kind: "member", word: "volume" },
  Selector: { kind: "selection", of: "pods" },
};

/** Shapes of what stands in blocks, for parameters that are handed on. A `type` of the same name comes before them. */
const shapes: Readonly<Record<string, Type>> = {
  EnvValue: { kind: "envValue" },
  Labels: { kind: "labels" },
  Local: localRun,
  Probe: probe,
  Resources: resources,
  Spread: spread,
  Toleration: toleration,
};

/** The type that is written. A mistake in it is reported once and gives the silent type. */
export function typeOf(checker: Checker, node: TypeNode, scope: Scope): Type {
  const known = checker.typeNodes.get(node);
  if (known) return known;
  if (checker.depth >= deepest) {
    checker.report(budgetExceeded(at(scope, node), { what: "types are nested too deeply" }));
    return errorType;
  }
  checker.depth++;
  const type = find(checker, node, scope);
  checker.depth--;
  checker.typeNodes.set(node, type);
  return type;
}

function find(checker: Checker, node: TypeNode, scope: Scope): Type {
  switch (node.kind) {
    case "type-missing":
      return errorType;
    case "type-name":
      return findNamed(checker, node, scope);
    case "type-literal":
      return literalType(checker, node.value, scope);
    case "type-union":
      return joinAll(node.options.map((option) => typeOf(checker, option, scope)));
    case "type-list":
      return { kind: "list", element: typeOf(checker, node.element, scope) };
    case "type-optional":
      return optional(typeOf(checker, node.type, scope));
    case "type-record": {
      if (node.values) return { kind: "map", values: typeOf(checker, node.values, scope) };
      const entries = node.fields.map((field) => {
        const type = typeOf(checker, field.type, scope);
        return [field.name.text, { type, required: !field.optional && type.kind !== "optional" }] as const;
      });
      return { kind: "record", fields: fieldsOf(entries) };
    }
    case "type-refined": {
      const type = typeOf(checker, node.type, scope);
      const module = scope.module.around ?? scope.module;
      const inner = innerScope(moduleScope(module));
      inner.locals.set("it", { name: undefined, type, used: true });
      check(checker, node.predicate, boolean, inner);
      const predicate: Predicate = { expression: node.predicate, module };
      return { kind: "refined", type, predicate };
    }
  }
}

function literalType(checker: Checker, value: Expression, scope: Scope): Type {
  if (value.kind === "none") return { kind: "none" };
  if (value.kind === "boolean") return boolean;
  const text = literalText(value);
  if (text !== undefined) return { kind: "string", options: [text] };
  const bounds = integerOf(value);
  if (bounds !== undefined) return { kind: "number", integer: true, minimum: bounds, maximum: bounds };
  if (value.kind !== "missing") checker.report(needsConstant(at(scope, value), { what: "a literal type" }));
  return errorType;
}

function findNamed(checker: Checker, node: NamedType, scope: Scope): Type {
  const [first, second, more] = node.path;
  if (!first || first.text === "") return errorType;
  if (!second && Object.hasOwn(named, first.text))
    return withArgument(checker, named[first.text]!, node, scope);
  let symbol = scope.module.values.get(first.text);
  if (second && symbol?.kind === "module") {
    checker.used.add(symbol);
    symbol = symbol.module.values.get(second.text);
  }
  if (symbol?.kind === "type" && !more) {
    checker.used.add(symbol);
    const imported = scope.module.importedNames.get(first.text);
    if (imported) imported.used.value = true;
    if (node.argument) checker.report(needsConstant(at(scope, node.argument), { what: "what a type takes" }));
    return aliased(checker, symbol);
  }
  if (symbol?.kind === "template" && !more)
    return templateType(useTemplate(checker, symbol, first.text, scope));
  if (!second && Object.hasOwn(shapes, first.text)) return shapes[first.text]!;
  if (scope.module.missing.has(first.text)) return errorType;
  const written = node.path.map((name) => name.text).join(".");
  const place = at(scope, { start: first.start, end: node.path.at(-1)!.end });
  const known = [
    ...Object.keys(named),
    ...Object.keys(shapes),
    ...[...scope.module.values].filter(([, value]) => value.kind === "type").map(([name]) => name),
  ];
  const meant = typeSpelling(written);
  const quoted = {
    title: `a text as a type stands in quotes: \`"${written}"\``,
    edits: [{ span: place, text: `"${written}"` }],
  };
  const fixes = meant
    ? [{ ...replaceBy(place, meant), safe: true as const }]
    : [...didYouMean(place, written, known), ...(/^[a-z][\w-]*$/.test(written) ? [quoted] : [])];
  checker.report(unknownType(place, { name: written }, { fixes }));
  return errorType;
}

/** `Int(1..50)`, `String(r"re")`. */
function withArgument(checker: Checker, type: Type, node: NamedType, scope: Scope): Type {
  const { argument } = node;
  if (!argument || argument.kind === "missing") return type;
  if (type.kind === "number") {
    const isRange = argument.kind === "binary" && argument.operator === "..";
    const minimum = integerOf(isRange ? argument.left : argument);
    const maximum = integerOf(isRange ? argument.right : argument);
    if (minimum !== undefined && maximum !== undefined) {
      if (minimum <= maximum) return { ...type, minimum, maximum };
      reportEmptyRange(checker, at(scope, argument), minimum, maximum);
      return type;
    }
    checker.report(
      needsConstant(at(scope, argument), { what: "the range of a number, such as `Int(1..50)`," }),
    );
    return type;
  }
  const pattern = type.kind === "string" ? literalText(argument) : undefined;
  if (type.kind === "string" && pattern !== undefined) {
    const compiled = compilePattern(pattern);
    if (typeof compiled !== "string") return { kind: "string", pattern };
    checker.report(badPattern(at(scope, argument), { problem: compiled }));
    return type;
  }
  checker.report(
    needsConstant(at(scope, argument), {
      what: type.kind === "string" ? 'a pattern, such as `String(r"[a-z]+")`,' : "a type without an argument",
    }),
  );
  return type;
}

function aliased(checker: Checker, symbol: TypeSymbol): Type {
  const known = checker.aliases.get(symbol);
  if (known === "open") {
    checker.report(definitionCycle(symbol.span, { chain: [symbol.name, symbol.name] }));
    checker.aliases.set(symbol, errorType);
    return errorType;
  }
  if (known) return known;
  checker.aliases.set(symbol, "open");
  const type = typeOf(checker, symbol.declaration.type, moduleScope(symbol.module));
  const found: Type = type.kind === "record" ? { ...type, name: symbol.name } : type;
  checker.aliases.set(symbol, found);
  return found;
}

/** Checks a `type` declaration itself, used or not. */
export function checkAlias(checker: Checker, symbol: TypeSymbol): void {
  aliased(checker, symbol);
}
