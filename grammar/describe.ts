import {
  Alternation,
  type Alternative,
  type IProduction,
  NonTerminal,
  Option,
  Repetition,
  type Rule,
  Terminal,
} from "chevrotain";
import { choicesOf } from "./lookahead.ts";
import { KdslParser } from "./parser.ts";
import { railroadDiagrams } from "./railroad.ts";
import * as tokens from "./tokens.ts";
import { clauseWords, memberWords, precedence, reservedWords, sentences, stepWords } from "./tokens.ts";
import { units } from "./units.ts";

/** What is generated from the tokens and the rules: the page that people read and the grammar that editors colour by. */

/** GRAMMAR.md: the whole grammar on one page. */
export function grammarDocument(): string {
  const ordered = inReadingOrder(rules());
  const width = Math.max(...ordered.map((rule) => rule.name.length));
  const lines = ordered.map((rule) => `${rule.name.padEnd(width)} = ${sequence(rule.definition)}`);
  return `# The grammar of KDSL

Generated from the tokens and the rules of the parser (\`UPDATE=1 npx vitest run test/syntax/grammar.test.ts\`).
\`( … )?\` may be left out, \`( … )*\` repeats, \`|\` chooses. The next token always decides.

\`\`\`ebnf
${lines.join("\n")}
\`\`\`

The same as pictures: [railroad.svg](railroad.svg).

Between members stands a line end or a comma, between items of lists, arguments and parameters a comma; both are
checked after parsing. Else line ends, spaces and \`// comments\` carry no meaning;
\`/// help\` belongs to the \`param\`, \`fn\`, \`template\` or declaration below it.

| token | is |
| --- | --- |
| Word | letters, digits, \`_\`, and \`-\` between them; no reserved word, but any word before \`:\` and after \`.\` |
| Name | a Word without \`:\` after it |
| Head | a Name that opens no other member: not ${code([...memberWords.keys()])} |
| StepWord | in a scenario: ${code(sentences)} |
| Clause | in a step: ${code(clauseWords)} |
| Key | a Word with \`:\` after it; a FieldKey is a Key or a String |
| String | \`"…{expression}…"\`, \`"""…"""\` over lines, raw \`r"…"\` and \`r"""…"""\` |
| Figure | a number (\`4\`, \`0.5\`, \`1_000\`), a quantity (a number with a unit) or an address (\`10.0.0.1\`, \`10.0.0.0/16\`) |
| Literal | a String, a Figure, \`true\`, \`false\` or \`none\` |
| PrefixOperator | \`not\`, \`-\`; they bind tighter than all below |
| BinaryOperator | tight to loose: ${operators()} |

Reserved: ${code([...reservedWords.keys()])}. Units: ${code(Object.values(units).flat())}.
`;
}

function rules(): ReturnType<KdslParser["getGAstProductions"]> {
  return new KdslParser({ skipValidations: true }).getGAstProductions();
}

/** choices.ts: what each choice of the grammar begins with. */
export function choicesModule(): string {
  const lines = Object.entries(choicesOf(rules())).flatMap(([rule, productions]) => {
    const entries = Object.entries(productions);
    if (entries.length === 0) return [];
    return [
      `  ${rule}: {`,
      ...entries.map(([name, alternatives]) => `    ${name}: ${JSON.stringify(alternatives)},`),
      "  },",
    ];
  });
  return `/**
 * What each choice of each rule begins with: see engine.ts. Generated from the rules of the parser
 * (\`UPDATE=1 npx vitest run test/syntax/grammar.test.ts\`). Where it is out of date, texts are read slowly.
 */
// biome-ignore format: one line for each choice
export const choices: Readonly<Record<string, Readonly<Record<string, string>>>> = {
${lines.join("\n")}
};
`;
}

/** railroad.svg: a diagram for each rule. */
export function railroadDocument(): string {
  return railroadDiagrams(inReadingOrder(rules()), (each) => {
    const text = terminal(each);
    const literal = text.startsWith('"');
    return { text: literal ? text.slice(1, -1) : text, literal };
  });
}

