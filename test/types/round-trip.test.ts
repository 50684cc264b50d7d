import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateProgram } from "../../compiler/evaluate/program.ts";
import { lower } from "../../compiler/plan/lower.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { blockSchemas } from "../../compiler/types/blocks/index.ts";
import type { BlockSchema, FieldSchema, Type, VariantSchema } from "../../compiler/types/type.ts";
import { runs } from "../runs.ts";

/**
 * What the tables say of a field is so: a value of its type, written in its place, is in the plan at its path. The
 * values are made from the tables alone.
 */

// biome-ignore lint/suspicious/noExplicitAny: an object of the plan, whose shape is what is tested
type Json = any;

interface Sample {
  readonly text: string;
  readonly json: unknown;
}

const constant = (text: string, json: unknown = JSON.parse(text)) => fc.constant<Sample>({ text, json });
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const quoted = name.map((text): Sample => ({ text: JSON.stringify(text), json: text }));
const amounts = {
  cpu: constant("250m", "250m"),
  memory: constant("64Mi", "64Mi"),
  duration: constant("5s", 5),
  percent: undefined,
};

/** Values of a type; undefined where the tables alone cannot make one. */
function samples(type: Type, field?: FieldSchema): fc.Arbitrary<Sample> | undefined {
  switch (type.kind) {
    case "boolean":
      return fc.boolean().map((value) => ({ text: String(value), json: value }));
    case "number": {
      const { minimum = 0, maximum = minimum + 100 } = type;
      return fc
        .integer({ min: minimum, max: maximum })
        .map((value) => ({ text: String(value), json: value }));
    }
    case "quantity":
      return amounts[type.dimension];
    case "string": {
      if (field?.octal) return constant('"0440"', 0o440);
      if (!type.options) return type.pattern === undefined ? quoted : undefined;
      return fc.constantFrom(...type.options).map((option) => ({
        text: JSON.stringify(option),
        json: field?.values?.[option] ?? option,
      }));
    }
    case "ip":
      return constant("10.0.0.1", "10.0.0.1");
    case "cidr":
      return constant("10.0.0.0/8", "10.0.0.0/8");
    case "image":
      return constant('"shop/web:1"');
    case "port":
      return constant("8080");
    case "labels":
      return constant('{ app: "x" }', { app: "x" });
    case "member":
      return constant("cache", "cache");
    case "object":
      return type.words.length === 1 && ["secret", "config"].includes(type.words[0]!)
        ? constant(
            type.words[0] === "secret" ? "login" : "settings",
            type.words[0] === "secret" ? "login" : "settings",
          )
        : undefined;
    case "selection":
      return type.of === "pods"
        ? constant('pods where app == "x"', { matchLabels: { app: "x" } })
        : constant('nodes where app != "x"', {
            matchExpressions: [{ key: "app", operator: "NotIn", values: ["x"] }],
          });
    case "optional":
      return samples(type.type, field);
    case "union": {
      const options = type.options.flatMap((option) => samples(option, field) ?? []);
      return options.length > 0 ? fc.oneof(...options) : undefined;
    }
    case "list": {
      const element = samples(type.element, field);
      return element && fc.array(element, { minLength: 1, maxLength: 2 }).map(listOf);
    }
    case "map": {
      const values = samples(type.values, field);
      return values && fc.dictionary(name, values, { minKeys: 1, maxKeys: 2 }).map(mapOf);
    }
    case "record":
      return records(type);
    default:
      return undefined;
  }
}

const listOf = (items: readonly Sample[]): Sample => ({
  text: `[${items.map(({ text }) => text).join(", ")}]`,
  json: items.map(({ json }) => json),
});
const mapOf = (items: Readonly<Record<string, Sample>>): Sample => ({
  text: `{ ${Object.entries(items)
    .map(([key, { text }]) => `"${key}": ${text}`)
    .join(", ")} }`,
  json: Object.fromEntries(Object.entries(items).map(([key, { json }]) => [key, json])),
});

