import type { IncomingMessage } from "node:http";
import { maximumBodyBytes } from "../apiserver/body.ts";
import type { ApiRequest } from "../apiserver/http.ts";
import { tooLarge } from "../apiserver/status.ts";

/** Reads a request whole. Throws `ApiError` 413 as soon as its body is known to be larger than the API takes. */
export async function readRequest(message: IncomingMessage): Promise<ApiRequest> {
  const announced = Number(message.headers["content-length"] ?? 0);
  if (announced > maximumBodyBytes) throw oversized();
  return { ...requestHead(message), body: await readBody(message) };
}

/** The message is not destroyed where it is too large: its sender is still to hear why it is refused. */
function readBody(message: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maximumBodyBytes) chunks.push(chunk);
      else {
        message.off("data", take);
        reject(oversized());
      }
    };
    message.on("data", take);
    message.on("end", () => resolve(Buffer.concat(chunks)));
    message.on("error", reject);
    message.on("close", () => reject(new Error("the request was cut")));
  });
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
