import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldTable, type TypeName } from "../../../model/api/fields.ts";
import { type AnyTypeName, type FieldType, fieldsOf } from "../../../model/api/types.ts";
import { readProtobuf } from "../../../runtime/apiserver/protobuf/envelope.ts";
import { fieldNumbers } from "../../../runtime/apiserver/protobuf/fields.ts";
import { type Message, messageOf } from "../../../runtime/apiserver/protobuf/messages.ts";
import { ApiError } from "../../../runtime/client/client.ts";
import { runs } from "../../runs.ts";
import { encodeBody, encodeMessage } from "./protobuf-encoder.ts";
import { call, createWorld } from "./world.ts";

const kinds = [
  ...["Namespace", "Node", "ConfigMap", "Secret", "Service", "ReplicationController", "Pod", "Endpoints"],
  ...["Event", "Lease", "EndpointSlice", "Binding", "Eviction", "Scale", "DeleteOptions"],
  ...["SelfSubjectAccessReview", "SelfSubjectRulesReview", "SelfSubjectReview", "SubjectAccessReview"],
  ...["LocalSubjectAccessReview", "TokenReview", "TokenRequest"],
] as readonly TypeName[];

/** Every field of a message that JSON has. */
function namesOf(message: Message): string[] {
  return [...message.values()].flatMap((field) => ("inline" in field ? namesOf(field.inline) : field.name));
}

describe("the table of numbers", () => {
  test("has every field of the types that bodies are made of, and no other", () => {
    const seen = new Set<AnyTypeName>();
    const visit = (type: FieldType): void => {
      if (type.form === "list") visit(type.item);
      if (type.form === "map") visit(type.value);
      if (type.form === "object") enter(type.type);
    };
    const enter = (type: AnyTypeName): void => {
      if (seen.has(type)) return;
      seen.add(type);
      const fields = [...fieldsOf(type)].filter(([name]) => name !== "apiVersion" && name !== "kind");
      const numbered = namesOf(messageOf(type)!).filter((name) => name !== "apiVersion" && name !== "kind");
      expect(numbered.sort(), type).toEqual(fields.map(([name]) => name).sort());
      for (const [, field] of fields) visit(field);
    };
    for (const kind of kinds) enter(kind);
    expect(seen.size).toBeGreaterThan(150);
  });

  test("is of types that there are", () => {
    for (const type of Object.keys(fieldNumbers)) expect(fieldTable).toHaveProperty(type);
  });
});

// ── Objects of any shape ───────────────────────────────────────────────────────────────────────────────────

const texts = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
const seconds = fc.integer({ min: -62_135_596_799, max: 253_402_300_799 });

function scalars(scalar: string): fc.Arbitrary<unknown> {
  switch (scalar) {
    case "bool":
      return fc.constant(true);
    case "int32":
      return fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }).filter((value) => value !== 0);
    case "int64":
      return fc.maxSafeInteger().filter((value) => value !== 0);
    case "intOrString":
      return fc.oneof(scalars("int32"), texts);
    case "time":
      return seconds.map((each) => `${new Date(each * 1000).toISOString().slice(0, -5)}Z`);
    case "microTime":
      return fc
        .tuple(seconds, fc.nat(999_999))
        .map(
          ([each, micro]) =>
            `${new Date(each * 1000).toISOString().slice(0, -5)}.${String(micro).padStart(6, "0")}Z`,
        );
    case "bytes":
      return fc
        .uint8Array({ minLength: 1, maxLength: 20 })
        .map((each) => Buffer.from(each).toString("base64"));
    case "any":
      return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { minKeys: 1, maxKeys: 3 });
    default:
      return texts;
  }
}

/** Values of a type: of every form, but not of every field, or they would be without end. */
function values(type: FieldType, depth: number): fc.Arbitrary<unknown> {
  switch (type.form) {
    case "scalar":
      return scalars(type.scalar);
    case "object":
      return objects(type.type, depth + 1);
    case "list":
      return fc.array(values(type.item, depth + 1), { minLength: 1, maxLength: 3 });
    case "map":
      return fc.dictionary(fc.string({ maxLength: 5 }), values(type.value, depth + 1), {
        minKeys: 1,
        maxKeys: 3,
        noNullPrototype: true,
      });
  }
}

function objects(type: AnyTypeName, depth = 0): fc.Arbitrary<Record<string, unknown>> {
  const chance = depth < 2 ? 0.7 : depth < 6 ? 0.25 : 0;
  // What kind an object is stands in the envelope, where the message has no field for it.
  const numbered = namesOf(messageOf(type)!);
  const fields = [...fieldsOf(type)].filter(
    ([name, field]) => numbered.includes(name) && (depth < 6 || field.form === "scalar"),
  );
  return fc.subarray(fields, { maxLength: Math.ceil(fields.length * (chance || 0.3)) }).chain((chosen) =>
    fc.record(Object.fromEntries(chosen.map(([name, field]) => [name, values(field, depth)])), {
      noNullPrototype: true,
    }),
  );
}

