/**
 * Patterns: regular expressions without back-references and look-around. They are matched by following all states
 * at once (Thompson's construction), so time is linear in the text whatever the pattern is.
 */

type Matcher = (code: number) => boolean;

type Node =
  | { readonly kind: "character"; readonly matches: Matcher }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "choice"; readonly items: readonly Node[] }
  | { readonly kind: "repeat"; readonly item: Node; readonly least: number; readonly most: number };

type State =
  | { readonly kind: "character"; readonly matches: Matcher; next: number }
  | { readonly kind: "fork"; targets: number[] }
  | { readonly kind: "end" };

/** Whether the whole text matches. */
export type Pattern = (text: string) => boolean;

const mostStates = 5_000;

const classes: Readonly<Record<string, Matcher>> = {
  d: (code) => code >= 48 && code <= 57,
  w: (code) =>
    (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122),
  s: (code) =>
    code === 32 || (code >= 9 && code <= 13) || code === 0xa0 || code === 0x2028 || code === 0x2029,
};

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, "0": 0 };

class PatternError extends Error {}

/** The pattern, or in words what is wrong with it. It always has to match the whole text. */
export function compilePattern(source: string): Pattern | string {
  try {
    const tree = parseAll(source);
    const states: State[] = [];
    const end = push(states, { kind: "end" });
    const start = build(states, tree, end);
    return (text) => run(states, start, text);
  } catch (problem) {
    if (problem instanceof PatternError) return problem.message;
    throw problem;
  }
}

// ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────

interface Reader {
  readonly source: string;
  position: number;
  depth: number;
}

function parseAll(source: string): Node {
  const reader: Reader = { source, position: 0, depth: 0 };
  if (source.startsWith("^")) reader.position++;
  const tree = parseChoice(reader);
  if (source[reader.position] === "$" && reader.position === source.length - 1) return tree;
  if (reader.position < source.length)
    throw new PatternError(`\`${source[reader.position]}\` is not expected there`);
  return tree;
}

function parseChoice(reader: Reader): Node {
  const items = [parseSequence(reader)];
  while (reader.source[reader.position] === "|") {
    reader.position++;
    items.push(parseSequence(reader));
  }
  return items.length === 1 ? items[0]! : { kind: "choice", items };
}

function parseSequence(reader: Reader): Node {
  const items: Node[] = [];
  for (;;) {
    const next = reader.source[reader.position];
    if (next === undefined || next === "|" || next === ")") break;
    if (next === "$" && reader.position === reader.source.length - 1) break;
    items.push(parseRepeats(reader));
  }
  return { kind: "sequence", items };
}

