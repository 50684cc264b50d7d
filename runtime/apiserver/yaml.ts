import { mediaType } from "./body.ts";
import type { ApiRequest } from "./http.ts";
import { badRequest } from "./status.ts";

/** Types of bodies in YAML, and what their JSON is. */
const yamlTypes: ReadonlyMap<string | undefined, string> = new Map([
  ["application/yaml", "application/json"],
  ["application/apply-patch+yaml", "application/apply-patch+yaml"],
]);

/**
 * The request with its body in JSON, where it is YAML. Most bodies of these types are JSON already (what kubectl sends
 * is): the reader of YAML is loaded for the first one that is not. 400 for what is neither.
 */
export async function withJsonBody(request: ApiRequest): Promise<ApiRequest> {
  const type = yamlTypes.get(mediaType(request));
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

/** Each alias is looked for in all of its document: of aliases times nodes no more than this. */
const mostAliasSteps = 10_000_000;

/** As Kubernetes reads it: YAML 1.1, where `yes` is true. */
async function jsonOfYaml(text: string): Promise<string> {
  const { parseDocument, visit, isScalar } = await import("yaml");
  try {
    const document = parseDocument(text, {
      version: "1.1",
      logLevel: "error",
      // Else a mistake is told with the line it stands in; a body may hold secrets.
      prettyErrors: false,
      // The reader compares each key with all before it: below is the same in one go.
      uniqueKeys: false,
      customTags: (tags) =>
        tags.filter((tag) => typeof tag === "string" || !(unread.test(tag.tag) || tag.format === "TIME")),
    });
    const [first] = document.errors;
    if (first) throw first;
    let nodes = 0;
    let aliases = 0;
    visit(document, {
      Node: () => {
        nodes++;
      },
      Alias: () => {
        aliases++;
      },
      Map: (_, { items }) => {
        const keys = items.map(({ key }) => (isScalar(key) ? key.value : key));
        const given = keys.filter((key) => key !== "<<");
        if (new Set(given).size < given.length) throw new Error("Map keys must be unique");
      },
    });
    if (nodes * aliases > mostAliasSteps) throw new Error("Excessive alias count");
    return JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? "";
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message}`);
  }
}
