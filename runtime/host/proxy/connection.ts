import type { Socket } from "node:net";
import type { Sockets } from "../sockets.ts";
import type { Backend } from "./choose.ts";

/** A backend on this machine answers at once or not at all; a full backlog is the one thing worth waiting for. */
const connectMilliseconds = 3_000;

/**
 * Joins a client to the first backend that takes the connection; a backend that refuses is passed over, so that
 * requests do not fail while endpoints lag behind pods. Where none takes it the client is reset.
 *
 * `next` gives the backend to try, each time anew: endpoints may have changed meanwhile.
 */
export async function join(
  client: Socket,
  sockets: Sockets,
  next: () => Backend | undefined,
  settled: (backend: Backend) => void,
): Promise<void> {
  client.on("error", () => client.destroy());
  while (!client.destroyed) {
    const backend = next();
    if (!backend) {
      client.resetAndDestroy();
      return;
    }
    let upstream: Socket;
    try {
      upstream = await sockets.connect(backend.address, backend.port, connectMilliseconds);
    } catch {
      continue;
    }
    upstream.allowHalfOpen = true;
    client.once("close", () => upstream.destroy());
    if (client.destroyed) return void upstream.destroy();
    settled(backend);
    pipe(client, upstream);
    return;
  }
}

/** Carries bytes both ways. An end is passed on as an end, a reset as a reset. */
function pipe(client: Socket, upstream: Socket): void {
  client.setNoDelay(true);
  upstream.once("error", () => client.resetAndDestroy());
  upstream.once("close", () => {
    // With the end passed on, the client may still have something to say to nobody.
    if (!client.destroyed) client.end(() => client.destroy());
  });
  client.once("error", () => upstream.resetAndDestroy());
  client.pipe(upstream);
  upstream.pipe(client);
}
