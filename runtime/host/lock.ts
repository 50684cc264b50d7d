import { createServer } from "node:net";
import { userInfo } from "node:os";
import { errorCode, HostError, reasonOf } from "./errors.ts";

const waitMilliseconds = 10_000;
const retryMilliseconds = 10;

/**
 * Runs `work` while no other process of this user runs it under the same name. The lock is a bound socket in the
 * abstract namespace: the kernel lets go of it with the process, so none is ever left over.
 *
 * Throws `HostError` Busy when another holds it for more than ten seconds.
 */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const path = `\0kdsl-${userInfo().uid}-${name}`;
  const deadline = Date.now() + waitMilliseconds;
  let release = await tryLock(path);
  while (!release) {
    if (Date.now() > deadline) {
      throw new HostError(
        "Busy",
        "another `kdsl run` is starting and does not come to an end; stop it first",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, retryMilliseconds));
    release = await tryLock(path);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}

function tryLock(path: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error) => {
      if (errorCode(error) === "EADDRINUSE") resolve(undefined);
      else reject(new HostError("Busy", `cannot take the lock for starting clusters: ${reasonOf(error)}`));
    });
    server.listen({ path }, () => resolve(() => new Promise((done) => server.close(() => done()))));
  });
}
