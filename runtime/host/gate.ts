import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { User } from "../apiserver/http.ts";
import { anonymousPaths } from "../apiserver/server.ts";
import { badRequest, unauthorized } from "../apiserver/status.ts";
import { ApiError } from "../client/client.ts";
import { targetOf } from "./http-request.ts";

/**
 * Decides of a request, by its head alone, whether it is answered and for whom. Every request passes it, those that
 * become a stream of their own (`Upgrade`) as well. Throws `ApiError` 400, 401 or 403.
 */
export type Gate = (request: IncomingMessage) => User;

/** Who holds the cluster's token, its client certificate or its socket: all are allowed everything. */
export const administrator: User = {
  name: "kdsl-admin",
  groups: ["system:masters", "system:authenticated"],
};

const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/** The gate of a socket that only its owner can open. */
export const ownersGate: Gate = (request) => {
  refuseForeign(request);
  return administrator;
};

/**
 * The gate of a TLS server that asks for certificates: the bearer token and a certificate of the cluster's authority
 * each suffice; without either only health and version are told.
 */
export function createTlsGate(token: string): Gate {
  const isToken = tokenMatcher(token);
  return (request) => {
    refuseForeign(request);
    const certified = userOfCertificate(request);
    if (certified) return certified;
    const bearer = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? "");
    if (bearer && isToken(bearer[1]!)) return administrator;
    const reads = request.method === "GET" || request.method === "HEAD";
    if (reads && anonymousPaths.includes(targetOf(request).path)) return anonymous;
    throw unauthorized();
  };
}

/**
 * Refuses what a browser sends for a page: by the page's origin, or by a host name that only leads to this machine
 * (DNS rebinding). Only the server's own origin is not foreign.
 */
function refuseForeign(request: IncomingMessage): void {
  const { origin, "sec-fetch-site": site, "sec-fetch-mode": mode } = request.headers;
  const host = targetOf(request).authority ?? request.headers.host;
  if (host === undefined || host === "") {
    // HTTP/1.0 has no such header; a browser always sends it.
    if (request.httpVersion === "1.1") throw badRequest("missing required Host header");
  } else if (!/^(127\.0\.0\.1|localhost)(:\d{1,5})?$/i.test(host))
    throw forbidden("the host of the request is neither 127.0.0.1 nor localhost");
  if (origin !== undefined && origin.toLowerCase() !== `https://${host}`.toLowerCase())
    throw forbidden(`requests from web pages are refused (origin ${origin})`);
  // A page's images and scripts come without an origin. An address that the user has opened is no page's doing.
  if ((site === "cross-site" || site === "same-site") && mode !== "navigate")
    throw forbidden("requests from web pages are refused");
}

function forbidden(message: string): ApiError {
  return new ApiError(403, "Forbidden", message);
}

/**
 * Whom a client certificate names, as Kubernetes reads it: the common name is the user, organizations are groups. A
 * resumed TLS 1.3 session without a certificate counts as authorized in Node: the certificate itself must be there.
 */
function userOfCertificate(request: IncomingMessage): User | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const subject: { CN?: string | string[]; O?: string | string[] } | undefined =
    socket.getPeerCertificate()?.subject;
  const names = [subject?.CN ?? []].flat();
  if (names.length !== 1) return undefined;
  return { name: names[0]!, groups: [...[subject?.O ?? []].flat(), "system:authenticated"] };
}

/** Compares in a time that tells nothing of where the texts differ, nor of how long they are. */
function tokenMatcher(token: string): (text: string) => boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const wanted = digest(token);
  return (text) => timingSafeEqual(digest(text), wanted);
}
