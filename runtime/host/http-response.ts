import type { ServerResponse } from "node:http";
import { type ApiResponse, type BodyResponse, isStream, type ResponseSink } from "../apiserver/http.ts";
import { errorResponse } from "../apiserver/server.ts";
import { tooManyRequests } from "../apiserver/status.ts";
import type { Budget } from "./budget.ts";

/** A reader that is this far behind is waited for. */
const highWaterBytes = 256 * 1024;

/** A client that takes nothing of an answer for so long is cut off. */
const stalledMilliseconds = 60_000;

/** Sends an answer, whole or as it comes; a stream ends when the client goes. */
export function sendResponse(response: ServerResponse, answer: ApiResponse, budget: Budget): void {
  if (!isStream(answer)) {
    sendWhole(response, answer, budget);
    return;
  }
  response.writeHead(answer.status, answer.headers);
  response.flushHeaders();
  const stop = answer.open(sinkOf(response));
  response.once("close", stop);
  if (response.closed) stop();
}

/** Answers that are not taken are held: 429 where those of all clients together are too much. */
function sendWhole(response: ServerResponse, answer: BodyResponse, budget: Budget): void {
  const parts = answer.parts ?? [Buffer.from(answer.body, "utf8")];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > highWaterBytes) {
    if (!budget.take(length)) {
      sendWhole(response, errorResponse(tooManyRequests()) as BodyResponse, budget);
      return;
    }
    response.once("close", () => budget.give(length));
    response.setTimeout(stalledMilliseconds, () => response.destroy());
    response.once("finish", () => response.setTimeout(0));
  }
  response.writeHead(answer.status, { ...answer.headers, "content-length": length });
  for (const part of parts.slice(0, -1)) response.write(part);
  response.end(parts.at(-1));
}

function sinkOf(response: ServerResponse): ResponseSink {
  return {
    write: (chunk) => {
      if (!response.writableEnded && !response.destroyed) response.write(chunk);
    },
    end: () => {
      response.end();
    },
    isBehind: () => response.writableLength >= highWaterBytes,
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
