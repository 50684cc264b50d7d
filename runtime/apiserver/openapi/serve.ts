import type { Clock } from "../../../base/clock.ts";
import type { ApiRequest, BodyResponse } from "../http.ts";
import { json } from "../http.ts";
import type { ServedResource } from "../served.ts";
import { notAcceptable, unknownPath } from "../status.ts";
import type { OpenApiDocument } from "./document.ts";

/** The schema of what is served, at `/openapi/v3`. It is made when somebody first asks: kubectl does, `kdsl run` does not. */
export interface OpenApi {
  /** What must be waited for before the request can be answered; undefined where nothing must. */
  prepare(request: ApiRequest): Promise<void> | undefined;
  /** The answer to a request for the schema; undefined for another path. */
  answer(request: ApiRequest): BodyResponse | undefined;
}

const root = "/openapi/v3";

/** What a document is worth keeping for, in milliseconds: its URL holds its hash, so what it says never changes. */
const lifetime = 365 * 24 * 3600 * 1000;

export function createOpenApi(version: string, clock: Clock, served: readonly ServedResource[]): OpenApi {
  let documents: ReadonlyMap<string, OpenApiDocument> | undefined;
  let loading: Promise<void> | undefined;
  const isOurs = ({ path }: ApiRequest) => path === root || path.startsWith(`${root}/`);
  return {
    prepare(request) {
      if (documents || !isOurs(request)) return undefined;
      loading ??= import("./document.ts").then(({ openApiDocuments }) => {
        documents = openApiDocuments(version, served);
      });
      return loading;
    },
    answer(request) {
      if (request.path === "/openapi/v2" && request.method === "GET") return emptyVersion2(request, version);
      if (!isOurs(request) || request.method !== "GET") return undefined;
      if (!documents) throw new Error("the schema was asked for before it was made");
      if (!acceptsJson(request)) throw notAcceptable();
      const name = request.path.slice(root.length).replace(/^\/|\/$/g, "");
      if (name === "") return index(documents);
      const found = documents.get(name);
      if (!found) throw unknownPath();
      return document(request, found, clock);
    },
  };
}

/**
 * The older schema says nothing: in protobuf, which is what its clients read, a document without anything has no bytes.
 * kubectl looks here for kinds that the newer one does not have, and only where it finds a document does it go on to say
 * that the server has no such kind.
 */
function emptyVersion2(request: ApiRequest, version: string): BodyResponse {
  if (!/protobuf/.test(request.headers.accept ?? ""))
    return json({ swagger: "2.0", info: { title: "KDSL", version }, paths: {} });
  return { status: 200, headers: { "content-type": protobufVersion2 }, body: "" };
}

const protobufVersion2 = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/** Where each document is, by a URL that changes with what it says. */
function index(documents: ReadonlyMap<string, OpenApiDocument>): BodyResponse {
  const paths = [...documents].map(([name, { hash }]) => [name, { serverRelativeURL: urlOf(name, hash) }]);
  return json({ paths: Object.fromEntries(paths) });
}

const urlOf = (name: string, hash: string) => `${root}/${name}?hash=${hash}`;

function document(request: ApiRequest, { text, hash }: OpenApiDocument, clock: Clock): BodyResponse {
  const asked = request.query.get("hash");
  const etag = JSON.stringify(hash);
  if (asked !== null && asked !== "" && asked !== hash) {
    const location = urlOf(request.path.slice(root.length + 1), hash);
    return { status: 301, headers: { location, "content-type": "text/plain; charset=utf-8" }, body: "" };
  }
  const headers = {
    etag,
    vary: "Accept",
    ...(asked && {
      "cache-control": "public, immutable",
      expires: new Date(clock.now() + lifetime).toUTCString(),
    }),
  };
  const known = (request.headers["if-none-match"] ?? "").split(",").map((each) => each.trim());
  if (known.includes(etag) || known.includes("*")) return { status: 304, headers, body: "" };
  return { status: 200, headers: { ...headers, "content-type": "application/json" }, body: text };
}

/** The schema is told in JSON alone; clients of today take it. */
function acceptsJson(request: ApiRequest): boolean {
  const accept = request.headers.accept ?? "";
  if (accept.trim() === "") return true;
  return accept
    .split(",")
    .some((range) => ["application/json", "application/*", "*/*"].includes(range.split(";")[0]!.trim()));
}
