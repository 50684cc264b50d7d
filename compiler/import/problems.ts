import type { YAMLError } from "yaml";
import {
  yamlBroken,
  yamlColon,
  yamlIndentation,
  yamlTab,
  yamlTemplate,
  yamlUnclosed,
} from "../diagnostics/catalog/manifests.ts";
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import { lineMap } from "../source/line-map.ts";
import type { SourceFile, Span } from "../source/source.ts";

/** What a YAML reader objects to, in the words of people who write manifests. One for each document: the rest follows from it. */
export function syntaxProblem(file: SourceFile, error: YAMLError): Diagnostic {
  const [start, end] = error.pos;
  const at: Span = { file, start: Math.min(start, file.text.length), end: Math.min(end, file.text.length) };
  const message = error.message;
  switch (error.code) {
    case "TAB_AS_INDENT":
      return tab(at);
    case "BAD_INDENT": {
      const open = /^Flow (map|sequence)/.exec(message)?.[1];
      if (open) return unclosedBracket(at, open === "map" ? "{" : "[");
      return yamlIndentation(at, { why: indentation(message) }, neighbours(at));
    }
    case "MISSING_CHAR": {
      if (/closing ["']quote/.test(message)) return unclosedQuote(at, message.includes('"') ? '"' : "'");
      if (/map values/.test(message)) return lonelyWord(at);
      if (/Sequence item/.test(message)) return leftOfItem(at);
      if (/flow (map|sequence)/.test(message) && /end with/.test(message))
        return unclosedBracket(at, message.includes("map") ? "{" : "[");
      return yamlBroken(at, { why: "a comma is missing here, or a colon" });
    }
    case "MULTILINE_IMPLICIT_KEY":
      return lonelyWord(at);
    case "BLOCK_AS_IMPLICIT_KEY":
      return nestedKey(at);
    case "BAD_SCALAR_START":
      return badStart(at);
    case "BAD_DQ_ESCAPE":
      return yamlBroken(at, {
        why: "there is no such escape in double quotes; in single quotes `\\` is only itself",
      });
    case "BLOCK_IN_FLOW":
      return yamlBroken(at, { why: "a list or map by indentation cannot stand within brackets" });
    case "UNEXPECTED_TOKEN":
      return yamlBroken(at, { why: unexpected(at) });
    default:
      return yamlBroken(at, { why: lowerFirst(message) });
  }
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

function indentation(message: string): string {
  if (/same column/.test(message)) return "this line stands in no column of the lines above";
  return lowerFirst(message);
}

/** The line with the tabs for spaces. */
function tab(at: Span): Diagnostic {
  const { file } = at;
  const map = lineMap(file);
  const from = map.starts[map.position(at.start).line - 1] ?? 0;
  const blanks = /^[ \t]*/.exec(file.text.slice(from))![0];
  const span = { file, start: from, end: from + blanks.length };
  const fixes = [{ title: "spaces for the tabs", edits: [{ span, text: blanks.replace(/\t/g, "  ") }] }];
  return yamlTab(span, {}, { fixes });
}

/** The line above that begins in the column nearest to this one's. */
function neighbours(at: Span): { secondary?: { span: Span; text: string }[] } {
  const map = lineMap(at.file);
  const { line, column } = map.position(at.start);
  for (let above = line - 1; above > 0; above--) {
    const text = map.line(above);
    const indent = text.length - text.trimStart().length;
    if (text.trim() === "" || text.trimStart().startsWith("#") || indent + 1 === column) continue;
    const start = map.starts[above - 1]! + indent;
    const word = /^[^\s:]*/.exec(text.trimStart())![0];
    return {
      secondary: [
        {
          span: { file: at.file, start, end: start + Math.max(word.length, 1) },
          text: `column ${indent + 1}, below it column ${column}`,
        },
      ],
    };
  }
  return {};
}

/** The quote that was opened: the last one before the place whose line has an odd number of them. */
function unclosedQuote(at: Span, quote: string): Diagnostic {
  const { file } = at;
  const map = lineMap(file);
  const pattern = quote === '"' ? /(?<!\\)"/g : /'/g;
  for (let line = map.position(at.start).line; line > 0; line--) {
    const found = [...map.line(line).matchAll(pattern)];
    if (found.length % 2 === 0) continue;
    const opened = found.length === 1 ? found[0]! : found.at(-1)!;
    const start = map.starts[line - 1]! + opened.index;
    const end = map.starts[line - 1]! + map.line(line).trimEnd().length;
    const fix: Fix = {
      title: "close it at the end of the line",
      edits: [{ span: { file, start: end, end }, text: quote }],
    };
    return yamlUnclosed(
      { file, start, end: Math.max(end, start + 1) },
      { what: "a quote" },
      { fixes: [fix] },
    );
  }
  return yamlUnclosed(at, { what: "a quote" });
}

/** The innermost bracket that is still open at the place; texts in quotes are looked past. */
function unclosedBracket(at: Span, bracket: "{" | "["): Diagnostic {
  const open: number[] = [];
  const text = at.file.text
    .slice(0, at.end)
    .replace(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|(?<=\s)#[^\n]*/g, (hidden) => " ".repeat(hidden.length));
  for (let index = 0; index < text.length; index++) {
    if ("{[".includes(text[index]!)) open.push(index);
    else if ("}]".includes(text[index]!)) open.pop();
  }
  const start = open.findLast((index) => text[index] === bracket) ?? open.at(-1);
  if (start === undefined) return yamlUnclosed(at, { what: `\`${bracket}\`` });
  return yamlUnclosed({ file: at.file, start, end: start + 1 }, { what: `\`${bracket}\`` });
}

/** A word where `key: value` should stand: mostly a colon without its space. */
function lonelyWord(at: Span): Diagnostic {
  const map = lineMap(at.file);
  const { line } = map.position(at.start);
  const text = map.line(line);
  const start = map.starts[line - 1]! + text.length - text.trimStart().length;
  const glued = /^(- +)?([\w./-]+):(?=[^\s/])/.exec(text.trimStart());
  if (glued) {
    const end = start + glued[0].length;
    const span = { file: at.file, start: start + (glued[1]?.length ?? 0), end: start + text.trim().length };
    const fixes = [
      {
        title: "put a space behind the colon",
        edits: [{ span: { file: at.file, start: end, end }, text: " " }],
      },
    ];
    return yamlColon(span, { text: text.trim().slice(glued[1]?.length ?? 0) }, { fixes });
  }
  const span = { file: at.file, start, end: start + Math.max(text.trim().length, 1) };
  if (/^- /.test(text.trimStart()))
    return yamlIndentation(span, { why: "a list cannot stand in the same column as the keys of a map" });
  return yamlBroken(span, { why: "a key with its colon should stand here" });
}

/** A line that is no item of the list above, and stands too far left to belong to its last one. */
function leftOfItem(at: Span): Diagnostic {
  const map = lineMap(at.file);
  const { line } = map.position(at.start);
  const text = map.line(line);
  const start = map.starts[line - 1]! + text.length - text.trimStart().length;
  const span = { file: at.file, start, end: start + Math.max(text.trim().split(":")[0]!.length, 1) };
  return yamlIndentation(
    span,
    { why: "this line stands left of the item that it should belong to, and begins no item itself" },
    neighbours(span),
  );
}

/** A key within a value: two on one line, or on a line of its own that stands too far right to be a neighbour. */
function nestedKey(at: Span): Diagnostic {
  const map = lineMap(at.file);
  const { line } = map.position(at.start);
  const below = map.line(line + 1);
  const key = /^(\s*)(?:- +)?([\w."'/-]+):(?:\s|$)/.exec(below);
  const indent = (text: string) => text.length - text.trimStart().replace(/^(- +)+/, "").length;
  if (/:\s.*:(\s|$)/.test(map.line(line)) || !key || indent(below) <= indent(map.line(line)))
    return yamlBroken(at, { why: "a second `: ` on one line; a text with a colon in it stands in quotes" });
  const start = map.starts[line]! + key[1]!.length;
  const span = { file: at.file, start, end: start + below.trim().split(":")[0]!.length };
  return yamlIndentation(
    span,
    { why: `\`${key[2]}\` stands further right than the key above it, which has a value already` },
    neighbours(span),
  );
}

function badStart(at: Span): Diagnostic {
  const map = lineMap(at.file);
  const { line } = map.position(at.start);
  const end =
    map.starts[line - 1]! +
    map
      .line(line)
      .replace(/\s+#.*$/, "")
      .trimEnd().length;
  const span = { ...at, end: Math.max(end, at.end) };
  const text = at.file.text.slice(span.start, span.end);
  const fixes = /["\\]/.test(text)
    ? []
    : [{ title: "put it in quotes", edits: [{ span, text: `"${text}"` }] }];
  return yamlBroken(
    span,
    { why: `a value cannot begin with \`${text[0] ?? ""}\` without quotes` },
    { fixes },
  );
}

function unexpected(at: Span): string {
  const text = at.file.text.slice(at.start, at.end).trim();
  const word = text.length > 0 && text.length < 30 ? `\`${text}\`` : "this";
  return `${word} has no meaning here; a text with such characters stands in quotes`;
}

const placeholder = /\{\{-?\s*[^{}\n]{0,120}\}?\}?/;

/** The first placeholder of a template in the text that is no comment. */
export function findPlaceholder(file: SourceFile, from = 0, to = file.text.length): Span | undefined {
  let offset = from;
  for (const line of file.text.slice(from, to).split("\n")) {
    const found = /^\s*#/.test(line) ? null : placeholder.exec(line);
    if (found) return { file, start: offset + found.index, end: offset + found.index + found[0].length };
    offset += line.length + 1;
  }
  return undefined;
}

export function templateProblem(span: Span, count: number): Diagnostic {
  const text = span.file.text.slice(span.start, span.end);
  const helm = /[.$]|^\{\{-?\s*(if|range|with|include|template|define|end)\b/.test(text);
  const how = helm
    ? "render it first: `helm template RELEASE CHART | kdsl check -`"
    : "fill it in first, with the tool that the template is for";
  const render: Fix = { title: how, edits: [] };
  const notes = count > 1 ? [`there are ${count} of them in this file`] : [];
  return yamlTemplate(span, { text }, { fixes: [render], notes });
}
