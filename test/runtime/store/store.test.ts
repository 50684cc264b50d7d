import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { equalitySelector } from "../../../model/selector.ts";
import type { ListQuery, WatchEvent } from "../../../runtime/client/client.ts";
import { matchesQuery } from "../../../runtime/client/fields.ts";
import { equalStructure, shareStructure } from "../../../runtime/client/structure.ts";
import { History } from "../../../runtime/store/history.ts";
import { createStore, RevisionConflict } from "../../../runtime/store/store.ts";
import { runs } from "../../runs.ts";

interface Draft {
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly node: string;
  readonly owner: string;
}

function podOf({ namespace, name, app, node, owner }: Draft): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace,
      name,
      labels: { app },
      ...(owner
        ? { ownerReferences: [{ apiVersion: "v1", kind: "X", name: owner, uid: owner, controller: true }] }
        : {}),
    },
    spec: { containers: [{ name: "c", image: "i:1" }], ...(node ? { nodeName: node } : {}) },
  };
}

const draft: fc.Arbitrary<Draft> = fc.record({
  namespace: fc.constantFrom("a", "b"),
  name: fc.constantFrom("p", "q", "p-0", "p.0"),
  app: fc.constantFrom("web", "db"),
  node: fc.constantFrom("", "one", "two"),
  owner: fc.constantFrom("", "u1", "u2"),
});
const write = fc.oneof(
  { weight: 3, arbitrary: draft.map((pod) => ({ type: "put" as const, pod })) },
  { weight: 1, arbitrary: draft.map((pod) => ({ type: "remove" as const, pod })) },
);
const list = fc.record({ type: fc.constant("list" as const), at: fc.nat(3) });
const query: fc.Arbitrary<ListQuery> = fc.oneof(
  fc.constant({}),
  fc.constantFrom("a", "b").map((namespace) => ({ namespace })),
  fc.constantFrom("", "one", "two").map((node) => ({ fields: { "spec.nodeName": node } })),
  fc.constantFrom("", "u1").map((uid) => ({ fields: { "metadata.ownerReferences.uid": uid } })),
  fc.constantFrom("web", "db").map((app) => ({ selector: equalitySelector({ app }) })),
  fc.constant({
    namespace: "a",
    fields: { "spec.nodeName": "one" },
    selector: equalitySelector({ app: "web" }),
  }),
  fc.constant({ namespace: "a", fields: { "metadata.namespace": "b" } }),
);

/** What somebody knows who only hears of changes. */
class Listener {
  readonly known = new Map<string, Stored<Pod>>();

  readonly hear = ({ type, object }: WatchEvent<Pod>) => {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    expect(this.known.has(key)).toBe(type !== "ADDED");
    if (type === "DELETED") this.known.delete(key);
    else this.known.set(key, object);
  };

  objects(): Stored<Pod>[] {
    return [...this.known]
      .sort(([left], [right]) => (left.replace("/", " ") < right.replace("/", " ") ? -1 : 1))
      .map(([, pod]) => pod);
  }
}

describe("the store, under any sequence of writes and lists", () => {
  test("lists by every query what a plain list of all objects holds, and watches tell the same", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 8, arbitrary: write }, { weight: 1, arbitrary: list }), {
          maxLength: 200,
        }),
        fc.array(query, { minLength: 1, maxLength: 4 }),
        (steps, queries) => {
          const store = createStore();
          const model = new Map<string, Pod>();
          const listeners = queries.map((each) => {
            const listener = new Listener();
            store.watch("Pod", listener.hear, each);
            return { query: each, listener };
          });
          let late: { readonly revision: number; readonly listener: Listener } | undefined;
          const listed = (each: ListQuery) => {
            const expected = [...model.values()]
              .filter((pod) => matchesQuery(pod, each))
              .sort((left, right) => (order(left) < order(right) ? -1 : 1));
            const found = store.list("Pod", each);
            expect(found.map(withoutVersion)).toEqual(expected);
            return found;
          };
          for (const [index, step] of steps.entries()) {
            if (step.type === "list") {
              listed(queries[step.at % queries.length]!);
              continue;
            }
            const { type, pod } = step;
            const key = `${pod.namespace}/${pod.name}`;
            const before = store.revision;
            if (type === "put") {
              const stored = store.put(podOf(pod));
              const same = equalStructure(model.get(key), podOf(pod));
              expect(store.revision).toBe(same ? before : before + 1);
              expect(same || Number(stored.metadata.resourceVersion) === store.revision).toBe(true);
              model.set(key, podOf(pod));
            } else {
              expect(store.remove("Pod", pod.namespace, pod.name) !== undefined).toBe(model.delete(key));
            }
            if (!late && index >= 20) {
              late = { revision: store.revision, listener: new Listener() };
              for (const object of store.list("Pod", queries[0]))
                late.listener.hear({ type: "ADDED", object });
            }
          }
          for (const { query: each, listener } of listeners) expect(listener.objects()).toEqual(listed(each));
          if (!late) return;
          const since = store.since("Pod", late.revision, queries[0]);
          if (since.type === "expired") throw new Error("the history is long enough");
          for (const { event } of since.events) late.listener.hear(event as WatchEvent<Pod>);
          expect(late.listener.objects()).toEqual(store.list("Pod", queries[0]));
        },
      ),
      runs(200),
    );
  });
});

