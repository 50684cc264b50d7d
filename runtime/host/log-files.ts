import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { endMarker } from "./process/log-writer.ts";

/** Follows the files of one log through rotation: `<path>`, and `<path>.1` (the newest rotated) to `.4`. */
export interface LogFiles {
  /** What was written since the last call, as whole lines. At first everything there is, or the last `tail` lines at least. */
  read(): string;
  /** Nothing more will come: the container has ended, or the log is gone. Ask before the last `read`. */
  ended(): boolean;
  close(): void;
}

const mostRotated = 32;
const chunkBytes = 256 * 1024;

export function openLogFiles(path: string, tail?: number): LogFiles {
  let descriptor: number | undefined;
  let position = 0;
  let started = false;
  let rest = Buffer.alloc(0);

  function rotated(): string[] {
    const result: string[] = [];
    for (let index = 1; index < mostRotated && existsSync(`${path}.${index}`); index++)
      result.push(`${path}.${index}`);
    return result;
  }

  function drain(file: number, from: number, into: Buffer[]): number {
    for (;;) {
      const chunk = Buffer.alloc(chunkBytes);
      const length = readSync(file, chunk, 0, chunk.length, from);
      if (length === 0) return from;
      from += length;
      into.push(chunk.subarray(0, length));
    }
  }

  function drainPath(name: string, into: Buffer[]): void {
    try {
      const file = openSync(name, "r");
      try {
        drain(file, 0, into);
      } finally {
        closeSync(file);
      }
    } catch {
      // Rotated away between the listing and now.
    }
  }

  /** Everything there is; with `tail`, only as many of the newest files as hold so many lines. */
  function readAtFirst(into: Buffer[]): void {
    const older = rotated();
    const newest: Buffer[] = [];
    openCurrent();
    if (descriptor !== undefined) position = drain(descriptor, 0, newest);
    const parts: Buffer[][] = [newest];
    let lines = countLines(newest);
    for (const name of older) {
      if (tail !== undefined && lines >= tail) break;
      const part: Buffer[] = [];
      drainPath(name, part);
      lines += countLines(part);
      parts.unshift(part);
    }
    into.push(...parts.flat());
  }

  function openCurrent(): void {
    try {
      descriptor = openSync(path, "r");
      position = 0;
    } catch {
      descriptor = undefined;
    }
  }

  /** The rest of the file that was open, then of those that came after it. */
  function readOn(into: Buffer[]): void {
    if (descriptor === undefined) openCurrent();
    if (descriptor === undefined) return;
    position = drain(descriptor, position, into);
    const { ino } = fstatSync(descriptor);
    if (inodeOf(path) === ino || inodeOf(path) === undefined) return;
    const names = rotated();
    const index = names.findIndex((name) => inodeOf(name) === ino);
    position = drain(descriptor, position, into);
    closeSync(descriptor);
    for (const name of (index < 0 ? names : names.slice(0, index)).reverse()) drainPath(name, into);
    openCurrent();
    if (descriptor !== undefined) position = drain(descriptor, 0, into);
  }

  return {
    read() {
      const parts: Buffer[] = [rest];
      if (started) readOn(parts);
      else readAtFirst(parts);
      started = true;
      const all = Buffer.concat(parts);
      const end = all.lastIndexOf(0x0a) + 1;
      rest = Buffer.from(all.subarray(end));
      return all.toString("utf8", 0, end);
    },
    ended: () => existsSync(endMarker(path)) || !existsSync(dirname(dirname(dirname(path)))),
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}

function countLines(parts: readonly Buffer[]): number {
  let count = 0;
  for (const part of parts) {
    for (let at = part.indexOf(0x0a); at >= 0; at = part.indexOf(0x0a, at + 1)) count++;
  }
  return count;
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

/** The attempts of which there are logs in a container's directory, in order. */
export function attemptsIn(directory: string): number[] {
  try {
    return readdirSync(directory)
      .map((name) => /^(\d+)\.log$/.exec(name)?.[1])
      .filter((text) => text !== undefined)
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}
