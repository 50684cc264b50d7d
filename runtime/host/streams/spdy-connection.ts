import { Duplex } from "node:stream";
import { createInflate } from "node:zlib";
import { spdyDictionary } from "../../apiserver/spdy/dictionary.ts";
import {
  createFrameReader,
  dataFrames,
  type Frame,
  goAwayFrame,
  pingFrame,
  replyFrame,
  resetFrame,
  resetStatus,
  SpdyError,
} from "../../apiserver/spdy/frames.ts";
import { decodeHeaders, encodeHeaders, type SpdyHeaders, storedBlock } from "../../apiserver/spdy/headers.ts";

/** A stream that the client has opened. */
export interface SpdyStream {
  readonly headers: SpdyHeaders;
  /** Destroying it resets the stream where it has not ended both ways. */
  readonly duplex: Duplex;
}

export interface SpdyConnection {
  /** Says goodbye once all that was written is out, and ends. */
  close(): void;
  /** Aborted when the connection is over, whoever ended it. */
  readonly signal: AbortSignal;
}

/** Of one connection at a time; kubectl's port-forward has two for each TCP connection. */
const mostStreams = 1024;
/** Of one block when it is inflated: a small frame may stand for a very large one. */
const headerBytes = 64 * 1024;
/** So much of one stream may wait for whoever reads it; then the whole connection waits, as it does in Kubernetes. */
const waitingBytes = 256 * 1024;
/** A peer that has gone while nothing is read is known only when something is sent. */
const beatMilliseconds = 10_000;
/** A client that lets so much wait and asks for more answers (pings, refused streams) is not read meanwhile. */
const mostWaitingBytes = 1024 * 1024;
/** How long a client may take to end its side. */
const farewellMilliseconds = 5_000;

/**
 * Speaks SPDY/3.1 as a server over `transport`. Frames are taken strictly in their order, since headers are compressed
 * in one go through all of them. What breaks the rules of the protocol ends the connection and nothing else.
 */
export function acceptSpdy(transport: Duplex, onStream: (stream: SpdyStream) => void): SpdyConnection {
  const controller = new AbortController();
  const streams = new Map<number, { readonly duplex: Duplex; taken: () => Promise<void> }>();
  const read = createFrameReader();
  const inflate = createBlockInflater();
  const send = createSender(transport);
  let last = 0;
  let replied = false;
  let pings = 0;

  const over = () => {
    if (controller.signal.aborted) return;
    clearInterval(timer);
    transport.destroy();
    for (const { duplex } of streams.values()) duplex.destroy();
    controller.abort();
    inflate.close();
  };
  // A server's pings have even numbers.
  const timer = setInterval(() => send(pingFrame((pings += 2))), beatMilliseconds);
  timer.unref();
  transport.on("error", over);
  transport.once("close", over);

  async function take(frame: Frame): Promise<void> {
    switch (frame.type) {
      case "open":
        return open(frame.stream, decodeHeaders(await inflate.block(frame.block)), frame.end);
      case "headers":
        await inflate.block(frame.block);
        if (frame.end) streams.get(frame.stream)?.duplex.push(null);
        return;
      case "data": {
        const stream = streams.get(frame.stream);
        // What still comes for a stream that is over is for nobody.
        if (!stream && frame.stream > last)
          throw new SpdyError(`data for stream ${frame.stream}, which is not open`);
        if (!stream || stream.duplex.destroyed) return;
        const more = frame.bytes.length === 0 || stream.duplex.push(frame.bytes);
        if (frame.end) stream.duplex.push(null);
        else if (!more) await stream.taken();
        return;
      }
      case "reset":
        streams.get(frame.stream)?.duplex.destroy();
        return;
      case "ping":
        if (frame.id % 2 === 1) send(pingFrame(frame.id));
        return;
      case "goAway":
        return;
    }
  }

  function open(id: number, headers: SpdyHeaders, end: boolean): void {
    if (id % 2 === 0 || id <= last) throw new SpdyError(`a stream may not have the number ${id}`);
    last = id;
    if (streams.size >= mostStreams) {
      send(resetFrame(id, resetStatus.refusedStream));
      return;
    }
    const { duplex, taken } = createStream(id, send, () => streams.delete(id));
    streams.set(id, { duplex, taken });
    send(replyFrame(id, storedBlock(encodeHeaders(new Map()), !replied)));
    replied = true;
    onStream({ headers, duplex });
    if (end) duplex.push(null);
  }

  (async () => {
    for await (const chunk of transport)
      for (const frame of read(chunk as Buffer)) {
        await take(frame);
        if (transport.writableLength > mostWaitingBytes) await send.drained();
      }
  })().then(over, over);

  return {
    signal: controller.signal,
    close() {
      send(goAwayFrame(last));
      transport.end();
      for (const { duplex } of streams.values()) duplex.resume();
      setTimeout(over, farewellMilliseconds).unref();
    },
  };
}