/** From the whole file down: each rule after the first that mentions it. */
function inReadingOrder(rules: Readonly<Record<string, Rule>>): Rule[] {
  const order: Rule[] = [];
  const visit = (name: string) => {
    const rule = rules[name];
    if (rule === undefined || order.includes(rule)) return;
    order.push(rule);
    for (const mentioned of sequence(rule.definition).match(/[A-Za-z]+(?=[^"]*(?:"[^"]*"[^"]*)*$)/g) ?? [])
      visit(mentioned);
  };
  visit("module");
  visit("hole");
  return order;
}

function code(words: readonly string[]): string {
  return `\`${words.join(" ")}\``;
}

function operators(): string {
  const levels = new Map<number, string[]>();
  for (const [type, level] of precedence) {
    levels.set(level, [...(levels.get(level) ?? []), type.LABEL!.replaceAll("`", "")]);
  }
  return [...levels]
    .sort(([a], [b]) => b - a)
    .map(([, signs]) => code(signs))
    .join(" · ");
}

function sequence(productions: readonly IProduction[]): string {
  return productions.map((production) => one(production, productions.length > 1)).join(" ");
}

function one(production: IProduction, inSequence: boolean): string {
  if (production instanceof Terminal) return terminal(production);
  if (production instanceof NonTerminal) return production.nonTerminalName;
  if (production instanceof Alternation) {
    const text = (production.definition as Alternative[])
      .map((option) => sequence(option.definition))
      .join(" | ");
    return inSequence ? `( ${text} )` : text;
  }
  const inner = sequence((production as unknown as Option).definition);
  const suffix = production instanceof Option ? "?" : production instanceof Repetition ? "*" : "";
  return /[ |]/.test(inner) ? `( ${inner} )${suffix}` : `${inner}${suffix}`;
}

function terminal({ terminalType }: Terminal): string {
  const label = terminalType.LABEL ?? "";
  const sign = /^`([^`]+)`$/.exec(label)?.[1];
  return sign === undefined ? terminalType.name : `"${sign}"`;
}

/** kdsl.tmLanguage.json: TextMate rules, for editors before or without the language server. */
export function textMateGrammar(): string {
  const words = (list: Iterable<string>) => `\\b(?:${[...list].join("|")})(?![\\w-]*\\s*:|[\\w-])`;
  const unit = Object.values(units)
    .flat()
    .filter((text) => text !== "%")
    .sort((a, b) => b.length - a.length)
    .join("|");
  const constants = ["true", "false", "none"];
  const escaped = {
    name: "constant.character.escape.kdsl",
    match: '\\\\(?:u\\{[0-9A-Fa-f]{1,6}\\}|[nrt"\\\\{}])',
  };
  const hole = {
    name: "meta.embedded.kdsl",
    begin: "\\{",
    end: "\\}",
    beginCaptures: { 0: { name: "punctuation.section.embedded.kdsl" } },
    endCaptures: { 0: { name: "punctuation.section.embedded.kdsl" } },
    patterns: [{ include: "$self" }],
  };
  const string = (
    begin: string,
    end: string,
    patterns: readonly object[],
    name = "string.quoted.double.kdsl",
  ) => ({
    name,
    begin,
    end,
    patterns,
  });
  const grammar = {
    $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
    name: "KDSL",
    scopeName: "source.kdsl",
    fileTypes: ["kdsl"],
    patterns: [
      { name: "comment.line.documentation.kdsl", match: "///(?!/).*$" },
      { name: "comment.line.double-slash.kdsl", match: "//.*$" },
      string('r"""', '"""', [], "string.quoted.raw.kdsl"),
      string('\\br"', '"|$', [], "string.quoted.raw.kdsl"),
      string('"""', '"""', [escaped, hole], "string.quoted.triple.kdsl"),
      string('"', '"|$', [escaped, hole]),
      { name: "constant.numeric.address.kdsl", match: "\\b\\d+(?:\\.\\d+){3}(?:/\\d+)?\\b" },
      {
        match: `\\b(\\d[\\d_]*(?:\\.\\d[\\d_]*)?)(?:(${unit})\\b|(%))?`,
        captures: {
          1: { name: "constant.numeric.kdsl" },
          2: { name: "keyword.other.unit.kdsl" },
          3: { name: "keyword.other.unit.kdsl" },
        },
      },
      { name: "constant.language.kdsl", match: words(constants) },
      {
        name: "keyword.control.kdsl",
        match: words([...reservedWords.keys()].filter((word) => !constants.includes(word))),
      },
      { name: "keyword.control.step.kdsl", match: `^\\s*${words(stepWords.keys())}(?=\\s)` },
      { name: "keyword.control.clause.kdsl", match: `(?<=\\s)${words(clauseWords)}(?=\\s+[\\w(])` },
      { name: "keyword.declaration.kdsl", match: `^\\s*${words(memberWords.keys())}(?=\\s)` },
      {
        match: '(?:^|(?<=[{,]))\\s*([A-Za-z_][\\w-]*)(?=\\s+[A-Za-z_"]|\\s*\\{)',
        captures: { 1: { name: "storage.type.kdsl" } },
      },
      { name: "variable.other.property.kdsl", match: "[A-Za-z_][\\w-]*(?=\\s*:)" },
      { name: "entity.name.function.kdsl", match: "[A-Za-z_][\\w-]*(?=\\()" },
      { name: "keyword.operator.kdsl", match: operatorPattern() },
    ],
  };
  return `${JSON.stringify(grammar, null, 2)}\n`;
}

function operatorPattern(): string {
  return Object.values(tokens.vocabulary)
    .map((type) => /^`([^\w`\s{}()[\],:.]+|\.{2,3})`$/.exec(type.LABEL ?? "")?.[1])
    .filter((text) => text !== undefined)
    .sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
    .map((text) => text.replace(/[.*+?|\\^$]/g, "\\$&"))
    .join("|");
}
