import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import type { Status } from "../runtime/apiserver/status.ts";
import { findCluster } from "./cluster.ts";
import { CommandError, exitCodes } from "./error.ts";

/** How a command speaks with a cluster: the Kubernetes API over the cluster's Unix socket. */
export interface ApiClient {
  /** The answer's JSON. Throws `ServerError` where the API refuses. */
  json<T>(path: string, options?: CallOptions): Promise<T>;
  /** The lines of an answer that goes on, until it ends or `signal` ends it. */
  lines(path: string, options?: CallOptions): AsyncGenerator<string>;
}

export interface CallOptions {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly accept?: string;
  readonly body?: unknown;
  /** `application/json` when it is not given. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** The API's own refusal: its message says what is wrong. */
export class ServerError extends CommandError {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? `the API answered ${status.code}`);
    this.name = "ServerError";
    this.status = status;
  }
}

/** A client of the cluster that `--cluster` names, else of the only one that runs. */
export function connect(options: { readonly cluster?: string }): ApiClient {
  const { socketPath, name } = findCluster(options.cluster);
  return createClient(socketPath, name);
}

export function createClient(socketPath: string, cluster: string): ApiClient {
  const open = (path: string, options: CallOptions) => send(socketPath, cluster, path, options);
  return {
    async json<T>(path: string, options: CallOptions = {}) {
      const message = await open(path, options);
      return (await readJson(message)) as T;
    },
    async *lines(path, options = {}) {
      let message: IncomingMessage;
      try {
        message = await open(path, options);
      } catch (error) {
        if (options.signal?.aborted) return;
        throw error;
      }
      yield* linesOf(message);
    },
  };
}

/** An answer that is cut has ended: its sender has, or the one who asked wants no more. */
async function* linesOf(message: IncomingMessage): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of message) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ECONNRESET" && code !== "ABORT_ERR" && code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
  if (rest !== "") yield rest;
}

function urlOf(path: string, query: CallOptions["query"] = {}): string {
  const parameters = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return parameters.length === 0 ? path : `${path}?${parameters.join("&")}`;
}

/** Resolves with the answer once its head is there, if it is one that says yes. */
function send(
  socketPath: string,
  cluster: string,
  path: string,
  options: CallOptions,
): Promise<IncomingMessage> {
  const {
    method = "GET",
    query,
    accept = "application/json",
    body,
    contentType = "application/json",
    signal,
  } = options;
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const request: ClientRequest = httpRequest({
      socketPath,
      method,
      path: urlOf(path, query),
      headers: {
        host: "localhost",
        accept,
        "user-agent": "kdsl",
        ...(content && { "content-type": contentType, "content-length": content.length }),
      },
      ...(signal && { signal }),
    });
    request.on("error", (error) => reject(unreachable(cluster, error)));
    request.on("response", (message) => {
      if ((message.statusCode ?? 500) < 400) return resolve(message);
      readJson(message).then((status) => reject(new ServerError(status as Status)), reject);
    });
    request.end(content);
  });
}

function unreachable(cluster: string, error: Error): Error {
  return new CommandError(
    `cluster ${cluster} does not answer: ${error.message}`,
    exitCodes.notFound,
    "kdsl stop ends it if it hangs",
  );
}

async function readJson(message: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`the API answered with something that is not JSON: ${text.slice(0, 200)}`);
  }
}
