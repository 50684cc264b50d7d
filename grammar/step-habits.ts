import { scanFigure } from "./figures.ts";
import type { Edit, Problem } from "./problem.ts";
import * as tokens from "./tokens.ts";
import { closerOf, makeToken, type Token } from "./tokens.ts";

/**
 * Steps of scenarios as they are said elsewhere, seen in the tokens of a text that has mistakes: each is one problem with
 * its fix, and is read as what was meant.
 */
export function readStepHabits(list: readonly Token[], problems: Problem[]): Token[] {
  const out: Token[] = [];
  /** For each open bracket, whether steps stand in it. */
  const open: boolean[] = [];
  let head: Token | undefined;
  for (let at = 0; at < list.length; ) {
    const token = list[at]!;
    const begins = token.newline || out.at(-1)?.tokenType === tokens.LeftBrace || head === undefined;
    if (begins) head = token;
    if (open.at(-1) === true && begins) {
      const end = stepEnd(list, at);
      const step = list.slice(at, end);
      const read = readStep(step, problems);
      if (read !== undefined) {
        out.push(...read);
        at = end;
        continue;
      }
    }
    if (closerOf.has(token.tokenType)) open.push(holdsSteps(token, head, list[at - 1], open.at(-1) === true));
    else if (closers.has(token.tokenType)) open.pop();
    out.push(token);
    at++;
  }
  return out;
}

const closers = new Set(closerOf.values());

/** Whether steps stand behind this bracket: those of a scenario, and of what may hold steps in one. */
function holdsSteps(
  token: Token,
  head: Token | undefined,
  before: Token | undefined,
  inSteps: boolean,
): boolean {
  if (token.tokenType !== tokens.LeftBrace) return false;
  if (head?.tokenType === tokens.Scenario) return before?.tokenType === tokens.StringToken;
  const holders = [tokens.For, tokens.If, tokens.Repeat, tokens.Else];
  return inSteps && (holders.includes(head?.tokenType as never) || before?.tokenType === tokens.Else);
}

/** Where the step that begins here ends: at the next line, a comma, or the bracket around. */
function stepEnd(list: readonly Token[], from: number): number {
  let depth = 0;
  let at = from;
  for (; at < list.length; at++) {
    const { tokenType, newline } = list[at]!;
    if (depth === 0 && at > from && (newline || tokenType === tokens.Comma)) break;
    if (tokenType === tokens.LeftBrace && depth === 0) break;
    if (closerOf.has(tokenType)) depth++;
    else if (closers.has(tokenType) && --depth < 0) break;
  }
  return at;
}

type Habit = (step: readonly Token[], say: Say) => readonly Token[] | undefined;
type Say = (about: Token, what: string, written: string, instead: string, edits: readonly Edit[]) => void;

function readStep(step: readonly Token[], problems: Problem[]): readonly Token[] | undefined {
  const say: Say = (about, what, text, instead, edits) => {
    const { startOffset: start, end } = about;
    problems.push({ kind: "foreign", start, end, text, what, instead, edits });
  };
  for (const habit of habits) {
    const read = habit(step, say);
    if (read !== undefined) return read;
  }
  return undefined;
}

const retyped = (token: Token, text: string): Token =>
  makeToken(tokens.words.get(text)!, text, token.startOffset, token.end, token.newline);

const edit = ({ startOffset: start, end }: Token, text: string): Edit => ({ start, end, text });

/** `wait until ready(web) == 3`, `wait for …`: what is awaited has a time. */
const waitsFor: Habit = (step, say) => {
  const [first, second] = step;
  if (first?.image !== "wait" || step.length < 3) return undefined;
  if (second!.tokenType !== tokens.For && second!.image !== "until") return undefined;
  const last = step.at(-1)!;
  const end = { start: last.end, end: last.end, text: " within 1min" };
  say(second!, "what is waited for", `wait ${second!.image} …`, "eventually … within 1min", [
    { start: first.startOffset, end: second!.end, text: "eventually" },
    end,
  ]);
  const { type, literal } = scanFigure("1min", 0, []);
  return [
    retyped(first, "eventually"),
    ...step.slice(2),
    makeToken(tokens.words.get("within")!, "within", last.end, last.end, false),
    makeToken(type, "1min", last.end, last.end, false, literal),
  ];
};

