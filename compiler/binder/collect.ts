import { nearest } from "../../base/edit-distance.ts";
import { duplicateName, shadowedName, unknownBlock, unknownWord } from "../diagnostics/catalog/names.ts";
import { notExternal } from "../diagnostics/catalog/outside.ts";
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import { kindSpelling, spellingOf } from "../diagnostics/spellings.ts";
import type { Span } from "../source/source.ts";
import type { Declaration, Member, Name } from "../syntax/ast.ts";
import { templateBroughtIn } from "./bring-in.ts";
import {
  type Enclosure,
  enclosedMembers,
  type ModuleSymbols,
  type ObjectSymbol,
  type ProfileSymbol,
  type Site,
  span,
  type ValueSymbol,
} from "./symbol.ts";
import { declareTemplates, findTemplate, noSuchTemplate, templateNames } from "./templates.ts";
import { exclusive } from "./visibility.ts";

/** The Kubernetes kind of each word that declares an object; `external service` is a word of its own. */
export type ObjectWords = ReadonlyMap<string, string>;

export interface Collector {
  /** The profile that is being collected. */
  readonly profile?: ProfileSymbol;
  readonly symbols: ModuleSymbols;
  readonly words: ObjectWords;
  readonly report: (diagnostic: Diagnostic) => void;
}

/** Fills a module's tables with what it declares itself. */
export function collect(symbols: ModuleSymbols, words: ObjectWords, report: Collector["report"]): void {
  const collector = { symbols, words, report };
  const templates = declareTemplates(collector);
  collectMembers(collector, symbols.module.members, []);
  reportShadowing(symbols, report);
  for (const { body, declaration } of templates) {
    collectMembers({ ...collector, symbols: body }, declaration.body, []);
    reportShadowing(body, report);
  }
}

/** An object may not have the name of a value. */
function reportShadowing(symbols: ModuleSymbols, report: Collector["report"]): void {
  for (const [name, objects] of symbols.objectsByName) {
    const value = symbols.values.get(name);
    const site = objects[0]?.sites[0];
    if (!value || !site) continue;
    report(
      shadowedName(
        value.span,
        { name, what: objects[0]!.word },
        { secondary: [{ span: site.span, text: `${objects[0]!.word} \`${name}\`` }] },
      ),
    );
  }
}

function collectMembers(
  collector: Collector,
  members: readonly Member[],
  enclosures: readonly Enclosure[],
): void {
  for (const member of members) collectMember(collector, member, enclosures);
}

const outermost = "at the top of a file";

function collectMember(collector: Collector, member: Member, enclosures: readonly Enclosure[]): void {
  const { symbols, report } = collector;
  const inside = (enclosure: Enclosure) =>
    collectMembers(collector, enclosedMembers(enclosure), [...enclosures, enclosure]);
  switch (member.kind) {
    case "use":
      return; // `modules.ts` follows these
    case "let":
      if (enclosures.length > 0 || symbols.template) return; // a local variable
      declareValue(collector, member.name, {
        kind: "let",
        name: member.name.text,
        module: symbols,
        span: span(symbols, member.name),
        declaration: member,
      });
      return;
    case "param":
    case "function":
    case "type":
    case "label":
      if (enclosures.length > 0 || symbols.template) {
        const where = placeOf(symbols, enclosures);
        const word = member.kind === "function" ? "fn" : member.kind;
        report(unknownBlock(span(symbols, member.name), { word, where }));
        return;
      }
      collectTopLevel(collector, member);
      return;
    case "if":
      inside({ kind: "if", member, branch: "then" });
      if (member.otherwise) inside({ kind: "if", member, branch: "otherwise" });
      return;
    case "for":
      inside({ kind: "for", member });
      return;
    case "assert":
      (collector.profile ?? symbols).assertions.push({ member, enclosures });
      return;
    case "declaration":
      collectDeclaration(collector, member, enclosures);
      return;
    case "template":
      if (enclosures.length === 0 && !symbols.template) return; // declared before all else
      symbols.missing.add(member.name.text);
      report(
        unknownBlock(span(symbols, member.name), { word: "template", where: placeOf(symbols, enclosures) }),
      );
      return;
    case "extend":
      (collector.profile ?? symbols).extensions.push({ member, enclosures });
      return;
    case "drop": {
      const at = span(symbols, { start: member.start, end: member.start + "drop".length });
      report(unknownBlock(at, { word: "drop", where: outermost }));
      return;
    }
    case "policy":
      if (enclosures.length === 0 && !symbols.template) symbols.policies.push(member);
      else
        report(
          unknownBlock(span(symbols, member.title), { word: "policy", where: placeOf(symbols, enclosures) }),
        );
      return;
    case "scenario":
      if (collector.profile) {
        const where = "in a profile: it may `extend` what is declared";
        report(unknownBlock(span(symbols, member.title), { word: "scenario", where }));
      } else symbols.scenarios.push({ member, enclosures });
      return;
    default: {
      const fits = member.kind === "field" || member.kind === "spread";
      if (collector.profile && member.kind === "field" && enclosures.length === 1) return; // a parameter
      if (fits && enclosures.some((enclosure) => enclosure.kind === "namespace")) return;
      const key = member.kind === "field" ? span(symbols, member.key) : undefined;
      const word = key
        ? key.file.text.slice(key.start, key.end)
        : member.kind === "spread"
          ? "..."
          : member.kind;
      if (word === "") return;
      const where = collector.profile ? "in a profile under `if` or `for`" : placeOf(symbols, enclosures);
      const spelling = where === outermost && key ? spellingOf(word, "file") : undefined;
      const fixes = spelling ? [{ title: spelling.say, edits: [] }] : [];
      report(unknownBlock(key ?? span(symbols, member), { word, where }, { fixes }));
    }
  }
}

