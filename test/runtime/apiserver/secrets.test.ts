import { describe, expect, test } from "vitest";
import { withJsonBody } from "../../../runtime/apiserver/yaml.ts";
import { call, createWorld, tableAccept } from "./world.ts";

/** What is secret stands in the answer to whom asks for the secret, and nowhere else. */

const marker = "TopSecretMarker";
const path = "/api/v1/namespaces/default/secrets";
const secret = (more: object) => ({ apiVersion: "v1", kind: "Secret", metadata: { name: "login" }, ...more });
const tells = (value: unknown) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.includes(marker) || text.includes(btoa(marker));
};

function world() {
  const created = createWorld();
  created.registry.create<"Secret">(secret({ stringData: { key: marker } }) as never);
  return created;
}

const json = "application/json";
const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";
const operations = "application/json-patch+json";
const apply = "application/apply-patch+yaml";

describe("an error about a secret", () => {
  test.each<[string, string, string, unknown, string]>([
    ["data that are no base64", "POST", path, secret({ data: { key: `${marker}!` } }), json],
    ["data that are an object", "POST", path, secret({ data: { key: { marker } } }), json],
    ["data that are a text", "POST", path, secret({ data: marker }), json],
    ["a bad key", "POST", path, secret({ data: { "bad key": btoa(marker) } }), json],
    ["texts in a list", "POST", path, secret({ stringData: [marker] }), json],
    [
      "a field in the wrong place",
      "POST",
      `${path}?fieldValidation=Strict`,
      secret({ stringDate: { key: marker } }),
      json,
    ],
    ["one that is there", "POST", path, secret({ stringData: { key: marker } }), json],
    ["another type", "PUT", `${path}/login`, secret({ type: "other", stringData: { key: marker } }), json],
    ["another name", "PUT", `${path}/other`, secret({ stringData: { key: marker } }), json],
    ["a merge patch", "PATCH", `${path}/login`, { data: { key: `${marker}!` } }, merge],
    ["a strategic patch", "PATCH", `${path}/login`, { data: { key: `${marker}!` } }, strategic],
    [
      "a test that fails",
      "PATCH",
      `${path}/login`,
      [{ op: "test", path: "/data/key", value: marker }],
      operations,
    ],
    [
      "a patch of the wrong type",
      "PATCH",
      `${path}/login`,
      [{ op: "add", path: "/data", value: marker }],
      operations,
    ],
    [
      "an applied conflict",
      "PATCH",
      `${path}/login?fieldManager=me`,
      secret({ data: { key: btoa(`${marker}2`) } }),
      apply,
    ],
    [
      "an applied wrong type",
      "PATCH",
      `${path}/login?fieldManager=me`,
      secret({ data: { key: [marker] } }),
      apply,
    ],
  ])("(%s) does not tell it", (_, method, target, body, type) => {
    const answer = call(world(), method, target, { body, type });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(tells(answer.body)).toBe(false);
  });

  test.each([marker, `{"stringData": {"key": "${marker}", x}}`, `{"key": ${marker}}`])(
    "(no JSON: %s) does not tell it",
    (text) => {
      const answer = call(world(), "POST", path, { raw: new TextEncoder().encode(text) });
      expect(answer.status).toBe(400);
      expect(answer.body.message).toMatch(/not valid JSON: \S/);
      expect(tells(answer.body)).toBe(false);
    },
  );

  test("(no YAML) does not tell it", async () => {
    const request = {
      method: "POST",
      path,
      query: new URLSearchParams(),
      headers: { "content-type": "application/yaml" },
      body: new TextEncoder().encode(`stringData:\n  key: "${marker}\n  more: [${marker}`),
    };
    const error: Error = await withJsonBody(request).then(
      () => new Error("it was read"),
      (thrown) => thrown,
    );
    expect(error.message).toMatch(/error decoding YAML/);
    expect(tells(error.message)).toBe(false);
  });
});

test("a table and metadata of secrets tell none of them", () => {
  const partial = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  for (const accept of [tableAccept, partial])
    expect(tells(call(world(), "GET", path, { accept }).body)).toBe(false);
  expect(tells(call(world(), "GET", path).body)).toBe(true);
});
