import { ApiError, type StatusCause, type StatusDetails } from "../client/client.ts";
import type { ResourceRoute } from "./routes.ts";

/** Kubernetes' `metav1.Status`: how the API says that something went well or why it did not. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

const base = { kind: "Status", apiVersion: "v1", metadata: {} } as const;

export function failure(error: ApiError): Status {
  return {
    ...base,
    status: "Failure",
    message: error.message,
    reason: error.reason,
    details: error.details ?? {},
    code: error.code,
  };
}

export function success(code: number, details?: StatusDetails): Status {
  return { ...base, status: "Success", ...(details && { details }), code };
}

/** `metav1.Status` of an error that nobody foresaw: its text, and nothing of where it came from. */
export function internalError(error: unknown): ApiError {
  const message = error instanceof Error ? error.message : String(error);
  return new ApiError(500, "InternalError", `Internal error occurred: ${message}`);
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

export function unauthorized(): ApiError {
  return new ApiError(401, "Unauthorized", "Unauthorized");
}

/** A path that the API does not have; `resource` is what it asks for, as messages name it, where it does of one. */
export function unknownPath(resource = ""): ApiError {
  const why = resource === "" ? "" : `: this cluster has no ${resource}`;
  return new ApiError(404, "NotFound", `the server could not find the requested resource${why}`);
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
  );
}

export function notAcceptable(): ApiError {
  return new ApiError(
    406,
    "NotAcceptable",
    "only the following media types are accepted: application/json, application/json;as=Table;g=meta.k8s.io;v=v1",
  );
}

/** A list or watch that starts from a revision which is no longer remembered (410). `Gone` is what clients look for in a watch, `Expired` in a list. */
export function expired(message: string): ApiError {
  return new ApiError(410, "Expired", message);
}

export function tooLarge(message: string): ApiError {
  return new ApiError(413, "RequestEntityTooLarge", message);
}

/** More is asked for at once than can be held (429); clients of Kubernetes try again after a second. */
export function tooManyRequests(message = "Too many requests, please try again later."): ApiError {
  return new ApiError(429, "TooManyRequests", message, { retryAfterSeconds: 1 });
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return new ApiError(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

/** A patch that is well formed but does not fit the object (422). */
export function unprocessable(message: string): ApiError {
  return new ApiError(
    422,
    "Invalid",
    `the server rejected our request due to an error in our request: ${message}`,
  );
}

/** Options of a request that are not in order (422). */
export function invalidOptions(kind: string, causes: readonly StatusCause[]): ApiError {
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const text = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new ApiError(422, "Invalid", `${kind}.meta.k8s.io "" is invalid: ${text}`, {
    group: "meta.k8s.io",
    kind,
    causes,
  });
}

/** An object that is not valid (422), for reasons that only requests know. */
export function invalidObject(
  { resource, name = "" }: ResourceRoute,
  causes: readonly StatusCause[],
): ApiError {
  const { kind, group } = resource;
  const text = causes.map(({ field, message }) => `${field}: ${message}`).join(", ");
  return new ApiError(
    422,
    "Invalid",
    `${group === "" ? kind : `${kind}.${group}`} ${JSON.stringify(name)} is invalid: ${text}`,
    {
      name,
      ...(group !== "" && { group }),
      kind,
      causes,
    },
  );
}

export function conflict({ resource, name = "" }: ResourceRoute, message: string): ApiError {
  const { info, group } = resource;
  const plural = group === "" ? info.plural : `${info.plural}.${group}`;
  return new ApiError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${plural} ${JSON.stringify(name)}: ${message}`,
    {
      name,
      ...(group !== "" && { group }),
      kind: info.plural,
    },
  );
}

export function notImplemented(message: string): ApiError {
  return new ApiError(501, "NotImplemented", message);
}
