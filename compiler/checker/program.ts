import type { BoundProgram, Enclosure, ModuleSymbols, ValueSymbol } from "../binder/symbol.ts";
import { findTemplate } from "../binder/templates.ts";
import { definitionCycle, unknownName } from "../diagnostics/catalog/names.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Declaration, Member } from "../syntax/ast.ts";
import type { BlockSchema } from "../types/type.ts";
import { checkAlike } from "./alike.ts";
import { checkAssert, checkDeclaration } from "./blocks.ts";
import { type Checked, type Checker, innerScope, moduleScope, type Scope } from "./checked.ts";
import { check, checkCondition, infer } from "./expressions.ts";
import { schemaKey } from "./kinds.ts";
import { bindVariables } from "./loops.ts";
import { checkExtend, checkProfile, refuseManifest } from "./overrides.ts";
import { checkPolicy } from "./policies.ts";
import { scopeWhen } from "./presence.ts";
import { checkLet, keyText } from "./record-literals.ts";
import { at, didYouMean } from "./report.ts";
import { checkScenario } from "./scenarios.ts";
import { checkTemplate, checkTemplateSizes, checkUse } from "./templates.ts";
import { checkAlias } from "./type-nodes.ts";
import { reportUnused } from "./unused.ts";
import { labelType, signatureOf, valueType } from "./values.ts";

/** Checks all modules of a program. Mistakes go to `report`; the result tells evaluation what every name means. */
export function checkProgram(options: {
  readonly program: BoundProgram;
  readonly schemas: Readonly<Record<string, BlockSchema>>;
  readonly report: (diagnostic: Diagnostic) => void;
}): Checked {
  const checker: Checker = {
    ...options,
    resolutions: new Map(),
    erroneous: new Set(),
    cpuLiterals: new Set(),
    valueTypes: new Map(),
    signatures: new Map(),
    labelTypes: new Map(),
    templates: new Map(),
    typeNodes: new Map(),
    aliases: new Map(),
    cyclic: new Set(),
    open: new Set(),
    dependencies: new Map(),
    used: new Set(),
    usedLabels: new Set(),
    current: undefined,
    depth: 0,
    asked: undefined,
  };
  checkTemplateSizes(checker);
  for (const module of options.program.modules) checkModule(checker, module);
  reportCycles(checker);
  reportUnused(checker, options.program);
  return checker;
}

function checkModule(checker: Checker, module: ModuleSymbols): void {
  for (const label of module.labels.values()) labelType(checker, label);
  for (const symbol of module.values.values()) {
    if (symbol.kind === "type") checkAlias(checker, symbol);
    else if (symbol.kind === "function") signatureOf(checker, symbol);
    else if (symbol.kind === "template") {
      if (symbol.module === module) checkTemplate(checker, symbol, checkMembers);
    } else if (symbol.kind !== "module") valueType(checker, symbol);
  }
  checkWiths(checker, module);
  checkMembers(checker, module.module.members, moduleScope(module));
  for (const policy of module.policies) checkPolicy(checker, module, policy);
}

/** `use … with { p: e }`: every key is a parameter of the module, every value of its type. */
function checkWiths(checker: Checker, user: ModuleSymbols): void {
  const scope = moduleScope(user);
  for (const { use, module } of user.uses) {
    const parameters = [...module.values.values()].filter(
      (symbol) => symbol.kind === "param" && symbol.module === module,
    );
    for (const member of use.with?.members ?? []) {
      if (member.kind !== "field") continue;
      const key = keyText(member) ?? "";
      const symbol = module.values.get(key);
      if (symbol?.kind === "param") check(checker, member.value, valueType(checker, symbol), scope);
      else {
        infer(checker, member.value, undefined, scope);
        const place = at(scope, member.key);
        const fixes = didYouMean(
          place,
          key,
          parameters.map((one) => one.name),
        );
        const names = parameters.map((one) => `\`${one.name}\``).join(", ");
        const notes = [
          names ? `\`${use.path}\` has the parameters ${names}` : `\`${use.path}\` has no parameters`,
        ];
        checker.report(unknownName(place, { name: key, what: "parameter" }, { fixes, notes }));
      }
    }
  }
}

