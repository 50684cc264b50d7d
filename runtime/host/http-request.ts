import type { IncomingMessage } from "node:http";
import { maximumBodyBytes } from "../apiserver/body.ts";
import type { ApiRequest } from "../apiserver/http.ts";
import { tooLarge } from "../apiserver/status.ts";

/** Reads a request whole. Throws `ApiError` 413 as soon as its body is known to be larger than the API takes. */
export async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const announced = Number(message.headers["content-length"] ?? 0);
  if (announced > maximumBodyBytes) throw oversized();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += (chunk as Buffer).length;
    if (size > maximumBodyBytes) throw oversized();
    chunks.push(chunk as Buffer);
  }
  return { ...requestHead(message), body: Buffer.concat(chunks) };
}

/** A request without its body. */
export function requestHead(message: IncomingMessage): Omit<ApiRequest, "body"> {
  const target = message.url ?? "/";
  const question = target.indexOf("?");
  return {
    method: message.method ?? "GET",
    path: question < 0 ? target : target.slice(0, question),
    query: new URLSearchParams(question < 0 ? "" : target.slice(question + 1)),
    headers: Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : value,
      ]),
    ),
  };
}

function oversized() {
  return tooLarge(`Request entity too large: limit is ${maximumBodyBytes}`);
}
