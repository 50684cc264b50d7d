import fc from "fast-check";
import { expect, test } from "vitest";
import type { Condition, ContainerStatus, Pod, PodStatus } from "../../../model/core.ts";
import { type Stored, timestamp } from "../../../model/meta.ts";
import { deepFreeze } from "../../../runtime/client/structure.ts";
import { podVerdicts } from "../../../runtime/kubelet/conditions.ts";
import { podStatus } from "../../../runtime/kubelet/status.ts";
import { createWorker, isAlive, type PodWorker } from "../../../runtime/kubelet/worker.ts";
import { runs } from "../../runs.ts";
import { container } from "./harness.ts";

const node = { name: "node-a", address: "10.0.0.1", allocatable: {} };
const start = Date.parse("2026-01-01T00:00:00Z");
const exit = fc.record(
  {
    exitCode: fc.nat(2),
    reason: fc.constantFrom("Completed", "Error"),
    startedAt: fc.constant(start),
    finishedAt: fc.constantFrom(start, start + 2000),
    containerId: fc.constantFrom("", "c-0", "other://c-0"),
    signal: fc.constant(9),
    message: fc.constant("why"),
  },
  { requiredKeys: ["exitCode", "reason", "startedAt", "finishedAt", "containerId"] },
);
const state = fc.record({
  phase: fc.constantFrom("waiting", "starting", "running", "exited"),
  waiting: fc.option(fc.constant({ reason: "CrashLoopBackOff", message: "back-off" }), { nil: undefined }),
  exit: fc.option(exit, { nil: undefined }),
  previous: fc.option(exit, { nil: undefined }),
  restartCount: fc.nat(2),
  containerId: fc.constantFrom("c-1", "other://c-1"),
  startedAt: fc.constantFrom(start, start + 1000, start + 2000),
});
const step = fc.record({
  after: fc.constantFrom(0, 400, 3000),
  containers: fc.array(state, { minLength: 3, maxLength: 3 }),
  sandbox: fc.constantFrom("creating", "ready", "removed"),
  ending: fc.constantFrom(
    undefined,
    { cause: "deleted", since: start },
    { cause: "evicted", since: start, reason: "Evicted", message: "short" },
    { cause: "rejected", since: start, reason: "OutOfcpu", message: "no room" },
  ),
  generation: fc.constantFrom(1, 2),
  /** What others have written meanwhile. */
  others: fc.constantFrom<object>({}, {}, { nominatedNodeName: "node-b" }, { resize: "Proposed" }),
});

/** What a status is made of, one field after the other; its parts are compared by what they say. */
test("a status says what its containers and its sandbox do, and shares what it says again", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), fc.nat(1), (steps, init) => {
      const pod = podOf(init);
      const worker = createWorker(pod, { local: {}, references: {} }, start);
      let now = start;
      for (const { after, containers, sandbox, ending, generation, others } of steps) {
        now += after;
        const status: PodStatus = Object.freeze({ ...worker.pod.status, ...others });
        worker.pod = { ...pod, metadata: { ...pod.metadata, generation }, status };
        for (const [index, each] of worker.containers.entries()) Object.assign(each, containers[index]);
        Object.assign(worker.sandbox, {
          phase: sandbox,
          address: sandbox === "removed" ? undefined : "10.1.0.1",
        });
        Object.assign(worker, { ending });
        const made = podStatus(worker, node, "simulated", now);
        expect(made).toEqual(naive(worker, status, made));
        if (ending?.cause !== "rejected")
          expect(made.conditions).toEqual(naiveConditions(worker, status, made, now));
        expectFrozen(made);
        worker.pod = { ...worker.pod, status: made };
        expect(podStatus(worker, node, "simulated", now + 5000)).toBe(made);
      }
    }),
    runs(100),
  );
});

function podOf(init: number): Stored<Pod> {
  const containers = [container("b"), container("a")];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default", uid: "u", generation: 1 },
    spec: { containers, ...(init ? { initContainers: [container("first")] } : {}) },
    status: deepFreeze({ phase: "Pending", qosClass: "BestEffort" }),
  } as unknown as Stored<Pod>;
}

