import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** The kubelet's `containerLogMaxSize` and `containerLogMaxFiles`. */
export interface LogLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

export const defaultLogLimits: LogLimits = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

/** A record holds no more of a line than this (as containerd's default); what is longer continues in the next, tagged P. */
const longestRecord = 16 * 1024;
const newline = 0x0a;
const tailBytes = 4096;

export type LogStream = "stdout" | "stderr";

/** Writes what one instance of a container prints, in the format of Kubernetes' CRI logs. Never throws. */
export interface LogWriter {
  write(stream: LogStream, chunk: Buffer): void;
  /** A line of the driver's own, on stderr. */
  note(text: string): void;
  /** The last that was printed, up to 4 KiB. */
  tail(): string;
  /** Bytes that could not be kept: the disk was full. */
  dropped(): number;
  /** Ends the log: unfinished lines are written and followers are told by a file `<path>.end`. */
  end(): void;
}

/** The file whose being there says that a log will not grow any more. */
export function endMarker(path: string): string {
  return path.replace(/\.log$/, ".end");
}

/** `onLost` is called when output begins to be lost, and again only after some could be kept in between. */
export function openLog(
  path: string,
  limits: LogLimits = defaultLogLimits,
  now: () => string = timestamper(),
  onLost: (error: unknown) => void = () => {},
): LogWriter {
  let descriptor: number | undefined;
  let size = 0;
  let lost = 0;
  let recent = Buffer.alloc(0);
  const partial: Record<LogStream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  function open(): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    descriptor = openSync(path, "a", 0o600);
    size = 0;
  }

  function rotate(): void {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
    rmSync(`${path}.${limits.maxFiles - 1}`, { force: true });
    for (let index = limits.maxFiles - 2; index >= 0; index--) {
      const from = index === 0 ? path : `${path}.${index}`;
      try {
        renameSync(from, `${path}.${index + 1}`);
      } catch {
        // Not that many yet.
      }
    }
    open();
  }

  function append(records: Buffer): void {
    try {
      if (descriptor === undefined) open();
      if (size > 0 && size + records.length > limits.maxBytes) rotate();
      if (lost > 0) {
        const line = `${now()} stderr F kdsl: ${lost} bytes of output were lost, the disk was full\n`;
        size += writeSync(descriptor!, line);
        lost = 0;
      }
      let done = 0;
      while (done < records.length) done += writeSync(descriptor!, records, done);
      size += records.length;
    } catch (error) {
      if (lost === 0) onLost(error);
      lost += records.length;
    }
  }

  function record(stream: LogStream, tag: "F" | "P", text: Buffer, into: Buffer[], at: string): void {
    into.push(Buffer.from(`${at} ${stream} ${tag} `), text, Buffer.from("\n"));
  }

  function write(stream: LogStream, chunk: Buffer): void {
    recent = Buffer.concat([recent, chunk]).subarray(-tailBytes);
    const text = partial[stream].length > 0 ? Buffer.concat([partial[stream], chunk]) : chunk;
    const records: Buffer[] = [];
    const at = now();
    let start = 0;
    while (start < text.length) {
      const found = text.indexOf(newline, start);
      const end = found < 0 ? text.length : found;
      if (end - start > longestRecord) {
        record(stream, "P", text.subarray(start, start + longestRecord), records, at);
        start += longestRecord;
      } else if (found < 0) {
        break;
      } else {
        record(stream, "F", text.subarray(start, end), records, at);
        start = end + 1;
      }
    }
    partial[stream] = Buffer.from(text.subarray(start));
    if (records.length > 0) append(Buffer.concat(records));
  }

  return {
    write,
    note: (text) => append(Buffer.from(`${now()} stderr F ${text}\n`)),
    tail: () => recent.toString("utf8"),
    dropped: () => lost,
    end() {
      for (const stream of ["stdout", "stderr"] as const) {
        if (partial[stream].length > 0) append(Buffer.from(`${now()} ${stream} F ${partial[stream]}\n`));
        partial[stream] = Buffer.alloc(0);
      }
      try {
        if (descriptor === undefined) open();
        closeSync(descriptor!);
        writeFileSync(endMarker(path), "");
      } catch {
        // A follower of a log on a full disk ends when the pod's directory goes.
      }
    },
  };
}

/** RFC 3339 with nine digits; never the same twice and never going back while the clock does not. */
export function timestamper(clock: () => number = Date.now): () => string {
  let millisecond = 0;
  let count = 0;
  return () => {
    const now = clock();
    count = now === millisecond ? Math.min(count + 1, 999) : 0;
    millisecond = now;
    const text = new Date(now).toISOString();
    return `${text.slice(0, -1)}${String(count).padStart(3, "0")}000Z`;
  };
}
