/** Protobuf's wire format: a message is a sequence of fields, each a number, a form, and a value of that form. */

/** What is wrong with bytes that are no message. */
export class WireError extends Error {}

export const wireType = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** Groups are of an older time; no message of the API has one, and a few levels of unknown ones are passed over. */
const maximumGroups = 32;

/** Reads a part of a buffer, from its start to its end; whatever would go beyond is refused. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** The number and the form of the field that comes next. */
  tag(): { readonly field: number; readonly type: number } {
    const tag = this.varint();
    const field = Number(tag >> 3n);
    if (field === 0) throw new WireError(`illegal tag ${field} (wire type ${tag})`);
    if (field > 0x1fff_ffff) throw new WireError(`illegal tag ${field}`);
    return { field, type: Number(tag & 7n) };
  }

  /** Up to 64 bits, without a sign. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (shift >= 70n) throw new WireError("integer overflow");
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  }

  bytes(): Uint8Array {
    const { start, end } = this.#span();
    return this.#bytes.subarray(start, end);
  }

  /** A reader of a message within. */
  message(): WireReader {
    const { start, end } = this.#span();
    return new WireReader(this.#bytes, start, end);
  }

  text(): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.bytes());
    } catch {
      throw new WireError("string field contains invalid UTF-8");
    }
  }

  double(): number {
    const start = this.#at;
    this.#pass(8);
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8).getFloat64(0, true);
  }

  /** Passes over a field that nobody knows. */
  skip(type: number, depth = 0): void {
    switch (type) {
      case wireType.varint:
        this.varint();
        return;
      case wireType.fixed64:
        this.#pass(8);
        return;
      case wireType.bytes:
        this.#span();
        return;
      case wireType.fixed32:
        this.#pass(4);
        return;
      case wireType.startGroup:
        this.#skipGroup(depth + 1);
        return;
      default:
        throw new WireError(`illegal wireType ${type}`);
    }
  }

  #skipGroup(depth: number): void {
    if (depth > maximumGroups) throw new WireError("too many groups within each other");
    for (;;) {
      const { type } = this.tag();
      if (type === wireType.endGroup) return;
      this.skip(type, depth);
    }
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new WireError("unexpected EOF");
    return this.#bytes[this.#at++]!;
  }

  #pass(length: number): void {
    if (length > this.#end - this.#at) throw new WireError("unexpected EOF");
    this.#at += length;
  }

  #span(): { readonly start: number; readonly end: number } {
    const length = this.varint();
    if (length > BigInt(this.#end - this.#at)) throw new WireError("unexpected EOF");
    const start = this.#at;
    this.#pass(Number(length));
    return { start, end: this.#at };
  }
}