/** Fields that are left out of the object where they are `false` or 0, which means the same. */
const onlySet = /^(unschedulable|publishNotReady|readonly|initialDelaySeconds)$/;
const set = (key: string, values: fc.Arbitrary<Sample> | undefined) =>
  onlySet.test(key) ? values?.filter(({ json }) => Boolean(json)) : values;

/** Of what is done or asked there is exactly one. */
const handlers = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"];

function records(type: Extract<Type, { kind: "record" }>): fc.Arbitrary<Sample> | undefined {
  // Amounts of resources are texts there, counts as well.
  const amounts = type.name === "Resources" || type.name === "Capacity";
  const fields = Object.entries(type.fields).flatMap(([key, field]) => {
    const path = field.path ?? (type.of === undefined ? undefined : key);
    const values = typeof path === "string" ? set(key, samples(field.type, field)) : undefined;
    return values && typeof path === "string" ? [{ key, field, path, values }] : [];
  });
  if (fields.length === 0) return undefined;
  const one = handlers.filter((key) => fields.some((field) => field.key === key));
  const chosen = one.length > 1 ? fc.constantFrom(...one) : fc.constant("");
  return chosen.chain((handler) => {
    const there = fields.filter(({ key }) => one.length <= 1 || !one.includes(key) || key === handler);
    const requiredKeys = there
      .filter(({ key, field }) => field.required || key === handler)
      .map(({ key }) => key);
    const values = Object.fromEntries(there.map(({ key, values }) => [key, values]));
    return fc.record(values, { requiredKeys }).map((found) => {
      const json = {};
      for (const { key, path } of there)
        if (found[key]) put(json, path, amounts ? asTexts(found[key].json) : found[key].json);
      const text = Object.entries(found).map(([key, sample]) => `${key}: ${sample!.text}`);
      return { text: `{ ${text.join(", ")} }`, json };
    });
  });
}

const asTexts = (value: unknown): unknown =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)]))
    : String(value);

/** Sets a value at a path of the tables. */
function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const [first = "", ...more] = path.split(".");
  const key = first.replace(/\[\]$/, "");
  const inner = (one: unknown) => {
    const made = {};
    put(made, more.join("."), one);
    return made;
  };
  if (path === "{}") Object.assign(target, value);
  else if (more.length === 0) target[key] = value;
  else if (first !== key) target[key] = (Array.isArray(value) ? value : [value]).map(inner);
  else {
    target[key] ??= {};
    put(target[key] as Record<string, unknown>, more.join("."), value);
  }
}

const around = `label app
secret login { key: env("KEY") }
config settings { key: "value" }
`;

/** How a block with this inside is written, and where it stands in the object. */
const places: Readonly<Record<string, { write: (inside: string) => string; at: (object: Json) => unknown }>> =
  {
    namespace: { write: (inside) => `namespace it { ${inside} }`, at: (object) => object },
    node: { write: (inside) => `node it { ${inside} }`, at: (object) => object },
    service: { write: (inside) => `service it { ${inside} }`, at: (object) => object },
    config: { write: (inside) => `config it { ${inside} }`, at: (object) => object },
    secret: { write: (inside) => `secret it { ${inside} }`, at: (object) => object },
    rc: {
      write: (inside) => `rc it { ${inside}, pod { identity: { app: "it" }, ${holder} } }`,
      at: (object) => object,
    },
    pod: {
      write: (inside) => `pod it { volume cache: emptyDir, ${inside}, ${holder} }`,
      at: (object) => object,
    },
    "rc.pod": {
      write: (inside) =>
        `rc it { select: pods where app == "it", pod { ${inside}, ${'container c { image: "c:1" }'} } }`,
      at: ({ spec }) => spec.template,
    },
    container: {
      write: (inside) => `pod it { volume cache: emptyDir, container c { ${inside} } }`,
      at: ({ spec }) => spec.containers[0],
    },
    init: {
      write: (inside) =>
        `pod it { volume cache: emptyDir, init i { ${inside} }, container c { image: "c:1" } }`,
      at: ({ spec }) => spec.initContainers[0],
    },
    port: {
      write: (inside) => `pod it { container c { image: "c:1", port p: 80 { ${inside} } } }`,
      at: ({ spec }) => spec.containers[0].ports[0],
    },
    mount: {
      write: (inside) =>
        `pod it { volume v: emptyDir, container c { image: "c:1", mount v at "/v" { ${inside} } } }`,
      at: ({ spec }) => spec.containers[0].volumeMounts[0],
    },
    "service.port": {
      write: (inside) => `service it { expose: node, port p: 80 { ${inside} } }`,
      at: ({ spec }) => spec.ports[0],
    },
  };
