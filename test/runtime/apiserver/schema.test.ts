import { describe, expect, test } from "vitest";
import { fieldTable } from "../../../model/api/fields.ts";
import { fieldsOf, isTypeName } from "../../../model/api/types.ts";
import { type Kind, kindNames } from "../../../model/meta.ts";
import { decode } from "../../../runtime/apiserver/schema/decode.ts";
import { fillShop } from "../../cli/shop.ts";
import { createWorld } from "./world.ts";

describe("the table of fields", () => {
  test("has every kind that is served", () => {
    for (const kind of kindNames) expect(isTypeName(kind)).toBe(true);
  });

  test("names no type that it lacks, and no key that its items lack", () => {
    const scalars = [
      "string",
      "bool",
      "int32",
      "int64",
      "number",
      "quantity",
      "time",
      "microTime",
      "bytes",
      "intOrString",
      "any",
    ];
    for (const name of Object.keys(fieldTable)) {
      for (const [field, type] of fieldsOf(name as keyof typeof fieldTable)) {
        const leaf = type.form === "list" ? type.item : type.form === "map" ? type.value : type;
        if (leaf.form === "scalar") expect(scalars, `${name}.${field}`).toContain(leaf.scalar);
        if (type.form === "list" && type.merge)
          expect(leaf.form === "object" && fieldsOf(leaf.type).has(type.merge), `${name}.${field}`).toBe(
            true,
          );
      }
    }
  });

  test("knows all that the cluster itself writes, and reads it back as it is", () => {
    const world = createWorld();
    fillShop(world);
    for (const kind of kindNames) {
      for (const object of world.registry.list(kind as Kind)) {
        // What is null is absent to a reader of the API.
        const plain = JSON.parse(JSON.stringify(object), (_, value) => value ?? undefined);
        expect(decode(kind, plain)).toEqual({ value: plain, unknown: [] });
      }
    }
  });
});
