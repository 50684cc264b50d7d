import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { errorResponse } from "../apiserver/server.ts";
import { ApiError } from "../client/client.ts";

/** Answers with a `Status` where there is nothing but a socket (what is no HTTP, a refused upgrade), and closes it. */
export function endWith(socket: Duplex, error: ApiError): void {
  socket.on("error", () => {});
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const answer = errorResponse(error);
  const body = "body" in answer ? Buffer.from(answer.body) : Buffer.alloc(0);
  const headers = { ...answer.headers, "content-length": body.length, connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ""}\r\n${lines.join("")}\r\n`),
      body,
    ]),
  );
  // Who does not close its side within a moment is not waited for.
  setTimeout(() => socket.destroy(), 1000).unref();
}

/** What the HTTP parser itself refuses still gets a `Status`. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET") socket.destroy();
  else endWith(socket, malformed(error.code));
}

function malformed(code: string | undefined): ApiError {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return new ApiError(431, "BadRequest", "the headers of the request are too large");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ApiError(408, "Timeout", "the request was not finished in time");
    default:
      return new ApiError(400, "BadRequest", "the request is not valid HTTP");
  }
}
