import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { refinements } from "../../compiler/types/kubernetes/refinements.ts";
import type { KubernetesField } from "../../compiler/types/kubernetes/tables.ts";
import { allKubernetesFields, kubernetesText } from "../../compiler/types/kubernetes/texts.ts";
import { kubernetes, whyLeftOut } from "../../compiler/types/kubernetes/types.ts";
import { fieldsWithin } from "../../compiler/types/kubernetes/walk.ts";
import { type Place, placesOf } from "../../compiler/types/places.ts";
import type { Type } from "../../compiler/types/type.ts";

/** Every field of core/v1 has exactly one place in the language, or a reason why it has none. */

const words = ["pod", "rc", "service", "node", "namespace", "config", "secret", "claim", "account"];

/** Fields that are written in two places, each for what the other cannot say. */
const twice: Readonly<Record<string, string>> = {
  "metadata.labels": "`identity` is for selectors, `labels` for all else",
  "spec.template.metadata.labels": "`identity` is for selectors, `labels` for all else",
  data: "`data` holds the keys that are words of the block",
  "spec.clusterIP": "`expose: headless` has no address, `address` says which",
  "spec.ports[].nodePort": "`expose: node(30080)` is for a service with one port",
};

/** Claims that are made with a pod: in older versions they were described by the type of containers' resources. */
const elsewhere = /volumeClaimTemplate\.spec\.resources\.claims\b/;

const plain = (path: string) => path.replace(/(\[\]|\{\})$/, "");

/** The places that write a field, those apart that are parts of another one's value. */
function writers(places: readonly Place[], path: string): readonly Place[] {
  const here = places.filter((place) => plain(place.path ?? "") === path && place.field !== undefined);
  return here.filter(
    ({ written }) =>
      !here.some(
        (other) => other.written.length < written.length && other.written.every((w, i) => w === written[i]),
      ),
  );
}

function problems(word: string, fieldsOf: (type: string) => readonly KubernetesField[] | undefined) {
  const places = placesOf(word);
  const kind = places[0]!.kind;
  const found: string[] = [];
  const has = (path: string) => places.some((place) => plain(place.path ?? "").startsWith(path));
  for (const { path, type, field, inner } of fieldsWithin(kind, fieldsOf, ({ path }) => has(path))) {
    if (elsewhere.test(path)) continue;
    // A claim asks for storage and for nothing else.
    if (kind === "PersistentVolumeClaim" && /resources\.(requests|limits)$/.test(path)) continue;
    const named = places.some((place) => place.written.at(-1) === "NAME" && place.path === path);
    const by = writers(places, path);
    if (inner && has(path)) continue;
    if (by.length === 0 && !named && path !== "metadata.namespace" && !whyLeftOut(path, type, field.name))
      found.push(`${kind}.${path} (${type}.${field.name}) has no place`);
    if (by.length + Number(named) > 1 && !Object.hasOwn(twice, path))
      found.push(`${kind}.${path} has several: ${by.map(({ written }) => written.join(".")).join(", ")}`);
  }
  return found;
}

describe.each(words)("%s", (word) => {
  test("each field of the published types has one place or a reason to have none", () => {
    expect(problems(word, allKubernetesFields)).toEqual([]);
  });

  test("each place is a field of the published types", () => {
    const places = placesOf(word);
    const known = new Set<string>();
    const open: string[] = [];
    for (const { path, field } of fieldsWithin(places[0]!.kind, allKubernetesFields, () => true)) {
      known.add(path);
      if (field.form === "map") open.push(`${path}.`, `${path}{}`);
    }
    const wrong = places
      .map(({ path = "" }) => path)
      .filter((path) => path !== "" && !known.has(plain(path)) && !open.some((map) => path.startsWith(map)));
    expect(wrong).toEqual([]);
  });
});

// ── Against the published OpenAPI document ─────────────────────────────────────────────────────────────────

const document = join(import.meta.dirname, "../../../shared/data/openapi-v1.json");

interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

function openApiFields(): (type: string) => readonly KubernetesField[] | undefined {
  const { components } = JSON.parse(readFileSync(document, "utf8"));
  const schemas: Readonly<Record<string, Schema>> = components.schemas;
  const byName = new Map(Object.entries(schemas).map(([name, schema]) => [shortName(name), schema]));
  return (type) => {
    const schema = byName.get(type);
    if (!schema?.properties) return undefined;
    return Object.entries(schema.properties).map(([name, one]) => ({
      name,
      type: typeName(one.items ?? one.additionalProperties ?? one),
      form: one.items ? "list" : one.additionalProperties ? "map" : "one",
      required: schema.required?.includes(name) === true,
    }));
  };
}

const shortName = (name: string) => name.slice(name.lastIndexOf(".") + 1);
const typeName = (schema: Schema): string => {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return reference ? shortName(reference) : (schema.type ?? "");
};

describe.skipIf(!existsSync(document))(`against ${document}`, () => {
  test.each(words)("each field of %s has one place or a reason to have none", (word) => {
    expect(problems(word, openApiFields())).toEqual([]);
  });
});
if (!existsSync(document)) console.log(`${document} is not here: not held against the published schema`);

// ── What the tables add ────────────────────────────────────────────────────────────────────────────────────

describe("refinements", () => {
  const entries = Object.entries(refinements(kubernetes));

  test.each(entries.map(([key]) => key))("%s is a field of the published types", (key) => {
    const [type = "", field = ""] = key.split(".");
    expect(allKubernetesFields(type)?.map(({ name }) => name)).toContain(field);
  });

  const options = (type: Type): readonly string[] =>
    type.kind === "string"
      ? (type.options ?? [])
      : type.kind === "list"
        ? options(type.element)
        : type.kind === "union"
          ? type.options.flatMap(options)
          : [];
  /** Texts that Kubernetes' descriptions leave to the pages they point to. */
  const elsewhereSaid = [
    "PersistentVolumeClaimSpec.accessModes",
    "PersistentVolumeClaimSpec.volumeMode",
    "ContainerResizePolicy.restartPolicy",
    "HTTPGetAction.scheme",
    "SecurityContext.procMount",
  ];
  const listed = entries.flatMap(([key, refinement]) =>
    "left" in refinement || elsewhereSaid.includes(key)
      ? []
      : options(refinement.type).map((option) => [key, option] as const),
  );

  test.each(listed)("%s may be %s, as Kubernetes says", (key, option) => {
    const [type = "", field = ""] = key.split(".");
    const said = `${kubernetesText(type, field)} ${kubernetesText(type)}`;
    expect(said.replaceAll(" ", "")).toContain(option);
  });
});
