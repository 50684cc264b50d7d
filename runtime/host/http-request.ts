import type { IncomingMessage } from "node:http";
import { maximumBodyBytes } from "../apiserver/body.ts";
import type { ApiRequest } from "../apiserver/http.ts";
import { tooLarge, tooManyRequests } from "../apiserver/status.ts";
import type { Budget } from "./budget.ts";

/**
 * Reads the body of a request. Throws `ApiError` 413 as soon as it is known to be larger than `largest`, in bytes, 429
 * where the bodies of all clients together are too much to be held.
 */
export function readBody(
  message: IncomingMessage,
  budget: Budget,
  largest: number = maximumBodyBytes,
): Promise<Uint8Array> {
  const announced = Number(message.headers["content-length"] ?? 0);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let taken = 0;
    const fail = (error: Error) => {
      // The message is not destroyed: its sender is still to hear why it is refused.
      message.off("data", take);
      chunks.length = 0;
      reject(error);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size > largest) return fail(oversized(largest));
      if (!budget.take(chunk.length)) return fail(tooManyRequests());
      taken += chunk.length;
      chunks.push(chunk);
    };
    if (announced > largest) return fail(oversized(largest));
    message.once("close", () => budget.give(taken));
    message.on("data", take);
    message.on("end", () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    message.on("error", reject);
    message.on("close", () => reject(new Error("the request was cut")));
  });
}

/** A request without its body. */
export function requestHead(message: IncomingMessage): Omit<ApiRequest, "body"> {
  const { path, query } = targetOf(message);
  return {
    method: message.method ?? "GET",
    path,
    query: new URLSearchParams(query),
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : value,
      ]),
    ),
  };
}

/** The parts of a request's target: a path, or an address with a host of its own (RFC 9112, absolute form). */
export function targetOf(message: IncomingMessage): {
  readonly authority?: string;
  readonly path: string;
  readonly query: string;
} {
  const target = message.url ?? "/";
  const absolute = /^https?:\/\/([^/?#]*)/i.exec(target);
  const rest = absolute ? target.slice(absolute[0].length) : target;
  const question = rest.indexOf("?");
  return {
    ...(absolute && { authority: absolute[1]! }),
    path: (question < 0 ? rest : rest.slice(0, question)) || "/",
    query: question < 0 ? "" : rest.slice(question + 1),
  };
}

function oversized(largest: number) {
  return tooLarge(`Request entity too large: limit is ${largest}`);
}
