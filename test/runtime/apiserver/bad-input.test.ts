import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { runs } from "../../runs.ts";
import { call, createWorld, pod, rc, service } from "./world.ts";

const pods = "/api/v1/namespaces/default/pods";
const bytes = (text: string) => new TextEncoder().encode(text);

describe("every bad request gets a Status that says what is wrong", () => {
  const world = createWorld();
  world.registry.create(pod("web"));
  afterAll(() => expect(world.unforeseen).toEqual([]));

  test.each<[string, string, number]>([
    ["GET", "/api/v2", 404],
    ["GET", "/api/v1/podz", 404],
    ["GET", "/api/v1/namespaces/default/podz", 404],
    ["GET", "/api/v1/pods/web", 404],
    ["GET", "/api/v1/namespaces/default/nodes", 404],
    ["GET", "/apis/apps/v1/statefulsets", 404],
    ["GET", `${pods}/web/nothing`, 404],
    ["GET", `${pods}/web/log/more`, 404],
    ["GET", `${pods}//`, 404],
    ["GET", `${pods}/%zz`, 400],
    ["GET", "/openapi/v1", 404],
    ["GET", `${pods}/web/exec`, 400],
    ["POST", `${pods}/web/exec`, 400],
    ["GET", `${pods}/web/portforward`, 400],
    ["GET", "/api/v1/nodes/a/proxy", 501],
    ["POST", "/api/v1/pods", 405],
    ["DELETE", "/api/v1/pods", 405],
    ["DELETE", "/api/v1/namespaces", 405],
    ["PUT", pods, 405],
    ["POST", `${pods}/web`, 405],
    ["DELETE", `${pods}/web/status`, 405],
    ["GET", `${pods}/web/binding`, 405],
    ["PUT", `${pods}/web/log`, 405],
    ["HEAD", pods, 405],
    ["BREW", pods, 405],
    ["POST", "/version", 405],
    ["DELETE", "/api", 405],
    ["HEAD", "/version", 405],
    ["OPTIONS", "/healthz", 405],
    ["GET", `${pods}?labelSelector=a%20b%20c`, 400],
    ["GET", `${pods}?labelSelector=%3D`, 400],
    ["GET", `${pods}?fieldSelector=spec.unknown%3Dx`, 400],
    ["GET", `${pods}?fieldSelector=nothing`, 400],
    ["GET", `${pods}?limit=many`, 400],
    ["GET", `${pods}?continue=forged`, 400],
    ["GET", `${pods}?continue=eyJ9`, 400],
    ["GET", `${pods}?resourceVersion=latest`, 400],
    ["GET", `${pods}?watch=true&timeoutSeconds=soon`, 400],
    ["GET", `${pods}?watch=true&fieldSelector=spec.unknown%3Dx`, 400],
    ["GET", `${pods}?includeObject=Half`, 400],
    ["DELETE", `${pods}/web?gracePeriodSeconds=x`, 400],
  ])("%s %s is answered %d", (method, target, status) => {
    const answer = call(world, method, target);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ kind: "Status", apiVersion: "v1", status: "Failure", code: status });
    expect(answer.body.message).toMatch(/\w/);
    expect(answer.body.reason).toMatch(/^[A-Z]\w+$/);
  });

  test.each([
    ["PUT", pods, "DELETE, GET, POST"],
    ["PUT", "/api/v1/pods", "GET"],
    ["DELETE", "/api/v1/namespaces", "GET, POST"],
    ["POST", `${pods}/web`, "DELETE, GET, PATCH, PUT"],
    ["DELETE", `${pods}/web/status`, "GET, PATCH, PUT"],
    ["GET", `${pods}/web/eviction`, "POST"],
    ["OPTIONS", "/healthz", "GET, HEAD"],
    ["POST", "/apis", "GET"],
    ["GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "POST"],
  ])("%s %s is answered with what is allowed", (method, target, allow) => {
    expect(call(world, method, target)).toMatchObject({ status: 405, headers: { allow } });
  });

  test.each<[string, string]>([
    ["labelSelector=a%20b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["labelSelector=a,", "found '', expected: identifier after ','"],
    ["fieldSelector=nothing", "invalid selector: 'nothing'; can't understand 'nothing'"],
    ["fieldSelector=a%3Db,nothing", "field label not supported: a"],
    ["fieldSelector=metadata.name%3D%5Cx", "invalid field selector: invalid escape sequence: \\x"],
    ["fieldSelector=metadata.name%3Da%3Db", "invalid field selector: unescaped character in value: 61"],
    ["limit=many", 'strconv.ParseInt: parsing "many": invalid syntax'],
    ["limit=9223372036854775808", 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    [
      "resourceVersion=x",
      'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    ["continue=x&resourceVersion=3", "specifying resource version is not allowed when using continue"],
  ])("a query with %s is refused in Kubernetes' words", (query, message) => {
    for (const more of ["", "&watch=1"])
      expect(call(world, "GET", `${pods}?${query}${more}`)).toMatchObject({
        status: 400,
        body: { reason: "BadRequest", message },
      });
  });

  test("a field that a kind without fields of its own does not have", () => {
    const answer = call(world, "GET", "/api/v1/configmaps?fieldSelector=data%3Dx");
    expect(answer.body.message).toBe(
      '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  test.each<[string, string]>([
    [
      "resourceVersionMatch=Exact",
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    [
      "resourceVersionMatch=Exact&resourceVersion=0",
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    [
      "resourceVersionMatch=Newest&resourceVersion=1",
      'resourceVersionMatch: Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""',
    ],
    ["sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"],
    [
      "watch=true&sendInitialEvents=true",
      "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    ],
    [
      "watch=true&resourceVersionMatch=NotOlderThan",
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
    ],
    [
      "watch=true&resourceVersionMatch=Exact&continue=x",
      "[resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided, " +
        "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided, " +
        'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"]',
    ],
  ])("options that do not go together (%s) are 422", (query, message) => {
    expect(call(world, "GET", `${pods}?${query}`)).toMatchObject({
      status: 422,
      body: { reason: "Invalid", message: `ListOptions.meta.k8s.io "" is invalid: ${message}` },
    });
  });

  test.each<[string, Uint8Array, string | undefined, number]>([
    ["nothing", bytes(""), undefined, 400],
    ["blanks", bytes("  \n"), undefined, 400],
    ["no JSON", bytes("{"), undefined, 400],
    ["YAML", bytes("kind: Pod"), "application/yaml", 415],
    ["protobuf", bytes("k8s\0"), "application/vnd.kubernetes.protobuf", 422],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), undefined, 400],
    ["a list", bytes("[]"), undefined, 400],
    ["null", bytes("null"), undefined, 400],
    ["a number", bytes("7"), undefined, 400],
    ["another kind", bytes('{"kind":"Service","apiVersion":"v1"}'), undefined, 400],
    ["another version", bytes('{"kind":"Pod","apiVersion":"v2"}'), undefined, 400],
    ["an empty object", bytes("{}"), undefined, 422],
    ["what is compressed", new Uint8Array(gzipSync('{"kind":"Pod"}')), undefined, 400],
    ["depth without end", bytes(`${'{"spec":'.repeat(100_000)}1${"}".repeat(100_000)}`), undefined, 400],
    ["lists without end", bytes("[".repeat(500_000) + "]".repeat(500_000)), undefined, 400],
    ["too much", new Uint8Array(3 * 1024 * 1024 + 1), undefined, 413],
  ])("a body of %s", (_, raw, type, status) => {
    const answer = call(world, "POST", pods, { raw, ...(type && { type }) });
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ kind: "Status", code: status });
  });

  test.each<[string, unknown]>([
    ["metadata is a list", { metadata: [] }],
    ["the name is a number", { metadata: { name: 7 } }],
    ["labels are a text", { metadata: { name: "x", labels: "app=x" } }],
    ["a label is a number", { metadata: { name: "x", labels: { app: 7 } } }],
    ["the spec is a number", { metadata: { name: "x" }, spec: 7 }],
    ["containers are an object", { metadata: { name: "x" }, spec: { containers: {} } }],
    ["a container is null", { metadata: { name: "x" }, spec: { containers: [null] } }],
    [
      "a port is half",
      { metadata: { name: "x" }, spec: { containers: [{ ports: [{ containerPort: 1.5 }] }] } },
    ],
    [
      "a port is huge",
      { metadata: { name: "x" }, spec: { containers: [{ ports: [{ containerPort: 2 ** 40 }] }] } },
    ],
    [
      "a quantity is none",
      { metadata: { name: "x" }, spec: { containers: [{ resources: { limits: { cpu: "much" } } }] } },
    ],
    ["a time is none", { metadata: { name: "x", creationTimestamp: "yesterday" } }],
    ["a flag is a text", { metadata: { name: "x" }, spec: { hostNetwork: "yes" } }],
  ])("a body in which %s is refused with the field", (_, body) => {
    const { status, body: answer } = call(world, "POST", pods, { body });
    expect(status).toBe(400);
    expect(answer.message).toMatch(/cannot be handled/);
  });

  test("an Accept that nothing fits", () => {
    expect(call(world, "GET", pods, { accept: "application/vnd.kubernetes.protobuf" }).status).toBe(406);
    expect(
      call(world, "GET", pods, { accept: "application/vnd.kubernetes.protobuf,application/json" }).status,
    ).toBe(200);
    expect(call(world, "GET", pods, { accept: "*/*" }).status).toBe(200);
  });

  test("a key such as __proto__ changes nothing but itself", () => {
    const raw = bytes(
      '{"metadata":{"name":"p","labels":{"__proto__":"x"}},"spec":{"__proto__":{"nodeName":"y"},"containers":[{"name":"a","image":"b"}]}}',
    );
    const answer = call(world, "POST", pods, { raw });
    expect(answer.body.spec?.nodeName).toBeUndefined();
    expect(({} as Record<string, unknown>).nodeName).toBeUndefined();
  });
});

describe("whatever is sent", () => {
  /** Objects of the API with anything in place of any of their parts. */
  const samples = [pod("a"), rc("a", 1), service("a")];
  const mutated = fc
    .tuple(fc.constantFrom(...samples), fc.array(fc.nat(12), { maxLength: 6 }), fc.jsonValue({ maxDepth: 3 }))
    .map(([sample, path, value]) => {
      const copy = structuredClone(sample) as unknown;
      let at = copy as Record<string, unknown>;
      for (const step of path) {
        const keys = Object.keys(at);
        const key = keys[step % Math.max(keys.length, 1)];
        if (key === undefined) break;
        const next = at[key];
        if (typeof next !== "object" || next === null || step > 9) {
          at[key] = value;
          return { kind: sample.kind, body: copy };
        }
        at = next as Record<string, unknown>;
      }
      return { kind: sample.kind, body: value };
    });
  const plurals: Record<string, string> = {
    Pod: "pods",
    ReplicationController: "replicationcontrollers",
    Service: "services",
  };

  test("the answer is an object or a refusal, never a failure of the server", () => {
    fc.assert(
      fc.property(
        mutated,
        fc.constantFrom("POST", "PUT", "PATCH", "PATCH status", "DELETE"),
        ({ kind, body }, verb) => {
          const world = createWorld();
          for (const sample of samples) world.registry.create(structuredClone(sample) as never);
          const [method = "", below] = verb.split(" ");
          const root = `/api/v1/namespaces/default/${plurals[kind]}`;
          const target = method === "POST" ? root : `${root}/a${below ? `/${below}` : ""}`;
          const type = method === "PATCH" ? "application/strategic-merge-patch+json" : "application/json";
          const { status } = call(world, method, target, { raw: bytes(JSON.stringify(body)), type });
          expect(world.unforeseen).toEqual([]);
          expect(status).not.toBe(500);
        },
      ),
      runs(400),
    );
  });
});