const holder = 'container c { image: "c:1" }';

function planned(text: string): { object: unknown; problems: readonly string[] } {
  const fileSystem = memoryFileSystem({ "main.kdsl": around + text });
  const { program, files, diagnostics } = evaluateProgram({
    fileSystem,
    path: "main.kdsl",
    parse,
    schemas: blockSchemas,
  });
  const problems = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  if (problems.length > 0) return { object: undefined, problems };
  const lowered = lower(program, { path: "main.kdsl", files, resolvePath: (_, path) => path });
  return {
    object: lowered.plan.objects.find(({ metadata }) => metadata.name === "it"),
    problems: lowered.diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => message),
  };
}

function holds(block: string, inside: string, expected: unknown): void {
  const { write, at } = places[block]!;
  const text = write(inside);
  const { object, problems } = planned(text);
  expect(problems, text).toEqual([]);
  expect(at(object), text).toMatchObject(expected as object);
}

/** Fields that say more than they write: what they write is told by tests of their own. */
const special =
  /^(pod|rc\.pod)\.(on|identity|labels)$|^rc\.select$|^service\.(select|expose)$|^node\.capacity$|^(config|secret)\.data$|\.envFrom$|^mount\.(volume|path)$/;

const numbered = runs(6);

for (const [key, schema] of Object.entries(blockSchemas)) {
  if (!places[key]) continue;
  describe(key, () => {
    for (const [field, values, path] of fieldsOf(key, schema))
      test(`${field} is ${path}`, () => {
        fc.assert(
          fc.property(values, ({ text, json }) => {
            const expected = {};
            put(expected, path, json);
            const image =
              key === "container" || key === "init" ? (field === "image" ? "" : 'image: "c:1", ') : "";
            holds(key, `${image}${field}: ${text}`, expected);
          }),
          numbered,
        );
      });
  });
}

function fieldsOf(key: string, schema: BlockSchema): [string, fc.Arbitrary<Sample>, string][] {
  return Object.entries(schema.fields).flatMap(([name, field]): [string, fc.Arbitrary<Sample>, string][] => {
    const values =
      typeof field.path === "string" && !special.test(`${key}.${name}`)
        ? set(name, samples(field.type, field))
        : undefined;
    return values && typeof field.path === "string" ? [[name, values, field.path]] : [];
  });
}

describe("volumes", () => {
  const type = blockSchemas.volume!.value!.type;
  const forms = type.kind === "variant" ? Object.entries(type.variants) : [];
  test.each(forms.filter(([, { of }]) => of !== undefined))("%s", (form, schema: VariantSchema) => {
    const parameters = Object.fromEntries(
      schema.parameters.map(({ name: one, optional, ...field }) => [one, { ...field, required: !optional }]),
    );
    const values = samples({ kind: "record", name: form, of: schema.of!, fields: parameters })!;
    fc.assert(
      fc.property(values, ({ text, json }) => {
        const written = `pod it { volume cache: emptyDir, volume v: ${form}(${text.slice(1, -1)}), ${holder} }`;
        const { object, problems } = planned(written);
        expect(problems, written).toEqual([]);
        expect(object, written).toMatchObject({
          spec: { volumes: [{}, { name: "v", [schema.path!]: json }] },
        });
      }),
      numbered,
    );
  });
});
