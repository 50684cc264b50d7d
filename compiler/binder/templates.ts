import { nearest } from "../../base/edit-distance.ts";
import { notInModule, shadowedName, unknownName } from "../diagnostics/catalog/names.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Declaration, Name, TemplateDeclaration } from "../syntax/ast.ts";
import { type Collector, declareValue } from "./collect.ts";
import { type ModuleSymbols, span, type TemplateSymbol } from "./symbol.ts";

/**
 * Enters the templates of a module, before anything else in it: a use may stand above its template. Their bodies are
 * collected when the module is, each into symbols of its own.
 */
export function declareTemplates(collector: Collector): readonly TemplateSymbol[] {
  const { symbols } = collector;
  const templates: TemplateSymbol[] = [];
  for (const member of symbols.module.members) {
    if (member.kind !== "template") continue;
    const template = templateSymbol(symbols, member);
    const { name, span: place } = template;
    if (collector.words.has(name) || name === "cluster") {
      collector.report(shadowedName(place, { name, what: "kind" }));
      continue;
    }
    if (!symbols.values.has(name)) templates.push(template);
    declareValue(collector, member.name, template);
  }
  return templates;
}

/** The body shares with its module what the module's names mean, and has objects of its own. */
function templateSymbol(module: ModuleSymbols, declaration: TemplateDeclaration): TemplateSymbol {
  const own = {
    objects: [],
    objectsByName: new Map(),
    assertions: [],
    policies: [],
    scenarios: [],
    uses: [],
    extensions: [],
    profiles: new Map(),
  };
  const body: { -readonly [Key in keyof ModuleSymbols]: ModuleSymbols[Key] } = {
    ...module,
    ...own,
    around: module,
  };
  delete body.cluster;
  const template: TemplateSymbol = {
    kind: "template",
    name: declaration.name.text,
    module,
    span: span(module, declaration.name),
    declaration,
    body,
  };
  body.template = template;
  return template;
}

/** The template that a declaration uses, `WebApp x` or `web.WebApp x`; undefined for all other declarations. */
export function findTemplate(
  module: ModuleSymbols,
  { qualifier, word }: Pick<Declaration, "qualifier" | "word">,
): TemplateSymbol | undefined {
  const of = qualifier ? moduleNamed(module, qualifier) : module;
  const symbol = of?.values.get(word.text);
  return symbol?.kind === "template" ? symbol : undefined;
}

const moduleNamed = (module: ModuleSymbols, qualifier: Name): ModuleSymbols | undefined => {
  const symbol = module.values.get(qualifier.text);
  return symbol?.kind === "module" ? symbol.module : undefined;
};

/** The templates that can be used in a module, as they are written there. */
export function templateNames(module: ModuleSymbols): readonly string[] {
  return [...module.values].filter(([, symbol]) => symbol.kind === "template").map(([name]) => name);
}

/** Says of `web.WebApp` that there is no module `web`, or no template `WebApp` in it. */
export function noSuchTemplate(module: ModuleSymbols, { word }: Declaration, qualifier: Name): Diagnostic {
  const of = moduleNamed(module, qualifier);
  const wrong = of ? word : qualifier;
  const modules = [...module.values].filter(([, one]) => one.kind === "module").map(([name]) => name);
  const meant = nearest(wrong.text, of ? templateNames(of) : modules);
  const at = span(module, wrong);
  const details = meant
    ? { fixes: [{ title: `did you mean \`${meant}\`?`, edits: [{ span: at, text: meant }] }] }
    : {};
  return of
    ? notInModule(at, { name: wrong.text, module: of.title }, details)
    : unknownName(at, { name: wrong.text, what: "module" }, details);
}
