import { descriptions } from "virtual:kubernetes-descriptions";
import { texts } from "virtual:kubernetes-texts";
import { homeOfType } from "../../../model/api/packages.ts";
import {
  type AnyTypeName,
  type FieldType,
  fieldsOf,
  isAtomic,
  type Scalar,
} from "../../../model/api/types.ts";

import { newer } from "./newer.ts";

/** A schema of OpenAPI 3.0 as Kubernetes writes them. */
export type Schema = Readonly<Record<string, unknown>>;

/** The schemas that a document refers to, by their published names. */
export type Schemas = Map<string, Schema>;

const machinery = "io.k8s.apimachinery.pkg";

/** Types that are no objects of fields. */
const published: Readonly<Partial<Record<Scalar, readonly [name: string, schema: Schema]>>> = {
  quantity: [
    `${machinery}.api.resource.Quantity`,
    {
      description:
        "An amount of a resource: a number with an optional suffix. Suffixes of powers of 1024: Ki, Mi, Gi, Ti, Pi, Ei; of powers of 1000: n, u, m, k, M, G, T, P, E; or an exponent of ten, as in 12e6.",
      oneOf: [{ type: "string" }, { type: "number" }],
    },
  ],
  time: [
    `${machinery}.apis.meta.v1.Time`,
    { description: "An instant in the form of RFC 3339, in seconds.", type: "string", format: "date-time" },
  ],
  microTime: [
    `${machinery}.apis.meta.v1.MicroTime`,
    {
      description: "An instant in the form of RFC 3339, in microseconds.",
      type: "string",
      format: "date-time",
    },
  ],
  intOrString: [
    `${machinery}.util.intstr.IntOrString`,
    {
      description: "A whole number, or a text (a name, or a percentage).",
      oneOf: [{ type: "integer" }, { type: "string" }],
      format: "int-or-string",
    },
  ],
};

const plain: Readonly<Partial<Record<Scalar, Schema>>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  number: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
  any: { type: "object" },
};

export const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** Where packages lie that are not of k8s.io/api. */
const places = { meta: `${machinery}.apis.meta`, metrics: "io.k8s.metrics.pkg.apis.metrics" } as const;

/** The name under which a type is published: `io.k8s.api.core.v1.Pod`. */
export function publishedName(type: AnyTypeName): string {
  const home = homeOfType(type);
  const [folder, version] = home.package.split("/");
  const place = folder === "meta" || folder === "metrics" ? places[folder] : `io.k8s.api.${folder}`;
  return `${place}.${version}.${home.name}`;
}

/** The schema of a list of a kind: `PodList`. Gives its published name. */
export function enterList(schemas: Schemas, kind: AnyTypeName, group: string, version: string): string {
  const item = enterType(schemas, kind);
  const name = `${item}List`;
  schemas.set(name, {
    description: `${kind}List is a list of ${kind} objects.`,
    type: "object",
    required: ["items"],
    properties: {
      apiVersion: { description: describe(kind, "apiVersion"), ...plain.string },
      items: {
        description: `The ${kind} objects.`,
        type: "array",
        items: { allOf: [reference(item)], default: {} },
      },
      kind: { description: describe(kind, "kind"), ...plain.string },
      metadata: {
        description: "Standard list metadata.",
        allOf: [reference(enterType(schemas, "ListMeta"))],
        default: {},
      },
    },
    ...groupVersionKinds(`${kind}List`, group, version),
  });
  return name;
}

/** The groups that packages are served in, where the names are not the same. */
const groupNames: Readonly<Record<string, string>> = {
  core: "",
  meta: "",
  authentication: "authentication.k8s.io",
  authorization: "authorization.k8s.io",
  coordination: "coordination.k8s.io",
  discovery: "discovery.k8s.io",
  metrics: "metrics.k8s.io",
};

/** Which kind a type is; nothing for those that are only a part of kinds. */
function identityOf(type: AnyTypeName): Schema {
  const fields = fieldsOf(type);
  if (!fields.has("kind") || !(fields.has("metadata") || type === "DeleteOptions")) return {};
  const [folder = "", version = ""] = homeOfType(type).package.split("/");
  return groupVersionKinds(type, groupNames[folder] ?? folder, version);
}

function groupVersionKinds(kind: string, group: string, version: string): Schema {
  return { "x-kubernetes-group-version-kind": [{ group, kind, version }] };
}

/** Puts a type and all that it refers to among the schemas. Gives its published name. */
export function enterType(schemas: Schemas, type: AnyTypeName): string {
  const name = publishedName(type);
  if (schemas.has(name)) return name;
  // Types refer to themselves: it is known before its fields are.
  schemas.set(name, {});
  const fields = [...fieldsOf(type)];
  const required = fields.filter(([, field]) => field.required).map(([field]) => field);
  const description = describe(type);
  schemas.set(name, {
    ...(description !== "" && { description }),
    type: "object",
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(
      fields.map(([field, of]) => [field, property(schemas, of, describe(type, field))]),
    ),
    ...(isAtomic(type) && { "x-kubernetes-map-type": "atomic" }),
    ...identityOf(type),
  });
  return name;
}

function property(schemas: Schemas, field: FieldType, description: string): Schema {
  const schema = valueSchema(schemas, field);
  return {
    ...(description !== "" && { description }),
    ...("$ref" in schema ? { allOf: [schema] } : schema),
    ...(field.default !== undefined && { default: presetOf(field, field.default) }),
    ...marks(field),
  };
}

function presetOf(field: FieldType, text: string): unknown {
  if (field.form !== "scalar" || field.scalar === "string") return text;
  return field.scalar === "bool" ? text === "true" : Number(text);
}

function valueSchema(schemas: Schemas, field: FieldType): Schema {
  switch (field.form) {
    case "scalar": {
      const named = published[field.scalar];
      if (!named) return plain[field.scalar]!;
      schemas.set(...named);
      return reference(named[0]);
    }
    case "object":
      return reference(enterType(schemas, field.type));
    case "list":
      return { type: "array", items: withDefault(valueSchema(schemas, field.item)) };
    case "map":
      return { type: "object", additionalProperties: withDefault(valueSchema(schemas, field.value)) };
  }
}

const withDefault = (schema: Schema): Schema =>
  "$ref" in schema ? { allOf: [schema], default: {} } : schema;

/** How patches and owners see a field. */
function marks(field: FieldType): Schema {
  if (field.form === "map") return field.atomic ? { "x-kubernetes-map-type": "atomic" } : {};
  if (field.form !== "list") return {};
  const strategy = [
    ...(field.merge === undefined ? [] : ["merge"]),
    ...(field.retainKeys ? ["retainKeys"] : []),
  ];
  return {
    ...(field.mapKeys && { "x-kubernetes-list-map-keys": field.mapKeys }),
    ...(field.listType && { "x-kubernetes-list-type": field.listType }),
    ...(field.merge && { "x-kubernetes-patch-merge-key": field.merge }),
    ...(strategy.length > 0 && { "x-kubernetes-patch-strategy": strategy.join(",") }),
  };
}

const isCommon = (field: string | undefined) =>
  field === "apiVersion" || field === "kind" || field === "metadata";

function describe(type: AnyTypeName, field?: string): string {
  const key = field === undefined ? type : `${type}.${field}`;
  if (Object.hasOwn(descriptions, key) && descriptions[key] !== "") return descriptions[key]!;
  if (Object.hasOwn(texts, key) && texts[key] !== "") return texts[key]!;
  if (Object.hasOwn(newer, key)) return newer[key]!;
  // These are the same for all kinds.
  return type !== "Pod" && isCommon(field) ? describe("Pod", field) : "";
}
