import { Duplex } from "node:stream";
import { createDeflate, constants as zlibConstants } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { spdyDictionary } from "../../runtime/apiserver/spdy/dictionary.ts";
import {
  createFrameReader,
  dataFrames,
  type Frame,
  openFrame,
  pingFrame,
} from "../../runtime/apiserver/spdy/frames.ts";
import { encodeHeaders } from "../../runtime/apiserver/spdy/headers.ts";
import {
  acceptSpdy,
  type SpdyConnection,
  type SpdyStream,
} from "../../runtime/host/streams/spdy-connection.ts";

/** Two ends of a connection, each reading what the other writes. */
function connected(): [Duplex, Duplex] {
  const ends: Duplex[] = [];
  for (const other of [1, 0])
    ends.push(
      new Duplex({
        read() {
          this.emit("taken");
        },
        write(chunk, _, done) {
          if (ends[other]!.push(chunk)) done();
          else ends[other]!.once("taken", () => done());
        },
        final(done) {
          ends[other]!.push(null);
          done();
        },
      }),
    );
  return [ends[0]!, ends[1]!];
}

/** A client that compresses its headers as every one does: with the dictionary, in one go through all frames. */
function createClient(transport: Duplex) {
  const deflater = createDeflate({ dictionary: spdyDictionary() });
  const read = createFrameReader();
  const frames: Frame[] = [];
  let wake = () => {};
  transport.on("data", (chunk: Buffer) => {
    frames.push(...read(chunk));
    wake();
  });
  transport.on("error", () => {});
  const block = (headers: Record<string, string>) =>
    new Promise<Buffer>((resolve) => {
      deflater.write(encodeHeaders(new Map(Object.entries(headers))));
      deflater.flush(zlibConstants.Z_SYNC_FLUSH, () => resolve(deflater.read()));
    });
  return {
    frames,
    send: (...parts: Uint8Array[]) => {
      for (const part of parts) transport.write(part);
    },
    open: async (id: number, headers: Record<string, string>, end = false) =>
      transport.write(openFrame(id, await block(headers), end)),
    async until(matches: (frame: Frame) => boolean): Promise<Frame> {
      for (;;) {
        const found = frames.find(matches);
        if (found) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

describe("a SPDY connection", () => {
  let connection: SpdyConnection;
  let streams: SpdyStream[];
  let onStream: (stream: SpdyStream) => void;
  const start = () => {
    const [ours, theirs] = connected();
    streams = [];
    onStream = (stream) => streams.push(stream);
    connection = acceptSpdy(ours, (stream) => onStream(stream));
    return { client: createClient(theirs), ours, theirs };
  };
  const over = () =>
    new Promise<void>((resolve) => {
      if (connection.signal.aborted) resolve();
      else connection.signal.addEventListener("abort", () => resolve());
    });
  afterEach(() => connection.close());

  test("streams have their headers, echo, and end each way by itself", async () => {
    const { client } = start();
    onStream = ({ headers, duplex }) => {
      duplex.write(`${headers.get("streamtype")} ${headers.get("port")}:`);
      duplex.pipe(duplex);
    };
    for (const id of [1, 3, 5]) await client.open(id, { streamtype: "data", port: String(8000 + id) });
    client.send(...dataFrames(3, Buffer.from("hello"), true));
    await client.until((frame) => frame.type === "data" && frame.stream === 3 && frame.end);
    const said = client.frames.map((frame) =>
      frame.type === "data" ? `${frame.stream} ${Buffer.from(frame.bytes)}` : "",
    );
    expect(said.filter((text) => text.startsWith("3")).join("")).toContain("3 data 8003:");
    expect(said.join("")).toContain("3 hello");
    expect(client.frames.filter(({ type }) => type === "headers")).toHaveLength(3);
  });

  test("a ping is answered", async () => {
    const { client } = start();
    client.send(pingFrame(7));
    expect(await client.until(({ type }) => type === "ping")).toEqual({ type: "ping", id: 7 });
  });

  test("who does not read holds the sender, and what waits is bounded", async () => {
    const { client, theirs } = start();
    await client.open(1, { streamtype: "data" });
    await client.until(({ type }) => type === "headers");
    const chunk = Buffer.alloc(64 * 1024);
    let sent = 0;
    while (sent < 64 * 1024 * 1024) {
      const free = dataFrames(1, chunk)
        .map((frame) => theirs.write(frame))
        .every(Boolean);
      sent += chunk.length;
      if (!free && !(await Promise.race([drained(theirs), turns(20)]))) break;
    }
    expect(sent).toBeLessThan(2 * 1024 * 1024);
    let received = 0;
    const done = new Promise<void>((resolve) => {
      streams[0]!.duplex.on("data", (data: Buffer) => {
        received += data.length;
        if (received === sent) resolve();
      });
    });
    await done;
    expect(received).toBe(sent);
  });

  const drained = (stream: Duplex) =>
    new Promise<boolean>((resolve) => {
      stream.once("drain", () => resolve(true));
    });
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
    return false;
  };

  test.each([
    ["what is no SPDY", [Buffer.from("GET / HTTP/1.1\r\n\r\n\xff\xff\xff\xff\xff\xff\xff", "latin1")]],
    ["data for a stream that was never opened", dataFrames(9, Buffer.from("x"))],
    ["headers that are not compressed", [openFrame(1, encodeHeaders(new Map([["a", "b"]])))]],
    ["a control frame of 16 MiB", [Uint8Array.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])]],
    ["an open frame that is too short", [Uint8Array.from([0x80, 3, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1])]],
  ])("%s ends it", async (_, frames) => {
    const { client } = start();
    client.send(...frames);
    await over();
    expect(streams).toEqual([]);
  });

  test("a stream's number may not be even, nor go back", async () => {
    const { client } = start();
    await client.open(3, { streamtype: "data" });
    await client.open(1, { streamtype: "data" });
    await over();
    expect(streams).toHaveLength(1);
    expect(streams[0]!.duplex.destroyed).toBe(true);
  });

  test("a small frame that stands for a large header ends it", async () => {
    const { client } = start();
    await client.open(1, { bomb: "x".repeat(3_000_000) });
    await over();
    expect(streams).toEqual([]);
  });

  test("when the client goes, all its streams do", async () => {
    const { client, theirs } = start();
    await client.open(1, { streamtype: "data" });
    await client.until(({ type }) => type === "headers");
    const closed = new Promise((resolve) => streams[0]!.duplex.once("close", resolve));
    theirs.end();
    await closed;
    await over();
  });

  test("pings of one who does not read their answers are not read for long", async () => {
    const [ours, theirs] = connected();
    connection = acceptSpdy(ours, () => {});
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => pingFrame(1)));
    let taken = 0;
    for (let at = 0; at < 20; at++) theirs.write(pings, () => taken++);
    while (ours.writableLength <= 1024 * 1024) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(15);
    expect(ours.writableLength).toBeLessThan(1.5 * 1024 * 1024);
    theirs.resume();
    while (taken < 20) await new Promise((resolve) => setImmediate(resolve));
  });
});
