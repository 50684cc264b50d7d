import type { ServerResponse } from "node:http";
import { type ApiResponse, isStream, type ResponseSink } from "../apiserver/http.ts";

/** A reader that is this far behind is waited for. */
const highWaterBytes = 256 * 1024;

/** Sends an answer, whole or as it comes; a stream ends when the client goes. */
export function sendResponse(response: ServerResponse, answer: ApiResponse): void {
  if (!isStream(answer)) {
    const body = Buffer.from(answer.body, "utf8");
    response.writeHead(answer.status, { ...answer.headers, "content-length": body.length });
    response.end(body);
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.flushHeaders();
  const stop = answer.open(sinkOf(response));
  response.once("close", stop);
  if (response.closed) stop();
}

function sinkOf(response: ServerResponse): ResponseSink {
  return {
    write: (text) => {
      if (!response.writableEnded && !response.destroyed) response.write(text);
    },
    end: () => {
      response.end();
    },
    backlog: () => response.writableLength,
    drained: () =>
      new Promise((resolve) => {
        if (response.destroyed || response.writableLength < highWaterBytes) return resolve();
        const done = () => {
          response.off("drain", done);
          response.off("close", done);
          resolve();
        };
        response.once("drain", done);
        response.once("close", done);
      }),
  };
}
