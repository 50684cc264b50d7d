import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ApiResponse } from "../../apiserver/http.ts";
import { text } from "../../apiserver/http.ts";
import { badRequest, internalError } from "../../apiserver/status.ts";
import { channelProtocolNames, chooseChannelProtocol } from "../../apiserver/streams/channels.ts";
import type {
  CommandConnection,
  PodConnection,
  PortForwardConnection,
} from "../../apiserver/streams/connect.ts";
import type { StreamPods } from "./pods.ts";
import { forwardOverChannels, forwardOverSpdy, type PortForwardTarget } from "./port-forward.ts";
import { notFoundText, runCommand } from "./run-command.ts";
import { commandProtocols, spdyStreams } from "./spdy-command.ts";
import { acceptWebSocket, offeredProtocols, webSocketBytes, webSocketStreams } from "./web-socket.ts";

interface Opening {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly pods: StreamPods;
  /** Answers in HTTP instead. */
  readonly answer: (response: ApiResponse) => void;
}

/** Port-forwards speak SPDY; newer clients wrap it in a WebSocket of this subprotocol. */
const forwardProtocol = "portforward.k8s.io";
const tunnelProtocol = `SPDY/3.1+${forwardProtocol}`;

/** Changes the protocol of a connection and runs what it is for, to its end. Throws `ApiError` where it cannot. */
export async function openStreams(opening: Opening & { readonly connection: PodConnection }): Promise<void> {
  const { connection, request } = opening;
  const protocol = (request.headers.upgrade ?? "").toLowerCase();
  const isSpdy = protocol === "spdy/3.1";
  if (!isSpdy && protocol !== "websocket")
    throw badRequest(`unable to upgrade: ${JSON.stringify(protocol)} is neither websocket nor SPDY/3.1`);
  if (connection.type === "portforward") return openForward(opening, connection, isSpdy);
  return openCommand(opening, connection, isSpdy);
}

async function openCommand(opening: Opening, connection: CommandConnection, isSpdy: boolean): Promise<void> {
  const { request, socket, head, pods, answer } = opening;
  const container = () => pods.container(connection.podUid, connection.container);
  if (isSpdy) {
    // The kubelet's own answer, which the API server passes on as it is.
    if (!container()) return answer(text(`${notFoundText(connection)}\n`, 500));
    const protocol = acceptSpdyUpgrade(opening, commandProtocols);
    if (protocol === undefined) return;
    return runCommand(connection, container(), await spdyStreams(socket, protocol, connection));
  }
  const offered = offeredProtocols(request);
  const protocol = chooseChannelProtocol(offered);
  if (!protocol)
    throw badRequest(
      `unable to upgrade: no subprotocol of ${JSON.stringify(offered)} is spoken here: ${JSON.stringify(channelProtocolNames)}`,
    );
  const webSocket = await acceptWebSocket(request, socket, head, protocol.name);
  await runCommand(connection, container(), webSocketStreams(webSocket, protocol, connection));
}

async function openForward(
  opening: Opening,
  connection: PortForwardConnection,
  isSpdy: boolean,
): Promise<void> {
  const { request, socket, head, pods } = opening;
  const { podUid, podAddress } = connection;
  const removal = pods.removal(podUid);
  if (!removal || podAddress === "")
    throw internalError(new Error(`unable to do port forwarding: pod ${connection.podName} is not running`));
  const target: PortForwardTarget = { removal, dial: (port) => pods.dial(podUid, podAddress, port) };
  if (isSpdy) {
    if (acceptSpdyUpgrade(opening, [forwardProtocol]) !== undefined)
      forwardOverSpdy(socket, connection, target);
    return;
  }
  const offered = offeredProtocols(request);
  if (offered.includes(tunnelProtocol)) {
    const webSocket = await acceptWebSocket(request, socket, head, tunnelProtocol);
    forwardOverSpdy(webSocketBytes(webSocket), connection, target);
    return;
  }
  const protocol = chooseChannelProtocol(offered);
  if (!protocol)
    throw badRequest(`unable to upgrade: no subprotocol of ${JSON.stringify(offered)} is spoken here`);
  if (connection.ports.length === 0) throw badRequest("query parameter 'port' is required");
  const webSocket = await acceptWebSocket(request, socket, head, protocol.name);
  await forwardOverChannels(webSocket, protocol, connection, target);
}

/** Switches to SPDY with the best of these versions that the client offers; where there is none, says so (403) and gives undefined. */
function acceptSpdyUpgrade(
  { request, socket, head, answer }: Opening,
  accepted: readonly string[],
): string | undefined {
  const offered = String(request.headers["x-stream-protocol-version"] ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  const protocol = offered.length === 0 ? accepted.at(-1) : accepted.find((each) => offered.includes(each));
  if (protocol === undefined) {
    const supported = `client supports [${offered.join(" ")}], server accepts [${accepted.join(" ")}]`;
    answer(text(`unable to upgrade: unable to negotiate protocol: ${supported}\n`, 403));
    return undefined;
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  );
  if (head.length > 0) socket.unshift(head);
  return protocol;
}
