import { broughtIn } from "../binder/bring-in.ts";
import type { LetSymbol, ObjectSymbol, ParamSymbol, ValueSymbol } from "../binder/symbol.ts";
import { alwaysSeen } from "../binder/visibility.ts";
import { ambiguousName, conditionalName, unknownName } from "../diagnostics/catalog/names.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import { formSpelling, rootSpelling, valueSpelling } from "../diagnostics/spellings.ts";
import type { Span } from "../source/source.ts";
import type { Expression, NameExpression } from "../syntax/ast.ts";
import { fits } from "../types/assignable.ts";
import { fieldAt } from "../types/records.ts";
import { bareObservations, observedWords } from "../types/scenarios.ts";
import type { Type, VariantSchema } from "../types/type.ts";
import { anyName, type Checker, findLocal, type Resolution, type Scope } from "./checked.ts";
import { objectWords, pluralOf } from "./kinds.ts";
import { inferObserved, inRun, reportInRun } from "./observations.ts";
import { presentType } from "./presence.ts";
import { at, didYouMean, flatten, mistaken, replaceBy } from "./report.ts";
import { templateType } from "./templates.ts";
import { valueType } from "./values.ts";

/** The type of a value and the meaning that a name has where it stands. */
interface Candidate {
  readonly type: Type;
  readonly resolution: Resolution;
  /** As one would write it to be clear. */
  readonly clear: string;
}

/**
 * What a bare name means: what its position asks for. A local variable always is itself; else every candidate that
 * the expected type admits is weighed, and two of them are an ambiguity.
 */
export function inferName(
  checker: Checker,
  expression: NameExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { name } = expression;
  if (name === "") return mistaken(checker, expression);
  const local = findLocal(scope, name);
  if (local) {
    local.used = true;
    if (local.live && !inRun(scope)) {
      reportInRun(checker, expression, `\`${name}\``, scope);
      return mistaken(checker, expression);
    }
    checker.resolutions.set(expression, { kind: "local", name });
    return presentType(scope, local, local.type);
  }
  const wants = flatten(expected).filter((type) => type.kind !== "any" && type.kind !== "error");
  const value = valueCandidate(checker, expression, scope);
  if (value && (wants.length === 0 || fits(value.type, expected!) !== "no"))
    return settle(checker, expression, value);
  const observed = value ? undefined : inferObserved(checker, expression, wants, scope);
  if (observed) return observed;
  const candidates = wanted(checker, name, wants, scope);
  const objects = findObjects(name, scope);
  if (wants.length === 0 && !value)
    candidates.push(...objects.map(objectCandidate), ...plural(checker, name, scope));
  // What bears this name has been refused: another object of the name is not what was meant.
  const { missing } = scope.module;
  const unnamed = missing.has(anyName) && wants.some((type) => type.kind === "object");
  if (candidates.length === 0 && !value && (missing.has(name) || unnamed))
    return mistaken(checker, expression);
  if (candidates.length > 1) return ambiguous(checker, expression, candidates, scope);
  const chosen =
    candidates[0] ?? value ?? (objects[0] && objectCandidate(objects[0])) ?? plural(checker, name, scope)[0];
  if (chosen) {
    if (chosen.resolution.kind === "object" && candidates.length > 0)
      seen(checker, expression, chosen.resolution.symbol, scope);
    return settle(checker, expression, chosen);
  }
  const member = familyMember(name, scope);
  if (member) return settle(checker, expression, member);
  return unknown(checker, expression, expected, scope);
}

function settle(checker: Checker, expression: Expression, { type, resolution }: Candidate): Type {
  checker.resolutions.set(expression, resolution);
  return type;
}

/** A `param` or `let` of the module; `undefined` for all other names. */
function valueCandidate(checker: Checker, expression: NameExpression, scope: Scope): Candidate | undefined {
  const symbol = scope.module.values.get(expression.name);
  if (symbol?.kind !== "param" && symbol?.kind !== "let") return undefined;
  return {
    type: presentType(scope, symbol, readValue(checker, expression, symbol, scope)),
    resolution: { kind: "value", symbol },
    clear: symbol.name,
  };
}

/** Notes that a top-level value is read here, and gives its type. */
export function readValue(
  checker: Checker,
  expression: Expression,
  symbol: ParamSymbol | LetSymbol,
  scope: Scope,
): Type {
  depend(checker, expression, symbol, scope);
  return valueType(checker, symbol);
}

