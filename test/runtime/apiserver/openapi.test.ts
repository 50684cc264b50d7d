import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isTypeName } from "../../../model/api/types.ts";
import { reviewResources } from "../../../runtime/apiserver/access/reviews.ts";
import { resources } from "../../../runtime/apiserver/resources.ts";
import { groupsOf, groupVersionPath, servedIn } from "../../../runtime/apiserver/served.ts";
import { type Answer, type Asked, call, createWorld } from "./world.ts";

const world = createWorld();
const served = [...resources, ...reviewResources];
const servedGroups = groupsOf(served);
const published = new URL("../../../../shared/data/openapi-v1.json", import.meta.url);

/** Asks as the transport does: what has to be loaded is waited for. */
async function ask(target: string, asked: Asked & { readonly known?: string } = {}): Promise<Answer> {
  const [path = "", query = ""] = target.split("?");
  const request = {
    method: "GET",
    path,
    query: new URLSearchParams(query),
    headers: { accept: asked.accept, "if-none-match": asked.known },
    body: new Uint8Array(),
  };
  await world.api.prepare?.(request);
  if (asked.known === undefined) return call(world, "GET", target, asked);
  const response = world.api.handle(request);
  return {
    status: response.status,
    headers: response.headers,
    body: "body" in response ? response.body : undefined,
  };
}

const urlOf = async (name: string): Promise<string> =>
  (await ask("/openapi/v3")).body.paths[name].serverRelativeURL;

const documentOf = async (name: string) => (await ask(await urlOf(name))).body;

const documents = await Promise.all(
  servedGroups.map(async (each) => [
    groupVersionPath(each).slice(1),
    await documentOf(groupVersionPath(each).slice(1)),
  ]),
);

describe("where the schema is found", () => {
  test("the index has a document for each group that is served", async () => {
    const { paths } = (await ask("/openapi/v3")).body;
    expect(Object.keys(paths)).toEqual(servedGroups.map((each) => groupVersionPath(each).slice(1)));
    expect(paths["api/v1"].serverRelativeURL).toMatch(/^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]{64}$/);
  });

  test("a document that is asked for by its hash may be kept for good", async () => {
    const { status, headers } = await ask(await urlOf("api/v1"));
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "cache-control": "public, immutable",
      expires: "Fri, 01 Jan 2027 00:00:00 GMT",
      vary: "Accept",
    });
    expect(headers.etag).toMatch(/^"[0-9A-F]{64}"$/);
  });

  test("one that is asked for without it is only known by its tag", async () => {
    const { status, headers } = await ask("/openapi/v3/api/v1");
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty("cache-control");
    const again = await ask("/openapi/v3/api/v1", { known: headers.etag! });
    expect(again).toMatchObject({ status: 304, body: "" });
    expect((await ask("/openapi/v3/api/v1", { known: '"other"' })).status).toBe(200);
  });

  test("a hash of yesterday leads to the document of today", async () => {
    const { status, headers } = await ask("/openapi/v3/api/v1?hash=ABC");
    expect({ status, location: headers.location }).toEqual({ status: 301, location: await urlOf("api/v1") });
  });

  test("what is not served is not found, what is not JSON not acceptable", async () => {
    expect((await ask("/openapi/v3/apis/apps/v1")).body).toMatchObject({ kind: "Status", code: 404 });
    const accept = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
    expect((await ask("/openapi/v3/api/v1", { accept })).body).toMatchObject({ kind: "Status", code: 406 });
    expect((await ask("/openapi/v3/api/v1", { accept: `${accept}, application/json` })).status).toBe(200);
    expect(call(world, "POST", "/openapi/v3/api/v1").status).toBe(404);
  });
});