function parseRepeats(reader: Reader): Node {
  const item = parseAtom(reader);
  const { source } = reader;
  const rest = source.slice(reader.position, reader.position + 20);
  const match = /^(?:([*+?])|\{(\d{1,4})(?:(,)(\d{0,4}))?\})/.exec(rest);
  if (!match) return item;
  reader.position += match[0].length;
  if (source[reader.position] === "?") reader.position++; // lazy: which of several ways matches is never asked
  if (/^[*+?{]/.test(source.slice(reader.position))) throw new PatternError("a repetition is repeated");
  const [, sign, low, comma, high] = match;
  if (sign)
    return {
      kind: "repeat",
      item,
      least: sign === "+" ? 1 : 0,
      most: sign === "?" ? 1 : Number.POSITIVE_INFINITY,
    };
  const least = Number(low);
  const most = comma === undefined ? least : high === "" ? Number.POSITIVE_INFINITY : Number(high);
  if (most < least) throw new PatternError(`\`${match[0]}\` runs backwards`);
  return { kind: "repeat", item, least, most };
}

function parseAtom(reader: Reader): Node {
  const { source } = reader;
  const character = source[reader.position++]!;
  switch (character) {
    case "(": {
      if (++reader.depth > 100) throw new PatternError("groups are nested too deeply");
      if (source.startsWith("?:", reader.position)) reader.position += 2;
      else if (/^\?(<?[=!])/.test(source.slice(reader.position))) throw new PatternError("it looks around");
      else if (source[reader.position] === "?") throw new PatternError("named groups have no use here");
      const inner = parseChoice(reader);
      if (source[reader.position++] !== ")") throw new PatternError("a `(` is never closed");
      reader.depth--;
      return inner;
    }
    case "[":
      return { kind: "character", matches: parseSet(reader) };
    case ".":
      return { kind: "character", matches: (code) => code !== 10 && code !== 13 };
    case "\\":
      return { kind: "character", matches: parseEscape(reader) };
    case "*":
    case "+":
    case "?":
      throw new PatternError(`\`${character}\` repeats nothing`);
    case "^":
    case "$":
      throw new PatternError(`\`${character}\` stands inside: a pattern always matches the whole text`);
    default:
      return { kind: "character", matches: only(character.charCodeAt(0)) };
  }
}

const only =
  (wanted: number): Matcher =>
  (code) =>
    code === wanted;

function parseEscape(reader: Reader): Matcher {
  const character = reader.source[reader.position++];
  if (character === undefined) throw new PatternError("it ends in `\\`");
  if (/[1-9k]/.test(character)) throw new PatternError("it refers back");
  if (/[bB]/.test(character)) throw new PatternError("word boundaries have no use here");
  const set = classes[character.toLowerCase()];
  if (set && /[dwsDWS]/.test(character))
    return character === character.toLowerCase() ? set : (code) => !set(code);
  if (/[A-Za-z]/.test(character) && !Object.hasOwn(controls, character))
    throw new PatternError(`\`\\${character}\` is not known`);
  return only(controls[character] ?? character.charCodeAt(0));
}

function parseSet(reader: Reader): Matcher {
  const { source } = reader;
  const negated = source[reader.position] === "^";
  if (negated) reader.position++;
  const matchers: Matcher[] = [];
  for (;;) {
    const character = source[reader.position++];
    if (character === undefined) throw new PatternError("a `[` is never closed");
    if (character === "]") break;
    if (character === "\\") {
      const isClass = /[dwsDWS]/.test(source[reader.position] ?? "");
      const from = source[reader.position] ?? "";
      const matcher = parseEscape(reader);
      if (isClass || !startsRange(reader)) matchers.push(matcher);
      else matchers.push(parseRange(reader, controls[from] ?? from.charCodeAt(0)));
    } else if (startsRange(reader)) matchers.push(parseRange(reader, character.charCodeAt(0)));
    else matchers.push(only(character.charCodeAt(0)));
  }
  return (code) => matchers.some((matches) => matches(code)) !== negated;
}

const startsRange = ({ source, position }: Reader): boolean =>
  source[position] === "-" && source[position + 1] !== "]" && source[position + 1] !== undefined;

function parseRange(reader: Reader, low: number): Matcher {
  reader.position++;
  let end = reader.source[reader.position++]!;
  if (end === "\\") end = reader.source[reader.position++] ?? "";
  const high =
    controls[end] !== undefined && reader.source[reader.position - 2] === "\\"
      ? controls[end]!
      : end.charCodeAt(0);
  if (!(high >= low)) throw new PatternError("a range in `[…]` runs backwards");
  return (code) => code >= low && code <= high;
}

// ── Matching ───────────────────────────────────────────────────────────────────────────────────────────────

function push(states: State[], state: State): number {
  if (states.length >= mostStates) throw new PatternError("it is too large");
  states.push(state);
  return states.length - 1;
}

/** Adds the states of a node that lead on to `next`; gives the first of them. */
function build(states: State[], node: Node, next: number): number {
  switch (node.kind) {
    case "character":
      return push(states, { kind: "character", matches: node.matches, next });
    case "sequence":
      return node.items.reduceRight((after, item) => build(states, item, after), next);
    case "choice":
      return push(states, { kind: "fork", targets: node.items.map((item) => build(states, item, next)) });
    case "repeat": {
      let after = next;
      if (node.most === Number.POSITIVE_INFINITY) {
        const fork: State = { kind: "fork", targets: [next] };
        after = push(states, fork);
        fork.targets.push(build(states, node.item, after));
      } else
        for (let count = node.least; count < node.most; count++)
          after = push(states, { kind: "fork", targets: [build(states, node.item, after), next] });
      for (let count = 0; count < node.least; count++) {
        const first = build(states, node.item, after);
        if (first === after) break; // what is repeated is empty
        after = first;
      }
      return after;
    }
  }
}

function run(states: readonly State[], start: number, text: string): boolean {
  let current = follow(states, [start]);
  for (let index = 0; index < text.length && current.length > 0; index++) {
    const code = text.charCodeAt(index);
    const next: number[] = [];
    for (const id of current) {
      const state = states[id]!;
      if (state.kind === "character" && state.matches(code)) next.push(state.next);
    }
    current = follow(states, next);
  }
  return current.some((id) => states[id]!.kind === "end");
}

/** All states that can be reached without reading a character. */
function follow(states: readonly State[], from: readonly number[]): readonly number[] {
  const reached = new Set<number>();
  const open = [...from];
  while (open.length > 0) {
    const id = open.pop()!;
    if (reached.has(id)) continue;
    reached.add(id);
    const state = states[id]!;
    if (state.kind === "fork") open.push(...state.targets);
  }
  return [...reached];
}
