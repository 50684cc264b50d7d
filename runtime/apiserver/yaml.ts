import { mediaType } from "./body.ts";
import type { ApiRequest } from "./http.ts";
import { badRequest } from "./status.ts";

/** Types of bodies in YAML, and what their JSON is. */
const yamlTypes: Readonly<Record<string, string>> = {
  "application/yaml": "application/json",
  "application/apply-patch+yaml": "application/apply-patch+yaml",
};

/**
 * The request with its body in JSON, where it is YAML. Most bodies of these types are JSON already (what kubectl sends
 * is): the reader of YAML is loaded for the first one that is not. 400 for what is neither.
 */
export async function withJsonBody(request: ApiRequest): Promise<ApiRequest> {
  const type = yamlTypes[mediaType(request) ?? ""];
  if (type === undefined) return request;
  const as = (body: Uint8Array): ApiRequest => ({
    ...request,
    headers: { ...request.headers, "content-type": type },
    body,
  });
  const text = new TextDecoder().decode(request.body);
  if (isJson(text)) return as(request.body);
  return as(new TextEncoder().encode(await jsonOfYaml(text)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Of YAML 1.1 what Go does not read: times, and numbers to the base of 60 (format `TIME`), are texts. */
const unread = /timestamp|binary|set|omap|pairs/;

/** As Kubernetes reads it: YAML 1.1, where `yes` is true. */
async function jsonOfYaml(text: string): Promise<string> {
  const { parse } = await import("yaml");
  try {
    const value: unknown = parse(text, {
      version: "1.1",
      maxAliasCount: 100,
      logLevel: "error",
      // Else a mistake is told with the line it stands in; a body may hold secrets.
      prettyErrors: false,
      customTags: (tags) =>
        tags.filter((tag) => typeof tag === "string" || !(unread.test(tag.tag) || tag.format === "TIME")),
    });
    return JSON.stringify(value) ?? "";
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message}`);
  }
}
