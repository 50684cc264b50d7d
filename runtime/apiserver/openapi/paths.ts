import type { TypeName } from "../../../model/api/fields.ts";
import { isTypeName } from "../../../model/api/types.ts";
import type { Subresource } from "../resources.ts";
import { type GroupVersion, groupVersionPath, type ServedResource, servedIn } from "../served.ts";
import { enterList, enterType, reference, type Schema, type Schemas } from "./schemas.ts";

/** The operations of a group: by path, each with the kind that it deals with and the parameters that it takes. */

type Json = Readonly<Record<string, unknown>>;

interface Target {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Kubernetes' own word for what an operation does. */
type Action = "get" | "list" | "post" | "put" | "patch" | "delete" | "deletecollection" | "connect";

const query = (name: string, type: "string" | "boolean" | "integer" = "string"): Json => ({
  name,
  in: "query",
  schema: { type, uniqueItems: true },
});

const inPath = (name: string): Json => ({
  name,
  in: "path",
  required: true,
  schema: { type: "string", uniqueItems: true },
});

const listParameters = [
  query("allowWatchBookmarks", "boolean"),
  query("continue"),
  query("fieldSelector"),
  query("labelSelector"),
  query("limit", "integer"),
  query("resourceVersion"),
  query("resourceVersionMatch"),
  query("sendInitialEvents", "boolean"),
  query("timeoutSeconds", "integer"),
  query("watch", "boolean"),
];

const writeParameters = [query("dryRun"), query("fieldManager"), query("fieldValidation")];

const deleteParameters = [
  query("dryRun"),
  query("gracePeriodSeconds", "integer"),
  query("orphanDependents", "boolean"),
  query("propagationPolicy"),
];

const logParameters = [
  query("container"),
  query("follow", "boolean"),
  query("limitBytes", "integer"),
  query("previous", "boolean"),
  query("sinceSeconds", "integer"),
  query("sinceTime"),
  query("tailLines", "integer"),
  query("timestamps", "boolean"),
];

const parametersOf: Readonly<Record<Action, readonly Json[]>> = {
  get: [],
  list: listParameters,
  post: writeParameters,
  put: writeParameters,
  patch: [...writeParameters, query("force", "boolean")],
  delete: deleteParameters,
  deletecollection: [...deleteParameters, ...listParameters.slice(1, -1)],
  connect: [],
};

/** The forms of patches; kubectl looks for the third of them before it takes our word on what can be merged. */
const patchForms = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

const patchSchema: Schema = {
  description: "A patch, in one of the forms that the request's content type names.",
  type: "object",
};

const contentOf = (name: string, types: readonly string[] = ["application/json"]): Json =>
  Object.fromEntries(types.map((type) => [type, { schema: reference(name) }]));

const statusType = (schemas: Schemas) => enterType(schemas, "Status");

function bodyOf(schemas: Schemas, action: Action, target: Target): Json | undefined {
  switch (action) {
    case "patch": {
      const name = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
      schemas.set(name, patchSchema);
      return { content: contentOf(name, patchForms), required: true };
    }
    case "post":
    case "put":
      return { content: contentOf(enterType(schemas, target.kind as TypeName), ["*/*"]), required: true };
    case "delete":
    case "deletecollection":
      return {
        content: contentOf(enterType(schemas, "DeleteOptions"), ["*/*"]),
      };
    default:
      return undefined;
  }
}

/** One operation; `result` is the published name of what it answers with, or absent for plain text. */
function operation(schemas: Schemas, action: Action, target: Target, result: string | undefined): Json {
  const body = bodyOf(schemas, action, target);
  const content = result === undefined ? { "*/*": { schema: { type: "string" } } } : contentOf(result);
  const parameters = parametersOf[action];
  const writes = action === "post" || action === "put" || action === "patch";
  return {
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: {
      "200": { description: "OK", content },
      ...(writes && { "201": { description: "Created", content } }),
    },
    "x-kubernetes-action": action,
    "x-kubernetes-group-version-kind": target,
  };
}

/** The paths of a group; enters the schemas that they refer to. */
export function pathsOf(each: GroupVersion, served: readonly ServedResource[], schemas: Schemas): Json {
  const paths: Record<string, Json> = {};
  for (const resource of servedIn(each, served)) {
    if (!isTypeName(resource.kind)) continue;
    const { plural, namespaced } = resource.info;
    const root = groupVersionPath(each);
    const base = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
    const inside = namespaced ? [inPath("namespace")] : [];
    const collection = collectionOf(resource, schemas);
    if (namespaced && collection.get) paths[`${root}/${plural}`] = { get: collection.get };
    paths[base] = withParameters(collection, inside);
    const item = itemOf(resource, schemas);
    const named = [...inside, inPath("name")];
    if (Object.keys(item).length > 0) paths[`${base}/{name}`] = withParameters(item, named);
    for (const below of resource.subresources)
      paths[`${base}/{name}/${below.name}`] = withParameters(belowOf(below, schemas), named);
  }
  return paths;
}

const withParameters = (operations: Json, parameters: readonly Json[]): Json =>
  parameters.length > 0 ? { ...operations, parameters } : operations;

/** What can be done with all of a kind, under the methods of HTTP. */
function collectionOf(resource: ServedResource, schemas: Schemas): Record<string, Json> {
  const { group, version, kind, verbs } = resource;
  const target = { group, kind, version };
  const list = () => enterList(schemas, kind as TypeName, group, version);
  return {
    ...(verbs.includes("list") && { get: operation(schemas, "list", target, list()) }),
    ...(verbs.includes("create") && {
      post: operation(schemas, "post", target, enterType(schemas, target.kind as TypeName)),
    }),
    ...(verbs.includes("deletecollection") && {
      delete: operation(schemas, "deletecollection", target, statusType(schemas)),
    }),
  };
}

/** Verbs, and the methods of HTTP that say them; the names of their actions are the methods'. */
const methods = [
  ["get", "get"],
  ["update", "put"],
  ["patch", "patch"],
  ["delete", "delete"],
] as const;

function itemOf({ group, version, kind, verbs }: ServedResource, schemas: Schemas): Record<string, Json> {
  const target = { group, kind, version };
  return Object.fromEntries(
    methods
      .filter(([verb]) => verbs.includes(verb))
      .map(([, method]) => {
        // Those that are kept for a while after they were deleted are told as they are; of others only that they went.
        const result =
          method === "delete" && kind !== "Pod"
            ? statusType(schemas)
            : enterType(schemas, target.kind as TypeName);
        return [method, operation(schemas, method, target, result)];
      }),
  );
}

function belowOf(below: Subresource, schemas: Schemas): Record<string, Json> {
  const { group, version, kind } = below;
  const target = { group, kind, version };
  if (below.name === "log") {
    const found = operation(schemas, "get", target, undefined);
    return { get: { ...found, parameters: logParameters } };
  }
  if (!isTypeName(kind)) return Object.fromEntries(connections(below, schemas));
  const result = enterType(schemas, target.kind as TypeName);
  const found = Object.fromEntries(
    methods
      .filter(([verb]) => below.verbs.includes(verb))
      .map(([, method]) => [method, operation(schemas, method, target, result)]),
  );
  return below.verbs.includes("create")
    ? { ...found, post: operation(schemas, "post", target, result) }
    : found;
}

/** Subresources that a connection is made to, whose kind is only its options. */
function connections({ group, version, kind, verbs }: Subresource, schemas: Schemas): [string, Json][] {
  const target = { group, kind, version };
  return [
    ["get", "get"],
    ["create", "post"],
  ]
    .filter(([verb]) => verbs.includes(verb!))
    .map(([, method]) => [method!, operation(schemas, "connect", target, undefined)]);
}
