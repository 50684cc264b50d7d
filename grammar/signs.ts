import type { TokenType } from "chevrotain";
import { isLineEnd, lineEnd } from "./characters.ts";
import type { Edit, Problem } from "./problem.ts";
import { placeholderAt } from "./strings.ts";
import * as tokens from "./tokens.ts";

export interface ScannedSign {
  /** Undefined where there is nothing to be had: what was found has been reported. */
  readonly type?: TokenType;
  readonly image: string;
  readonly end: number;
}

/** Signs by their first character, longest first. */
const table = new Map<number, readonly (readonly [string, TokenType])[]>();
for (const type of Object.values(tokens.vocabulary)) {
  const text = /^`([^\w`]+)`$/.exec(type.LABEL ?? "")?.[1];
  if (text === undefined) continue;
  const first = text.charCodeAt(0);
  table.set(
    first,
    [...(table.get(first) ?? []), [text, type] as const].sort((a, b) => b[0].length - a[0].length),
  );
}

/** Spellings of other languages, with ours: reported once with the fix, then read as ours. */
const foreign: readonly { text: string; what: string; instead: string; type?: TokenType }[] = [
  { text: "===", what: "equality", instead: "==", type: tokens.EqualsEquals },
  { text: "!==", what: "inequality", instead: "!=", type: tokens.NotEquals },
  { text: "&&", what: "conjunction", instead: "and", type: tokens.And },
  { text: "||", what: "alternative", instead: "or", type: tokens.Or },
  { text: "<>", what: "inequality", instead: "!=", type: tokens.NotEquals },
  { text: ";", what: "the end of a member", instead: ",", type: tokens.Comma },
];

/** Scans the sign at `at`, where neither white space nor a name, figure, string or comment begins. */
export function scanSign(text: string, at: number, end: number, problems: Problem[]): ScannedSign {
  const first = text[at]!;
  if (text.startsWith("<!--", at)) return blockComment(text, at, end, problems, "<!--", "-->");
  if (
    first === "-" &&
    text.startsWith("--", at) &&
    /(?:^|[\n\r])[ \t]*$/.test(text.slice(Math.max(at - 80, 0), at))
  ) {
    // `---` is YAML's, and the parser's to refuse.
    if (/[ \t]/.test(text[at + 2] ?? "")) return lineComment(text, at, end, problems, "--");
  }
  const placeholder = first === "{" ? placeholderAt(text, at) : undefined;
  if (placeholder !== undefined && at + placeholder.length <= end) {
    const after = at + placeholder.length;
    problems.push({ kind: "placeholder", start: at, end: after, text: placeholder });
    return { type: tokens.Invalid, image: placeholder, end: after };
  }
  for (const { text: spelling, what, instead, type } of foreign) {
    if (!text.startsWith(spelling, at)) continue;
    const after = at + spelling.length;
    problems.push({ kind: "foreign", start: at, end: after, text: spelling, what, instead });
    return type === undefined ? { image: "", end: after } : { type, image: instead, end: after };
  }
  for (const [spelling, type] of table.get(text.charCodeAt(at)) ?? []) {
    if (text.startsWith(spelling, at)) {
      return spelling === "/" && text[at + 1] === "*"
        ? blockComment(text, at, end, problems, "/*", "*/")
        : { type, image: spelling, end: at + spelling.length };
    }
  }
  return stranger(text, at, end, problems);
}

function blockComment(
  text: string,
  at: number,
  end: number,
  problems: Problem[],
  opener: string,
  closer: string,
): ScannedSign {
  const found = text.indexOf(closer, at + opener.length);
  const closed = found >= 0 && found + closer.length <= end;
  const after = closed ? found + closer.length : end;
  const lines = text.slice(at + opener.length, closed ? found : end);
  const edits = [{ start: at, end: after, text: `//${lines.replace(/\r?\n[ \t]*/g, "\n// ").trimEnd()}` }];
  problems.push({
    kind: "foreign",
    start: at,
    end: at + opener.length,
    text: opener,
    what: "a comment",
    instead: "//",
    edits,
  });
  return { image: "", end: after };
}

function lineComment(text: string, at: number, end: number, problems: Problem[], sign: string): ScannedSign {
  const after = at + sign.length;
  problems.push({ kind: "foreign", start: at, end: after, text: sign, what: "a comment", instead: "//" });
  return { image: "", end: Math.min(lineEnd(text, at), end) };
}