describe("the older schema", () => {
  test("is there, and says nothing", async () => {
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    expect(await ask("/openapi/v2", { accept })).toMatchObject({ status: 200, body: "" });
    expect((await ask("/openapi/v2")).body).toMatchObject({ swagger: "2.0", paths: {} });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a document of JSON
describe.each(documents)("the document %s", (name, document: any) => {
  test("refers to nothing that it lacks, and has nothing that nobody refers to", () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      (match) => match[1],
    );
    expect([...new Set(refs)].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  test("tells of each resource what discovery tells of it", () => {
    const group = servedGroups.find((each) => groupVersionPath(each).slice(1) === name)!;
    for (const { kind, info, verbs, subresources, version } of servedIn(group, served)) {
      if (!isTypeName(kind)) continue;
      const root = `/${name}/${info.namespaced ? "namespaces/{namespace}/" : ""}${info.plural}`;
      const target = { group: group.group, kind, version };
      const method = { list: "get", create: "post", deletecollection: "delete" };
      for (const [verb, at] of Object.entries(method))
        expect(document.paths[root]?.[at] !== undefined, `${verb} ${root}`).toBe(verbs.includes(verb));
      const one = document.paths[`${root}/{name}`] ?? {};
      const methods = { get: "get", update: "put", patch: "patch", delete: "delete" };
      for (const [verb, at] of Object.entries(methods)) {
        expect(one[at] !== undefined, `${verb} ${root}`).toBe(verbs.includes(verb));
        if (one[at]) expect(one[at]["x-kubernetes-group-version-kind"]).toEqual(target);
      }
      for (const below of subresources)
        expect(document.paths, `${root} ${below.name}`).toHaveProperty([`${root}/{name}/${below.name}`]);
      if (!verbs.includes("patch")) continue;
      // What kubectl looks for before it relies on this document.
      const parameters = one.patch.parameters.map(
        (each: { name: string; in: string }) => `${each.in} ${each.name}`,
      );
      expect(parameters).toEqual(expect.arrayContaining(["query fieldValidation", "query dryRun"]));
      expect(Object.keys(one.patch.requestBody.content)).toContain("application/strategic-merge-patch+json");
    }
  });
});

describe("descriptions", () => {
  const { schemas } = Object.fromEntries(documents)["api/v1"].components;

  test("are Kubernetes' own", () => {
    const { properties, description, required } = schemas["io.k8s.api.core.v1.Container"];
    expect(description).toBe("A single application container that you want to run within a pod.");
    expect(properties.image.description).toMatch(/^Container image name\./);
    expect(required).toEqual(["name"]);
  });

  test("are there for all but what is newer than the package they come from", () => {
    const silent = Object.entries<{ properties?: Record<string, { description?: string }> }>(schemas).flatMap(
      ([type, { properties = {} }]) =>
        Object.entries(properties)
          .filter(([, { description }]) => !description)
          .map(([field]) => `${type.split(".").at(-1)}.${field}`),
    );
    expect(silent.length).toBeLessThan(30);
    expect(
      silent.filter((each) =>
        /^(Pod|PodSpec|Container|Service|ServiceSpec|Probe|Volume|Lifecycle|NodeSpec)\./.test(each),
      ),
    ).toEqual([]);
  });
});

describe.skipIf(!existsSync(published))(
  `each schema is as Kubernetes publishes it${existsSync(published) ? "" : " (skipped: there is nothing to hold it against)"}`,
  () => {
    type Json = Record<string, unknown>;
    const theirs: Record<string, Json> = existsSync(published)
      ? JSON.parse(readFileSync(published, "utf8")).components.schemas
      : {};
    const ours: Record<string, Json> = Object.assign(
      {},
      ...documents.map(([, document]) => document.components.schemas),
    );

    /**
     * Without what ours does not say (Go's zero values), what it says in other words, and what has come since then.
     * `other` is what it is compared with; ours may have defaults that theirs had not yet.
     */
    function comparable(value: unknown, other: unknown, isOurs: boolean): unknown {
      if (Array.isArray(value)) return value;
      if (typeof value !== "object" || value === null) return value;
      const beside = (other ?? {}) as Json;
      const zero = (each: unknown) =>
        ["", 0, false].includes(each as string) || JSON.stringify(each) === "{}";
      return Object.fromEntries(
        Object.entries(value as Json)
          .filter(
            ([key, each]) => !(key === "default" && (zero(each) || (isOurs && beside.default === undefined))),
          )
          .filter(([key]) => !["description", "required", "x-kubernetes-unions"].includes(key))
          .filter(([key]) => !/^x-kubernetes-(list|map)-/.test(key) || beside[key] !== undefined)
          .map(([key, each]) => [key, comparable(each, beside[key], isOurs)]),
      );
    }

    const changed = /^(PodResourceClaim|PersistentVolumeClaimSpec|LabelSelectorRequirement|DeploymentSpec)$/;
    const shared = Object.keys(theirs).filter(
      (name) => Object.hasOwn(ours, name) && !changed.test(name.split(".").at(-1)!),
    );

    test("most of what is served is there to be compared", () => {
      expect(shared.length).toBeGreaterThan(140);
    });

    test.each(shared)("%s", (name) => {
      const their = theirs[name]!;
      const our = ours[name]!;
      const {
        properties: theirFields = {},
        "x-kubernetes-group-version-kind": theirKinds,
        ...theirRest
      } = their;
      const { properties: ourFields = {}, "x-kubernetes-group-version-kind": ourKinds, ...ourRest } = our;
      expect(comparable(ourRest, theirRest, true)).toEqual(comparable(theirRest, ourRest, false));
      if (theirKinds && !name.endsWith("meta.v1.DeleteOptions")) expect(ourKinds).toEqual(theirKinds);
      for (const [field, property] of Object.entries(theirFields as Json)) {
        // A set of fields, which is any object.
        if (field === "fieldsV1") continue;
        const own = (ourFields as Json)[field];
        expect(comparable(own, property, true), `${name}.${field}`).toEqual(comparable(property, own, false));
      }
    });
  },
);
