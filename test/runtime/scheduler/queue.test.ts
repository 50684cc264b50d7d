import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import { backoff, createQueue } from "../../../runtime/scheduler/queue.ts";
import { type Waiter, WaitingGroup } from "../../../runtime/scheduler/waiting-group.ts";
import { runs } from "../../runs.ts";

const pod = (uid: string, priority = 0) => ({ metadata: { uid }, spec: { priority } }) as Stored<Pod>;

describe("the scheduling queue", () => {
  test("gives pods out by priority, then by age", () => {
    const queue = createQueue();
    queue.add("old", pod("old"), 1);
    queue.add("new", pod("new"), 2);
    queue.add("high", pod("high", 5), 3);
    expect([queue.pop(3), queue.pop(3), queue.pop(3), queue.pop(3)].map((each) => each?.key)).toEqual([
      "high",
      "old",
      "new",
      undefined,
    ]);
  });

  test("backs off for 1, 2, 4, 8 and then always 10 seconds", () => {
    expect([1, 2, 3, 4, 5, 6, 50].map(backoff)).toEqual([1000, 2000, 4000, 8000, 10000, 10000, 10000]);
  });

  test("keeps a pod that failed until something helps it", () => {
    const queue = createQueue();
    queue.add("a", pod("a"), 0);
    queue.failed(queue.pop(0)!, 0, "small");
    expect(queue.pop(10_000)).toBeUndefined();
    queue.move(20_000, () => false);
    expect(queue.pop(20_000)).toBeUndefined();
    queue.move(20_000, (group) => group === "small");
    expect(queue.pop(20_000)?.key).toBe("a");
  });

  test("lets others go before a pod that still backs off, and tries that early where there are none", () => {
    const queue = createQueue();
    queue.add("a", pod("a", 9), 0);
    queue.failed(queue.pop(0)!, 0, "any");
    queue.move(100, () => true);
    queue.add("b", pod("b"), 100);
    expect([queue.pop(100)?.key, queue.pop(100)?.key]).toEqual(["b", "a"]);
  });

  test("lets a pod wait out its back-off after an error", () => {
    const queue = createQueue();
    queue.add("a", pod("a"), 0);
    queue.failed(queue.pop(0)!, 0, "error");
    expect(queue.pop(999)).toBeUndefined();
    expect(queue.nextAt(0)).toBe(1000);
    expect(queue.pop(1000)?.key).toBe("a");
  });

  test("knows a new pod under an old name from the old one", () => {
    const queue = createQueue();
    queue.add("a", pod("uid-1"), 0);
    const old = queue.pop(0)!;
    queue.add("a", pod("uid-2"), 1);
    queue.failed(old, 1, "any");
    expect(queue.pop(1)?.pod.metadata.uid).toBe("uid-2");
    expect(queue.pop(1)).toBeUndefined();
  });

  test("gives a pod out once, by its new priority, when that has changed", () => {
    const queue = createQueue();
    queue.add("a", pod("a"), 0);
    queue.add("b", pod("b", 1), 0);
    queue.add("a", pod("a", 2), 1);
    expect([queue.pop(1)?.key, queue.pop(1)?.key, queue.pop(1)?.key]).toEqual(["a", "b", undefined]);
  });

  test("moves one of a group, and the next when that one has found its place or is gone", () => {
    const queue = createQueue();
    for (const key of ["a", "b", "c", "other"]) queue.add(key, pod(key), 0);
    for (const group of ["small", "small", "small", "large"]) queue.failed(queue.pop(0)!, 0, group);
    queue.move(20_000, (group) => group === "small");
    expect([queue.pop(20_000)?.key, queue.pop(20_000)?.key]).toEqual(["a", undefined]);
    queue.remove("a", 20_000);
    expect([queue.pop(20_000)?.key, queue.pop(20_000)?.key]).toEqual(["b", undefined]);
    queue.failed(
      { key: "b", pod: pod("b"), priority: 0, attempts: 1, enqueuedAt: 0, group: "small" },
      20_000,
      "small",
    );
    expect(queue.pop(30_000)).toBeUndefined();
    queue.wake("other", 30_000);
    expect(queue.pop(30_000)?.key).toBe("other");
  });
});

test("a group gives whom one would find by looking at all who wait in it", () => {
  const step = fc.record({
    what: fc.constantFrom("join", "leave", "return", "ask"),
    who: fc.nat(7),
    backoff: fc.nat(5),
    passed: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const group = new WaitingGroup<Waiter>();
      const members: { backoffUntil: number; order: number }[] = [];
      let now = 0;
      let order = 0;
      for (const { what, who, backoff, passed } of steps) {
        now += passed;
        const member = members[who % Math.max(1, members.length)];
        if (what === "join") {
          members.push({ backoffUntil: now + backoff, order: order++ });
          group.add(members.at(-1)!);
        } else if (what !== "ask" && member) {
          group.delete(member);
          if (what === "leave") members.splice(members.indexOf(member), 1);
          else {
            member.backoffUntil = now + backoff;
            group.add(member);
          }
        }
        const until = (each: Waiter) => Math.max(each.backoffUntil, now);
        const sorted = [...members].sort((a, b) => until(a) - until(b) || a.order - b.order);
        if (what === "ask") expect(group.foremost(now)).toBe(sorted[0]);
        expect(group.size).toBe(members.length);
      }
    }),
    runs(300),
  );
});
