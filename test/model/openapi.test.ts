import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Kind, kindNames } from "../../model/meta.ts";
import { schemas } from "../../model/validation/schema.ts";
import type { Shape } from "../../model/validation/shape.ts";

/** The project's own table of JSON types, held against the schemas that Kubernetes publishes. */

const file = process.env.KDSL_OPENAPI ?? join(import.meta.dirname, "../../../shared/data/openapi-v1.json");
const there = existsSync(file);

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly $ref?: string;
}

/** Fields that are younger than the published schemas (Kubernetes 1.28, 1.29 and 1.33). */
const younger =
  /ontainers\[\]\.restartPolicy$|\.lifecycle\.(?:postStart|preStop)\.sleep$|^Pod\.status\.observedGeneration$/;

describe.skipIf(!there)("the fields that validation reads are Kubernetes' own, with its types", () => {
  const published: Readonly<Record<string, Schema>> = there
    ? JSON.parse(readFileSync(file, "utf8")).components.schemas
    : {};

  const resolve = (schema: Schema): { name?: string; schema: Schema } => {
    const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
    if (reference === undefined) return { schema };
    const name = reference.split("/").at(-1)!;
    return { name, schema: published[name]! };
  };

  function differences(path: string, shape: Shape, given: Schema): string[] {
    const { name, schema } = resolve(given);
    const wrong = (wanted: string) => [
      `${path}: here ${wanted}, published ${name ?? JSON.stringify(schema)}`,
    ];
    if (shape === "quantity") return name?.endsWith(".Quantity") ? [] : wrong("quantity");
    if (shape === "intOrString") return name?.endsWith(".IntOrString") ? [] : wrong("intOrString");
    if (shape === "int32" || shape === "int64")
      return schema.type === "integer" && schema.format === shape ? [] : wrong(shape);
    if (typeof shape === "string") return schema.type === shape ? [] : wrong(shape);
    if ("list" in shape)
      return schema.items ? differences(`${path}[]`, shape.list, schema.items) : wrong("a list");
    if ("map" in shape) {
      if (schema.additionalProperties)
        return differences(`${path}{}`, shape.map, schema.additionalProperties);
      // An object all of whose fields are of one type may be read as a map.
      if (!schema.properties) return wrong("a map");
      return Object.entries(schema.properties).flatMap(([key, inner]) =>
        differences(`${path}.${key}`, shape.map, inner).filter(
          () => path.endsWith("nodeInfo") && !resolve(inner).name,
        ),
      );
    }
    return [...shape.fields].flatMap(([key, inner]) => {
      const at = `${path}.${key}`;
      const property = schema.properties?.[key];
      if (property) return differences(at, inner, property);
      return younger.test(at) ? [] : [`${at}: not published`];
    });
  }

  const find = (kind: Kind) =>
    Object.entries(published).find(
      ([name]) => name.endsWith(`.core.v1.${kind}`) || name === `io.k8s.api.coordination.v1.${kind}`,
    );

  test.each(kindNames)("%s", (kind) => {
    const [, schema] = find(kind) ?? [];
    if (!schema) return;
    expect(differences(kind, schemas[kind], schema)).toEqual([]);
  });

  test("every core kind is published", () => {
    expect(kindNames.filter((kind) => !find(kind))).toEqual(["Lease"]);
  });
});

test.runIf(!there)("the published schemas are not here", ({ skip }) => {
  skip(`${file} is absent; set KDSL_OPENAPI to hold the types against it`);
});
