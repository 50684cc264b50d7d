import { type Kind, kinds } from "../../model/meta.ts";
import { ApiError, type StatusCause, type StatusDetails } from "../client/client.ts";

/** The errors of the API with Kubernetes' texts (`apimachinery/pkg/api/errors`). */

/** The API group of a kind; "" for the core one. */
function group(kind: Kind): string {
  const [name = "", version] = kinds[kind].apiVersion.split("/");
  return version === undefined ? "" : name;
}

function withGroup(name: string, kind: Kind): string {
  return group(kind) === "" ? name : `${name}.${group(kind)}`;
}

/** `pods`, `leases.coordination.k8s.io`: how messages name a resource. */
function resource(kind: Kind): string {
  return withGroup(kinds[kind].plural, kind);
}

function details(kind: Kind, name: string, more: Partial<StatusDetails> = {}): StatusDetails {
  return { name, ...(group(kind) === "" ? {} : { group: group(kind) }), kind: kinds[kind].plural, ...more };
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

export function notFound(kind: Kind, name: string): ApiError {
  return new ApiError(404, "NotFound", `${resource(kind)} "${name}" not found`, details(kind, name));
}

export function alreadyExists(kind: Kind, name: string): ApiError {
  return new ApiError(
    409,
    "AlreadyExists",
    `${resource(kind)} "${name}" already exists`,
    details(kind, name),
  );
}

/** After the last try to find a free name for `generateName`. */
export function nameNotGenerated(kind: Kind, name: string): ApiError {
  return new ApiError(
    409,
    "AlreadyExists",
    `${resource(kind)} "${name}" already exists, the server was not able to generate a unique name for the object`,
    details(kind, name, { retryAfterSeconds: 1 }),
  );
}

/** `subresource` as in `pods/binding`. */
export function conflict(kind: Kind, name: string, message: string, subresource = ""): ApiError {
  const text = `Operation cannot be fulfilled on ${resource(kind)}${subresource} "${name}": ${message}`;
  return new ApiError(
    409,
    "Conflict",
    text,
    details(kind, name, subresource ? { kind: kinds[kind].plural + subresource } : {}),
  );
}

export const modified =
  "the object has been modified; please apply your changes to the latest version and try again";

export function forbidden(
  kind: Kind,
  name: string,
  message: string,
  causes?: readonly StatusCause[],
): ApiError {
  return new ApiError(
    403,
    "Forbidden",
    `${resource(kind)} "${name}" is forbidden: ${message}`,
    details(kind, name, causes ? { causes } : {}),
  );
}

/** The cause by which a controller knows that creating is in vain (`corev1.NamespaceTerminatingCause`). */
export const NAMESPACE_TERMINATING = "NamespaceTerminating";

export function invalid(kind: Kind, name: string, causes: readonly StatusCause[]): ApiError {
  const texts = [...new Set(causes.map(({ field, message }) => (field ? `${field}: ${message}` : message)))];
  const text = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  return new ApiError(422, "Invalid", `${withGroup(kind, kind)} "${name}" is invalid: ${text}`, {
    ...details(kind, name),
    kind,
    causes,
  });
}

export function internalError(message: string): ApiError {
  return new ApiError(500, "InternalError", `Internal error occurred: ${message}`, {
    causes: [{ reason: "", message, field: "" }],
  });
}

export function noStatus(): ApiError {
  return new ApiError(404, "NotFound", "the server could not find the requested resource");
}
