import { connect, createServer, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** How connections are opened and taken: in this machine's network, or in one of the cluster's own. */
export interface Sockets {
  /**
   * Opens a connection, which ends as a whole when its other side does unless `allowHalfOpen` is set. Rejects with the
   * system's error, or with `ConnectTimeout`.
   */
  connect(host: string, port: number, timeoutMilliseconds: number): Promise<Socket>;
  /** Takes connections at an address; each side of them ends for itself. Rejects with the system's error. */
  listen(address: string, port: number, accept: (client: Socket) => void): Promise<Listening>;
}

/** A port that is open. */
export interface Listening {
  /** Takes no more connections; those there are go on. */
  close(): void;
}

/** Nothing was heard of the other side in time. */
export class ConnectTimeout extends Error {
  constructor() {
    super("i/o timeout");
    this.name = "ConnectTimeout";
  }
}

/** Those of this machine. */
export const machineSockets: Sockets = {
  connect(host, port, timeoutMilliseconds) {
    const socket = connect({ host, port, noDelay: true });
    const connected = new Promise<Socket>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(socket);
      });
    });
    return within(timeoutMilliseconds, connected, () => socket.destroy());
  },
  listen(address, port, accept) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address, port, exclusive: true }, () => {
        server.off("error", reject);
        resolve({ close: () => server.close() });
      });
    });
  },
};

/** What `connecting` gives, or a `ConnectTimeout`; `giveUp` is called when the time is over, or else it has failed. */
export async function within(
  milliseconds: number,
  connecting: Promise<Socket>,
  giveUp: () => void,
): Promise<Socket> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConnectTimeout()), milliseconds);
  });
  try {
    return await Promise.race([connecting, timeout]);
  } catch (error) {
    connecting.catch(() => {});
    giveUp();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** A connection that is encrypted, whoever the certificate of the other side is of. */
export function secured(socket: Socket, host: string): Socket {
  return connectTls({ socket, rejectUnauthorized: false, ...(isIP(host) ? {} : { servername: host }) });
}
