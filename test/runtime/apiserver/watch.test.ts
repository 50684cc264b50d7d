import { describe, expect, test } from "vitest";
import { createWorld, open, pod, setStatus, tableAccept, type World } from "./world.ts";

const pods = "/api/v1/namespaces/default/pods";

function relabel(world: World, name: string, app: string): void {
  const current = world.registry.get("Pod", "default", name)!;
  world.registry.update<"Pod">({ ...current, metadata: { ...current.metadata, labels: { app } } });
}

const told = (watch: ReturnType<typeof open>) =>
  watch.events().map(({ type, object }) => `${type} ${object.metadata?.name ?? object.kind}`);

/** A client that takes so many events when it is told to, and none before. */
function slow(world: World, target: string) {
  let room = 0;
  let written = 0;
  let caughtUp = () => {};
  const watch = open(world, target, {
    isBehind: () => written >= room,
    drained: () =>
      new Promise((resolve) => {
        caughtUp = resolve;
      }),
    onWrite: () => written++,
  });
  const take = async (events: number) => {
    room = written + events;
    caughtUp();
    await Promise.resolve();
  };
  return { watch, take };
}

describe("a watch", () => {
  test("begins with what there is and goes on with each change", () => {
    const world = createWorld();
    world.registry.create(pod("a"));
    const watch = open(world, `${pods}?watch=true`);
    world.registry.create(pod("b"));
    relabel(world, "a", "x");
    world.registry.delete("Pod", "default", "b");
    expect(told(watch)).toEqual(["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]);
  });

  test("from a revision on tells what was missed, and nothing twice", () => {
    const world = createWorld();
    const a = world.registry.create(pod("a"));
    world.registry.create(pod("b"));
    relabel(world, "a", "x");
    const watch = open(world, `${pods}?watch=true&resourceVersion=${a.metadata.resourceVersion}`);
    world.registry.create(pod("c"));
    expect(told(watch)).toEqual(["ADDED b", "MODIFIED a", "ADDED c"]);
  });

  test("can be resumed from the last event of another, as often as one likes", () => {
    const world = createWorld();
    const seen: string[] = [];
    let revision = String(world.registry.revision);
    for (let round = 0; round < 10; round++) {
      const watch = open(world, `${pods}?watch=true&resourceVersion=${revision}`);
      world.registry.create(pod(`during-${round}`));
      watch.stop();
      world.registry.create(pod(`between-${round}`));
      for (const { object } of watch.events()) {
        seen.push(object.metadata.name);
        revision = object.metadata.resourceVersion;
      }
    }
    const all = Array.from({ length: 10 }, (_, round) => [`during-${round}`, `between-${round}`]).flat();
    expect(seen).toEqual(all.slice(0, -1));
  });

  test("tells that a revision is forgotten by an error with code 410, and ends", async () => {
    const world = createWorld({ historySize: 4 });
    for (let index = 0; index < 10; index++) world.registry.create(pod(`p${index}`));
    const watch = open(world, `${pods}?watch=true&resourceVersion=1`);
    expect(watch.events()).toMatchObject([
      { type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } },
    ]);
    await watch.end;
  });

  test("tells of objects that enter and leave its selectors", () => {
    const world = createWorld();
    world.registry.create(pod("a"));
    const labels = open(world, `${pods}?watch=true&labelSelector=app%3Dx`);
    const unequal = open(world, `${pods}?watch=true&fieldSelector=status.phase!%3DRunning`);
    relabel(world, "a", "x");
    setStatus(world, world.registry.get("Pod", "default", "a")!, { phase: "Running" });
    relabel(world, "a", "y");
    setStatus(world, world.registry.get("Pod", "default", "a")!, { phase: "Failed" });
    expect(told(labels)).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
    expect(told(unequal)).toEqual(["ADDED a", "MODIFIED a", "DELETED a", "ADDED a"]);
  });

  test("in tables tells the columns once", () => {
    const world = createWorld();
    world.registry.create(pod("a"));
    const watch = open(world, `${pods}?watch=true`, { accept: tableAccept });
    world.registry.create(pod("b"));
    const [first, second] = watch.events();
    expect(first.object.columnDefinitions.length).toBeGreaterThan(4);
    expect(second.object.columnDefinitions).toBeNull();
    expect(second.object.rows[0].cells[0]).toBe("b");
  });

  test("marks the end of what there was, where that is asked for", () => {
    const world = createWorld();
    world.registry.create(pod("a"));
    const query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    const marked = open(world, `${pods}?${query}&allowWatchBookmarks=true`);
    world.registry.create(pod("b"));
    const [, bookmark, later] = marked.events();
    expect(bookmark).toMatchObject({
      type: "BOOKMARK",
      object: { kind: "Pod", metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
    });
    expect(Number(bookmark.object.metadata.resourceVersion)).toBe(
      Number(later.object.metadata.resourceVersion) - 1,
    );
    // Without leave there are no bookmarks; without initial events the watch begins now.
    expect(told(open(world, `${pods}?${query}`))).toEqual(["ADDED a", "ADDED b"]);
    const none = query.replace("sendInitialEvents=true", "sendInitialEvents=false");
    expect(told(open(world, `${pods}?${none}`))).toEqual([]);
  });

  test("tells every minute how far it has come, where that is asked for", () => {
    const world = createWorld();
    const silent = open(world, `${pods}?watch=true`);
    const marked = open(world, `${pods}?watch=true&allowWatchBookmarks=true`);
    world.registry.create<"Namespace">({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "elsewhere" },
    });
    world.clock.advance(125_000);
    expect(silent.events()).toEqual([]);
    expect(marked.events().map(({ type }) => type)).toEqual(["BOOKMARK", "BOOKMARK"]);
    expect(marked.events()[1].object.metadata.resourceVersion).toBe(String(world.registry.revision));
  });

  test("ends when its time is over, at the latest after an hour", () => {
    const world = createWorld();
    const short = open(world, `${pods}?watch=true&timeoutSeconds=5`);
    const long = open(world, `${pods}?watch=true`);
    world.clock.advance(4999);
    expect(short.ended).toBe(false);
    world.clock.advance(1);
    expect(short.ended).toBe(true);
    world.clock.advance(25 * 60_000);
    expect(long.ended).toBe(false);
    world.clock.advance(35 * 60_000);
    expect(long.ended).toBe(true);
  });

  test("that is behind goes on where it was, in order and without a gap or a repeat", async () => {
    const world = createWorld();
    for (const name of ["a", "b", "c"]) world.registry.create(pod(name));
    const { watch, take } = slow(world, `${pods}?watch=true`);
    expect(watch.texts).toEqual([]);
    await take(2);
    relabel(world, "a", "x");
    world.registry.delete("Pod", "default", "b");
    await take(2);
    world.registry.create(pod("d"));
    await take(10);
    relabel(world, "d", "y");
    expect(told(watch)).toEqual([
      "ADDED a",
      "ADDED b",
      "ADDED c",
      "MODIFIED a",
      "DELETED b",
      "ADDED d",
      "MODIFIED d",
    ]);
  });

  test("that is behind by more than is remembered hears of it, and ends", async () => {
    const world = createWorld({ historySize: 4 });
    world.registry.create(pod("a"));
    const { watch, take } = slow(world, `${pods}?watch=true`);
    await take(1);
    for (let index = 0; index < 6; index++) world.registry.create(pod(`p${index}`));
    await take(10);
    expect(
      watch.events().map(({ type, object }) => object.code ?? `${type} ${object.metadata.name}`),
    ).toEqual(["ADDED a", 410]);
    expect(watch.ended).toBe(true);
  });

  test("that nobody reads is ended after a minute, and leaves no timer", async () => {
    const world = createWorld();
    world.registry.create(pod("a"));
    const { watch, take } = slow(world, `${pods}?watch=true&allowWatchBookmarks=true`);
    world.clock.advance(59_000);
    expect(watch.ended).toBe(false);
    await take(1);
    expect(told(watch)).toEqual(["ADDED a"]);
    world.registry.create(pod("b"));
    world.clock.advance(59_999);
    expect(watch.ended).toBe(false);
    world.clock.advance(1);
    expect(watch.ended).toBe(true);
    expect(world.clock.nextAt()).toBeUndefined();
    await take(1);
    expect(told(watch)).toEqual(["ADDED a"]);
  });

  test("whose client has gone tells nothing more", () => {
    const world = createWorld();
    const watch = open(world, `${pods}?watch=true`);
    watch.stop();
    world.registry.create(pod("a"));
    expect(watch.texts).toEqual([]);
    expect(world.clock.nextAt()).toBeUndefined();
  });
});