describe("what is encoded is decoded to the same", () => {
  test.each(kinds)("%s", (kind) => {
    fc.assert(
      fc.property(objects(kind), fc.boolean(), (object, packed) => {
        expect(readProtobuf(kind, encodeBody("v1", kind, encodeMessage(kind, object, { packed })))).toEqual({
          apiVersion: "v1",
          kind,
          ...object,
        });
      }),
      runs(60),
    );
  });

  test("zero and empty are absent, but where the message tells that they are set", () => {
    const decode = (kind: TypeName, object: object) =>
      readProtobuf(
        kind,
        encodeBody("v1", kind, encodeMessage(kind, object as Record<string, unknown>, { zeros: true })),
      );
    expect(
      decode("Service", { spec: { clusterIP: "", ports: [{ port: 80, nodePort: 0, name: "" }] } }),
    ).toEqual({
      apiVersion: "v1",
      kind: "Service",
      spec: { ports: [{ port: 80 }] },
    });
    expect(decode("ReplicationController", { spec: { replicas: 0, minReadySeconds: 0 } })).toMatchObject({
      spec: { replicas: 0 },
    });
    expect(
      decode("Pod", { spec: { automountServiceAccountToken: false, hostNetwork: false } }),
    ).toMatchObject({
      spec: { automountServiceAccountToken: false },
    });
    expect(decode("ConfigMap", { data: { empty: "" } })).toMatchObject({ data: { empty: "" } });
  });

  test("a message that comes in parts is one message; a later value counts", () => {
    const one = encodeMessage("Pod", { metadata: { name: "a", labels: { x: "1" } } });
    const two = encodeMessage("Pod", {
      metadata: { name: "b", labels: { y: "2" } },
      spec: { containers: [{ name: "c" }] },
    });
    expect(readProtobuf("Pod", encodeBody("v1", "Pod", Buffer.concat([one, two])))).toMatchObject({
      metadata: { name: "b", labels: { x: "1", y: "2" } },
      spec: { containers: [{ name: "c" }] },
    });
  });

  test("fields that nobody knows are passed over, whatever their form", () => {
    const unknown = Buffer.from([
      ...[0xf8, 0x3f, 0x01], // 1023: a number
      ...[0xf9, 0x3f, 1, 2, 3, 4, 5, 6, 7, 8], // eight bytes
      ...[0xfa, 0x3f, 0x02, 0xff, 0xff], // bytes
      ...[0xfd, 0x3f, 1, 2, 3, 4], // four bytes
      ...[0xfb, 0x3f, 0x08, 0x01, 0xfc, 0x3f], // a group
    ]);
    const body = encodeBody(
      "v1",
      "ConfigMap",
      Buffer.concat([unknown, encodeMessage("ConfigMap", { data: { a: "b" } })]),
    );
    expect(readProtobuf("ConfigMap", body)).toMatchObject({ data: { a: "b" } });
  });

  test("names that objects have of themselves are names like any other", () => {
    const data = Object.fromEntries([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
    const read = readProtobuf(
      "ConfigMap",
      encodeBody("v1", "ConfigMap", encodeMessage("ConfigMap", { data })),
    );
    expect(Object.entries((read as { data: object }).data)).toEqual(Object.entries(data));
  });
});

describe("bytes that are no message", () => {
  const refusal = (kind: TypeName, body: Uint8Array): string => {
    try {
      readProtobuf(kind, body);
    } catch (error) {
      expect(error).toBeInstanceOf(ApiError);
      expect((error as ApiError).code).toBe(400);
      return (error as ApiError).message;
    }
    return "";
  };

  test.each<[string, readonly number[], string]>([
    ["nothing", [], "the object provided is unrecognized (must be of type Pod): empty data (<empty>)"],
    [
      "another format",
      [...Buffer.from('{"kind":"Pod"}')],
      "the object provided is unrecognized (must be of type Pod): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (7b226b696e64223a22506f64227d)",
    ],
    [
      "an end too soon",
      [0x6b, 0x38, 0x73, 0, 0x0a, 0x05, 0x01],
      "the object provided is unrecognized (must be of type Pod): unexpected EOF (6b3873000a0501)",
    ],
    [
      "a number without an end",
      [0x6b, 0x38, 0x73, 0, ...Array(11).fill(0xff)],
      "the object provided is unrecognized (must be of type Pod): integer overflow (6b387300ffffffffffffffffffffff)",
    ],
    [
      "field 0",
      [0x6b, 0x38, 0x73, 0, 0x02, 0x00],
      "the object provided is unrecognized (must be of type Pod): illegal tag 0 (wire type 2) (6b3873000200)",
    ],
  ])("%s", (_, bytes, message) => {
    expect(refusal("Pod", Uint8Array.from(bytes))).toBe(message);
  });

  test("a field of another form is told with the kind", () => {
    const body = encodeBody("v1", "Pod", Buffer.from([0x08, 0x01]));
    expect(refusal("Pod", body)).toBe(
      'Pod in version "v1" cannot be handled as a Pod: proto: wrong wireType = 0 for field metadata',
    );
  });

  test("groups within groups do not end the stack", () => {
    const body = encodeBody("v1", "Pod", Buffer.concat(Array(500_000).fill(Buffer.from([0xfb, 0x3f]))));
    expect(refusal("Pod", body)).toMatch(/too many groups/);
  });

  test("any bytes, and any changed byte of a message, are read or refused with 400", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
        refusal(kind, bytes);
        refusal(kind, encodeBody("v1", kind, bytes));
      }),
      runs(2000),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds).chain((kind) => fc.tuple(fc.constant(kind), objects(kind))),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        ([kind, object], changes) => {
          const body = encodeBody("v1", kind, encodeMessage(kind, object));
          for (const [at, value] of changes) body[at % body.length] = value;
          refusal(kind, body);
          refusal(kind, body.subarray(0, body.length >> 1));
        },
      ),
      runs(300),
    );
  });

  test("many small parts take no more than their number", () => {
    // Half a million entries of one map, in as many parts of its object.
    const entry = Buffer.from([0x0a, 0x04, 0x5a, 0x02, 0x0a, 0x00]);
    const body = encodeBody("v1", "Pod", Buffer.concat(Array(500_000).fill(entry)));
    expect(readProtobuf("Pod", body)).toMatchObject({ metadata: { labels: { "": "" } } });
  });
});