/** Signs by which other languages speak of values: `#Web` of CUE, `&small`, `!tag` and `~` of YAML, `int & >1`. */
function habitSign(text: string, at: number, problems: Problem[]): ScannedSign | undefined {
  // Of the line no more than is looked at: a line may be as long as the text, and every sign on it comes here.
  const line = /^[^\r\n]*/.exec(text.slice(at, at + 80))![0];
  const value = /[:[,-][ \t]*$/.test(text.slice(Math.max(at - 40, 0), at));
  const say = (written: string, what: string, instead: string, edits?: readonly Edit[]) => {
    const end = at + written.length;
    problems.push({ kind: "foreign", start: at, end, text: written, what, instead, ...(edits && { edits }) });
    return end;
  };
  const invalid = (image: string, end: number): ScannedSign => ({ type: tokens.Invalid, image, end });
  switch (text[at]) {
    case "#": {
      const name = /^#_?([A-Z]\w*)(?=[ \t]*(?:[:&|.,}]|$))/.exec(line);
      if (name === null) return undefined;
      const follows = line.slice(name[0].length);
      if (value) return invalid(name[0], say(name[0], "a type", name[1]!));
      if (!/^[ \t]*:/.test(follows)) return undefined;
      return invalid(name[0], say(name[0], "a shape", `type ${name[1]} = …`, []));
    }
    case "&": {
      const name = /^&([\w-]+)(?=[ \t]|$)/.exec(line);
      if (value && name !== null)
        return { image: "", end: say(name[0], "a value that is used again", `let ${name[1]} = …`, []) };
      if (!/^&[ \t]/.test(line)) return undefined;
      say("&", "a number with bounds", "Int(1..5)", []);
      return invalid(line, at + line.length);
    }
    case "!": {
      const tag = /^!(?:!?[A-Za-z][\w/.:-]*|<[^>\n]*>)(?=[ \t]+["'\w[{|>-])/.exec(line)?.[0];
      if (!value || tag === undefined || /^!\w+[ \t]+(?:and|or|then|else|in)\b/.test(line)) return undefined;
      const written = /^[^,\]}]*/.exec(line)![0].trimEnd();
      const plain = written.slice(tag.length).trim();
      say(written, "a value", plain, [{ start: at, end: at + written.indexOf(plain, tag.length), text: "" }]);
      return { image: "", end: at + tag.length };
    }
    case "~":
      return value ? invalid("~", say("~", "nothing", "none")) : undefined;
  }
  return undefined;
}

/** A character that begins nothing in the language. */
function stranger(text: string, at: number, end: number, problems: Problem[]): ScannedSign {
  const first = text[at]!;
  const habit = habitSign(text, at, problems);
  if (habit !== undefined) return habit;
  if (first === "#") return lineComment(text, at, end, problems, "#");
  if (first === "%") {
    const about = {
      kind: "foreign",
      text: "%",
      what: "the remainder",
      instead: "rem(a, b)",
      edits: [],
    } as const;
    problems.push({ ...about, start: at, end: at + 1 });
    return { type: tokens.Slash, image: "/", end: at + 1 };
  }
  if (first === "!") {
    problems.push({ kind: "foreign", start: at, end: at + 1, text: "!", what: "negation", instead: "not " });
    return { type: tokens.Not, image: "not", end: at + 1 };
  }
  const quote = quotes[first];
  if (quote !== undefined) return quoted(text, at, end, quote, problems);
  if (first === "\ufeff" && at === 0) return { image: "", end: 1 };
  // A run of letters of another script is one mistake, not one for each letter.
  const run = /^[\p{L}\p{M}\p{N}]+/u.exec(text.slice(at, Math.min(at + 64, end)));
  const length = run?.[0].length ?? String.fromCodePoint(text.codePointAt(at)!).length;
  const found = text.slice(at, Math.min(at + length, end));
  problems.push({ kind: "unexpected-character", start: at, end: at + found.length, text: found });
  return { image: "", end: at + found.length };
}

/** Quotes of other languages and of word processors, each with its closing one. */
const quotes: Readonly<Record<string, string>> = {
  "'": "'",
  "`": "`",
  "“": "”",
  "”": "”",
  "„": "“",
  "‘": "’",
  "«": "»",
};

function quoted(text: string, at: number, end: number, quote: string, problems: Problem[]): ScannedSign {
  let close = at + 1;
  while (close < end && text[close] !== quote && !isLineEnd(text.charCodeAt(close))) close++;
  const closed = text[close] === quote && close < end;
  const after = closed ? close + 1 : close;
  const inner = text.slice(at + 1, close);
  problems.push({
    kind: "foreign",
    start: at,
    end: after,
    text: closed ? text.slice(at, after) : text[at]!,
    what: "a string",
    instead: `"${inner.replace(/["\\{]/g, "\\$&")}"`,
  });
  return { type: tokens.StringToken, image: text.slice(at, after), end: after };
}