/** The phase and the conditions are those of `made`: they have their own tests and model. */
function naive(worker: PodWorker, before: PodStatus, made: PodStatus): PodStatus {
  const { ending, sandbox, pod } = worker;
  const over = ending?.cause === "rejected" || (ending && worker.containers.every((each) => !isAlive(each)));
  const reason = (over ? ending?.reason : undefined) ?? before.reason;
  const startTime = before.startTime ?? timestamp(start);
  if (ending?.cause === "rejected") {
    const message = `Pod was rejected: ${ending.message}`;
    return defined({ ...before, phase: "Failed", reason, message, startTime }) as PodStatus;
  }
  const beginning = { reason: worker.init.length > 0 ? "PodInitializing" : "ContainerCreating" };
  const of = (each: PodWorker["main"][number]) => naiveContainer(each, beginning);
  const address = sandbox.phase === "ready" ? sandbox.address : undefined;
  return defined({
    ...before,
    observedGeneration: pod.metadata.generation,
    phase: made.phase,
    conditions: made.conditions,
    reason,
    message: (over ? ending?.message : undefined) ?? before.message,
    hostIP: node.address,
    podIP: address ?? before.podIP,
    podIPs: address ? [{ ip: address }] : before.podIPs,
    startTime,
    initContainerStatuses: worker.init.length > 0 ? worker.init.map(of) : before.initContainerStatuses,
    containerStatuses: worker.main.map(of).sort((a, b) => (a.name < b.name ? -1 : 1)),
  }) as PodStatus;
}

function naiveContainer(each: PodWorker["main"][number], beginning: { reason: string }): ContainerStatus {
  const { phase, waiting, exit, previous, spec, name, kind, restartCount } = each;
  const running = phase === "running";
  const ended = !running && !waiting && exit;
  const id = (text = "") => (text === "" || text.includes("://") ? text : `simulated://${text}`);
  const terminated = ({ startedAt, finishedAt, containerId, ...rest }: NonNullable<typeof exit>) => ({
    terminated: defined({
      ...rest,
      startedAt: timestamp(startedAt),
      finishedAt: timestamp(finishedAt),
      containerID: id(containerId) || undefined,
    }),
  });
  const last = running || ended ? previous : (exit ?? previous);
  const containerID = running ? id(each.containerId) : id((exit ?? previous)?.containerId);
  return defined({
    name,
    state: running
      ? { running: { startedAt: timestamp(each.startedAt) } }
      : ended
        ? terminated(ended)
        : { waiting: waiting ?? beginning },
    lastState: last ? terminated(last) : {},
    ready: kind === "init" ? phase === "exited" && exit?.exitCode === 0 : running,
    restartCount,
    image: spec.image,
    imageID: containerID && spec.image,
    containerID: containerID || undefined,
    started: running,
  }) as unknown as ContainerStatus;
}

function naiveConditions(worker: PodWorker, before: PodStatus, made: PodStatus, now: number): Condition[] {
  const statuses = {
    init: made.initContainerStatuses ?? [],
    main: made.containerStatuses!,
    sidecars: new Set<string>(),
  };
  if (worker.init.length === 0) statuses.init = [];
  return podVerdicts(worker.pod, made.phase!, worker.sandbox.phase === "ready", statuses).map((verdict) => {
    const known = before.conditions?.find(({ type }) => type === verdict.type);
    const since = known?.status === verdict.status ? known.lastTransitionTime : timestamp(now);
    return defined({ ...verdict, lastProbeTime: null, lastTransitionTime: since }) as Condition;
  });
}

/** A record without what is undefined. */
function defined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** All the way down, and nothing in it is undefined. */
function expectFrozen(value: unknown): void {
  expect(value).toBeDefined();
  expect(Object.isFrozen(value)).toBe(true);
  if (typeof value === "object" && value !== null)
    for (const part of Object.values(value)) expectFrozen(part);
}
