import type { Edit, Place, Problem } from "../../grammar/problem.ts";
import { reservedWords } from "../../grammar/tokens.ts";
import { unknownStep } from "../diagnostics/catalog/scenarios.ts";
import * as catalog from "../diagnostics/catalog/syntax.ts";
import type { Diagnostic, Fix, Label } from "../diagnostics/diagnostic.ts";
import { spellingOf } from "../diagnostics/spellings.ts";
import { stepSpelling } from "../diagnostics/step-spellings.ts";
import { lineMap } from "../source/line-map.ts";
import type { SourceFile, Span } from "../source/source.ts";

/** Says in words what the lexer or the parser found wrong. */
export function diagnose(file: SourceFile, problem: Problem): Diagnostic {
  const span = (start: number, end: number): Span => ({ file, start, end });
  const at = span(problem.start, problem.end);
  const replace = (title: string, text: string, where: Span = at): Fix => ({
    title,
    edits: [{ span: where, text }],
  });
  const mend = (title: string, text: string, where: Span = at): Fix => ({
    ...replace(title, text, where),
    safe: true,
  });
  switch (problem.kind) {
    case "unexpected":
      return unexpected(file, at, problem);
    case "missing-value":
      return catalog.missingValue(at, problem, { label: "a value has to follow" });
    case "unclosed-bracket": {
      const { opener, closer, by, edit } = problem;
      const { line } = lineMap(file).position(problem.start);
      const until = span(by, Math.min(by + 1, file.text.length));
      const sameLine = lineMap(file).position(by).line === line;
      const secondary = sameLine ? [] : [{ span: until, text: `\`${closer}\` is expected before this` }];
      return catalog.unclosedBracket(
        at,
        { opener, closer, line },
        {
          label: "opened here",
          secondary,
          fixes: [
            {
              title: `write the \`${closer}\``,
              edits: [{ span: span(edit.start, edit.end), text: edit.text }],
            },
          ],
        },
      );
    }
    case "stray-bracket": {
      const { suspect } = problem;
      const secondary =
        suspect === undefined
          ? []
          : [
              {
                span: span(suspect.start, suspect.end),
                text: "is an opening bracket missing at the end of this line?",
              },
            ];
      return catalog.strayBracket(at, problem, { secondary, fixes: [replace("take it away", "")] });
    }
    case "mixed-brackets": {
      const { partner, instead } = problem;
      return catalog.mixedBrackets(at, problem, {
        secondary: [{ span: span(partner.start, partner.end), text: "its partner" }],
        fixes: [replace(`write \`${instead}\``, instead)],
      });
    }
    case "unclosed-string":
      return catalog.unclosedString(at, problem, { label: "the string begins here" });
    case "bad-hole":
      return catalog.badHole(at, problem, {
        fixes: [
          {
            title: 'write `\\{` for a brace itself, or `r"…"` for a raw string',
            edits: [{ span: span(problem.start, problem.start), text: "\\" }],
          },
        ],
      });
    case "plain-string":
      return catalog.plainStringNeeded(at, problem);
    case "unknown-escape":
      return catalog.unknownEscape(
        at,
        { sequence: problem.escape },
        {
          fixes: [replace("write `\\\\` for a backslash itself", `\\${problem.escape}`)],
        },
      );
    case "unknown-unit": {
      const { digits, unit, nearest } = problem;
      const fixes =
        nearest === undefined
          ? []
          : [replace(`did you mean \`${digits}${nearest}\`?`, `${digits}${nearest}`)];
      return catalog.unknownUnit(at, { digits, unit }, { fixes });
    }
    case "malformed-number":
      return catalog.malformedNumber(at, problem, {
        fixes: [replace("put it in quotes", `"${problem.text}"`)],
      });
    case "malformed-address":
      return catalog.malformedAddress(at, problem);
    case "unexpected-character":
      return catalog.unexpectedCharacter(
        at,
        { text: printable(problem.text), code: codePoint(problem.text) },
        /^\s|^\p{Cf}/u.test(problem.text) ? { fixes: [mend("put an ordinary space in its place", " ")] } : {},
      );
    case "foreign": {
      const { instead, edits, more } = problem;
      const title = `write \`${instead.trim()}\``;
      const fix = edits ? [manyEdits(file, title, edits)] : [mend(title, instead)];
      const key = problem.what === "a field" ? /^[\w-]+(?= = )/.exec(problem.text)?.[0] : undefined;
      const spelling = key === undefined ? undefined : spellingOf(key, "");
      const notes = [...moreBelow(more), ...(spelling ? [`\`${key}\`: ${spelling.say}`] : [])];
      return catalog.foreignSpelling(at, problem, { fixes: fix, notes });
    }
    case "unquoted":
      return catalog.unquotedText(at, problem, {
        fixes: [mend(`write \`${problem.instead}\``, problem.instead)],
      });
    case "manifest":
      return catalog.manifestFile(at, problem, {
        notes: ["an object is written `rc web { … }` here; `kdsl init` makes a first file that runs"],
      });
    case "yaml-block":
    case "yaml-list":
      return indentation(file, at, problem);
    case "placeholder":
      return catalog.placeholder(at, problem, {
        notes: moreBelow(problem.more),
        fixes: [
          {
            title:
              'declare `param NAME: TYPE`, and write `NAME`, or `{NAME}` in a string; text for another program is raw: `r"…"`',
            edits: [],
          },
        ],
      });
    case "dollar":
      return catalog.dollarHole(at, problem, {
        notes: [`Kubernetes' own \`$(${problem.inner})\` stays as it is written`],
        fixes: [replace("take the `$` away", "", span(problem.start, problem.start + 1))],
      });
    case "bidirectional": {
      const escaped = problem.where === "string";
      const title = escaped ? `write \`\\u{${problem.code}}\`, which can be seen` : "take it away";
      const fix = manyEdits(file, title, problem.edits);
      // What a raw text is without it, nobody can see.
      const fixes: Fix[] = problem.where === "raw" ? [{ title, edits: fix.edits }] : [fix];
      return catalog.bidirectional(at, problem, { fixes });
    }
    case "several-lines": {
      const fixes = [manyEdits(file, 'write `"""` at both ends', problem.edits)];
      return catalog.unclosedString(at, { closer: '"' }, { label: "the string begins here", fixes });
    }
    case "missing-opener":
      return catalog.missingOpener(at, problem, {
        label: "`{` belongs at the end of this line",
        fixes: [mend("put it there", " {", span(problem.end, problem.end))],
      });
    case "unknown-step": {
      const meant = stepSpelling(problem.word);
      const fixes = meant
        ? [{ title: meant.say, edits: meant.word === undefined ? [] : [{ span: at, text: meant.word }] }]
        : [];
      return unknownStep(at, problem, { fixes });
    }
    case "missing-separator": {
      const { start, end } = problem;
      const gap = file.text.slice(start, end);
      const next = span(start + (gap.length - gap.trimStart().length), end);
      return catalog.missingSeparator(
        next,
        {},
        { fixes: [mend("separate them by a comma", ",", span(start, start))] },
      );
    }
    case "missing-comma":
      return catalog.missingComma(span(Math.max(problem.start - 1, 0), problem.start), problem, {
        label: "a comma belongs after this",
        fixes: [mend("put a comma between them", ",", span(problem.start, problem.start))],
      });
    case "extra-comma":
      return catalog.extraComma(at, {}, { fixes: [mend("take it away", "")] });
    case "chained":
      return catalog.chainedOperators(at, problem);
    case "pattern":
      return catalog.badPattern(at, {});
    case "comprehension":
      return catalog.badComprehension(
        at,
        {},
        { fixes: [{ title: "what each becomes stands first: `[x * 2 for x in xs]`", edits: [] }] },
      );
    case "too-deep":
      return catalog.tooDeep(at, {});
    case "too-many":
      return catalog.tooMany(at, problem);
    case "not-text":
      return catalog.notText(at, problem);
    case "too-large":
      return catalog.tooLarge(at, { size: file.text.length, limit: problem.limit });
  }
}