/** Where a declaration stands, in the user's words. */
function placeOf({ template }: ModuleSymbols, enclosures: readonly Enclosure[]): string {
  const around = enclosures.at(-1);
  if (!around) return template ? "in a template" : "at the top of a file";
  return around.kind === "namespace" ? "in a namespace" : `under \`${around.kind}\``;
}

function collectTopLevel(
  collector: Collector,
  member: Extract<Member, { kind: "param" | "function" | "type" | "label" }>,
): void {
  const { symbols, report } = collector;
  const common = { name: member.name.text, module: symbols, span: span(symbols, member.name) };
  switch (member.kind) {
    case "param":
      declareValue(collector, member.name, { kind: "param", ...common, declaration: member });
      return;
    case "function":
      declareValue(collector, member.name, { kind: "function", ...common, declaration: member });
      return;
    case "type":
      declareValue(collector, member.name, { kind: "type", ...common, declaration: member });
      return;
    case "label": {
      if (common.name === "") return;
      const before = symbols.labels.get(common.name);
      if (before) report(twice(common.span, "label", common.name, before.span));
      else
        symbols.labels.set(common.name, { kind: "label", ...common, key: member.key, declaration: member });
    }
  }
}

const twice = (at: Diagnostic["primary"]["span"], what: string, name: string, first: typeof at): Diagnostic =>
  duplicateName(
    at,
    { name, what },
    { label: "again here", secondary: [{ span: first, text: "first here" }] },
  );

const wordOf = (symbol: ValueSymbol) => (symbol.kind === "function" ? "fn" : symbol.kind);

/** Enters a name of the value space, or reports where it is taken. */
export function declareValue(
  { symbols, report }: Pick<Collector, "symbols" | "report">,
  name: Name,
  symbol: ValueSymbol,
): void {
  if (name.text === "") return;
  const before = symbols.values.get(name.text);
  if (before) report(twice(span(symbols, name), wordOf(symbol), name.text, before.span));
  else symbols.values.set(name.text, symbol);
}

function collectDeclaration(
  collector: Collector,
  declaration: Declaration,
  enclosures: readonly Enclosure[],
): void {
  const { symbols, words, report } = collector;
  const word = declaration.word.text;
  if (declaration.external && word !== "" && !words.has(`external ${word}`)) {
    if (declaration.name) symbols.missing.add(declaration.name.text);
    report(notExternal(span(symbols, declaration.word), { word, words: externalWords(words) }));
    return;
  }
  if (collector.profile && word !== "") {
    report(
      unknownBlock(span(symbols, declaration.word), {
        word,
        where: "in a profile: it may `extend` what is declared",
      }),
    );
    return;
  }
  if (word === "profile" && !declaration.qualifier) {
    collectProfile(collector, declaration, enclosures);
    return;
  }
  if (word === "cluster" && !declaration.qualifier) {
    collectCluster(collector, declaration, enclosures);
    return;
  }
  const template = findTemplate(symbols, declaration);
  const kindWord = declaration.external ? `external ${word}` : word;
  const objectKind = template ? "" : declaration.qualifier ? undefined : words.get(kindWord);
  if (objectKind === undefined) {
    if (word !== "") reportWord(collector, declaration);
    return;
  }
  const inNamespace = enclosures.findLast((enclosure) => enclosure.kind === "namespace");
  if (word === "namespace" || objectKind === "Node") {
    if (inNamespace) {
      report(unknownBlock(span(symbols, declaration.word), { word, where: "in a namespace" }));
      return;
    }
  }
  if (word === "manifest" && !declaration.name) {
    // Nothing refers to it by a name: it has one in its metadata only.
    const site = { declaration, enclosures, span: span(symbols, declaration.word) };
    symbols.objects.push(objectSymbol(collector, site, { objectKind }, inNamespace?.declaration.name?.text));
    return;
  }
  if (!declaration.name) symbols.missing.add("*"); // refused by the checker; any name may be meant
  if (declaration.name && declaration.name.text !== "")
    enterObject(
      collector,
      declaration,
      { objectKind, ...(template && { template }) },
      inNamespace?.declaration.name?.text,
      enclosures,
    );
  if (word === "namespace" && declaration.body) {
    const enclosure: Enclosure = { kind: "namespace", declaration };
    collectMembers(collector, declaration.body, [...enclosures, enclosure]);
  }
}

