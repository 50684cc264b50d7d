import { type ChildProcess, type Serializable, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, Server, type Socket } from "node:net";
import { type Sockets, within } from "../sockets.ts";

/** A process in another network, which opens and takes connections there and hands their sockets over to this one. */
export interface Door extends Sockets {
  readonly pid: number;
  /** Resolves when the process is gone, however it went. */
  readonly closed: Promise<void>;
  close(): void;
}

/** The process behind a door has ended before it has answered. */
export class DoorClosed extends Error {
  constructor() {
    super("the process that holds the network has ended");
    this.name = "DoorClosed";
  }
}

interface Question {
  readonly id: number;
  readonly do: "connect" | "listen";
  readonly host: string;
  readonly port: number;
}

interface Answer {
  readonly id: number;
  readonly error?: { readonly message: string; readonly code: string; readonly syscall: string };
  /** A connection that came while the listening socket was being handed over. */
  readonly accepted?: true;
}

/**
 * Runs as a program of its own, from its text: it must not name anything outside itself. It ends with whoever
 * started it. A socket belongs to the network that it was made in, whichever process has it.
 */
function doorProgram(): void {
  const net = process.getBuiltinModule("node:net");
  const send = (answer: Answer, handle?: Socket | Server, done?: () => void) =>
    process.send?.(answer, handle, {}, () => done?.());
  const refuse = (id: number) => (error: NodeJS.ErrnoException) =>
    send({ id, error: { message: error.message, code: error.code ?? "", syscall: error.syscall ?? "" } });
  const tasks = {
    connect({ id, host, port }: Question) {
      const socket = new net.Socket({ allowHalfOpen: true });
      // What the other side says first is read by the process that gets the socket.
      socket.pause();
      socket.setNoDelay(true);
      const failed = refuse(id);
      socket.once("error", failed);
      socket.connect({ host, port }, () => {
        socket.off("error", failed).on("error", () => {});
        send({ id }, socket);
      });
    },
    listen({ id, host, port }: Question) {
      const server = net.createServer(
        { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
        (socket) => send({ id, accepted: true }, socket),
      );
      server.once("error", refuse(id));
      server.listen({ host, port, exclusive: true }, () => send({ id }, server, () => server.close()));
    },
  };
  process.on("disconnect", () => process.exit());
  process.on("message", (question: Question) => tasks[question.do](question));
  process.send?.({ id: 0 });
}

interface Waiting {
  resolve(handle: Socket | Server): void;
  reject(error: Error): void;
}

/** Far longer than it takes on a busy machine. */
const longestOpening = 30_000;

/**
 * Starts a door. `enter` is the command, with its arguments, that puts the program behind it into the network.
 * Rejects with what that command says where it fails, or that it does not come to an end.
 */
export async function openDoor(
  enter: readonly string[],
  env: Readonly<Record<string, string>>,
  milliseconds = longestOpening,
): Promise<Door> {
  const [file = "", ...args] = [...enter, process.execPath, "-e", `(${doorProgram})()`];
  const child = spawn(file, args, {
    cwd: "/",
    env: { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin", ...env },
    // A Ctrl-C in the terminal is for the process that is in charge.
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-2048);
  });
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", (error) => {
      complaint = error.message;
      resolve();
    });
  });
  const timer = setTimeout(() => {
    complaint = `${file} does not come to an end`;
    child.kill("SIGKILL");
  }, milliseconds);
  await Promise.race([once(child, "message"), closed]).finally(() => clearTimeout(timer));
  if (!child.connected) throw new Error(complaint.trim().split("\n").at(-1) || "the command ended at once");
  unreference(child);
  return {
    ...askThrough(child, closed),
    pid: child.pid!,
    closed,
    close: () => child.connected && child.disconnect(),
  };
}

/** It keeps nobody waiting, neither does its channel. */
function unreference(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  (child.stderr as unknown as { unref(): void } | null)?.unref();
}

function askThrough(child: ChildProcess, closed: Promise<void>): Sockets {
  const waiting = new Map<number, Waiting>();
  const accepting = new Map<number, (client: Socket) => void>();
  let last = 0;
  child.on("message", (message: Serializable, handle: unknown) => {
    const { id, error, accepted } = message as unknown as Answer;
    if (accepted) {
      const accept = accepting.get(id);
      const client = handle as Socket | undefined;
      if (!accept || !client) return letGo(client);
      client.allowHalfOpen = true;
      return accept(client);
    }
    const asked = waiting.get(id);
    waiting.delete(id);
    // Nobody waits for it any more.
    if (!asked) return letGo(handle as Socket | Server | undefined);
    if (error) asked.reject(Object.assign(new Error(error.message), error));
    else if (handle) asked.resolve(handle as Socket | Server);
    else asked.reject(new Error("the socket was closed on its way"));
  });
  void closed.then(() => {
    for (const { reject } of waiting.values()) reject(new DoorClosed());
    waiting.clear();
  });
  const ask = (question: Omit<Question, "id">) => {
    const id = ++last;
    const answer = new Promise<Socket | Server>((resolve, reject) => {
      if (!child.connected) return reject(new DoorClosed());
      waiting.set(id, { resolve, reject });
      child.send({ ...question, id }, (error) => error && waiting.delete(id) && reject(new DoorClosed()));
    });
    return { id, answer };
  };
  return {
    connect(host, port, timeoutMilliseconds) {
      const { id, answer } = ask({ do: "connect", host, port });
      const connected = answer.then((handle) => handle as Socket);
      return within(timeoutMilliseconds, connected, () => waiting.delete(id));
    },
    async listen(address, port, accept) {
      const { id, answer } = ask({ do: "listen", host: address, port });
      accepting.set(id, accept);
      try {
        const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
        server.listen(await answer);
        return {
          close() {
            accepting.delete(id);
            server.close();
          },
        };
      } catch (error) {
        accepting.delete(id);
        throw error;
      }
    },
  };
}

function letGo(handle: Socket | Server | undefined): void {
  if (handle instanceof Server) handle.close();
  else handle?.destroy();
}