const moreBelow = (more = 0): readonly string[] =>
  more > 0 ? [`${more} more of these ${more === 1 ? "stands" : "stand"} below`] : [];

/** A spelling of another language that is known for sure, mended wherever it stands. */
function manyEdits(file: SourceFile, title: string, list: readonly Edit[]): Fix {
  const edits = list.map(({ start, end, text }) => ({ span: { file, start, end }, text }));
  return edits.length === 0 ? { title, edits } : { title, edits, safe: true };
}

function indentation(
  file: SourceFile,
  at: Span,
  problem: Extract<Problem, { kind: "yaml-block" | "yaml-list" }>,
): Diagnostic {
  if (problem.kind === "yaml-list") {
    const { key, instead } = problem;
    const spelling = instead === undefined ? spellingOf(key, "") : undefined;
    if (spelling) return catalog.yamlList(at, { key }, { fixes: [{ title: spelling.say, edits: [] }] });
    const fixes: Fix[] =
      instead === undefined
        ? [
            manyEdits(
              file,
              `write \`${key}: [ … ]\`, with records in it as \`{ key: value }\``,
              problem.edits,
            ),
          ]
        : [manyEdits(file, `write \`${key}: ${instead}\``, problem.edits)];
    return catalog.yamlList(at, { key }, { fixes });
  }
  const { title, declared } = problem;
  const way = declared
    ? `write \`${title} {\`, and \`}\` below`
    : `write \`${title} { … }\` for a block, or \`${title}: { … }\` for a record`;
  return catalog.yamlBlock(at, { title }, { fixes: [manyEdits(file, way, problem.edits)] });
}