export function depend(checker: Checker, expression: Expression, symbol: ValueSymbol, scope: Scope): void {
  checker.used.add(symbol);
  const imported = scope.module.importedNames.get(expression.kind === "reference" ? expression.name : "");
  if (imported) imported.used.value = true;
  if (!checker.current) return;
  const reads = checker.dependencies.get(checker.current) ?? new Map<ValueSymbol, Expression>();
  if (!reads.has(symbol)) reads.set(symbol, expression);
  checker.dependencies.set(checker.current, reads);
}

/** What the position asks for, under this name. */
function wanted(checker: Checker, name: string, wants: readonly Type[], scope: Scope): Candidate[] {
  const [only] = wants;
  if (only?.kind === "object" && wants.length === 1) {
    const objects = findObjects(name, scope);
    // Mostly there is one.
    if (objects.length === 1) return stands(objects[0]!, only) ? [objectCandidate(objects[0]!)] : [];
  }
  const found = new Map<string, Candidate>();
  for (const type of wants) {
    if (type.kind === "variant" && Object.hasOwn(type.variants, name)) {
      const schema: VariantSchema = type.variants[name]!;
      found.set("variant", { type, resolution: { kind: "variant", name, schema }, clear: name });
    } else if (type.kind === "object" || type.kind === "template") {
      for (const symbol of findObjects(name, scope))
        if (stands(symbol, type)) found.set(symbol.word, objectCandidate(symbol));
    } else if (type.kind === "member") {
      const there = type.word === "volume" ? scope.pod?.volumes : scope.pod?.containers;
      const family = [...(scope.pod?.repeated ?? [])].some(
        (base) => there?.has(base) && name.startsWith(`${base}-`),
      );
      if (there?.has(name) || family)
        found.set("member", { type, resolution: { kind: "podMember", word: type.word, name }, clear: name });
    } else if (type.kind === "port") {
      found.set("port", { type, resolution: { kind: "portName", name }, clear: name });
    } else if (type.kind === "list") {
      for (const candidate of plural(checker, name, scope)) found.set("plural", candidate);
    }
  }
  return [...found.values()];
}

/** Whether an object of this declaration may stand where the type is expected. */
const stands = (symbol: ObjectSymbol, type: Extract<Type, { kind: "object" | "template" }>): boolean =>
  type.kind === "object" && !symbol.template
    ? type.words.includes(symbol.word)
    : symbol.template !== undefined && fits(templateType(symbol.template), type) !== "no";

export function objectCandidate(symbol: ObjectSymbol): Candidate {
  return {
    type: symbol.template ? templateType(symbol.template) : { kind: "object", words: [symbol.word] },
    resolution: { kind: "object", symbol },
    clear: `${symbol.word}.${symbol.name}`,
  };
}

/** `nodes`: all that are declared; in a run of a scenario all there are. */
function plural(checker: Checker, name: string, scope: Scope): Candidate[] {
  const word = pluralOf(checker.schemas, name);
  if (word === undefined) return [];
  const element: Type = { kind: "object", words: [word] };
  const kind = inRun(scope) && observedWords.has(word) ? "all" : "plural";
  return [{ type: { kind: "list", element }, resolution: { kind, word }, clear: name }];
}

/** The objects of this name that can be seen: those of the namespace around first, then those at the top of the file. */
export function findObjects(name: string, scope: Scope): readonly ObjectSymbol[] {
  const own = scope.module.objectsByName.get(name) ?? [];
  const imported = scope.module.importedObjects.get(name) ?? [];
  const { around } = scope.module;
  // Mostly a name is declared once, where one stands.
  if (!around && imported.length === 0 && own.every((symbol) => symbol.namespace === scope.namespace))
    return own;
  const near = own.filter((symbol) => symbol.namespace === scope.namespace);
  const far = [...own, ...imported].filter(
    (symbol) =>
      !near.includes(symbol) &&
      (symbol.namespace === undefined || symbol.module !== scope.module) &&
      !near.some((other) => other.word === symbol.word),
  );
  const outside = around ? (around.objectsByName.get(name) ?? []) : [];
  far.push(
    ...outside.filter(
      (symbol) =>
        symbol.namespace === undefined && ![...near, ...far].some((other) => other.word === symbol.word),
    ),
  );
  const all = [...near, ...far];
  const brought = scope.module.importedNames.get(name);
  if (brought && all.some((symbol) => imported.includes(symbol))) brought.used.value = true;
  return all;
}

