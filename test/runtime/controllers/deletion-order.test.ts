import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pod } from "../../../model/core.ts";
import { type Stored, timestamp } from "../../../model/meta.ts";
import { inDeletionOrder } from "../../../runtime/controllers/deletion-order.ts";
import { runs } from "../../runs.ts";

const NOW = Date.parse("2026-01-10T00:00:00Z");

interface Draft {
  readonly node: boolean;
  readonly phase: "Pending" | "Unknown" | "Running";
  readonly ready: boolean;
  readonly cost: string | undefined;
  readonly readyAge: number;
  readonly restarts: readonly number[];
  readonly age: number;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  node: fc.boolean(),
  phase: fc.constantFrom("Pending", "Unknown", "Running"),
  ready: fc.boolean(),
  cost: fc.constantFrom(undefined, "0", "-5", "7", "07", "much", "99999999999"),
  readyAge: fc.constantFrom(0, 1, 60, 70, 3600, 86_400),
  restarts: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
  age: fc.constantFrom(0, 1, 60, 70, 3600, 86_400),
});

function podOf(given: Draft, index: number): Stored<Pod> {
  const conditions = [
    {
      type: "Ready",
      status: given.ready ? "True" : "False",
      lastTransitionTime: timestamp(NOW - given.readyAge * 1000),
    },
  ] as const;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `p${index}`,
      namespace: "default",
      uid: `uid-${(index * 7) % 10}`,
      resourceVersion: "1",
      creationTimestamp: timestamp(NOW - given.age * 1000),
      ...(given.cost === undefined
        ? {}
        : { annotations: { "controller.kubernetes.io/pod-deletion-cost": given.cost } }),
    },
    spec: { containers: [], ...(given.node ? { nodeName: "a" } : {}) },
    status: {
      phase: given.phase,
      conditions,
      containerStatuses: given.restarts.map((restartCount, number) => ({
        name: `c${number}`,
        state: {},
        lastState: {},
        ready: true,
        restartCount,
        image: "",
        imageID: "",
      })),
    },
  };
}

/** The eight rules once more, as plainly as they can be said: a list of numbers per pod, compared one after the other. */
function naive(drafts: readonly Draft[]): number[] {
  const bucket = (seconds: number) => (seconds === 0 ? -1 : Math.floor(Math.log2(seconds * 1e9)));
  const cost = ({ cost: text }: Draft) => (text === "-5" ? -5 : text === "7" ? 7 : 0);
  const before = (left: number, right: number): number => {
    const [a, b] = [drafts[left]!, drafts[right]!];
    const uids = ((left * 7) % 10) - ((right * 7) % 10);
    const phases = ["Pending", "Unknown", "Running"];
    if (a.node !== b.node) return a.node ? 1 : -1;
    if (a.phase !== b.phase) return phases.indexOf(a.phase) - phases.indexOf(b.phase);
    if (a.ready !== b.ready) return a.ready ? 1 : -1;
    if (cost(a) !== cost(b)) return cost(a) - cost(b);
    if (a.ready && b.ready && a.readyAge !== b.readyAge)
      return bucket(a.readyAge) - bucket(b.readyAge) || uids;
    const most = (each: Draft) => Math.max(0, ...each.restarts);
    if (most(a) !== most(b)) return most(b) - most(a);
    if (a.age !== b.age) return bucket(a.age) - bucket(b.age) || uids;
    return 0;
  };
  // Insertion sort: the simplest stable one.
  const sorted: number[] = [];
  for (const index of drafts.keys()) {
    let place = sorted.length;
    while (place > 0 && before(index, sorted[place - 1]!) < 0) place--;
    sorted.splice(place, 0, index);
  }
  return sorted;
}

describe("the order in which an rc deletes its pods", () => {
  test("is that of Kubernetes' eight rules", () => {
    fc.assert(
      fc.property(fc.array(draft, { maxLength: 2 }), (drafts) => {
        const pods = drafts.map(podOf);
        expect(inDeletionOrder(pods, NOW)).toEqual(naive(drafts).map((index) => pods[index]));
      }),
      runs(1500),
    );
    // In longer lists ages of one power of two and their uids need not be transitive; without equal powers they are.
    const apart = draft.map((each) => ({
      ...each,
      age: each.age === 70 ? 3600 : each.age,
      readyAge: each.readyAge === 70 ? 3600 : each.readyAge,
    }));
    fc.assert(
      fc.property(fc.array(apart, { maxLength: 9 }), (drafts) => {
        const pods = drafts.map(podOf);
        expect(inDeletionOrder(pods, NOW)).toEqual(naive(drafts).map((index) => pods[index]));
      }),
      runs(500),
    );
  });
});
