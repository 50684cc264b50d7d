/** What a peer may not do: its connection ends. */
export class SpdyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SpdyError";
  }
}

/** A frame as it is received. Data comes in pieces, as they arrive: `end` is with the last piece of a frame that has it. */
export type Frame =
  | { readonly type: "data"; readonly stream: number; readonly bytes: Uint8Array; readonly end: boolean }
  | { readonly type: "open"; readonly stream: number; readonly block: Uint8Array; readonly end: boolean }
  /** Headers of a stream that is open already; read for the sake of the compression, which goes on through all of them. */
  | { readonly type: "headers"; readonly stream: number; readonly block: Uint8Array; readonly end: boolean }
  | { readonly type: "reset"; readonly stream: number; readonly status: number }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "goAway" };

export const resetStatus = { protocolError: 1, refusedStream: 3, cancel: 5 } as const;

const version = 3;
const flagEnd = 0x01;
const kinds = {
  open: 1,
  reply: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  window: 9,
} as const;
const headBytes = 8;
/** The longest data frame that is sent. */
const dataBytes = 64 * 1024;
/** Of control frames, which are read whole. Kubernetes' are some hundred bytes. */
const controlBytes = 32 * 1024;

/**
 * Reads frames from bytes that are cut anywhere. No more is kept than one control frame. The function it gives throws
 * `SpdyError` for what is no frame of SPDY/3; it must not be called again after that.
 */
export function createFrameReader(): (chunk: Uint8Array) => Frame[] {
  let kept = new Uint8Array(0);
  /** The data frame that is being received. */
  let data: { stream: number; left: number; end: boolean } | undefined;
  return (chunk) => {
    const frames: Frame[] = [];
    let bytes = kept.length === 0 ? chunk : joined(kept, chunk);
    for (;;) {
      if (data) {
        const piece = bytes.subarray(0, data.left);
        data.left -= piece.length;
        bytes = bytes.subarray(piece.length);
        const end = data.end && data.left === 0;
        if (piece.length > 0 || end) frames.push({ type: "data", stream: data.stream, bytes: piece, end });
        if (data.left > 0) break;
        data = undefined;
      }
      if (bytes.length < headBytes) break;
      const head = new DataView(bytes.buffer, bytes.byteOffset, headBytes);
      const flags = head.getUint8(4);
      const length = head.getUint32(4) & 0xffffff;
      if (head.getUint8(0) < 0x80) {
        data = { stream: head.getUint32(0), left: length, end: (flags & flagEnd) !== 0 };
        bytes = bytes.subarray(headBytes);
        continue;
      }
      if (head.getUint16(0) !== (0x8000 | version)) throw new SpdyError("not a frame of SPDY/3");
      if (length > controlBytes) throw new SpdyError(`a control frame of ${length} bytes`);
      if (bytes.length < headBytes + length) break;
      const frame = control(head.getUint16(2), flags, bytes.slice(headBytes, headBytes + length));
      if (frame) frames.push(frame);
      bytes = bytes.subarray(headBytes + length);
    }
    kept = bytes.slice();
    return frames;
  };
}

function control(kind: number, flags: number, body: Uint8Array): Frame | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const at = (offset: number) => {
    if (offset + 4 > body.length) throw new SpdyError("a control frame is too short");
    return view.getUint32(offset);
  };
  const stream = () => at(0) & 0x7fffffff;
  const end = (flags & flagEnd) !== 0;
  switch (kind) {
    case kinds.open:
      at(6);
      return { type: "open", stream: stream(), block: body.subarray(10), end };
    case kinds.reply:
    case kinds.headers:
      return { type: "headers", stream: stream(), block: body.subarray(4), end };
    case kinds.reset:
      return { type: "reset", stream: stream(), status: at(4) };
    case kinds.ping:
      return { type: "ping", id: at(0) };
    case kinds.goAway:
      return { type: "goAway" };
    default:
      // Settings and windows ask for nothing; what is unknown is passed over, as the protocol says.
      return undefined;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}

function controlFrame(kind: number, flags: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + body.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, 0x8000 | version);
  view.setUint16(2, kind);
  view.setUint32(4, body.length);
  view.setUint8(4, flags);
  frame.set(body, headBytes);
  return frame;
}

function words(...values: number[]): Uint8Array {
  const result = new Uint8Array(4 * values.length);
  const view = new DataView(result.buffer);
  values.forEach((value, index) => {
    view.setUint32(4 * index, value);
  });
  return result;
}

/** Opens a stream; `block` is a compressed header block. A server's replies are all it sends; tests are clients too. */
export function openFrame(stream: number, block: Uint8Array, end = false): Uint8Array {
  const body = joined(joined(words(stream, 0), new Uint8Array(2)), block);
  return controlFrame(kinds.open, end ? flagEnd : 0, body);
}

export function replyFrame(stream: number, block: Uint8Array): Uint8Array {
  return controlFrame(kinds.reply, 0, joined(words(stream), block));
}

export function resetFrame(stream: number, status: number): Uint8Array {
  return controlFrame(kinds.reset, 0, words(stream, status));
}

export function pingFrame(id: number): Uint8Array {
  return controlFrame(kinds.ping, 0, words(id));
}

export function goAwayFrame(lastStream: number): Uint8Array {
  return controlFrame(kinds.goAway, 0, words(lastStream, 0));
}

/** Bytes of a stream as frames, one at least; with `end` nothing more of the stream will follow. */
export function dataFrames(stream: number, bytes: Uint8Array, end = false): Uint8Array[] {
  const frames: Uint8Array[] = [];
  let from = 0;
  do {
    const piece = bytes.subarray(from, from + dataBytes);
    from += piece.length;
    const frame = new Uint8Array(headBytes + piece.length);
    const view = new DataView(frame.buffer);
    view.setUint32(0, stream);
    view.setUint32(4, piece.length);
    view.setUint8(4, end && from === bytes.length ? flagEnd : 0);
    frame.set(piece, headBytes);
    frames.push(frame);
  } while (from < bytes.length);
  return frames;
}