/** Reports a name that exists under a condition only, seen from outside of it. */
export function seen(checker: Checker, expression: Expression, symbol: ObjectSymbol, scope: Scope): void {
  const place = symbol.module === scope.module ? scope.place : [];
  if (alwaysSeen(symbol.sites, place)) return;
  const secondary = symbol.sites.map((site) => ({ span: site.span, text: "declared here, under `if`" }));
  checker.report(
    conditionalName(at(scope, expression), { name: symbol.name, word: symbol.word }, { secondary }),
  );
  mistaken(checker, expression);
}

/** `worker-a`, where `worker` is a family: whether it has that member is seen when families are known. */
function familyMember(name: string, scope: Scope): Candidate | undefined {
  for (let dash = name.indexOf("-"); dash > 0; dash = name.indexOf("-", dash + 1)) {
    const families = findObjects(name.slice(0, dash), scope).filter(isFamily);
    if (families.length === 1) {
      const symbol = families[0]!;
      const type: Type = { kind: "object", words: [symbol.word] };
      return { type, resolution: { kind: "familyMember", symbol, name }, clear: name };
    }
  }
  return undefined;
}

export function isFamily(symbol: ObjectSymbol): boolean {
  return symbol.sites.some(
    (site) =>
      site.declaration.family !== undefined || site.enclosures.some((enclosure) => enclosure.kind === "for"),
  );
}

function ambiguous(
  checker: Checker,
  expression: NameExpression,
  candidates: readonly Candidate[],
  scope: Scope,
): Type {
  const place = at(scope, expression);
  const fixes: Fix[] = candidates.map(({ clear }) => ({
    title: `write \`${clear}\``,
    edits: [{ span: place, text: clear }],
  }));
  const choices = candidates.map(({ clear }) => clear);
  checker.report(ambiguousName(place, { name: expression.name, choices }, { fixes }));
  return mistaken(checker, expression);
}

function unknown(
  checker: Checker,
  expression: NameExpression,
  expected: Type | undefined,
  scope: Scope,
): Type {
  const { name } = expression;
  if (scope.module.missing.has(name)) return mistaken(checker, expression);
  if (flatten(expected).some((type) => type.kind === "member") && scope.pod?.volumes.has(anyName))
    return mistaken(checker, expression);
  if (typeof scope.scenario === "object" && fieldAt(bareObservations, name)) {
    reportInRun(checker, expression, `\`${name}\``, scope);
    return mistaken(checker, expression);
  }
  const place = at(scope, expression);
  const symbol = scope.module.values.get(name);
  if (symbol) {
    checker.used.add(symbol);
    const what = {
      function: "a function",
      type: "a type",
      module: "a module",
      template: "a template",
      param: "",
      let: "",
    }[symbol.kind];
    const fixes = symbol.kind === "function" ? [{ title: `call it: \`${name}(…)\``, edits: [] }] : [];
    checker.report(unknownName(place, { name, what: "value" }, { notes: [`\`${name}\` is ${what}`], fixes }));
    return mistaken(checker, expression);
  }
  const wants = flatten(expected);
  const near = didYouMean(place, name, visibleNames(checker, wants, scope));
  // Only services have a host name and ports that others read.
  const service =
    wants.length === 0 && /^\.(?:host|ports)\b/.test(place.file.text.slice(place.end, place.end + 8));
  const spelled = spelledFix(place, name, wants, near);
  const library = spelled.length === 0 ? broughtIn(scope.module, "let", name) : undefined;
  const fixes = library ? [library] : spelled.length > 0 ? spelled : declareIt(name, wants, service);
  const dollar = place.file.text.slice(place.start - 2, place.start) === "${";
  const root = near.length === 0 ? rootSpelling(name) : undefined;
  const notes = root
    ? [root]
    : dollar
      ? ["`{…}` in a string is a value of this file; a shell's own variable is `$NAME` or `$\\{NAME}`"]
      : spelled.length > 0 || library
        ? placeNotes(name, scope)
        : [...placeNotes(name, scope), ...formNotes(wants)];
  const what = service ? "service" : whatIsWanted(wants);
  // One missing declaration is one mistake, however often the service is called.
  if (service && spelled.length === 0) scope.module.missing.add(name);
  checker.report(unknownName(place, { name, what }, { fixes, notes }));
  return mistaken(checker, expression);
}

