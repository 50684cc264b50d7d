import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { type Block, formatAddress, formatBlock } from "../../network/address.ts";
import { findProgram } from "../process/namespace.ts";

/** A way from the cluster's network to where this machine gets: a network stack in user space, which opens connections for the pods. */
export interface WayOut {
  /** Answers what names the machine's own servers know. */
  readonly nameServer: string;
  close(): void;
}

export interface WayOutOptions {
  /** The command, with its arguments, that puts the one behind it into the cluster's network. */
  readonly enter: readonly string[];
  /** Paths of the cluster's namespaces; `user` is absent where it has none of its own. */
  readonly namespaces: { readonly user?: string; readonly net: string };
  /** Addresses that nobody else has. */
  readonly block: Block;
  readonly env: Readonly<Record<string, string>>;
}

const device = "out0";
const timeoutMilliseconds = 3_000;
const restartMilliseconds = 200;

/** Both are common, and either will do: what leaves by the device gets its address, to which answers find back. */
const translations: readonly (readonly [tool: string, ...args: string[]])[] = [
  [
    "nft",
    `table ip kdsl { chain out { type nat hook postrouting priority srcnat; oifname "${device}" masquerade; }; }`,
  ],
  ["iptables", "-t", "nat", "-A", "POSTROUTING", "-o", device, "-j", "MASQUERADE"],
];

/**
 * Opens a way out where this machine has the programs for it (slirp4netns; nft or iptables). Gives what is missing where
 * it has not. What listens at the machine's 127.0.0.1 is not reached by it.
 */
export async function openWayOut(options: WayOutOptions): Promise<WayOut | { readonly missing: string }> {
  const slirp = findProgram("slirp4netns");
  const [tool, ...args] = translations.find(([name]) => findProgram(name)) ?? [];
  if (!slirp || !tool) return { missing: `${slirp ? "nft or iptables" : "slirp4netns"} is not installed` };
  const [file = "", ...rest] = [...options.enter, findProgram(tool)!, ...args];
  try {
    await promisify(execFile)(file, rest, { timeout: timeoutMilliseconds });
  } catch (error) {
    return { missing: `${tool} fails: ${firstLine((error as { stderr?: string }).stderr ?? "")}` };
  }
  return keepStack(await startStack(slirp, options), () => startStack(slirp, options));
}

/** A stack is started anew where it ends, say since somebody kills it; where it cannot be, that was the way out. */
function keepStack(
  first: Stack | { readonly missing: string },
  start: () => ReturnType<typeof startStack>,
): WayOut | { readonly missing: string } {
  if ("missing" in first) return first;
  let stack = first;
  let closed = false;
  const watch = async () => {
    await stack.closed;
    await new Promise((resolve) => setTimeout(resolve, restartMilliseconds).unref());
    if (closed) return;
    const next = await start();
    if ("missing" in next) return;
    stack = next;
    if (closed) stack.close();
    else void watch();
  };
  void watch();
  return {
    nameServer: first.nameServer,
    close() {
      closed = true;
      stack.close();
    },
  };
}

interface Stack extends WayOut {
  readonly closed: Promise<void>;
}

/** It ends with whoever has started it: a pipe that only this process holds tells it. */
function startStack(slirp: string, options: WayOutOptions): Promise<Stack | { readonly missing: string }> {
  const { namespaces, block, env } = options;
  const child = spawn(
    slirp,
    [
      ...["--configure", "--mtu=65520", "--disable-host-loopback", `--cidr=${formatBlock(block)}`],
      ...["--ready-fd=3", "--exit-fd=4", "--netns-type=path"],
      ...(namespaces.user ? [`--userns-path=${namespaces.user}`] : []),
      ...[namespaces.net, device],
    ],
    { cwd: "/", env: { ...env }, detached: true, stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] },
  );
  child.unref();
  const [, , stderr, ready, lifeline] = child.stdio as unknown as [null, null, Readable, Readable, Readable];
  for (const stream of [stderr, ready, lifeline]) {
    stream.on("error", () => {});
    (stream as unknown as { unref(): void }).unref();
  }
  let said = "";
  stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-2048);
  });
  return new Promise((resolve) => {
    const fail = (why: string) => resolve({ missing: `slirp4netns ${why}` });
    const timer = setTimeout(() => {
      lifeline.destroy();
      fail("does not begin in time");
    }, timeoutMilliseconds);
    child.once("error", (error) => fail(`cannot be started: ${error.message}`));
    const closed = once(child, "close").then(
      () => {},
      () => {},
    );
    void closed.then(() => {
      clearTimeout(timer);
      fail(`fails: ${firstLine(said)}`);
    });
    ready.once("data", () => {
      clearTimeout(timer);
      // slirp4netns answers names at the third address of its block.
      const nameServer = formatAddress(block.first + 3);
      resolve({ nameServer, closed, close: () => lifeline.destroy() });
    });
  });
}

/** What went wrong is said first; what follows from it comes after. */
const firstLine = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "" && !/^(WARNING|sent|received)\b/.test(line)) ?? "it ended at once";
