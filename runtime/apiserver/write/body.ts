import type { TypeName } from "../../../model/api/fields.ts";
import type { KubernetesObject } from "../../../model/meta.ts";
import { ApiError } from "../../client/client.ts";
import { mediaType, readBody } from "../body.ts";
import type { ApiRequest } from "../http.ts";
import { dryRunOf } from "../options.ts";
import type { ResourceRoute } from "../routes.ts";
import { type Decoded, decode, isRecord } from "../schema/decode.ts";
import { duplicateFields } from "../schema/duplicates.ts";
import { badRequest } from "../status.ts";

/** An object of a request, and what its sender should be warned of. */
export interface ReadObject {
  readonly object: KubernetesObject;
  readonly warnings: readonly string[];
  /** What the sender says of who has set what, as it is in the body; not in `object`. */
  readonly managedFields?: unknown;
}

/** The object in a body of POST or PUT: of the path's kind, with fields of the right types, in the path's namespace. */
export function readObject(request: ApiRequest, route: ResourceRoute): ReadObject {
  return asObject(readBody(request, route.resource.kind as TypeName), request, route);
}

/** Takes a value, of a body or made by a patch, as an object of the path's kind. */
export function asObject(value: unknown, request: ApiRequest, route: ResourceRoute): ReadObject {
  const { kind, info } = route.resource;
  const decoded = decodeAs(kind, info.apiVersion, value);
  const warnings = unknownFields(decoded, request);
  const metadata = { ...(decoded.value.metadata as Record<string, unknown> | undefined) };
  if (route.namespace !== undefined) {
    if (
      metadata.namespace !== undefined &&
      metadata.namespace !== "" &&
      metadata.namespace !== route.namespace
    )
      throw badRequest(
        `the namespace of the provided object does not match the namespace sent on the request: ${metadata.namespace} is not ${route.namespace}`,
      );
    metadata.namespace = route.namespace;
  } else delete metadata.namespace;
  // An empty text is an absent one, as in Go.
  for (const key of ["name", "generateName", "uid", "resourceVersion"])
    if (metadata[key] === "") delete metadata[key];
  // A revision of 0 stands for any.
  if (metadata.resourceVersion === "0") delete metadata.resourceVersion;
  const { managedFields } = metadata;
  delete metadata.managedFields;
  const object = { ...decoded.value, apiVersion: info.apiVersion, kind, metadata };
  return { object: object as unknown as KubernetesObject, warnings, managedFields };
}

/** Reads a body as a type of the API whose `kind` and `apiVersion` may be left out, but not be others. */
export function decodeAs(type: TypeName, apiVersion: string, value: unknown): Decoded {
  if (!isRecord(value)) throw badRequest(`the body of the request is not an object: a ${type} is expected`);
  const kind = nameIn(value, "kind") || type;
  const given = nameIn(value, "apiVersion") || apiVersion;
  if (given !== apiVersion)
    throw badRequest(
      `the API version in the data (${given}) does not match the expected API version (${apiVersion})`,
    );
  const version = apiVersion.split("/").at(-1);
  if (kind !== type)
    throw badRequest(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${type}: converting (${version}.${kind}) to ${type}: unknown conversion`,
    );
  return decode(type, value);
}

function nameIn(value: Readonly<Record<string, unknown>>, field: "kind" | "apiVersion"): string {
  const name = value[field] ?? "";
  if (typeof name === "string") return name;
  const found = Array.isArray(name) ? "array" : typeof name;
  throw badRequest(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go struct field .${field} of type string`,
  );
}

/**
 * `fieldValidation`: Strict refuses fields that are unknown or stand twice, Warn (the default) warns of them, Ignore
 * drops them silently.
 */
export function unknownFields({ unknown }: Decoded, request: ApiRequest): readonly string[] {
  const mode = request.query.get("fieldValidation") || "Warn";
  if (!["Strict", "Warn", "Ignore"].includes(mode)) {
    const options = { POST: "CreateOptions", PATCH: "PatchOptions" }[request.method] ?? "UpdateOptions";
    const message = `Unsupported value: ${JSON.stringify(mode)}: supported values: "Ignore", "Strict", "Warn"`;
    throw new ApiError(422, "Invalid", `${options}.meta.k8s.io "" is invalid: fieldValidation: ${message}`, {
      group: "meta.k8s.io",
      kind: options,
      causes: [{ reason: "FieldValueNotSupported", message, field: "fieldValidation" }],
    });
  }
  if (mode === "Ignore") return [];
  const messages = [
    ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
    ...duplicatesOf(request).map((path) => `duplicate field ${JSON.stringify(path)}`),
  ].slice(0, 50);
  if (mode === "Strict" && messages.length > 0)
    throw badRequest(`strict decoding error: ${messages.join(", ")}`);
  return messages;
}

/** Only JSON can say a thing twice unnoticed: messages of protobuf may, and YAML must not. */
function duplicatesOf(request: ApiRequest): readonly string[] {
  const media = mediaType(request);
  if (media !== undefined && !/[/+]json$/.test(media)) return [];
  return duplicateFields(new TextDecoder().decode(request.body));
}

/** RFC 9110's `Warning`, as kubectl shows it: one header for all. */
export function warningHeaders(warnings: readonly string[]): Record<string, string> {
  const safe = (text: string) => text.replace(/[^\x20-\x7e]/g, "?").replace(/[\\"]/g, "\\$&");
  return warnings.length === 0 ? {} : { warning: warnings.map((each) => `299 - "${safe(each)}"`).join(", ") };
}

export function isDryRun(request: ApiRequest): boolean {
  return dryRunOf(request.query.getAll("dryRun").filter((value) => value !== ""));
}
