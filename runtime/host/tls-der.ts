/** Just enough of DER (ITU-T X.690) to write a certificate: each function gives one encoded value. */

function encoded(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...items: readonly Uint8Array[]) => encoded(0x30, ...items);
export const set = (...items: readonly Uint8Array[]) => encoded(0x31, ...items);
export const boolean = (value: boolean) => encoded(0x01, Buffer.from([value ? 0xff : 0]));
export const octetString = (content: Uint8Array) => encoded(0x04, content);
export const utf8String = (text: string) => encoded(0x0c, Buffer.from(text, "utf8"));

/** A non-negative integer, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return encoded(0x02, Buffer.from((digits[0] ?? 0) >= 0x80 ? [0] : []), digits);
}

/** A string of whole bytes, of whose last one `unused` bits do not count. */
export const bitString = (content: Uint8Array, unused = 0) => encoded(0x03, Buffer.from([unused]), content);

/** `1.2.840.10045.4.3.2`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return encoded(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 | (rest % 128));
  return bytes;
}

/** UTCTime up to 2049 and GeneralizedTime from then on, as RFC 5280 has it. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().replace(/\D/g, "").slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050
    ? encoded(0x17, Buffer.from(digits.slice(2)))
    : encoded(0x18, Buffer.from(digits));
}

/** `[number] EXPLICIT`. */
export const explicit = (number: number, content: Uint8Array) => encoded(0xa0 | number, content);

/** `[number] IMPLICIT` of a value without parts. */
export const implicit = (number: number, content: Uint8Array) => encoded(0x80 | number, content);
