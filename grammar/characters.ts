/** Classes of ASCII characters, as a table: one look-up per character while lexing. */

const nameStart = 1;
const digit = 2;

const classes = new Uint8Array(128);
for (let code = 0x41; code <= 0x5a; code++) classes[code] = nameStart;
for (let code = 0x61; code <= 0x7a; code++) classes[code] = nameStart;
classes[0x5f] = nameStart;
for (let code = 0x30; code <= 0x39; code++) classes[code] = digit;

/** A letter or `_`. `code` may be NaN (past the end), which is in no class. */
export function isNameStart(code: number): boolean {
  return code < 128 && classes[code] === nameStart;
}

export function isDigit(code: number): boolean {
  return code < 128 && classes[code] === digit;
}

/** A letter, `_` or a digit. `-` is part of a name only between two of these. */
export function isNamePart(code: number): boolean {
  return code < 128 && classes[code] !== 0;
}

/** The offset after the name that begins at `start`, whose first character is known to belong to it. */
export function nameEnd(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isNamePart(code)) at++;
    else if (code === 0x2d && isNamePart(text.charCodeAt(at + 1))) at += 2;
    else return at;
  }
}

/** Whether the whole of `text` is a name as the language spells it. */
export function isName(text: string): boolean {
  return text !== "" && isNameStart(text.charCodeAt(0)) && nameEnd(text, 0) === text.length;
}

export function isLineEnd(code: number): boolean {
  return code === 0x0a || code === 0x0d;
}

/** The offset of the end of the line that `at` is on. */
export function lineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end++;
  return end;
}