interface Send {
  /** `done` is called when the transport takes more. */
  (frame: Uint8Array, done?: () => void): void;
  /** Resolves when the transport has nothing that waits, or is gone. */
  drained(): Promise<void>;
}

/** Writes frames. */
function createSender(transport: Duplex): Send {
  let waiting: (() => void)[] = [];
  const flush = () => {
    const all = waiting;
    waiting = [];
    for (const done of all) done();
  };
  transport.on("drain", flush);
  transport.on("close", flush);
  const send = (frame: Uint8Array, done?: () => void) => {
    if (transport.destroyed || transport.writableEnded) return done?.();
    const more = transport.write(frame);
    if (!done) return;
    if (more) done();
    else waiting.push(done);
  };
  return Object.assign(send, {
    drained: () =>
      new Promise<void>((resolve) => {
        if (transport.destroyed || !transport.writableNeedDrain) resolve();
        else waiting.push(resolve);
      }),
  });
}

function createStream(id: number, send: Send, remove: () => void) {
  let wake: (() => void) | undefined;
  const awaken = () => {
    wake?.();
    wake = undefined;
  };
  const duplex = new Duplex({
    readableHighWaterMark: waitingBytes,
    writableHighWaterMark: waitingBytes,
    read: awaken,
    write(chunk: Buffer, _, done) {
      const frames = dataFrames(id, chunk);
      const next = (): void => {
        const frame = frames.shift();
        if (!frame) done();
        else send(frame, next);
      };
      next();
    },
    final(done) {
      for (const frame of dataFrames(id, new Uint8Array(0), true)) send(frame);
      done();
    },
    destroy(error, done) {
      if (!duplex.writableFinished || !duplex.readableEnded) send(resetFrame(id, resetStatus.cancel));
      remove();
      awaken();
      done(error);
    },
  });
  duplex.on("error", () => {});
  return {
    duplex,
    /** Resolves when what was pushed has been read, or nobody will. */
    taken: () =>
      new Promise<void>((resolve) => {
        if (duplex.destroyed) resolve();
        else wake = resolve;
      }),
  };
}

/** Inflates header blocks, each going on where the last one ended. */
function createBlockInflater(): { block(bytes: Uint8Array): Promise<Uint8Array>; close(): void } {
  const inflater = createInflate({ dictionary: spdyDictionary() });
  let chunks: Buffer[] = [];
  let size = 0;
  inflater.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > headerBytes) inflater.destroy(new SpdyError("the headers of a frame are too long"));
    else chunks.push(chunk);
  });
  let fail: (error: Error) => void = () => {};
  inflater.on("error", (error) => fail(error));
  return {
    block: (bytes) =>
      new Promise((resolve, reject) => {
        fail = reject;
        inflater.write(bytes, (error) => {
          if (error) return reject(error);
          // Its output may come a turn later than its word that the input has been taken.
          setImmediate(() => {
            resolve(Buffer.concat(chunks));
            chunks = [];
            size = 0;
          });
        });
      }),
    close: () => inflater.destroy(),
  };
}
