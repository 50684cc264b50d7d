import type { TypeName } from "../../model/api/fields.ts";
import type { ApiRequest } from "./http.ts";
import { readProtobuf } from "./protobuf/envelope.ts";
import { badRequest, tooLarge, unsupportedMediaType } from "./status.ts";

/** The largest body that is read, as in Kubernetes (`MaxRequestBodyBytes`). */
export const maximumBodyBytes = 3 * 1024 * 1024;

/** No object of the API is nested deeper; what is deeper is an attack on those who walk it. */
const maximumDepth = 256;

/** The type of a request's body without parameters, lower case; undefined when it tells none. */
export function mediaType(request: ApiRequest): string | undefined {
  const header = request.headers["content-type"];
  return header?.split(";", 1).join("").trim().toLowerCase() || undefined;
}

export const protobufType = "application/vnd.kubernetes.protobuf";

/** YAML has become JSON before it comes here. */
const readable = ["application/json", "application/yaml", protobufType] as const;

/**
 * The value of a request's body: its JSON, or what its protobuf would be in JSON. A body without a type is JSON
 * (kubectl sends scales so). 413 above 3 MiB, 415 for another type, 400 for what is empty or malformed; `type` is
 * what the body should be.
 */
export function readBody(request: ApiRequest, type: TypeName): unknown {
  const media = mediaType(request);
  if (media === protobufType) {
    checkSize(request.body);
    return readProtobuf(type, request.body);
  }
  if (media !== undefined && media !== "application/json") throw unsupportedMediaType(readable);
  return parseJson(request.body);
}

function checkSize(body: Uint8Array): void {
  if (body.byteLength > maximumBodyBytes)
    throw tooLarge(`Request entity too large: limit is ${maximumBodyBytes}`);
}

export function parseJson(body: Uint8Array): unknown {
  checkSize(body);
  const text = decodeText(body);
  if (text.trim() === "") throw badRequest("the body of the request is empty where an object is expected");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The engine quotes what stands around the mistake; a body may hold secrets.
    const message = (error as Error).message.replace(/, (?:\.\.\.)?"[\s\S]*" is not valid JSON$/, "");
    throw badRequest(`the body of the request is not valid JSON: ${message}`);
  }
  checkDepth(value);
  return value;
}

function decodeText(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    throw badRequest("the body of the request is not valid UTF-8");
  }
}

/** Level by level, so that depth costs no stack. */
function checkDepth(value: unknown): void {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maximumDepth)
      throw badRequest(`the body of the request is nested more than ${maximumDepth} levels deep`);
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null
        ? Object.values(each).filter((child) => typeof child === "object" && child !== null)
        : [],
    );
  }
}