const order = (pod: Pod) => `${pod.metadata.namespace} ${pod.metadata.name}`;

function withoutVersion(pod: Stored<Pod>): Pod {
  const { resourceVersion: _version, ...metadata } = pod.metadata;
  return { ...pod, metadata };
}

const web: Draft = { namespace: "a", name: "web", app: "web", node: "", owner: "" };

describe("a write", () => {
  test("shares with the object before what it leaves as it was", () => {
    const store = createStore();
    const before = store.put(podOf(web));
    const after = store.put({ ...structuredClone(before), status: { phase: "Running" } });
    expect(after.spec).toBe(before.spec);
    expect(after.metadata.labels).toBe(before.metadata.labels);
    expect(Object.isFrozen(after) && Object.isFrozen(after.status)).toBe(true);
  });

  test("is refused where the object is not the one that the writer saw", () => {
    const store = createStore();
    const first = store.put(podOf(web), "absent");
    expect(() => store.put(podOf(web), "absent")).toThrow(RevisionConflict);
    const seen = Number(first.metadata.resourceVersion);
    store.put(podOf({ ...web, app: "db" }), seen);
    expect(() => store.put(podOf({ ...web, app: "x" }), seen)).toThrow(RevisionConflict);
    expect(() => store.remove("Pod", "a", "web", seen)).toThrow(RevisionConflict);
  });

  test("leaves the lists in readers' hands as they are", () => {
    const store = createStore();
    store.put(podOf(web));
    const list = store.list("Pod");
    store.put(podOf({ ...web, name: "another" }));
    store.remove("Pod", "a", "web");
    expect(list.map((pod) => pod.metadata.name)).toEqual(["web"]);
  });
});

describe("a watch", () => {
  test("shows leaving its selector as DELETED, as it was, and entering as ADDED", () => {
    const store = createStore();
    const heard: string[] = [];
    const shown: string[] = [];
    const text = ({ type, object: { metadata } }: WatchEvent<Pod>) =>
      `${type} ${metadata.labels?.app} @${metadata.resourceVersion}`;
    const query = { selector: equalitySelector({ app: "web" }) };
    store.watch("Pod", (event) => heard.push(text(event)), query);
    store.watchFrom("Pod", 0, (event) => shown.push(text(event)), query);
    store.put(podOf(web));
    store.put(podOf({ ...web, node: "one" }));
    store.put(podOf({ ...web, app: "db" }));
    store.put(podOf({ ...web, app: "web" }));
    store.remove("Pod", "a", "web");
    const seen = ["ADDED web @1", "MODIFIED web @2", "DELETED web @2", "ADDED web @4", "DELETED web @4"];
    expect(heard).toEqual(seen);
    // Whoever watches from a revision learns the one at which it left.
    expect(shown).toEqual(seen.with(2, "DELETED web @3").with(4, "DELETED web @5"));
  });

  test("hears of writes in their order, also of those made while it is being told", () => {
    const store = createStore();
    const heard: string[] = [];
    store.watch("Pod", ({ object }) => {
      if (object.metadata.name === "web") store.put(podOf({ ...web, name: "echo" }));
    });
    store.watch("Pod", ({ object }) => heard.push(object.metadata.name));
    store.put(podOf(web));
    expect(heard).toEqual(["web", "echo"]);
  });

  test("that throws keeps no other from hearing, and the write stands", () => {
    const store = createStore();
    const heard: string[] = [];
    store.watch("Pod", () => {
      throw new Error("broken");
    });
    store.watch("Pod", ({ object }) => heard.push(object.metadata.name));
    expect(() => store.put(podOf(web))).toThrow("broken");
    expect(heard).toEqual(["web"]);
    expect(store.get("Pod", "a", "web")).toBeDefined();
  });

  test("is told nothing after it was stopped", () => {
    const store = createStore();
    const heard: string[] = [];
    const stop = store.watch("Pod", ({ object }) => heard.push(object.metadata.name), {
      fields: { "spec.nodeName": "" },
    });
    store.put(podOf(web));
    stop();
    store.put(podOf({ ...web, name: "late" }));
    expect(heard).toEqual(["web"]);
  });
});