function collectProfile(
  collector: Collector,
  declaration: Declaration,
  enclosures: readonly Enclosure[],
): void {
  const { symbols, report } = collector;
  const at = span(symbols, declaration.name ?? declaration.word);
  if (enclosures.length > 0) {
    report(unknownBlock(span(symbols, declaration.word), { word: "profile", where: "in another block" }));
    return;
  }
  const name = declaration.name?.text ?? "";
  const before = symbols.profiles.get(name);
  if (before && name !== "") report(twice(at, "profile", name, before.span));
  const profile: ProfileSymbol = {
    name,
    module: symbols,
    span: at,
    declaration,
    extensions: [],
    assertions: [],
  };
  if (!before && name !== "") symbols.profiles.set(name, profile);
  const enclosure: Enclosure = { kind: "profile", declaration };
  collectMembers({ ...collector, profile }, declaration.body ?? [], [enclosure]);
}

const externalWords = (words: ObjectWords): readonly string[] =>
  [...words.keys()]
    .filter((word) => word.startsWith("external "))
    .map((word) => word.slice("external ".length));

function collectCluster(
  { symbols, report }: Collector,
  declaration: Declaration,
  enclosures: readonly Enclosure[],
): void {
  const at = span(symbols, declaration.word);
  if (enclosures.length > 0 || symbols.template)
    report(
      unknownBlock(at, { word: "cluster", where: symbols.template ? "in a template" : "in another block" }),
    );
  else if (symbols.cluster) report(twice(at, "the block", "cluster", span(symbols, symbols.cluster.word)));
  else symbols.cluster = declaration;
}

function reportWord(collector: Collector, declaration: Declaration): void {
  const { symbols, report } = collector;
  const at = span(symbols, declaration.word);
  const word = declaration.word.text;
  if (declaration.name) symbols.missing.add(declaration.name.text);
  // Of a template that has been refused itself, or of a module that could not be read.
  if (symbols.missing.has(declaration.qualifier?.text ?? word)) return;
  if (declaration.qualifier) {
    report(noSuchTemplate(symbols, declaration, declaration.qualifier));
    return;
  }
  const where = "at the top of a file or in a namespace";
  const spelling = kindSpelling(word);
  if (spelling) {
    const edits = spelling.word === undefined ? [] : [{ span: at, text: spelling.word }];
    report(unknownWord(at, { word, where }, { fixes: [{ title: spelling.say, edits }] }));
    return;
  }
  const fix = meantWord(collector, at);
  // One missing `use` is one mistake, however many objects are made from the template.
  if (fix?.safe) symbols.missing.add(word);
  report(unknownWord(at, { word, where }, fix ? { fixes: [fix] } : {}));
}

/** Templates are written large, here as in the library; all else is not. */
function meantWord({ symbols, words }: Collector, at: Span): Fix | undefined {
  const word = at.file.text.slice(at.start, at.end);
  const isTemplate = /^[A-Z]/.test(word);
  const others = [...words.keys(), "cluster", "param", "let", "label", "type", "template", "policy"];
  const small = word.toLowerCase();
  const templates = templateNames(symbols);
  const meaning = (meant: string | undefined): Fix | undefined =>
    meant === undefined
      ? undefined
      : { title: `did you mean \`${meant}\`?`, edits: [{ span: at, text: meant }] };
  if (!isTemplate) return meaning(nearest(word, [...others, ...templates]));
  return (
    meaning(others.find((other) => other === small) ?? nearest(word, templates)) ??
    templateBroughtIn(symbols, at) ??
    meaning(nearest(small, others))
  );
}

function objectSymbol(
  { symbols }: Collector,
  site: Site,
  what: Pick<ObjectSymbol, "objectKind" | "template">,
  namespace: string | undefined,
): ObjectSymbol {
  const { word, name } = site.declaration;
  return {
    kind: "object",
    word: word.text,
    ...what,
    name: name?.text ?? word.text,
    namespace,
    module: symbols,
    sites: [site],
  };
}

function enterObject(
  collector: Collector,
  declaration: Declaration,
  what: Pick<ObjectSymbol, "objectKind" | "template">,
  namespace: string | undefined,
  enclosures: readonly Enclosure[],
): void {
  const { symbols, report } = collector;
  const name = declaration.name!.text;
  const word = declaration.word.text;
  const site: Site = { declaration, enclosures, span: span(symbols, declaration.name!) };
  const named = symbols.objectsByName.get(name);
  const before = named?.find((object) => object.word === word && object.namespace === namespace);
  if (before) {
    const clash = before.sites.find((other) => !exclusive(other.enclosures, enclosures));
    if (clash) report(twice(site.span, word, name, clash.span));
    else before.sites.push(site);
    return;
  }
  const symbol = objectSymbol(collector, site, what, namespace);
  symbols.objects.push(symbol);
  if (named) named.push(symbol);
  else symbols.objectsByName.set(name, [symbol]);
}
