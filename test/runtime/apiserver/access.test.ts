import { describe, expect, test } from "vitest";
import { attributesOf } from "../../../runtime/apiserver/access/attributes.ts";
import { isStream, type User } from "../../../runtime/apiserver/http.ts";
import { encodeBody, encodeMessage } from "./protobuf-encoder.ts";
import { createWorld, pod } from "./world.ts";

const world = createWorld();
world.registry.create(pod("web"));

const administrator: User = { name: "kdsl-admin", groups: ["system:masters", "system:authenticated"] };

/** Asks as somebody; `as` are the headers of kubectl's `--as` and `--as-group`. */
function ask(
  method: string,
  target: string,
  body?: unknown,
  as: Readonly<Record<string, string>> = {},
  user: User = administrator,
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of a JSON document is in the test
): any {
  const [path = "", query = ""] = target.split("?");
  const response = world.api.handle({
    method,
    path,
    query: new URLSearchParams(query),
    headers: as,
    body: new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body)),
    user,
  });
  if (isStream(response)) throw new Error("a stream");
  return { code: response.status, headers: response.headers, ...JSON.parse(response.body) };
}

const authorization = "/apis/authorization.k8s.io/v1";
const access = (spec: object, as?: Readonly<Record<string, string>>) =>
  ask("POST", `${authorization}/selfsubjectaccessreviews`, { spec }, as);
const listPods = { resourceAttributes: { verb: "list", resource: "pods", namespace: "default" } };
const bob = { "impersonate-user": "bob" };

describe("who asks", () => {
  const review = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

  test("is told by name and groups", () => {
    expect(ask("POST", review, {})).toMatchObject({
      code: 201,
      kind: "SelfSubjectReview",
      apiVersion: "authentication.k8s.io/v1",
      status: { userInfo: { username: "kdsl-admin", groups: ["system:masters", "system:authenticated"] } },
    });
  });

  test("may be another, where the cluster's user asks as one", () => {
    const as = { ...bob, "impersonate-group": "dev,ops" };
    expect(ask("POST", review, {}, as).status.userInfo).toEqual({
      username: "bob",
      groups: ["dev", "ops", "system:authenticated"],
    });
    const anonymous = { "impersonate-user": "system:anonymous" };
    expect(ask("GET", "/api/v1/pods", undefined, anonymous)).toMatchObject({ code: 403 });
  });

  test("nobody else may ask as another", () => {
    const eve: User = { name: "eve", groups: ["system:authenticated"] };
    expect(ask("GET", "/version", undefined, bob, eve)).toMatchObject({
      code: 403,
      message:
        'users "bob" is forbidden: User "eve" cannot impersonate resource "users" in API group "" at the cluster scope',
    });
    expect(ask("GET", "/version", undefined, { "impersonate-group": "dev" })).toMatchObject({ code: 400 });
  });
});