/** `stays e for 5min` is `during`, `eventually e in 5min` is `within`. */
const otherClause: Habit = (step, say) => {
  const [first, ...rest] = step;
  const at = rest.findIndex((token, index) => {
    const time = rest[index + 1]?.tokenType === tokens.Quantity && index + 2 === rest.length;
    return time && (token.tokenType === tokens.For || token.tokenType === tokens.In);
  });
  const token = rest[at];
  if (first?.tokenType === undefined || token === undefined || !tokens.sentences.includes(first.image))
    return undefined;
  const instead = first.image === "eventually" ? "within" : "during";
  const what = instead === "within" ? "until when it holds" : "how long it holds";
  say(token, what, `${token.image} …`, instead, [edit(token, instead)]);
  return step.map((each) => (each === token ? retyped(each, instead) : each));
};

const kindWords: ReadonlySet<string> = new Set([
  ...["node", "pod", "rc", "service", "container", "deployment", "replicaset", "statefulset"],
]);

/** `kill node worker-1`: the name alone says which it is. */
const kindBefore: Habit = (step, say) => {
  const [first, kind, name] = step;
  const isWord = name !== undefined && tokens.wordTypes.has(name.tokenType);
  if (!first || !kind || !isWord || name.newline || tokens.clauseWords.includes(name.image)) return undefined;
  if (!tokens.sentences.includes(first.image) || !kindWords.has(kind.image)) return undefined;
  const gap = { start: kind.startOffset, end: name.startOffset, text: "" };
  say(kind, "an object", `${kind.image} ${name.image}`, name.image, [gap]);
  return [first, ...step.slice(2)];
};

/** `expect ready(web) = 3`, `scale web = 5`, `scale web 5`. */
const equals: Habit = (step, say) => {
  const [first] = step;
  if (!first || !tokens.sentences.includes(first.image)) return undefined;
  const at = step.findIndex(({ tokenType }) => tokenType === tokens.Equals);
  if (at > 0) {
    const sign = first.image === "scale" ? "to" : "==";
    const token = step[at]!;
    say(token, first.image === "scale" ? "a scale" : "a comparison", "=", sign, [edit(token, sign)]);
    const read =
      sign === "to"
        ? retyped(token, "to")
        : makeToken(tokens.EqualsEquals, "==", token.startOffset, token.end, false);
    return step.map((each) => (each === token ? read : each));
  }
  const [, , figure] = step;
  if (first.image !== "scale" || step.length !== 3 || figure?.tokenType !== tokens.NumberToken)
    return undefined;
  const { startOffset: start } = figure;
  say(figure, "a scale", `scale … ${figure.image}`, `to ${figure.image}`, [
    { start, end: start, text: "to " },
  ]);
  return [...step.slice(0, 2), makeToken(tokens.words.get("to")!, "to", start, start, false), figure];
};

/** `for each n in nodes: {` */
const colonBeforeBlock: Habit = (step, say) => {
  const [key, colon] = step.slice(-2);
  const holds = step[0]?.tokenType === tokens.For || step[0]?.tokenType === tokens.If;
  if (!holds || colon?.tokenType !== tokens.Colon || !key) return undefined;
  say(colon, "a block", "… : {", "… {", [edit(colon, "")]);
  const type = tokens.words.get(key.image) ?? tokens.PlainWord;
  const name =
    key.tokenType === tokens.Key ? makeToken(type, key.image, key.startOffset, key.end, key.newline) : key;
  return [...step.slice(0, -2), name];
};

const habits: readonly Habit[] = [waitsFor, otherClause, kindBefore, equals, colonBeforeBlock];
