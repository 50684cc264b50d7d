import type { ObjectSymbol, TemplateSymbol } from "../binder/symbol.ts";
import { alwaysSeen } from "../binder/visibility.ts";
import { shadowedName } from "../diagnostics/catalog/names.ts";
import { templateCycle, templateTooLarge } from "../diagnostics/catalog/templates.ts";
import { cannotInfer } from "../diagnostics/catalog/types.ts";
import type { Declaration, Member, Parameter } from "../syntax/ast.ts";
import { widen } from "../types/assignable.ts";
import { fieldsOf } from "../types/records.ts";
import type { BlockSchema, FieldSchema, Type } from "../types/type.ts";
import { checkDeclaration } from "./blocks.ts";
import { type Checker, innerScope, moduleScope, type Scope } from "./checked.ts";
import { check, infer } from "./expressions.ts";
import { declareLocal } from "./locals.ts";
import { isFamily } from "./names.ts";
import { at, errorType } from "./report.ts";
import { typeOf } from "./type-nodes.ts";

/** The most objects that one use of a template may stand for, families not counted. */
export const largestTemplate = 100_000;

const types = new WeakMap<TemplateSymbol, Type>();

/** The type of what a use of a template makes. */
export function templateType(template: TemplateSymbol): Type {
  const known = types.get(template);
  if (known) return known;
  const type: Type = {
    kind: "template",
    name: template.name,
    template,
    self: selves(template).map((one) => one.symbol.word),
  };
  types.set(template, type);
  return type;
}

/** An object that bears the name of the use, with the uses named `self` that it is reached through. */
export interface Self {
  readonly through: readonly ObjectSymbol[];
  readonly symbol: ObjectSymbol;
}

/** The objects of a template that bear the name of the use: one of each, and always there. */
export function selves(template: TemplateSymbol, through: readonly ObjectSymbol[] = []): readonly Self[] {
  if (through.slice(0, -1).some((one) => one.template === template)) return []; // a circle, which has been reported
  return (template.body.objectsByName.get("self") ?? [])
    .filter((one) => one.namespace === undefined && !isFamily(one) && alwaysSeen(one.sites, []))
    .flatMap((symbol) =>
      symbol.template ? selves(symbol.template, [...through, symbol]) : [{ through, symbol }],
    );
}

/** The template that a type of this kind is about. */
export const templateOf = (type: Extract<Type, { kind: "template" }>): TemplateSymbol =>
  type.template as TemplateSymbol;

/** Notes that a template is used under this name. */
export function useTemplate(
  checker: Checker,
  template: TemplateSymbol,
  name: string,
  scope: Scope,
): TemplateSymbol {
  checker.used.add(template);
  const imported = scope.module.importedNames.get(name);
  if (imported) imported.used.value = true;
  return template;
}

/** `WebApp x { … }`: the parameters are the fields of its block. */
export function checkUse(
  checker: Checker,
  declaration: Declaration,
  template: TemplateSymbol,
  scope: Scope,
): void {
  const { qualifier, word } = declaration;
  useTemplate(checker, template, word.text, scope);
  const module = qualifier && scope.module.values.get(qualifier.text);
  if (module) checker.used.add(module);
  checkDeclaration(checker, declaration, schemaOf(checker, template), scope);
}

/** The parameters of a template as the table of a block. */
export function schemaOf(checker: Checker, template: TemplateSymbol): BlockSchema {
  const known = checker.templates.get(template);
  if (known) return known;
  const scope = innerScope(moduleScope(template.body));
  const fields = template.declaration.parameters.map((parameter) => {
    const type = parameterType(checker, parameter, scope);
    declareLocal(checker, scope, parameter.name, type);
    const field: FieldSchema = {
      type,
      required: !parameter.value && type.kind !== "optional" && type.kind !== "error",
      ...(parameter.help === undefined ? {} : { help: parameter.help }),
    };
    return [parameter.name.text, field] as const;
  });
  const schema: BlockSchema = {
    word: template.name,
    help: template.declaration.help ?? "",
    name: "required",
    family: true,
    fields: fieldsOf(fields.filter(([name]) => name !== "")),
    members: {},
  };
  checker.templates.set(template, schema);
  scopes.set(schema, scope);
  return schema;
}

/** The scope that the parameters of a template are declared in. */
const scopes = new WeakMap<BlockSchema, Scope>();

function parameterType(checker: Checker, { name, type, value }: Parameter, scope: Scope): Type {
  if (type) {
    const declared = typeOf(checker, type, scope);
    if (value) check(checker, value, declared, scope);
    return declared;
  }
  if (value) return widen(infer(checker, value, undefined, scope));
  checker.report(cannotInfer(at(scope, name), { what: `parameter \`${name.text}\`` }));
  return errorType;
}

/** Checks a template once for all its uses, also where there is none. */
export function checkTemplate(
  checker: Checker,
  template: TemplateSymbol,
  checkMembers: (checker: Checker, members: readonly Member[], scope: Scope) => void,
): void {
  const { declaration } = template;
  if (Object.hasOwn(checker.schemas, template.name))
    checker.report(shadowedName(template.span, { name: template.name, what: "kind" }));
  const scope = scopes.get(schemaOf(checker, template))!;
  checkMembers(checker, declaration.body, innerScope(scope));
}

/**
 * Reports templates that use themselves, and those that stand for more objects than any cluster has: ten templates
 * that each use the one before ten times are a short file.
 */
export function checkTemplateSizes(checker: Checker): void {
  const sizes = new Map<TemplateSymbol, number>();
  const trail = new Set<TemplateSymbol>();
  const sizeOf = (template: TemplateSymbol): number => {
    const known = sizes.get(template);
    if (known !== undefined) return known;
    if (trail.has(template)) {
      const open = [...trail];
      reportCycle(checker, open.slice(open.indexOf(template)));
      return 0;
    }
    trail.add(template);
    let size = 1;
    for (const object of template.body.objects)
      size += object.template ? object.sites.length * sizeOf(object.template) : object.sites.length;
    trail.delete(template);
    if (size > largestTemplate && !checker.cyclic.has(template)) {
      checker.cyclic.add(template);
      checker.report(templateTooLarge(template.span, { name: template.name, most: largestTemplate }));
      size = 0; // those that use it are not to blame
    }
    sizes.set(template, size);
    return size;
  };
  for (const module of checker.program.modules)
    for (const symbol of module.values.values()) if (symbol.kind === "template") sizeOf(symbol);
}

function reportCycle(checker: Checker, circle: readonly TemplateSymbol[]): void {
  if (circle.some((one) => checker.cyclic.has(one))) return;
  for (const one of circle) checker.cyclic.add(one);
  const first = circle[0]!;
  const secondary = circle.map((one, index) => {
    const next = circle[(index + 1) % circle.length]!;
    const use = one.body.objects.find((object) => object.template === next);
    return { span: use?.sites[0]?.span ?? one.span, text: `\`${one.name}\` uses \`${next.name}\` here` };
  });
  checker.report(
    templateCycle(first.span, { chain: [...circle, first].map((one) => one.name) }, { secondary }),
  );
}
