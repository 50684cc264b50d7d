import { gapAt, type Likeness, Likenesses } from "./alike.ts";
import { findBidirectional } from "./bidirectional.ts";
import { balanceBrackets, scanBrackets } from "./brackets.ts";
import type { Builder } from "./builder.ts";
import { notQuick } from "./engine.ts";
import { readForeign } from "./foreign.ts";
import { tokenize, tokenizeBlock } from "./lexer.ts";
import { KdslParser } from "./parser.ts";
import type { Problem } from "./problem.ts";
import { GaveUp, type Node, problemLimit } from "./recovery.ts";
import type { Hole, Token } from "./tokens.ts";
import { findManifest, mayHaveList } from "./yaml.ts";

/** Texts over this many UTF-16 code units are refused: nobody wrote them, and every later phase would suffer. */
export const sizeLimit = 64 * 1024 * 1024;

/** Brackets may nest this deep. Rules that nest without brackets have a limit of their own in the parser. */
export const nestingLimit = 60;

export interface Reading<Member> {
  readonly members: readonly Member[];
  readonly problems: readonly Problem[];
}

/** The builder of a text, with what the lexer knows beside the tokens. */
export interface Builders<Member, Expression, Type> {
  readonly builder: Builder<Member, Expression, Type>;
  /** Told before each reading of the text: what was built before is forgotten. */
  begin(): void;
  /** Told before parsing: the `///` texts by the offset of the token that they stand before. */
  help(help: ReadonlyMap<number, string>): void;
  /** How others may be like a member; undefined where they cannot, and never where all is to be read by the rules. */
  likenessOf?(text: string, member: Member): Likeness<Member> | undefined;
  /** The holes of strings that were built since the last call, each with what to do with its value. */
  takeHoles(): { readonly hole: Hole; readonly fill: (value: Expression) => void }[];
}

/** Made when first needed: that costs more than reading a file of ordinary size. */
let quick: KdslParser | undefined;
let thorough: KdslParser | undefined;

/**
 * Reads a whole text. Never throws for what stands in it: mistakes are in `problems`, and there is always a tree.
 */
export function readModule<Member extends Node, Expression extends Node, Type extends Node>(
  text: string,
  builders: Builders<Member, Expression, Type>,
): Reading<Member> {
  const refused = refuse(text);
  if (refused !== undefined) return { members: [], problems: [refused] };
  const { members, problems } = readTwice(text, builders);
  const bidirectional = findBidirectional(text);
  return { members, problems: bidirectional.length === 0 ? problems : [...problems, ...bidirectional] };
}

/** A text that has mistakes is read once more, with an eye for other languages. */
function readTwice<Member extends Node, Expression extends Node, Type extends Node>(
  text: string,
  builders: Builders<Member, Expression, Type>,
): Reading<Member> {
  const first = readOnce(text, builders, undefined);
  if (first.problems.length === 0 && !mayHaveList(text)) return first;
  const manifest = findManifest(text);
  if (manifest !== undefined) return { members: [], problems: [manifest] };
  const again = readOnce(text, builders, readForeign);
  return { ...again, problems: grouped(joinedLines(text, again.problems)) };
}

/** One reading; `foreign` sees the tokens first, and mends what belongs to other languages. */
function readOnce<Member extends Node, Expression extends Node, Type extends Node>(
  text: string,
  builders: Builders<Member, Expression, Type>,
  foreign: typeof readForeign | undefined,
): Reading<Member> {
  const alike = foreign === undefined ? readAlike(text, builders) : undefined;
  if (alike !== undefined) return { members: alike, problems: [] };
  builders.begin();
  const problems: Problem[] = [];
  checkSurrogates(text, problems);
  const found: Problem[] = [];
  const { tokens, help } = tokenize(text, 0, text.length, found);
  builders.help(help);
  problems.push(...siftLexical(text, found));
  if (problems.length >= problemLimit) return { members: [], problems: tooMany(problems) };
  const mended = foreign?.(text, tokens, problems) ?? tokens;
  const lexical = problems.length;
  const balanced = balance(text, mended, problems);
  if (balanced === undefined) return { members: [], problems };
  const untroubled = problems.length === 0 ? readQuickly(text, balanced, builders) : undefined;
  if (untroubled !== undefined) return { members: untroubled as Member[], problems };
  builders.begin();
  builders.help(help);
  const parser = (thorough ??= new KdslParser({ skipValidations: true }));
  let members: Node[] = [];
  const syntactic: Problem[] = [];
  try {
    members = readAll(text, balanced, parser, builders, syntactic);
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
  }
  const kept = sift(text, problems, lexical, syntactic);
  return { members: members as Member[], problems: kept };
}

/** The members of a text without mistakes; undefined where there may be one. */
function readQuickly<Member, Expression extends Node, Type>(
  text: string,
  list: Token[],
  builders: Builders<Member, Expression, Type>,
): Node[] | undefined {
  const problems: Problem[] = [];
  try {
    const members = readAll(text, list, (quick ??= new KdslParser()), builders, problems);
    return problems.length === 0 ? members : undefined;
  } catch (error) {
    if (error !== notQuick) throw error;
    return undefined;
  }
}

