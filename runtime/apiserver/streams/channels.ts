/** The channels of a command over a WebSocket: every message begins with the number of its channel. */

export const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** One of the subprotocols of Kubernetes' remote commands. */
export interface ChannelProtocol {
  /** As it stands in `Sec-WebSocket-Protocol`; "" where the client asked for none. */
  readonly name: string;
  /** Messages are text: the channel's digit, then base64. */
  readonly base64: boolean;
  /** The client can end its input and go on reading (v5). */
  readonly closes: boolean;
  /** How the command ended is told as a JSON `Status` (v4 and later), else as a text, and only of a failure. */
  readonly status: "json" | "text";
}

const protocols: readonly ChannelProtocol[] = [
  { name: "v5.channel.k8s.io", base64: false, closes: true, status: "json" },
  { name: "v4.channel.k8s.io", base64: false, closes: false, status: "json" },
  { name: "v4.base64.channel.k8s.io", base64: true, closes: false, status: "json" },
  { name: "channel.k8s.io", base64: false, closes: false, status: "text" },
  { name: "base64.channel.k8s.io", base64: true, closes: false, status: "text" },
  { name: "", base64: false, closes: false, status: "text" },
];

/** The best of what a client offers; undefined where nothing of it is spoken here. */
export function chooseChannelProtocol(offered: readonly string[]): ChannelProtocol | undefined {
  return protocols.find(({ name }) => (name === "" ? offered.length === 0 : offered.includes(name)));
}

/** The subprotocols that are spoken, for a message. */
export const channelProtocolNames: readonly string[] = protocols
  .map(({ name }) => name)
  .filter((name) => name !== "");

export function encodeMessage(
  protocol: ChannelProtocol,
  channel: number,
  payload: Uint8Array,
): Uint8Array | string {
  if (protocol.base64) {
    let binary = "";
    for (const byte of payload) binary += String.fromCharCode(byte);
    return String(channel) + btoa(binary);
  }
  const message = new Uint8Array(1 + payload.length);
  message[0] = channel;
  message.set(payload, 1);
  return message;
}

export interface ChannelMessage {
  readonly channel: number;
  readonly payload: Uint8Array;
}

/** Undefined for a message that says nothing: an empty one, or one that is not base64 where it should be. */
export function decodeMessage(protocol: ChannelProtocol, message: Uint8Array): ChannelMessage | undefined {
  const [first] = message;
  if (first === undefined) return undefined;
  if (!protocol.base64) return { channel: first, payload: message.subarray(1) };
  if (first < 0x30 || first > 0x39) return undefined;
  try {
    const binary = atob(new TextDecoder("latin1").decode(message.subarray(1)));
    return {
      channel: first - 0x30,
      payload: Uint8Array.from(binary, (character) => character.charCodeAt(0)),
    };
  } catch {
    return undefined;
  }
}

/** The size of a terminal in characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Reads sizes from JSON documents that come one after the other, cut anywhere: `{"Width":80,"Height":24}`. Of those in
 * one piece only the last counts. Sizes that no terminal has are passed over: kubectl says 0×0 where it does not know.
 */
export function createSizeReader(): (bytes: Uint8Array) => TerminalSize | undefined {
  const decoder = new TextDecoder();
  let text = "";
  return (bytes) => {
    text += decoder.decode(bytes, { stream: true });
    let found: TerminalSize | undefined;
    for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}")) {
      found = sizeOf(text.slice(0, end + 1)) ?? found;
      text = text.slice(end + 1);
    }
    // A size is a few dozen characters; what is longer is none.
    if (text.length > 1024) text = "";
    return found;
  };
}

function sizeOf(json: string): TerminalSize | undefined {
  try {
    const { Width: width, Height: height } = JSON.parse(json);
    const fits = (value: unknown) =>
      Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;
    return fits(width) && fits(height) ? { width, height } : undefined;
  } catch {
    return undefined;
  }
}