function checkMembers(checker: Checker, members: readonly Member[], scope: Scope): void {
  for (const member of members) {
    switch (member.kind) {
      case "let":
        if (scope.place.length > 0 || scope.module.template) checkLet(checker, member, scope);
        break;
      case "assert":
        checkAssert(checker, member, scope);
        break;
      case "if": {
        checkCondition(checker, member.condition, scope);
        const then: Enclosure = { kind: "if", member, branch: "then" };
        const [whenTrue, whenFalse] = [true, false].map((truth) => scopeWhen(scope, member.condition, truth));
        checkMembers(checker, member.then, innerScope(whenTrue!, { place: [...scope.place, then] }));
        const otherwise: Enclosure = { kind: "if", member, branch: "otherwise" };
        checkMembers(
          checker,
          member.otherwise ?? [],
          innerScope(whenFalse!, { place: [...scope.place, otherwise] }),
        );
        break;
      }
      case "for": {
        const inner = innerScope(scope, { place: [...scope.place, { kind: "for", member }] });
        bindVariables(checker, member.variables, member.over, scope, inner);
        if (member.condition) checkCondition(checker, member.condition, inner);
        const body = scopeWhen(inner, member.condition, true);
        checkMembers(checker, member.body, body);
        break;
      }
      case "extend":
        checkExtend(checker, member, scope);
        refuseManifest(checker, member, scope);
        break;
      case "scenario":
        checkScenario(checker, { member, enclosures: scope.place }, scope);
        break;
      case "declaration":
        if (member.word.text === "profile" && scope.place.length === 0)
          checkProfile(checker, member, scope, checkMembers);
        else checkAlike(checker, member, scope, checkObject);
    }
  }
}

function checkObject(checker: Checker, declaration: Declaration, scope: Scope): void {
  const word = declaration.word.text;
  const template = findTemplate(scope.module, declaration);
  if (template) {
    checkUse(checker, declaration, template, scope);
    return;
  }
  if (declaration.qualifier) return;
  const key = schemaKey(declaration);
  const schema = Object.hasOwn(checker.schemas, key) ? checker.schemas[key] : undefined;
  if (!schema || (word !== "cluster" && !schema.kind)) return; // the binder has reported it
  checkDeclaration(checker, declaration, schema, scope);
  if (word !== "namespace" || !declaration.body) return;
  const place: readonly Enclosure[] = [...scope.place, { kind: "namespace", declaration }];
  const inner = innerScope(scope, { place, namespace: declaration.name?.text ?? "" });
  checkMembers(checker, declaration.body, inner);
}

/** Reports each circle of definitions once, at the definition that comes first. */
function reportCycles(checker: Checker): void {
  const state = new Map<ValueSymbol, "open" | "done">();
  const trail: ValueSymbol[] = [];
  const visit = (symbol: ValueSymbol): void => {
    state.set(symbol, "open");
    trail.push(symbol);
    for (const next of checker.dependencies.get(symbol)?.keys() ?? []) {
      if (state.get(next) === "done" || trail.length > 5_000) continue;
      if (state.get(next) !== "open") visit(next);
      else {
        const circle = trail.slice(trail.indexOf(next));
        if (circle.some((one) => checker.cyclic.has(one))) continue;
        for (const one of circle) checker.cyclic.add(one);
        const chain = [...circle, next].map((one) => one.name);
        const secondary = circle
          .slice(1)
          .map((one) => ({ span: one.span, text: `\`${one.name}\` is part of the circle` }));
        checker.report(definitionCycle(next.span, { chain }, { secondary }));
      }
    }
    trail.pop();
    state.set(symbol, "done");
  };
  for (const symbol of checker.dependencies.keys()) if (!state.has(symbol)) visit(symbol);
}
