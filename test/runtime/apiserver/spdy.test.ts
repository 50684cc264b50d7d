import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spdyDictionary } from "../../../runtime/apiserver/spdy/dictionary.ts";
import {
  createFrameReader,
  dataFrames,
  type Frame,
  goAwayFrame,
  openFrame,
  pingFrame,
  replyFrame,
  resetFrame,
} from "../../../runtime/apiserver/spdy/frames.ts";
import { decodeHeaders, encodeHeaders } from "../../../runtime/apiserver/spdy/headers.ts";

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const stream = fc.integer({ min: 1, max: 0x7fffffff });

/** A frame as it is sent, and what is to be read of it. */
const sent = fc.oneof(
  fc.tuple(stream, bytes(200), fc.boolean()).map(([id, block, end]) => ({
    frames: [openFrame(id, block, end)],
    read: { type: "open", stream: id, block, end } as Frame,
  })),
  fc.tuple(stream, bytes(200)).map(([id, block]) => ({
    frames: [replyFrame(id, block)],
    read: { type: "headers", stream: id, block, end: false } as Frame,
  })),
  fc.tuple(stream, fc.nat(20)).map(([id, status]) => ({
    frames: [resetFrame(id, status)],
    read: { type: "reset", stream: id, status } as Frame,
  })),
  fc.nat().map((id) => ({ frames: [pingFrame(id)], read: { type: "ping", id } as Frame })),
  stream.map((id) => ({ frames: [goAwayFrame(id)], read: { type: "goAway" } as Frame })),
  fc.tuple(stream, bytes(300), fc.boolean()).map(([id, data, end]) => ({
    frames: dataFrames(id, data, end),
    read: { type: "data", stream: id, bytes: data, end } as Frame,
  })),
);

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** Pieces of data put together again, frames without data left out: how data is cut does not matter. */
function joined(frames: readonly Frame[]): unknown[] {
  const result: Frame[] = [];
  for (const frame of frames) {
    const last = result.at(-1);
    if (frame.type === "data" && last?.type === "data" && last.stream === frame.stream && !last.end)
      result[result.length - 1] = { ...frame, bytes: concat([last.bytes, frame.bytes]) };
    else if (frame.type !== "data" || frame.bytes.length > 0 || frame.end) result.push(frame);
  }
  return result.map((frame) =>
    "bytes" in frame ? { ...frame, bytes: Buffer.from(frame.bytes).toString("hex") } : frame,
  );
}

describe("SPDY", () => {
  test("the dictionary is the one that every client has", () => {
    const dictionary = spdyDictionary();
    expect(dictionary).toHaveLength(1423);
    // A stream that is compressed with a dictionary names its Adler-32 behind the two bytes of its head.
    expect(deflateSync("", { dictionary }).readUInt32BE(2)).toBe(0xe3c6a7c2);
  });

  test("frames are read as they were sent, wherever their bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(sent, { maxLength: 12 }), fc.array(fc.nat(60), { minLength: 1 }), (all, cuts) => {
        const whole = concat(all.flatMap(({ frames }) => frames));
        const read = createFrameReader();
        const found: Frame[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn++) {
          const next = at + 1 + cuts[turn % cuts.length]!;
          found.push(...read(whole.slice(at, next)));
          at = next;
        }
        expect(joined(found)).toEqual(joined(all.map(({ read: each }) => each)));
      }),
    );
  });

  test("random bytes give frames or an error, and never more than was sent", () => {
    fc.assert(
      fc.property(fc.array(bytes(400), { maxLength: 8 }), (chunks) => {
        const read = createFrameReader();
        let size = 0;
        try {
          for (const chunk of chunks)
            for (const frame of read(chunk)) size += "bytes" in frame ? frame.bytes.length : 0;
        } catch (error) {
          expect((error as Error).name).toBe("SpdyError");
        }
        expect(size).toBeLessThanOrEqual(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      }),
    );
  });

  test("data of 16 MiB is handed on as it comes; a control frame of that length is refused at its head", () => {
    const head = Uint8Array.from([0, 0, 0, 1, 0, 0xff, 0xff, 0xff]);
    const read = createFrameReader();
    expect(read(head)).toEqual([]);
    expect(read(new Uint8Array(1000))).toMatchObject([{ type: "data", stream: 1, end: false }]);
    expect(() => createFrameReader()(Uint8Array.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff]))).toThrow(
      /16777215/,
    );
    expect(() => createFrameReader()(Uint8Array.from([0x80, 2, 0, 1, 0, 0, 0, 0]))).toThrow(/SPDY\/3/);
  });

  test("header blocks are read as they were written", () => {
    const names = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.toLowerCase());
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ maxLength: 40 })), (headers) => {
        const map = new Map(Object.entries(headers));
        expect(decodeHeaders(encodeHeaders(map))).toEqual(map);
      }),
    );
  });

  test.each([
    ["more headers than there are bytes", [0, 0, 0, 2, 0, 0, 0, 1, 97]],
    ["a text longer than the block", [0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 97]],
    ["thousands of headers", [0, 0, 0x40, 0]],
    ["a header without a name", [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["something behind its end", [0, 0, 0, 0, 1]],
    ["nothing", []],
  ])("a header block with %s is refused", (_, block) => {
    expect(() => decodeHeaders(Uint8Array.from(block))).toThrow(/header/);
  });
});