describe("who may do what", () => {
  test("the cluster's user everything", () => {
    expect(access(listPods)).toMatchObject({ code: 201, spec: listPods, status: { allowed: true } });
    expect(access({ nonResourceAttributes: { verb: "get", path: "/metrics" } }).status).toEqual({
      allowed: true,
    });
  });

  test("others what concerns themselves", () => {
    expect(access(listPods, bob).status).toEqual({ allowed: false });
    const own = { verb: "create", group: "authorization.k8s.io", resource: "selfsubjectaccessreviews" };
    expect(access({ resourceAttributes: own }, bob).status).toEqual({ allowed: true });
    expect(access({ nonResourceAttributes: { verb: "get", path: "/apis/apps" } }, bob).status.allowed).toBe(
      true,
    );
    expect(access({ nonResourceAttributes: { verb: "get", path: "/metrics" } }, bob).status.allowed).toBe(
      false,
    );
    expect(access(listPods, { ...bob, "impersonate-group": "system:masters" }).status.allowed).toBe(true);
  });

  test("all of it, as rules", () => {
    const rules = (as = {}) =>
      ask("POST", `${authorization}/selfsubjectrulesreviews`, { spec: { namespace: "default" } }, as).status;
    expect(rules()).toMatchObject({
      resourceRules: expect.arrayContaining([{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }]),
      nonResourceRules: expect.arrayContaining([{ verbs: ["*"], nonResourceURLs: ["*"] }]),
      incomplete: false,
    });
    expect(rules(bob).resourceRules.map((rule: { verbs: string[] }) => rule.verbs)).toEqual([
      ["create"],
      ["create"],
      ["create"],
    ]);
    expect(ask("POST", `${authorization}/selfsubjectrulesreviews`, {})).toMatchObject({
      code: 400,
      message: "no namespace on request",
    });
  });

  test("of somebody else, who need not be there", () => {
    const of = (spec: object) => ask("POST", `${authorization}/subjectaccessreviews`, { spec });
    expect(of({ user: "bob", ...listPods }).status).toEqual({ allowed: false });
    expect(of({ groups: ["system:masters"], ...listPods }).status).toEqual({ allowed: true });
    expect(of(listPods)).toMatchObject({ code: 422, reason: "Invalid" });
    const local = (namespace: string) =>
      ask("POST", `${authorization}/namespaces/${namespace}/localsubjectaccessreviews`, {
        spec: { user: "bob", ...listPods },
      });
    expect(local("default").status).toEqual({ allowed: false });
    expect(local("shop")).toMatchObject({
      code: 400,
      message: "spec.resourceAttributes.namespace must match namespace: default!=shop",
    });
  });

  test("a question about nothing, or about two things, is refused", () => {
    expect(access({})).toMatchObject({
      code: 422,
      message:
        'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    });
    expect(access({ ...listPods, nonResourceAttributes: { verb: "get", path: "/" } })).toMatchObject({
      code: 422,
    });
  });

  test("a question in protobuf is answered as one in JSON", () => {
    const raw = encodeBody(
      "authorization.k8s.io/v1",
      "SelfSubjectAccessReview",
      encodeMessage("SelfSubjectAccessReview", { spec: listPods }, { zeros: true }),
    );
    const response = world.api.handle({
      method: "POST",
      path: `${authorization}/selfsubjectaccessreviews`,
      query: new URLSearchParams(),
      headers: { "content-type": "application/vnd.kubernetes.protobuf" },
      body: raw,
    });
    expect(JSON.parse((response as { body: string }).body).status).toEqual({ allowed: true });
  });

  test("reviews are made, and nothing else", () => {
    expect(ask("GET", `${authorization}/selfsubjectaccessreviews`).code).toBe(405);
    expect(ask("POST", `${authorization}/selfsubjectaccessreviews/x`, {}).code).toBe(404);
    expect(ask("POST", `${authorization}/namespaces/default/selfsubjectaccessreviews`, {}).code).toBe(404);
    expect(ask("POST", `${authorization}/roles`, {}).code).toBe(404);
  });
});

describe("what is not allowed is refused in Kubernetes' words", () => {
  test.each<[string, string, string]>([
    [
      "GET",
      "/api/v1/namespaces/default/pods",
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      "GET",
      "/api/v1/namespaces/default/pods/web",
      'pods "web" is forbidden: User "bob" cannot get resource "pods" in API group "" in the namespace "default"',
    ],
    [
      "GET",
      "/api/v1/pods?watch=true",
      'pods is forbidden: User "bob" cannot watch resource "pods" in API group "" at the cluster scope',
    ],
    [
      "GET",
      "/api/v1/nodes/n/status",
      'nodes "n" is forbidden: User "bob" cannot get resource "nodes/status" in API group "" at the cluster scope',
    ],
    [
      "DELETE",
      "/api/v1/namespaces/shop",
      'namespaces "shop" is forbidden: User "bob" cannot delete resource "namespaces" in API group "" in the namespace "shop"',
    ],
    [
      "DELETE",
      "/api/v1/namespaces/shop/secrets",
      'secrets is forbidden: User "bob" cannot deletecollection resource "secrets" in API group "" in the namespace "shop"',
    ],
    [
      "POST",
      "/api/v1/namespaces/default/pods/web/eviction",
      'pods "web" is forbidden: User "bob" cannot create resource "pods/eviction" in API group "" in the namespace "default"',
    ],
    [
      "PATCH",
      "/apis/coordination.k8s.io/v1/namespaces/a/leases/l",
      'leases.coordination.k8s.io "l" is forbidden: User "bob" cannot patch resource "leases" in API group "coordination.k8s.io" in the namespace "a"',
    ],
    ["GET", "/metrics", 'forbidden: User "bob" cannot get path "/metrics"'],
  ])("%s %s", (method, target, message) => {
    expect(ask(method, target, undefined, bob)).toMatchObject({ code: 403, reason: "Forbidden", message });
  });

  test("what there is to be asked for is told to everyone", () => {
    for (const path of ["/api", "/apis", "/api/v1", "/apis/coordination.k8s.io/v1", "/version"])
      expect(ask("GET", path, undefined, bob).code, path).toBe(200);
  });

  test("streams are asked for like anything else", () => {
    const request = {
      method: "GET",
      path: "/api/v1/namespaces/default/pods/web/exec",
      query: new URLSearchParams("command=sh"),
      headers: bob,
      body: new Uint8Array(),
      user: administrator,
    };
    expect(() => world.api.connect?.(request)).toThrow(
      'pods "web" is forbidden: User "bob" cannot get resource "pods/exec"',
    );
  });
});

test("the attributes of a request are read from its path alone", () => {
  const of = (method: string, target: string) => {
    const [path = "", query = ""] = target.split("?");
    return attributesOf({ method, path, query: new URLSearchParams(query) });
  };
  expect(of("GET", "/api/v1/namespaces/a")).toMatchObject({
    verb: "get",
    resource: "namespaces",
    namespace: "a",
    name: "a",
  });
  expect(of("GET", "/apis")).toEqual({ verb: "get", path: "/apis" });
  expect(of("GET", "/apis/apps/v1/deployments")).toMatchObject({
    verb: "list",
    group: "apps",
    resource: "deployments",
  });
  expect(of("PUT", "/api/v1/namespaces/a/services/s/status")).toMatchObject({
    verb: "update",
    subresource: "status",
  });
});