/**
 * The members of a text without mistakes, read one after the other: those that are written like one before them by
 * their text alone. Undefined where there may be a mistake, and where the builder has no likenesses.
 */
function readAlike<Member extends Node, Expression extends Node, Type extends Node>(
  text: string,
  builders: Builders<Member, Expression, Type>,
): Member[] | undefined {
  if (!builders.likenessOf) return undefined;
  builders.begin();
  const likenesses = new Likenesses<Member>(text, (member) => builders.likenessOf!(text, member));
  const members: Member[] = [];
  for (let gap = gapAt(text, 0), at = 0; gap.end < text.length; gap = gapAt(text, at)) {
    if (at > 0 && !gap.newline) return undefined;
    const found = at === 0 || gap.documents ? undefined : likenesses.read(gap.end);
    if (found) {
      members.push(found.member);
      at = found.end;
      continue;
    }
    const piece = readPiece(text, at, builders);
    if (!piece || piece.members.length === 0) return undefined;
    for (const member of piece.members) members.push(member);
    at = piece.end;
    const last = piece.members.at(-1)!;
    if (last.end === at) likenesses.note(last, last);
  }
  const lexical: Problem[] = [];
  checkSurrogates(text, lexical);
  return lexical.length === 0 ? members : undefined;
}

function readPiece<Member extends Node, Expression extends Node, Type extends Node>(
  text: string,
  start: number,
  builders: Builders<Member, Expression, Type>,
): { readonly members: readonly Member[]; readonly end: number } | undefined {
  const problems: Problem[] = [];
  const { tokens, help } = tokenizeBlock(text, start, problems);
  const { balanced, depth } = scanBrackets(tokens);
  if (problems.length > 0 || !balanced || depth > nestingLimit) return undefined;
  builders.help(help);
  const members = readQuickly(text, tokens, builders);
  return members && { members: members as Member[], end: tokens.at(-1)?.end ?? text.length };
}

function readAll<Member, Expression extends Node, Type>(
  text: string,
  list: Token[],
  parser: KdslParser,
  builders: Builders<Member, Expression, Type>,
  problems: Problem[],
): Node[] {
  try {
    parser.begin(list, builders.builder as unknown as Builder<Node, Node, Node>, problems);
    const members = parser.read(parser.module);
    readHoles(text, parser, builders, problems);
    return members;
  } finally {
    parser.release();
  }
}

/** What only accompanies another habit on its line is part of that: `local x = 1;`, `a = new {}`. */
function joinedLines(text: string, problems: readonly Problem[]): Problem[] {
  const kept: Problem[] = [];
  for (const problem of problems) {
    const before = kept.at(-1);
    const joins =
      problem.kind === "foreign" && /^(?:;|new\b)/.test(problem.text) && before?.kind === "foreign";
    if (!joins || before.edits?.length === 0 || !onLineOf(text, problem, [before])) {
      kept.push(problem);
      continue;
    }
    const edits = [before, problem].flatMap(
      (one) => one.edits ?? [{ start: one.start, end: one.end, text: one.instead }],
    );
    kept[kept.length - 1] = { ...before, edits };
  }
  return kept;
}

