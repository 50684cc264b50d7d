/** What the API server is asked and what it answers, without any transport. */

export interface ApiRequest {
  /** GET, POST, PUT, PATCH, DELETE … */
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Who asks; absent where the transport knows nobody. */
  readonly user?: User;
}

/** Kubernetes' `user.Info`: whom authentication found. */
export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

export type ApiResponse = BodyResponse | StreamResponse;

export interface BodyResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The bytes of the body, in parts, where they are at hand; then the text is made only when it is asked for. */
  readonly parts?: readonly Uint8Array[];
}

/** An answer that goes on: a watch or a log that is followed. */
export interface StreamResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Starts it; the returned function ends it, for a client that has gone. Called once. */
  readonly open: (sink: ResponseSink) => () => void;
}

export interface ResponseSink {
  write(chunk: string | Uint8Array): void;
  /** No more will be written. */
  end(): void;
  /** Whether so much is written that the client has not taken that it should be waited for. */
  isBehind(): boolean;
  /** Resolves when it is behind no more, or has gone. */
  drained(): Promise<void>;
}

export function isStream(response: ApiResponse): response is StreamResponse {
  return "open" in response;
}

export function json(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): BodyResponse {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}

/** An answer of JSON whose bytes are at hand. */
export function jsonParts(parts: readonly Uint8Array[]): BodyResponse {
  const decoder = new TextDecoder();
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    get body() {
      return parts.map((part) => decoder.decode(part, { stream: true })).join("");
    },
    parts,
  };
}

export function text(value: string, status = 200): BodyResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: value };
}
