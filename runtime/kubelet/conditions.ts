import type { Condition, ContainerStatus, Pod, PodPhase, PodSpec } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";
import type { Statuses } from "./phase.ts";

/** What is said of a pod in one respect. */
interface Verdict {
  readonly type: string;
  readonly status: Condition["status"];
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** The kubelet's own, in Kubernetes' order. */
const order = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

function verdict(type: string, status: Condition["status"], reason?: string, message?: string): Verdict {
  return { type, status, reason, message };
}

const withSandbox = verdict("PodReadyToStartContainers", "True");
const withoutSandbox = verdict("PodReadyToStartContainers", "False");
const initialized = verdict("Initialized", "True");
const completed = verdict("Initialized", "True", "PodCompleted");
const ready = verdict("Ready", "True");
const containersReady = verdict("ContainersReady", "True");
const scheduled = verdict("PodScheduled", "True");

/** The kubelet's verdicts on a pod (Kubernetes' `pkg/kubelet/status/generate.go`). */
export function podVerdicts(
  { spec, status }: Pick<Pod, "spec" | "status">,
  phase: PodPhase,
  sandboxReady: boolean,
  statuses: Statuses,
): readonly Verdict[] {
  const ofContainers = containersReadyVerdict(phase, statuses);
  return [
    sandboxReady ? withSandbox : withoutSandbox,
    initializedVerdict(phase, statuses),
    readyVerdict(ofContainers, spec.readinessGates, status?.conditions),
    ofContainers,
    scheduled,
  ];
}

/** A pod whose containers are ready waits for the conditions that others set of it (`GeneratePodReadyCondition`). */
function readyVerdict(
  ofContainers: Verdict,
  gates: PodSpec["readinessGates"],
  conditions: readonly Condition[] | undefined,
): Verdict {
  const { status, reason, message } = ofContainers;
  if (ofContainers !== containersReady) return verdict("Ready", status, reason, message);
  if (!gates?.length) return ready;
  const unmet = gates.flatMap(({ conditionType }) => {
    const found = condition(conditions, conditionType);
    if (found?.status === "True") return [];
    return found
      ? `the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`
      : `corresponding condition of pod readiness gate "${conditionType}" does not exist.`;
  });
  return unmet.length === 0 ? ready : verdict("Ready", "False", "ReadinessGatesNotReady", unmet.join(", "));
}

function initializedVerdict(phase: PodPhase, { init, sidecars, main }: Statuses): Verdict {
  if (phase === "Succeeded") return completed;
  if (holdsFor(main, hasBegun)) return initialized;
  const isComplete = ({ name, ready, started }: ContainerStatus) => (sidecars.has(name) ? started : ready);
  if (init.length === 0 || init.every(isComplete)) return initialized;
  const incomplete = init.filter((status) => !isComplete(status)).map(({ name }) => name);
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return verdict("Initialized", "False", "ContainersNotInitialized", message);
}

function containersReadyVerdict(phase: PodPhase, { init, sidecars, main }: Statuses): Verdict {
  const type = "ContainersReady";
  if (phase === "Succeeded") return verdict(type, "False", "PodCompleted");
  if (phase === "Failed") return verdict(type, "False", "PodFailed");
  const lasting = sidecars.size === 0 ? main : [...init.filter(({ name }) => sidecars.has(name)), ...main];
  if (!holdsFor(lasting, isUnready)) return containersReady;
  const unready: string[] = [];
  for (const { ready, name } of lasting) if (!ready) unready.push(name);
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return verdict(type, "False", "ContainersNotReady", message);
}

const isUnready = ({ ready }: ContainerStatus) => !ready;

const hasBegun = ({ started, state, lastState }: ContainerStatus) =>
  started || state.terminated !== undefined || lastState.terminated !== undefined;

/** Whether it holds for one of them. By index: `some` is slow on a frozen list, which these are. */
function holdsFor(
  statuses: readonly ContainerStatus[],
  holds: (status: ContainerStatus) => boolean | undefined,
): boolean {
  for (let index = 0; index < statuses.length; index++) if (holds(statuses[index]!)) return true;
  return false;
}

/**
 * The list of conditions with the verdicts, which come in Kubernetes' order, in it; a transition time moves only with
 * the status, others' conditions stay as they are. Frozen; what says the same as before is the very same.
 */
export function mergeConditions(
  previous: readonly Condition[] = [],
  verdicts: readonly Verdict[],
  now: number,
): readonly Condition[] {
  let own = 0;
  // A list that grows would keep room for more, and each pod keeps one.
  const merged = verdicts.map((each) => {
    const known = condition(previous, each.type);
    if (known) own++;
    return known && saysSame(known, each) ? known : newCondition(each, known, now);
  });
  if (own < previous.length)
    for (const other of previous) if (!order.includes(other.type)) merged.push(other);
  return hasSameItems(previous, merged) ? previous : shared(merged);
}

function saysSame(known: Condition, { status, reason, message }: Verdict): boolean {
  return (
    known.status === status &&
    known.reason === reason &&
    known.message === message &&
    known.lastProbeTime === null &&
    known.lastTransitionTime !== undefined
  );
}

/**
 * The last of each type that was made, by its status. Pods that come to the same within a second, as most that start
 * together do, have the same condition.
 */
const latest = {
  True: new Map<string, Condition>(),
  False: new Map<string, Condition>(),
  Unknown: new Map<string, Condition>(),
};

function newCondition(verdict: Verdict, known: Condition | undefined, now: number): Condition {
  const { type, status } = verdict;
  const since = known?.status === status ? known.lastTransitionTime : undefined;
  const lastTransitionTime = since ?? timestamp(now);
  const last = latest[status].get(type);
  if (last && saysSame(last, verdict) && last.lastTransitionTime === lastTransitionTime) return last;
  const made = makeCondition(verdict, lastTransitionTime);
  latest[status].set(type, made);
  return made;
}

function makeCondition({ type, status, reason, message }: Verdict, lastTransitionTime: string): Condition {
  if (reason === undefined) return Object.freeze({ type, status, lastProbeTime: null, lastTransitionTime });
  return message === undefined
    ? Object.freeze({ type, status, reason, lastProbeTime: null, lastTransitionTime })
    : Object.freeze({ type, status, reason, message, lastProbeTime: null, lastTransitionTime });
}

/** The last lists: most pods are at their beginning or ready. */
let lists: readonly (readonly Condition[])[] = [[], []];

/** The list, frozen, or one that was made just before of the same conditions. */
function shared(list: readonly Condition[]): readonly Condition[] {
  const [last = [], other = []] = lists;
  if (hasSameItems(last, list)) return last;
  const found = hasSameItems(other, list) ? other : Object.freeze(list);
  lists = [found, last];
  return found;
}

function hasSameItems(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}
