import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fieldTable, type TypeName } from "../../../model/api/fields.ts";
import { type FieldType, fieldsOf, fieldType, isAtomic } from "../../../model/api/types.ts";

/** The table of fields, held against the schemas that Kubernetes publishes (an older release of it than ours). */
const published = new URL("../../../../shared/data/openapi-v1.json", import.meta.url);

interface Property {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Property[];
  readonly items?: Property;
  readonly additionalProperties?: Property;
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-patch-strategy"?: string;
  readonly "x-kubernetes-list-type"?: string;
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: string;
}

interface Schema extends Property {
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
}

/** What we call types whose names stand in two groups. */
const ourNames: Readonly<Record<string, string>> = {
  "discovery.v1.Endpoint": "SliceEndpoint",
  "discovery.v1.EndpointPort": "SlicePort",
  "meta.v1.Condition": "MetaCondition",
};

/** What has changed in Kubernetes since the release that was published there. */
const since: readonly string[] = [
  "PodResourceClaim.source",
  "ScaleSpec.replicas",
  "PersistentVolumeClaimSpec.resources",
];

/** By these an item of a list is known since then, and so they are required. */
const sinceRequired: readonly string[] = ["HostAlias.ip", "PodIP.ip"];

const scalars: Readonly<Record<string, string>> = {
  Quantity: "quantity",
  Time: "time",
  MicroTime: "microTime",
  IntOrString: "intOrString",
  FieldsV1: "any",
};

function ourName(full: string): string {
  const short = full.split(".").slice(-3).join(".");
  return ourNames[short] ?? short.split(".").at(-1)!;
}

/** The type of a published property, in the words of our table. */
function typeOf(property: Property): string {
  const ref = property.$ref ?? property.allOf?.[0]?.$ref;
  if (ref) {
    const name = ourName(ref.split("/").at(-1)!);
    return scalars[name] ?? name;
  }
  if (property.type === "array") return `[${typeOf(property.items!)}]`;
  if (property.additionalProperties) return `{${typeOf(property.additionalProperties)}}`;
  if (property.type === "boolean") return "bool";
  if (property.type === "integer") return property.format ?? "int32";
  return property.format === "byte" ? "bytes" : (property.type ?? "any");
}

function ours(type: FieldType): string {
  switch (type.form) {
    case "scalar":
      return type.scalar;
    case "object":
      return type.type;
    case "list":
      return `[${ours(type.item)}]`;
    case "map":
      return `{${ours(type.value)}}`;
  }
}

describe.skipIf(!existsSync(published))(
  `the table of fields is what Kubernetes publishes${existsSync(published) ? "" : " (skipped: there is nothing to hold it against)"}`,
  () => {
    const { schemas } = existsSync(published)
      ? (JSON.parse(readFileSync(published, "utf8")).components as {
          schemas: Readonly<Record<string, Schema>>;
        })
      : { schemas: {} };
    const shared = Object.entries(schemas).filter(([name]) => Object.hasOwn(fieldTable, ourName(name)));

    test("most of it is there to be compared", () => {
      expect(shared.length).toBeGreaterThan(140);
    });

    test.each(shared)("%s", (full, schema) => {
      const name = ourName(full) as TypeName;
      const fields = fieldsOf(name);
      if (schema["x-kubernetes-map-type"]) expect(isAtomic(name)).toBe(true);
      for (const [key, property] of Object.entries(schema.properties ?? {})) {
        if (since.includes(`${name}.${key}`)) continue;
        const field = fields.get(key)!;
        const of = `${name}.${key}`;
        expect(field && ours(field), of).toBe(typeOf(property));
        const list = field.form === "list" ? field : undefined;
        const strategy = property["x-kubernetes-patch-strategy"];
        if (list || strategy === undefined) {
          expect(list?.merge !== undefined, of).toBe(strategy !== undefined);
          expect(list?.merge || undefined, of).toBe(property["x-kubernetes-patch-merge-key"]);
          expect(list?.retainKeys === true, of).toBe(strategy?.includes("retainKeys") === true);
        }
        if (property["x-kubernetes-list-type"]) {
          expect(list?.listType, of).toBe(property["x-kubernetes-list-type"]);
          expect(list?.mapKeys, of).toEqual(property["x-kubernetes-list-map-keys"]);
        }
        if (property["x-kubernetes-map-type"])
          expect(field.form === "map" && field.atomic === true, of).toBe(true);
        // What was required may since have become optional.
        if (field.required && !sinceRequired.includes(of)) expect(schema.required, of).toContain(key);
      }
    });
  },
);

describe("what the table says of lists", () => {
  const pod = (...names: string[]) =>
    names.reduce<FieldType | undefined>(
      (type, name) => fieldType(type?.form === "list" ? type.item : type, name),
      { form: "object", type: "Pod" },
    );

  test("keys of a merge and keys of owners may differ", () => {
    expect(pod("spec", "containers", "ports")).toMatchObject({
      merge: "containerPort",
      listType: "map",
      mapKeys: ["containerPort", "protocol"],
    });
    expect(pod("spec", "containers", "ports", "protocol")).toMatchObject({ default: "TCP" });
  });

  test("volumes are items of a union", () => {
    expect(pod("spec", "volumes")).toMatchObject({ merge: "name", retainKeys: true, listType: "map" });
  });

  test("plain values are a set, or are owned together", () => {
    expect(pod("metadata", "finalizers")).toMatchObject({ merge: "", listType: "set" });
    expect(pod("spec", "containers", "command")).toMatchObject({ listType: "atomic" });
    expect(pod("spec", "containers", "command")).not.toHaveProperty("merge");
  });

  test("a type that is owned as a whole says so", () => {
    expect(isAtomic("LabelSelector")).toBe(true);
    expect(isAtomic("Container")).toBe(false);
    expect(pod("spec", "nodeSelector")).toMatchObject({ form: "map", atomic: true });
  });

  test("each map key is a plain field of its items", () => {
    for (const name of Object.keys(fieldTable) as TypeName[]) {
      for (const [key, field] of fieldsOf(name)) {
        if (field.form !== "list" || field.item.form !== "object") continue;
        const item = fieldsOf(field.item.type);
        for (const each of field.mapKeys ?? [])
          expect(item.get(each)?.form, `${name}.${key} by ${each}`).toBe("scalar");
      }
    }
  });
});
