import type { Container, Handler } from "../../model/core.ts";
import type { NetworkPlan } from "../environment.ts";

/** The number that a handler means: its own, or that of the container's port of this name. */
export function resolvePort(port: number | string, container: Container): number | undefined {
  if (typeof port === "number") return port;
  const named = container.ports?.find(({ name }) => name === port)?.containerPort;
  return named ?? (/^\d+$/.test(port) ? Number(port) : undefined);
}

/**
 * A probe's or hook's action with its port as the number that answers; a text says what is wrong with it. A handler
 * with a host of its own speaks of another program's port, which is not shifted.
 */
export function resolveHandler(
  handler: Handler,
  container: Container,
  network: NetworkPlan,
): Handler | string {
  const at = (port: number | string, host: string | undefined) => {
    const number = resolvePort(port, container);
    return number === undefined || host ? number : network.openPort(number);
  };
  const { exec, httpGet, tcpSocket, grpc } = handler;
  if (exec) return { exec };
  if (grpc) return { grpc: { ...grpc, port: network.openPort(grpc.port) } };
  const target = httpGet ?? tcpSocket;
  if (!target) return "missing probe handler";
  const port = at(target.port, target.host);
  if (port === undefined) return `couldn't find port: "${target.port}"`;
  return httpGet ? { httpGet: { ...httpGet, port } } : { tcpSocket: { ...tcpSocket, port } };
}