/** One spelling of another language is one problem, however often it stands in the text: its fix mends them all. */
function grouped(problems: readonly Problem[]): Problem[] {
  const groups = new Map<string, Problem>();
  const kept: Problem[] = [];
  for (const problem of problems) {
    if (problem.kind === "placeholder") {
      const known = groups.get("placeholder");
      const joined: Problem =
        known?.kind === "placeholder" ? { ...known, more: (known.more ?? 0) + 1 } : problem;
      if (known) kept[kept.indexOf(known)] = joined;
      else kept.push(joined);
      groups.set("placeholder", joined);
      continue;
    }
    if (problem.kind !== "foreign") {
      kept.push(problem);
      continue;
    }
    const group = `${problem.what} ${/^['`“‘«„”]/.exec(problem.text)?.[0] ?? problem.text.replace(/[\w.-]+/g, "")}`;
    const own = problem.edits ?? [{ start: problem.start, end: problem.end, text: problem.instead }];
    const known = groups.get(group);
    if (known?.kind !== "foreign") {
      const first: Problem = { ...problem, edits: own };
      groups.set(group, first);
      kept.push(first);
      continue;
    }
    const joined: Problem = {
      ...known,
      more: (known.more ?? 0) + 1,
      edits: [...(known.edits ?? []), ...own],
    };
    kept[kept.indexOf(known)] = joined;
    groups.set(group, joined);
  }
  return kept;
}

function refuse(text: string): Problem | undefined {
  if (text.length > sizeLimit) return { kind: "too-large", start: 0, end: 0, limit: sizeLimit };
  const zero = text.indexOf("\0");
  return zero < 0 ? undefined : { kind: "not-text", start: zero, end: zero + 1, what: "a NUL character" };
}

function tooMany(problems: readonly Problem[]): Problem[] {
  const kept = problems.slice(0, problemLimit);
  const { start, end } = kept.at(-1)!;
  return [...kept, { kind: "too-many", start, end, limit: problemLimit }];
}

/** A half of a surrogate pair alone is no character, and could not be written out as UTF-8. */
function checkSurrogates(text: string, problems: Problem[]): void {
  if (!/[\ud800-\udfff]/.test(text)) return;
  const lone = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(text);
  if (lone === null) return;
  const { index } = lone;
  problems.push({ kind: "not-text", start: index, end: index + 1, what: "half of a surrogate pair" });
}

function balance(text: string, tokens: Token[], problems: Problem[]): Token[] | undefined {
  const scan = scanBrackets(tokens);
  const list = scan.balanced ? tokens : balanceBrackets(text, tokens, problems);
  if ((scan.balanced ? scan : scanBrackets(list)).depth <= nestingLimit) return list;
  const deep = tooDeep(list);
  problems.push({ kind: "too-deep", start: deep.startOffset, end: deep.end });
  return undefined;
}

/** The first bracket past the limit. */
function tooDeep(list: readonly Token[]): Token {
  let depth = 0;
  for (const token of list) {
    if ("{[(".includes(token.image) && token.image !== "" && ++depth > nestingLimit) return token;
    if ("}])".includes(token.image) && token.image !== "") depth--;
  }
  return list.at(-1)!;
}

/** Holes are parsed after the text around them, one after the other, so that they nest without recursion. */
function readHoles<Member, Expression extends Node, Type>(
  text: string,
  parser: KdslParser,
  builders: Builders<Member, Expression, Type>,
  problems: Problem[],
): void {
  for (let holes = builders.takeHoles(); holes.length > 0; holes = builders.takeHoles()) {
    for (const { hole, fill } of holes) {
      const found: Problem[] = [];
      const { tokens } = tokenize(text, hole.start, hole.end, found);
      const balanced = scanBrackets(tokens).balanced ? tokens : balanceBrackets(text, tokens, found);
      const builder = builders.builder as unknown as Builder<Node, Node, Node>;
      const place = { start: hole.start - 1, end: hole.end + 1 };
      if (tokens.length === 0 && found.length === 0) {
        found.push({ kind: "bad-hole", ...place, why: "empty" });
      }
      parser.begin(balanced, builder, tokens.length === 0 ? [] : found, hole.start);
      fill((tokens.length === 0 ? builder.missing(hole.start) : parser.read(parser.hole)) as Expression);
      const [first] = found;
      // What stands in braces by mistake (JSON, a shell's `${x}`) is no KDSL at all: one problem names the way out.
      if (first !== undefined)
        problems.push(
          first.kind === "unexpected" ? { kind: "bad-hole", ...place, why: "unreadable" } : first,
        );
    }
  }
}

/** Leaves out what stands on a line after a string or hole that never ends: it may belong to it. */
function siftLexical(text: string, found: readonly Problem[]): Problem[] {
  const kept: Problem[] = [];
  let open: Problem | undefined;
  for (const problem of found) {
    if (open !== undefined && onLineOf(text, problem, [open])) continue;
    kept.push(problem);
    if (kept.length > problemLimit) break;
    if (problem.kind === "unclosed-string" || problem.kind === "bad-hole") open = problem;
  }
  return kept;
}

/** Leaves out what follows from another mistake: brackets and grammar on a line that the lexer could not read. */
function sift(
  text: string,
  early: readonly Problem[],
  lexical: number,
  syntactic: readonly Problem[],
): Problem[] {
  const lexicalProblems = early.slice(0, lexical);
  const swallowed = lexicalProblems.some(
    (problem) => problem.kind === "unclosed-string" && problem.closer === '"""',
  );
  const brackets = early
    .slice(lexical)
    .filter((problem) => !(problem.kind === "unclosed-bracket" && swallowed))
    .filter((problem) => !onLineOf(text, problem, lexicalProblems));
  const rest = syntactic.filter(
    (problem) => !onLineOf(text, problem, early) && !nearVirtual(text, problem, early),
  );
  return [...lexicalProblems, ...brackets, ...rest].sort((a, b) => a.start - b.start || a.end - b.end);
}

function onLineOf(text: string, problem: Problem, others: readonly Problem[]): boolean {
  return others.some((other) => {
    const from = Math.min(problem.start, other.start);
    const to = Math.max(problem.start, other.start);
    return to - from < 10_000 && !/[\n\r]/.test(text.slice(from, to));
  });
}

/** Whether a problem stands where a closing bracket was put in. */
function nearVirtual(text: string, problem: Problem, others: readonly Problem[]): boolean {
  return others.some((other) => {
    if (other.kind !== "unclosed-bracket") return false;
    const from = Math.min(problem.start, other.by);
    const to = Math.max(problem.start, other.by);
    return to - from < 10_000 && text.slice(from, to).trim() === "";
  });
}
