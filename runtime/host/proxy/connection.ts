import { connect, type Socket } from "node:net";
import type { Backend } from "./choose.ts";

/** A backend on this machine answers at once or not at all; a full backlog is the one thing worth waiting for. */
const connectMilliseconds = 3_000;

/**
 * Joins a client to the first backend that takes the connection; a backend that refuses is passed over, so that
 * requests do not fail while endpoints lag behind pods. Where none takes it the client is reset.
 *
 * `next` gives the backend to try, each time anew: endpoints may have changed meanwhile.
 */
export function join(
  client: Socket,
  next: () => Backend | undefined,
  settled: (backend: Backend) => void,
): void {
  let upstream: Socket | undefined;
  client.once("close", () => upstream?.destroy());
  client.on("error", () => client.destroy());
  const attempt = () => {
    if (client.destroyed) return;
    const backend = next();
    if (!backend) {
      client.resetAndDestroy();
      return;
    }
    const socket = connect({ host: backend.address, port: backend.port, allowHalfOpen: true, noDelay: true });
    upstream = socket;
    const timer = setTimeout(() => socket.destroy(new Error("connect timed out")), connectMilliseconds);
    const passOver = () => {
      clearTimeout(timer);
      socket.destroy();
      attempt();
    };
    socket.once("error", passOver);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", passOver);
      settled(backend);
      pipe(client, socket);
    });
  };
  attempt();
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
