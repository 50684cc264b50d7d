import { connect } from "node:net";
import { reasonOf } from "../errors.ts";

/** Opens a connection and closes it. Gives what went wrong, in the words of Go's dialler; undefined when it was opened. */
export function tcpConnect(
  host: string,
  port: number,
  timeoutMilliseconds: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (problem: string | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(problem === undefined ? undefined : `dial tcp ${host}:${port}: ${problem}`);
    };
    const timer = setTimeout(() => finish("i/o timeout"), timeoutMilliseconds);
    socket.once("connect", () => finish(undefined));
    socket.once("error", (error) => finish(`connect: ${reasonOf(error)}`));
  });
}
