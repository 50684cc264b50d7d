import { reasonOf } from "../errors.ts";
import { ConnectTimeout, machineSockets, type Sockets } from "../sockets.ts";

/** Opens a connection and closes it. Gives what went wrong, in the words of Go's dialler; undefined when it was opened. */
export async function tcpConnect(
  host: string,
  port: number,
  timeoutMilliseconds: number,
  sockets: Sockets = machineSockets,
): Promise<string | undefined> {
  try {
    (await sockets.connect(host, port, timeoutMilliseconds)).destroy();
    return undefined;
  } catch (error) {
    return `dial tcp ${host}:${port}: ${dialProblem(error)}`;
  }
}

/** What went wrong, in the words of Go's dialler. */
export function dialProblem(error: unknown): string {
  return error instanceof ConnectTimeout ? error.message : `connect: ${reasonOf(error)}`;
}
