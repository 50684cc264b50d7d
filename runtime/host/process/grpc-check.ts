import { type ClientHttp2Session, connect } from "node:http2";
import type { Socket } from "node:net";
import { reasonOf } from "../errors.ts";
import { ConnectTimeout, machineSockets, type Sockets } from "../sockets.ts";

/** `grpc.health.v1.HealthCheckResponse.ServingStatus`, by number. */
const servingStatuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
const unimplemented = 12;
const longestAnswer = 64 * 1024;

/** What was answered: its gRPC status, and of a good one the health; or what went wrong on the way. */
type Answer =
  | { readonly code: number; readonly message: string; readonly serving: string }
  | { readonly problem: string };

export type GrpcHealth = { readonly ok: boolean; readonly output: string };

/**
 * Asks `grpc.health.v1.Health/Check` once, over HTTP/2 without TLS, with the outcomes and texts of the kubelet
 * (`pkg/probe/grpc`). `service` is the name that is asked for; "" means the whole server.
 */
export async function grpcCheck(
  address: string,
  port: number,
  service: string,
  timeoutMilliseconds: number,
  sockets: Sockets = machineSockets,
): Promise<GrpcHealth> {
  const answer = await ask(address, port, service, timeoutMilliseconds, sockets);
  if ("problem" in answer) return { ok: false, output: answer.problem };
  const { code, message, serving } = answer;
  if (code === unimplemented)
    return {
      ok: false,
      output: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`,
    };
  if (code !== 0)
    return {
      ok: false,
      output: `error: health rpc probe failed: rpc error: code = ${code} desc = ${message}`,
    };
  return serving === "SERVING"
    ? { ok: true, output: "service healthy" }
    : { ok: false, output: `service unhealthy (responded with "${serving}")` };
}

async function ask(
  address: string,
  port: number,
  service: string,
  timeoutMilliseconds: number,
  sockets: Sockets,
): Promise<Answer> {
  const target = `${address}:${port}`;
  const startedAt = Date.now();
  try {
    const socket = await sockets.connect(address, port, timeoutMilliseconds);
    const left = Math.max(1, timeoutMilliseconds - (Date.now() - startedAt));
    return await askThrough(socket, target, service, { timeoutMilliseconds, left });
  } catch (error) {
    return {
      problem:
        error instanceof ConnectTimeout ? notInTime(target, timeoutMilliseconds) : broken(target, error),
    };
  }
}

const notInTime = (target: string, timeoutMilliseconds: number) =>
  `timeout: failed to connect service "${target}" within ${timeoutMilliseconds / 1000}s: context deadline exceeded`;

const broken = (target: string, error: unknown) =>
  `error: failed to connect service at "${target}": ${reasonOf((error as Error).cause ?? error)}`;

interface Times {
  readonly timeoutMilliseconds: number;
  /** What of it is left. */
  readonly left: number;
}

function askThrough(
  socket: Socket,
  target: string,
  service: string,
  { timeoutMilliseconds, left }: Times,
): Promise<Answer> {
  return new Promise((resolve) => {
    let connected = false;
    let session: ClientHttp2Session | undefined;
    const finish = (answer: Answer) => {
      clearTimeout(timer);
      session?.destroy();
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => {
      const problem = connected
        ? `timeout: health rpc did not complete within ${timeoutMilliseconds / 1000}s`
        : notInTime(target, timeoutMilliseconds);
      finish({ problem });
    }, left);
    const fail = (error: Error) => finish({ problem: broken(target, error) });
    try {
      session = connect(`http://${target}`, { createConnection: () => socket });
    } catch (error) {
      fail(error as Error);
      return;
    }
    session.on("error", fail);
    session.on("connect", () => {
      connected = true;
    });
    const stream = session.request({
      ...{ ":method": "POST", ":path": "/grpc.health.v1.Health/Check" },
      ...{ "content-type": "application/grpc", te: "trailers", "user-agent": "kube-probe/1.36" },
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let status: Record<string, unknown> = {};
    let http = 0;
    stream.on("error", fail);
    stream.on("response", (headers) => {
      http = Number(headers[":status"]);
      // An answer without a body has its status here.
      status = headers;
    });
    stream.on("trailers", (trailers) => {
      status = { ...status, ...trailers };
    });
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= longestAnswer) chunks.push(chunk);
      else finish({ problem: "error: health rpc probe failed: the answer is too long" });
    });
    stream.on("end", () => finish(answerOf(http, status, Buffer.concat(chunks))));
    stream.end(frame(service));
  });
}

function answerOf(http: number, status: Readonly<Record<string, unknown>>, body: Buffer): Answer {
  if (http === 0)
    return { problem: "error: health rpc probe failed: the connection was closed without an answer" };
  const code = status["grpc-status"];
  if (code === undefined)
    return {
      problem: `error: health rpc probe failed: unexpected HTTP status code ${http} without grpc-status`,
    };
  const message = decode(String(status["grpc-message"] ?? ""));
  return { code: Number(code), message, serving: servingStatus(body) };
}

/** `HealthCheckRequest { string service = 1 }` behind gRPC's head of five bytes: not compressed, and the length. */
function frame(service: string): Buffer {
  const name = Buffer.from(service, "utf8");
  const field =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(field.length, 1);
  return Buffer.concat([head, field]);
}

function varint(number: number): number[] {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...varint(number >>> 7)];
}

/** `HealthCheckResponse { ServingStatus status = 1 }`; a field that is not there stands for 0. */
function servingStatus(body: Buffer): string {
  const [key, value = 0] = body.subarray(5);
  const number = key === 0x08 ? value : 0;
  return servingStatuses[number] ?? String(number);
}

/** gRPC writes messages with `%` codes. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