describe("at the server", () => {
  const type = "application/vnd.kubernetes.protobuf";

  test("an object is created from protobuf and answered in JSON", () => {
    const world = createWorld();
    const object = {
      metadata: { name: "web" },
      spec: { type: "ClusterIP", ports: [{ port: 80, protocol: "TCP", targetPort: 8080 }] },
    };
    const raw = encodeBody("v1", "Service", encodeMessage("Service", object, { zeros: true }));
    const accept = "application/vnd.kubernetes.protobuf,application/json";
    const made = call(world, "POST", "/api/v1/namespaces/default/services", { raw, type, accept });
    expect(made).toMatchObject({
      status: 201,
      body: { kind: "Service", spec: { ports: [{ targetPort: 8080 }] } },
    });
    expect(made.headers["content-type"]).toBe("application/json");
  });

  test("a body of another kind is refused", () => {
    const world = createWorld();
    const raw = encodeBody("v1", "ConfigMap", encodeMessage("ConfigMap", { metadata: { name: "a" } }));
    const { status, body } = call(world, "POST", "/api/v1/namespaces/default/secrets", { raw, type });
    expect({ status, reason: body.reason }).toEqual({ status: 400, reason: "BadRequest" });
  });

  test("options of a deletion, evictions and bindings come in protobuf as well", () => {
    const world = createWorld();
    call(world, "POST", "/api/v1/namespaces/default/configmaps", { body: { metadata: { name: "a" } } });
    const raw = encodeBody(
      "v1",
      "DeleteOptions",
      encodeMessage("DeleteOptions", { preconditions: { uid: "other" } }),
    );
    expect(call(world, "DELETE", "/api/v1/namespaces/default/configmaps/a", { raw, type }).status).toBe(409);
  });
});

// ── What Kubernetes itself encodes ─────────────────────────────────────────────────────────────────────────

/** The test data of `k8s.io/api`, where Go has fetched that module: each kind with every field, in JSON and in protobuf. */
function goldenFolder(): string | undefined {
  const cache = process.env.GOMODCACHE ?? join(homedir(), "go/pkg/mod");
  const modules = join(cache, "k8s.io");
  if (!existsSync(modules)) return undefined;
  const found = readdirSync(modules)
    .filter((name) => name.startsWith("api@v0.36"))
    .sort()
    .at(-1);
  const folder = found && join(modules, found, "testdata/HEAD");
  return folder && existsSync(folder) ? folder : undefined;
}

const golden = goldenFolder();
const groups: Readonly<Record<string, string>> = {
  Lease: "coordination.k8s.io",
  EndpointSlice: "discovery.k8s.io",
  Eviction: "policy",
  Scale: "autoscaling",
  TokenReview: "authentication.k8s.io",
  TokenRequest: "authentication.k8s.io",
  SelfSubjectReview: "authentication.k8s.io",
};
const goldenNames = kinds.flatMap((kind) => {
  const group = groups[kind] ?? (kind.endsWith("Review") ? "authorization.k8s.io" : "core");
  const name = `${group}.v1.${kind}`;
  return golden && existsSync(join(golden, `${name}.pb`)) ? [[name, kind] as const] : [];
});

describe.skipIf(!golden)(
  `what Kubernetes encodes${golden ? "" : " (skipped: the module k8s.io/api 1.36 is not in Go's cache)"}`,
  () => {
    test("is there for most kinds", () => expect(goldenNames.length).toBeGreaterThan(15));

    test.each(goldenNames)("%s", (name, kind) => {
      const json = JSON.parse(readFileSync(join(golden!, `${name}.json`), "utf8"), (_, value) =>
        // An instant that is not set is null in JSON, and absent here.
        value === null ? undefined : value,
      );
      expect(readProtobuf(kind, readFileSync(join(golden!, `${name}.pb`)))).toEqual(json);
    });
  },
);