/** What is nowhere near anything was most likely never declared. */
function declareIt(name: string, wants: readonly Type[], service: boolean): readonly Fix[] {
  const way = service
    ? `declare it: \`service ${name} { … }\`, or \`external service ${name} { … }\` where it lives outside`
    : wants.some((type) => type.kind === "member" && type.word === "volume")
      ? `declare it in the pod: \`volume ${name}: emptyDir\``
      : undefined;
  return way === undefined ? [] : [{ title: way, edits: [] }];
}

/** What was meant by a name that means nothing: a word of another language, a text without quotes, a slip. */
function spelledFix(place: Span, name: string, wants: readonly Type[], near: readonly Fix[]): readonly Fix[] {
  const form = formSpelling(name);
  const hasForm = wants.some((type) => type.kind === "variant" && Object.hasOwn(type.variants, form ?? ""));
  if (form !== undefined && hasForm) return [{ ...replaceBy(place, form), safe: true }];
  const value = valueSpelling(name);
  const takes = (kind: Type["kind"]) => wants.length === 0 || wants.some((type) => type.kind === kind);
  if (value === "none")
    return [{ title: "`none` leaves the field out", edits: [{ span: place, text: "none" }], safe: true }];
  if (value !== undefined && takes("boolean")) return [{ ...replaceBy(place, value), safe: true }];
  const quoted = {
    title: `texts stand in quotes: \`"${name}"\``,
    edits: [{ span: place, text: `"${name}"` }],
  };
  const options = wants.flatMap((type) => (type.kind === "string" ? (type.options ?? []) : []));
  if (options.includes(name)) return [{ ...quoted, safe: true }];
  const text = wants.some(
    (type) => type.kind === "image" || type.kind === "envValue" || type.kind === "string",
  );
  return text && options.length === 0 && near.length === 0 ? [quoted] : near;
}

/** The named forms that the position takes, where nothing like the name is among them. */
function formNotes(wants: readonly Type[]): readonly string[] {
  const forms = wants.flatMap((type) => (type.kind === "variant" ? Object.keys(type.variants) : []));
  return forms.length > 0 ? [`it can be ${forms.map((one) => `\`${one}\``).join(", ")}`] : [];
}

function placeNotes(name: string, scope: Scope): readonly string[] {
  if (name === "pod" && !scope.pod) return ["`pod` is the pod around; there is none here"];
  if (name === "container" && scope.container === undefined)
    return ["`container` is the container around; there is none here"];
  const elsewhere = (scope.module.objectsByName.get(name) ?? []).find(
    (symbol) => symbol.namespace !== undefined,
  );
  return elsewhere
    ? [
        `${elsewhere.word} \`${name}\` is in namespace \`${elsewhere.namespace}\`: write \`${elsewhere.namespace}.${name}\``,
      ]
    : [];
}

function whatIsWanted(wants: readonly Type[]): string {
  const words = new Set<string>();
  for (const type of wants) {
    if (type.kind === "object") for (const word of type.words) words.add(word);
    else if (type.kind === "template") words.add(type.name);
    else if (type.kind === "member") words.add(type.word);
    else if (type.kind !== "selection" && type.kind !== "list") return "value";
  }
  return words.size > 0 ? [...words].join(" or ") : "value";
}

/** Names that could have been meant, those that the position asks for first. */
function* visibleNames(checker: Checker, wants: readonly Type[], scope: Scope): Iterable<string> {
  for (const type of wants) {
    if (type.kind === "variant") yield* Object.keys(type.variants);
    if (type.kind === "member")
      yield* (type.word === "volume" ? scope.pod?.volumes : scope.pod?.containers) ?? [];
    if (type.kind === "object" || type.kind === "template")
      for (const [name, symbols] of [
        ...scope.module.objectsByName,
        ...(scope.module.around?.objectsByName ?? []),
        ...scope.module.importedObjects,
      ])
        if (symbols.some((symbol) => stands(symbol, type))) yield name;
  }
  for (let inner: Scope | undefined = scope; inner; inner = inner.parent) yield* inner.locals.names();
  for (const [name, symbol] of scope.module.values)
    if (symbol.kind === "param" || symbol.kind === "let") yield name;
  if (wants.length > 0) return;
  yield* scope.module.objectsByName.keys();
  for (const word of objectWords(checker.schemas)) yield `${word}s`;
}
