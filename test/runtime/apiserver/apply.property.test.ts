import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReplicationController } from "../../../model/core.ts";
import { runs } from "../../runs.ts";
import { type Answer, call, createWorld, rc, type World } from "./world.ts";

/**
 * Server-side apply held against a small model: an object is a set of fields, each with a value and those who have set
 * it. It knows nothing of trees, shapes or `FieldsV1`.
 */

const path = "/api/v1/namespaces/default/replicationcontrollers/web";

/** From a field's name to its value. `label/…` and `replicas` hold one; `finalizer/…` and `env/…` are there or are not. */
type Config = Readonly<Record<string, string>>;

const fields: fc.Arbitrary<Config> = fc.record(
  {
    "label/a": fc.constantFrom("1", "2"),
    "label/b": fc.constantFrom("1", "2"),
    "label/c": fc.constantFrom("1", "2"),
    replicas: fc.constantFrom("3", "4"),
    "finalizer/x.io/a": fc.constant("there"),
    "finalizer/x.io/b": fc.constant("there"),
    "env/A": fc.constant("there"),
    "env/B": fc.constant("there"),
  },
  { requiredKeys: [] },
);

const named = (config: Config, prefix: string) =>
  Object.entries(config)
    .filter(([field]) => field.startsWith(prefix))
    .map(([field, value]) => [field.slice(prefix.length), value] as const);

function bodyOf(config: Config): object {
  const finalizers = named(config, "finalizer/").map(([name]) => name);
  const env = named(config, "env/").map(([name]) => ({ name }));
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: "web", labels: Object.fromEntries(named(config, "label/")), finalizers },
    spec: {
      ...(config.replicas && { replicas: Number(config.replicas) }),
      ...(env.length > 0 && { template: { spec: { containers: [{ name: "server", env }] } } }),
    },
  };
}