/** What is said when a sign of another language is met where none can stand. */
const hints: Readonly<Record<string, string>> = {
  "?": "a choice is written `if CONDITION then A else B`",
  "=>": "a service's port leads to a pod's port by `->`",
  "-": "a list is written `[a, b]`; `---` separates nothing here, since one file holds as many objects as it likes",
};

function unexpected(
  file: SourceFile,
  at: Span,
  problem: Extract<Problem, { kind: "unexpected" }>,
): Diagnostic {
  const { expected, began, instead } = problem;
  const found =
    problem.found === "\n"
      ? problem.found
      : printable(problem.found.length > 40 ? `${problem.found.slice(0, 40)}…` : problem.found);
  const notes: string[] = [];
  if (reservedWords.has(problem.found) && expected === "a name") {
    notes.push(`\`${problem.found}\` is a reserved word, and a name only before \`:\` and after \`.\``);
  }
  const hint = Object.hasOwn(hints, problem.found) ? hints[problem.found] : undefined;
  if (hint !== undefined && /^a (member|declaration)/.test(expected)) notes.push(hint);
  notes.push(...shapeNotes(file, at, problem));
  const fixes: Fix[] =
    instead === undefined
      ? []
      : [{ title: `did you mean \`${instead}\`?`, edits: [{ span: at, text: instead }] }];
  const label = expected.includes(" or ") ? undefined : `expected ${expected}`;
  const secondary: Label[] = began === undefined ? [] : [beganHere(file, began)];
  return catalog.unexpected(at, { expected, found }, { ...(label && { label }), notes, fixes, secondary });
}

/** What is meant is told by what stands before. */
function shapeNotes(
  { text }: SourceFile,
  { start }: Span,
  { expected, found }: Extract<Problem, { kind: "unexpected" }>,
): readonly string[] {
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  if (found === "=" && expected === "`then`") return ["two values are compared by `==`"];
  if (expected === "`then`" || expected === "`else`")
    return ["a choice is written `if CONDITION then A else B`"];
  if (/^\s*port\s+[\w-]+:\s*\d+\s*$/.test(before) && found === ":")
    return ["a service's port leads to a pod's port by `->`: `port http: 80 -> http`"];
  if (/^\s*port\s+[\w-]+\s+$/.test(before) && /^\d/.test(found))
    return ["a port's number stands after a colon: `port http: 8080`"];
  const family = /^\s*[\w-]+\s+([\w-]+)\[$/.exec(before);
  if (family && /^\d/.test(found)) return [`a family names its variable: \`${family[1]}[i in 1..3]\``];
  return [];
}

function beganHere(file: SourceFile, began: Place): Label {
  return { span: { file, start: began.start, end: began.end }, text: `this \`${began.text}\` began here` };
}

/** Control characters would disturb a terminal; they are shown by their code. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => `<${codePoint(character)}>`);
}

function codePoint(text: string): string {
  return `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
