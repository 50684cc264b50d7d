import { isDigit, isNamePart, isNameStart } from "./characters.ts";
import type { Problem } from "./problem.ts";
import { Address, Invalid, type Literal, NumberToken, Quantity } from "./tokens.ts";
import { isUnit, nearestUnit } from "./units.ts";

/** A number, quantity or address, as scanned: digits with letters at their end are one quantity, whatever the letters. */
export interface ScannedFigure {
  readonly type: typeof NumberToken;
  readonly end: number;
  readonly literal: Literal;
}

const dot = 0x2e;
const slash = 0x2f;
const percent = 0x25;
const minus = 0x2d;

/** `2024-01-31T10:00:00Z`: as a difference of numbers nobody would write it without spaces. */
const datePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w-])/;

/** Scans what begins with the digit at `start`. */
export function scanFigure(text: string, start: number, problems: Problem[]): ScannedFigure {
  let at = digitsEnd(text, start);
  let dots = 0;
  // `1..5` is a range and `1.name` no number: a dot belongs here only before a digit.
  while (text.charCodeAt(at) === dot && isDigit(text.charCodeAt(at + 1))) {
    dots++;
    at = digitsEnd(text, at + 1);
  }
  if (dots === 3) return scanAddress(text, start, at, problems);
  if (dots > 1) {
    while (isNamePart(text.charCodeAt(at)) || text.charCodeAt(at) === dot) at++;
    problems.push({ kind: "malformed-number", start, end: at, text: text.slice(start, at) });
    return invalid(at);
  }
  const digits = text.slice(start, at).replaceAll("_", "");
  if (text.charCodeAt(at) === percent) {
    return { type: Quantity, end: at + 1, literal: { kind: "quantity", digits, unit: "%" } };
  }
  if (at - start === 4 && text.charCodeAt(at) === minus) {
    const date = datePattern.exec(text.slice(start, start + 40))?.[0];
    if (date !== undefined) {
      problems.push({
        kind: "unquoted",
        start,
        end: start + date.length,
        text: date,
        what: "value",
        instead: `"${date}"`,
      });
      return invalid(start + date.length);
    }
  }
  if (!isNameStart(text.charCodeAt(at))) {
    return { type: NumberToken, end: at, literal: { kind: "number", digits } };
  }
  return scanUnit(text, start, at, digits, problems);
}

function scanUnit(
  text: string,
  start: number,
  unitStart: number,
  digits: string,
  problems: Problem[],
): ScannedFigure {
  let end = unitStart;
  while (isNamePart(text.charCodeAt(end))) end++;
  const unit = text.slice(unitStart, end);
  if (isUnit(unit)) return { type: Quantity, end, literal: { kind: "quantity", digits, unit } };
  const nearest = nearestUnit(unit);
  problems.push({
    kind: "unknown-unit",
    start,
    end,
    digits: text.slice(start, unitStart),
    unit,
    ...(nearest === undefined ? {} : { nearest }),
  });
  return invalid(end);
}

function scanAddress(text: string, start: number, ipEnd: number, problems: Problem[]): ScannedFigure {
  let end = ipEnd;
  const cidr = text.charCodeAt(end) === slash && isDigit(text.charCodeAt(end + 1));
  if (cidr) end = digitsEnd(text, end + 1);
  while (isNamePart(text.charCodeAt(end))) end++;
  const whole = text.slice(start, end);
  const why = addressMistake(whole);
  if (why === undefined) return { type: Address, end, literal: { kind: "address", text: whole, cidr } };
  problems.push({ kind: "malformed-address", start, end, text: whole, why });
  return invalid(end);
}

/** What keeps `text`, four runs of digits with perhaps `/` and more, from being an IPv4 address or range. */
function addressMistake(text: string): string | undefined {
  const [ip = "", length] = text.split("/");
  for (const part of ip.split(".")) {
    if (!/^\d+$/.test(part)) return `\`${part}\` is not a number`;
    if (part.length > 1 && part.startsWith("0")) return `\`${part}\` has a leading zero`;
    if (part.length > 3 || Number(part) > 255) return `\`${part}\` is over 255`;
  }
  if (length !== undefined && (!/^\d{1,2}$/.test(length) || Number(length) > 32)) {
    return `\`/${length}\` is not a length from 0 to 32`;
  }
  return undefined;
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isDigit(code) || (code === 0x5f && isDigit(text.charCodeAt(at + 1)))) at++;
    else return at;
  }
}

function invalid(end: number): ScannedFigure {
  return { type: Invalid, end, literal: { kind: "invalid" } };
}
