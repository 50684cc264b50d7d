import type { Problem } from "./problem.ts";
import * as tokens from "./tokens.ts";
import { makeToken, type Token } from "./tokens.ts";

/**
 * Modules as they are brought in elsewhere, seen in the tokens of a text that has mistakes: each is one problem with its
 * fix, and is read as what was meant.
 */
export function readUseHabits(text: string, list: readonly Token[], problems: Problem[]): Token[] {
  const out: Token[] = [];
  for (let at = 0; at < list.length; ) {
    const begins = list[at]!.newline || at === 0;
    const use = begins ? readUse(text, list.slice(at, lineEnd(list, at)), problems) : undefined;
    out.push(...(use?.read ?? [list[at]!]));
    at += use?.length ?? 1;
  }
  return out;
}

function lineEnd(list: readonly Token[], from: number): number {
  let at = from + 1;
  while (at < list.length && !list[at]!.newline) at++;
  return at;
}

/** What of a line is read, with how many of its tokens that stands for; undefined for a line that is none of these. */
function readUse(
  text: string,
  line: readonly Token[],
  problems: Problem[],
): { readonly read: readonly Token[]; readonly length: number } | undefined {
  const first = line[0]!;
  const isImport = first.image === "import" && first.tokenType !== tokens.Use;
  if (!isImport && first.tokenType !== tokens.Use) return undefined;
  if (!isImport && isRelative(line)) return quotedPath(text, line, problems);
  const end = pathEnd(line);
  if (end === 1) return undefined;
  const path = line.slice(1, end);
  const [from, to] = [path[0]!.startOffset, path.at(-1)!.end];
  const shown = text.slice(from, to);
  const bare = bareNames(line, end);
  if (!isImport && bare === 0) return undefined;
  // A library's name needs no quotes, a file's does.
  if (path[0]!.tokenType !== tokens.StringToken && !/^std\//.test(shown)) return undefined;
  const names = line.slice(end, end + bare);
  const edits = [
    ...(isImport ? [{ start: first.startOffset, end: first.end, text: "use" }] : []),
    ...(bare === 0
      ? []
      : [
          { start: names[0]!.startOffset, end: names[0]!.startOffset, text: "{ " },
          { start: names.at(-1)!.end, end: names.at(-1)!.end, text: " }" },
        ]),
  ];
  const marked = isImport ? first : names[0]!;
  problems.push({
    kind: "foreign",
    start: marked.startOffset,
    end: isImport ? first.end : names.at(-1)!.end,
    text: isImport ? "import" : text.slice(names[0]!.startOffset, names.at(-1)!.end),
    what: isImport ? "bringing in a module" : "bringing in names",
    instead:
      bare === 0
        ? `use ${shown}`
        : `use ${shown} { ${names.map(({ image }) => image).join("")} }`.replaceAll(",", ", "),
    edits,
  });
  const use = makeToken(tokens.Use, "use", first.startOffset, first.end, first.newline);
  const brace = (type: typeof tokens.LeftBrace, image: string, at: number) =>
    makeToken(type, image, at, at, false);
  const inBraces = [
    brace(tokens.LeftBrace, "{", names[0]?.startOffset ?? 0),
    ...names,
    brace(tokens.RightBrace, "}", names.at(-1)?.end ?? 0),
  ];
  return { read: [use, ...path, ...(bare === 0 ? [] : inBraces)], length: end + bare };
}

/** `use ./labels.kdsl { app }`: a path without quotes. */
const isRelative = (line: readonly Token[]): boolean =>
  (line[1]?.tokenType === tokens.Dot || line[1]?.tokenType === tokens.DotDot) &&
  line[2]?.tokenType === tokens.Slash;

function quotedPath(text: string, line: readonly Token[], problems: Problem[]) {
  let last = 1;
  while (line[last + 1]?.startOffset === line[last]!.end) last++;
  const { startOffset: start } = line[1]!;
  const { end } = line[last]!;
  const path = text.slice(start, end);
  problems.push({ kind: "unquoted", start, end, text: path, what: "value", instead: `"${path}"` });
  const quoted = makeToken(tokens.StringToken, path, start, end, false, { kind: "string", parts: [path] });
  return { read: [line[0]!, quoted], length: last + 1 };
}

/** Behind the path of a module: a text in quotes, or words with slashes between them. 1 where there is none. */
function pathEnd(line: readonly Token[]): number {
  if (line[1]?.tokenType === tokens.StringToken) return 2;
  if (!isName(line[1])) return 1;
  let end = 2;
  while (line[end]?.tokenType === tokens.Slash && isName(line[end + 1])) end += 2;
  return end;
}

/** How many tokens `a, b` of names without braces are that end the line. */
function bareNames(line: readonly Token[], from: number): number {
  let at = from;
  while (isName(line[at]) && !reserved.has(line[at]!.image)) {
    at++;
    if (line[at]?.tokenType !== tokens.Comma) break;
    at++;
  }
  return at === line.length ? at - from : 0;
}

const reserved: ReadonlySet<string> = new Set(["as", "with", "from"]);

const isName = (token: Token | undefined): boolean =>
  token !== undefined && tokens.wordTypes.has(token.tokenType);
