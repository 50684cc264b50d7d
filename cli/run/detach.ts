import { spawn } from "node:child_process";
import { exitCodes } from "../error.ts";

/** What the process that runs the cluster says to the command that started it. */
type Message = { readonly say: string } | { readonly ready: true } | { readonly failed: string };

const variable = "KDSL_DETACHED";

/**
 * Starts the same command again in the background and waits until its cluster is ready, or has failed to be. A cluster
 * that is not ready in time goes on: `kdsl get pods` tells, `kdsl stop` ends it.
 */
export function detach(timeout: number): Promise<number> {
  const args = process.argv.slice(1).filter((arg) => arg !== "--detach" && arg !== "-d");
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    detached: true,
    // Why it cannot start is said on standard error, which is listened to until this command leaves.
    stdio: [args.includes("-") ? "inherit" : "ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, [variable]: "1" },
  });
  child.stderr?.on("data", (text: Buffer) => process.stderr.write(text));
  return new Promise((done) => {
    const leave = (code: number) => {
      clearTimeout(timer);
      child.stderr?.destroy();
      if (child.connected) child.disconnect();
      child.unref();
      done(code);
    };
    // The child gives up first; this is for one that says nothing at all.
    const timer = setTimeout(() => leave(exitCodes.failure), timeout + 10_000);
    child.on("message", (message: Message) => {
      if ("say" in message) console.log(message.say);
      else if ("ready" in message) {
        console.log("it runs in the background; kdsl stop ends it");
        leave(exitCodes.success);
      } else {
        console.error("it goes on in the background; kdsl stop ends it");
        leave(exitCodes.failure);
      }
    });
    child.on("close", (code) => leave(code ?? exitCodes.failure));
    child.on("error", (error) => {
      console.error(error.message);
      leave(exitCodes.failure);
    });
  });
}

/** In the background process: the way to the command that started it, for as long as that listens. */
export interface DetachedParent {
  say(line: string): void;
  ready(): void;
  failed(message: string): void;
}

export function detachedParent(): DetachedParent | undefined {
  if (process.env[variable] !== "1" || !process.send) return undefined;
  const send = (message: Message) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  const part = () => {
    delete process.env[variable];
    process.channel?.unref();
  };
  return {
    say: (line) => send({ say: line }),
    ready: () => {
      send({ ready: true });
      part();
    },
    failed: (message) => {
      send({ failed: message });
      part();
    },
  };
}