describe("the history", () => {
  test("says that it is too long ago what was forgotten", () => {
    const store = createStore({ historySize: 3 });
    for (const name of ["a", "b", "c", "d", "e"]) store.put(podOf({ ...web, name }));
    expect(store.since("Pod", 1)).toEqual({ type: "expired" });
    expect(store.watchFrom("Pod", 1, () => {})).toBe("expired");
    const since = store.since("Pod", 2);
    expect(since.type === "events" && since.events.map(({ revision }) => revision)).toEqual([3, 4, 5]);
    expect(store.since("Node", 0)).toEqual({ type: "events", events: [] });
  });

  test("forgets sooner what is large, and keeps what is small beside it", () => {
    const history = new History(100, 0, 10_000);
    const object = (revision: number, text: string): Stored =>
      ({
        kind: "ConfigMap",
        metadata: { name: "x", resourceVersion: String(revision) },
        data: { text },
      }) as never;
    for (let revision = 1; revision <= 10; revision++)
      history.push({
        revision,
        kind: "ConfigMap",
        previous: object(revision - 1, "y".repeat(revision === 5 ? 3 : 3000)),
        next: object(revision, "z"),
      });
    // Three of about 3,000 characters fit.
    expect(history.since(7)?.map(({ revision }) => revision)).toEqual([8, 9, 10]);
    expect(history.since(6)).toBeUndefined();
    // What is shared with the object that is there costs nothing.
    const shared = { text: "s".repeat(50_000) };
    for (let revision = 11; revision <= 20; revision++)
      history.push({
        revision,
        kind: "ConfigMap",
        previous: { ...object(revision - 1, ""), data: shared } as never,
        next: { ...object(revision, ""), data: shared } as never,
      });
    expect(history.since(7)).toHaveLength(13);
    expect(history.since(20)).toEqual([]);
  });

  test("keeps the last changes however many there were", () => {
    const history = new History(3, 0);
    for (let revision = 1; revision <= 50; revision++) {
      history.push({ revision, kind: "Pod" });
      const kept = Array.from({ length: Math.min(3, revision) }, (_, index) => revision - index).reverse();
      expect(history.since(revision - kept.length)?.map((change) => change.revision)).toEqual(kept);
      if (revision > 3) expect(history.since(revision - 4)).toBeUndefined();
    }
  });

  test("goes on into a watch without a gap or a repeat", () => {
    const store = createStore();
    store.put(podOf(web));
    const revision = store.revision;
    store.put(podOf({ ...web, name: "b" }));
    const heard: [string, number][] = [];
    store.watchFrom("Pod", revision, (event: WatchEvent<Pod>, at) =>
      heard.push([event.object.metadata.name, at]),
    );
    store.put(podOf({ ...web, name: "c" }));
    expect(heard).toEqual([
      ["b", 2],
      ["c", 3],
    ]);
  });

  test("begins anew from what a journal has kept", () => {
    const store = createStore();
    store.put(podOf(web));
    const again = createStore({ initial: { revision: store.revision, objects: store.list("Pod") } });
    expect(again.list("Pod")).toEqual(store.list("Pod"));
    expect(again.since("Pod", 0)).toEqual({ type: "expired" });
    expect(again.put(podOf({ ...web, name: "b" })).metadata.resourceVersion).toBe("2");
  });
});

describe("shared structure", () => {
  test("equals what it was made from, and gives the old where nothing differs", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        const old = shareStructure(undefined, before);
        expect(shareStructure(old, structuredClone(before))).toBe(old);
        const next = shareStructure(old, after);
        expect(next).toEqual(after);
        expect(equalStructure(next, after)).toBe(true);
      }),
      runs(300),
    );
  });
});