/** What the object has of these fields. */
function configOf({ metadata, spec }: ReplicationController): Config {
  const { app: _, ...labels } = metadata.labels ?? {};
  return {
    ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label/${name}`, value])),
    replicas: String(spec.replicas),
    ...Object.fromEntries((metadata.finalizers ?? []).map((name) => [`finalizer/${name}`, "there"])),
    ...Object.fromEntries(
      (spec.template?.spec.containers[0]?.env ?? []).map(({ name }) => [`env/${name}`, "there"]),
    ),
  };
}

/** Who has set which of these fields, by what stands in `managedFields`. */
function ownersOf({ metadata }: ReplicationController): Record<string, string[]> {
  const result: Record<string, string[]> = {};
  for (const { manager = "", fieldsV1 } of metadata.managedFields ?? []) {
    const set = fieldsV1 as Record<string, Record<string, Record<string, unknown>>>;
    const owns = (field: string) => {
      result[field] = [...(result[field] ?? []), manager].sort();
    };
    for (const step of Object.keys(set["f:metadata"]?.["f:labels"] ?? {}))
      if (step !== "." && step !== "f:app") owns(`label/${step.slice(2)}`);
    for (const step of Object.keys(set["f:metadata"]?.["f:finalizers"] ?? {}))
      if (step !== ".") owns(`finalizer/${JSON.parse(step.slice(2))}`);
    if (set["f:spec"]?.["f:replicas"]) owns("replicas");
    for (const step of JSON.stringify(set).matchAll(/"k:\{\\"name\\":\\"([AB])\\"\}"/g))
      owns(`env/${step[1]}`);
  }
  return result;
}

type Step =
  | { readonly act: "apply"; readonly who: string; readonly config: Config; readonly force: boolean }
  | { readonly act: "label"; readonly who: string; readonly name: string; readonly value: string | null };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant("apply" as const),
      who: fc.constantFrom("ann", "ben", "cleo"),
      config: fields,
      force: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant("label" as const),
      who: fc.constantFrom("dan", "eve"),
      name: fc.constantFrom("a", "b"),
      value: fc.constantFrom("1", "2", null),
    }),
  },
);

interface Field {
  value: string;
  owners: Set<string>;
}
type Model = Map<string, Field>;

/** Fields of others that the configuration has with another value: in conflict, each with each owner. */
function conflictsIn(model: Model, who: string, config: Config): string[] {
  return Object.entries(config).flatMap(([field, value]) => {
    const there = model.get(field);
    if (!there || there.value === value) return [];
    return [...there.owners].filter((owner) => owner !== who).map((owner) => `${owner} ${field}`);
  });
}

function applyToModel(model: Model, who: string, config: Config): void {
  for (const [field, value] of Object.entries(config)) {
    const there = model.get(field);
    if (there && there.value === value) there.owners.add(who);
    else model.set(field, { value, owners: new Set([who]) });
  }
  for (const [field, { owners }] of model) {
    if (Object.hasOwn(config, field) || !owners.delete(who) || owners.size > 0) continue;
    // What the server needs it fills in again.
    if (field === "replicas") model.set(field, { value: "1", owners });
    else model.delete(field);
  }
}

function labelInModel(model: Model, who: string, field: string, value: string | null): void {
  if (value === null) model.delete(field);
  else if (model.get(field)?.value !== value) model.set(field, { value, owners: new Set([who]) });
}

function start(): { world: World; model: Model } {
  const world = createWorld();
  call(world, "POST", `${path.slice(0, -4)}?fieldManager=creator`, { body: rc("web", 2) });
  return { world, model: new Map([["replicas", { value: "2", owners: new Set(["creator"]) }]]) };
}

const apply = (world: World, who: string, config: Config, force: boolean): Answer =>
  call(world, "PATCH", `${path}?fieldManager=${who}&force=${force}`, {
    body: bodyOf(config),
    type: "application/apply-patch+yaml",
  });

/** The fields in conflict as the answer tells them. */
const toldConflicts = ({ body }: Answer): string[] =>
  body.details.causes.map(({ message, field }: Record<string, string>) => {
    const owner = /"(\w+)"/.exec(message!)![1];
    return `${owner} ${field!.replace(".metadata.labels.", "label/").replace(".spec.replicas", "replicas")}`;
  });

function liveOf(world: World): ReplicationController {
  return world.registry.get("ReplicationController", "default", "web")!;
}

function agree(world: World, model: Model): void {
  const live = liveOf(world);
  expect(configOf(live)).toEqual(Object.fromEntries([...model].map(([field, { value }]) => [field, value])));
  const owned = [...model].filter(([, { owners }]) => owners.size > 0);
  expect(ownersOf(live)).toEqual(
    Object.fromEntries(owned.map(([field, { owners }]) => [field, [...owners].sort()])),
  );
}

describe("server-side apply", () => {
  test("does what a model of fields and owners does, conflicts and all", () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 12 }), (history) => {
        const { world, model } = start();
        for (const step of history) {
          if (step.act === "label") {
            const body = { metadata: { labels: { [step.name]: step.value } } };
            call(world, "PATCH", `${path}?fieldManager=${step.who}`, {
              body,
              type: "application/merge-patch+json",
            });
            labelInModel(model, step.who, `label/${step.name}`, step.value);
          } else {
            const conflicts = step.force ? [] : conflictsIn(model, step.who, step.config);
            const answer = apply(world, step.who, step.config, step.force);
            expect(answer.status).toBe(conflicts.length > 0 ? 409 : 200);
            if (conflicts.length > 0) expect(toldConflicts(answer).sort()).toEqual(conflicts.sort());
            else applyToModel(model, step.who, step.config);
          }
          agree(world, model);
        }
      }),
      runs(150),
    );
  });

  test("a second time changes nothing, not even the revision", () => {
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 4 }), (configs) => {
        const { world } = start();
        for (const config of configs) apply(world, "ann", config, true);
        const { revision } = world.registry;
        world.clock.advance(60_000);
        expect(apply(world, "ann", configs.at(-1)!, false).status).toBe(200);
        expect(world.registry.revision).toBe(revision);
      }),
      runs(100),
    );
  });

  test("by two of the same values comes to the same as by one of all of them", () => {
    fc.assert(
      fc.property(fields, fc.func(fc.boolean()), fc.func(fc.boolean()), (all, forAnn, forBen) => {
        const part = (choose: (field: string) => boolean) =>
          Object.fromEntries(Object.entries(all).filter(([field]) => choose(field)));
        const ann = part((field) => forAnn(field) || !forBen(field));
        const together = start().world;
        apply(together, "ann", all, true);
        const apart = start().world;
        apply(apart, "ann", ann, true);
        apply(apart, "ben", part(forBen), true);
        expect(configOf(liveOf(apart))).toEqual(configOf(liveOf(together)));
      }),
      runs(100),
    );
  });

  test("leaves alone what nobody owns", () => {
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 4 }), (configs) => {
        const { world } = start();
        const live = liveOf(world);
        const metadata = { ...live.metadata, annotations: { loop: "wrote this" } };
        world.registry.update({ ...live, metadata });
        for (const config of configs) apply(world, "ann", config, true);
        apply(world, "ann", {}, true);
        expect(liveOf(world).metadata.annotations).toEqual({ loop: "wrote this" });
        expect(liveOf(world).spec.template!.spec.containers[0]).toMatchObject({ image: "shop/server:1" });
      }),
      runs(50),
    );
  });

  test("goes on whatever account of managers a client has left", () => {
    const words = [
      "f:spec",
      "f:metadata",
      "f:labels",
      "f:__proto__",
      ".",
      'k:{"name":"server"}',
      "k:{}",
      "k:null",
    ];
    const steps = fc.constantFrom(
      ...words,
      "k:[1]",
      'v:"x"',
      "v:",
      "i:0",
      "i:-1",
      "f:",
      "f:replicas",
      "x",
      "",
    );
    const { set } = fc.letrec((tie) => ({
      set: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom({}, null, 1, "x", []),
        fc.dictionary(steps, tie("set"), { maxKeys: 4 }),
      ),
    }));
    const text = fc.oneof(fc.constantFrom("", "ann", "v1", "status"), fc.string());
    const entry = fc.record(
      {
        manager: text,
        operation: fc.constantFrom("Apply", "Update", "Steal"),
        apiVersion: text,
        fieldsType: fc.constantFrom("FieldsV1", "FieldsV9"),
        fieldsV1: set,
        subresource: text,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), fields, (managedFields, config) => {
        const { world } = start();
        call(world, "PATCH", path, {
          body: { metadata: { managedFields } },
          type: "application/merge-patch+json",
        });
        expect(apply(world, "ann", config, true).status).toBe(200);
        expect(configOf(liveOf(world))).toMatchObject(config);
        expect(world.unforeseen).toEqual([]);
      }),
      runs(200),
    );
  });
});
