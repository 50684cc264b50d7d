import { SpdyError } from "./frames.ts";

/** Names in lower case. A name that came with several values has them with NUL in between. */
export type SpdyHeaders = ReadonlyMap<string, string>;

const mostHeaders = 100;

/** Reads a header block that has been inflated. Throws `SpdyError`. */
export function decodeHeaders(block: Uint8Array): SpdyHeaders {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  let at = 0;
  const number = () => {
    if (at + 4 > block.length) throw new SpdyError("a header block ends too early");
    at += 4;
    return view.getUint32(at - 4);
  };
  const text = () => {
    const length = number();
    if (length > block.length - at) throw new SpdyError("a header block ends too early");
    at += length;
    return new TextDecoder().decode(block.subarray(at - length, at));
  };
  const count = number();
  if (count > mostHeaders) throw new SpdyError(`a frame has ${count} headers`);
  const headers = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const name = text().toLowerCase();
    if (name === "" || headers.has(name))
      throw new SpdyError("a header block has a name that is empty or doubled");
    headers.set(name, text());
  }
  if (at !== block.length) throw new SpdyError("a header block goes on behind its end");
  return headers;
}

/** A header block before it is deflated. */
export function encodeHeaders(headers: SpdyHeaders): Uint8Array {
  const encoder = new TextEncoder();
  const texts = [...headers].flat().map((text) => encoder.encode(text));
  const result = new Uint8Array(4 + texts.reduce((sum, text) => sum + 4 + text.length, 0));
  const view = new DataView(result.buffer);
  view.setUint32(0, headers.size);
  let at = 4;
  for (const text of texts) {
    view.setUint32(at, text.length);
    result.set(text, at + 4);
    at += 4 + text.length;
  }
  return result;
}

/**
 * A header block in zlib's format without compressing it: stored blocks, which any inflater takes. What this side
 * says in headers is next to nothing, and a deflater costs memory for as long as a connection lasts. The empty block
 * at the end is what a flush of zlib writes; readers give out what they have when they see it.
 */
export function storedBlock(block: Uint8Array, first: boolean): Uint8Array {
  if (block.length > 0xffff) throw new SpdyError("the header block is too long");
  const low = block.length & 0xff;
  const high = block.length >> 8;
  const head = [...(first ? [0x78, 0x01] : []), 0, low, high, ~low & 0xff, ~high & 0xff];
  return Uint8Array.from([...head, ...block, 0, 0, 0, 0xff, 0xff]);
}
