import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { commandLineOf, processIds, variableOf } from "./processes.ts";

/** A socket that listens for TCP connections on this machine. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** It listens on every address. */
  readonly wildcard: boolean;
  readonly inode: string;
}

/** Who holds a socket, as far as this user may see. */
export interface Holder {
  readonly pid: number;
  readonly command: string;
  /** Its `KDSL_CONTAINER`, if a container's. */
  readonly mark: string | undefined;
}

/** The state LISTEN in /proc/net/tcp. */
const listening = "0A";

/** All sockets listening on `port`, of both address families. Empty where there is no /proc/net. */
export function listenersOn(port: number): Listener[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const result: Listener[] = [];
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text: string;
    try {
      text = readFileSync(file, "latin1");
    } catch {
      continue;
    }
    for (const line of text.split("\n")) {
      if (!line.includes(wanted)) continue;
      const fields = line.trim().split(/\s+/);
      const local = fields[1] ?? "";
      if (fields[3] !== listening || !local.endsWith(wanted)) continue;
      const address = decodeAddress(local.slice(0, -wanted.length));
      const wildcard = address === "0.0.0.0" || address === "::";
      result.push({ address, port, wildcard, inode: fields[9] ?? "" });
    }
  }
  return result;
}

/** Addresses stand there as 32-bit words in the machine's byte order. */
function decodeAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (mapped) return bytes.slice(12).join(".");
  const words = Array.from({ length: 8 }, (_, index) => (bytes[2 * index]! << 8) | bytes[2 * index + 1]!);
  return words.map((word) => word.toString(16)).join(":");
}

/** The process that has the socket open; undefined when it is another user's, whose files we may not see. */
export function holderOf(inode: string): Holder | undefined {
  const link = `socket:[${inode}]`;
  for (const pid of processIds()) {
    let files: string[];
    try {
      files = readdirSync(`/proc/${pid}/fd`);
    } catch {
      continue;
    }
    for (const file of files) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${file}`) !== link) continue;
      } catch {
        continue;
      }
      return { pid, command: commandLineOf(pid) ?? "", mark: variableOf(pid, "KDSL_CONTAINER") };
    }
  }
  return undefined;
}

/** The listener that is in the way of one at `address:port`; `address` may be a wildcard. */
export function listenerInTheWay(address: string, port: number): Listener | undefined {
  const all = listenersOn(port);
  const wildcard = address === "0.0.0.0" || address === "::";
  return (
    all.find((each) => each.address === address) ??
    all.find((each) => each.wildcard) ??
    (wildcard ? all[0] : undefined)
  );
}

/** `redis-server *:6379 (pid 123)`. `nameOf` makes a name of a container's mark. */
export function describeHolder(
  holder: Holder | undefined,
  nameOf: (mark: string) => string | undefined = () => undefined,
): string {
  if (holder === undefined) return "another user's process";
  if (holder.pid === process.pid) return `a service of this cluster (pid ${holder.pid})`;
  const name = holder.mark === undefined ? undefined : nameOf(holder.mark);
  return name === undefined
    ? `\`${holder.command || "a process"}\` (pid ${holder.pid})`
    : `${name} (pid ${holder.pid})`;
}
