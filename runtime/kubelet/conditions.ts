import type { Condition, ContainerStatus, PodPhase } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";
import { condition } from "../../model/pod.ts";
import type { Statuses } from "./phase.ts";

type Verdict = Omit<Condition, "lastTransitionTime" | "lastProbeTime">;

/** The kubelet's own, in Kubernetes' order. */
const order = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/** The kubelet's verdicts on a pod (Kubernetes' `pkg/kubelet/status/generate.go`). */
export function podVerdicts(phase: PodPhase, sandboxReady: boolean, statuses: Statuses): readonly Verdict[] {
  const containersReady = containersReadyVerdict(phase, statuses);
  return [
    { type: "PodReadyToStartContainers", status: sandboxReady ? "True" : "False" },
    initializedVerdict(phase, statuses),
    readyVerdict(containersReady),
    containersReady,
    { type: "PodScheduled", status: "True" },
  ];
}

function readyVerdict({ status, reason, message }: Verdict): Verdict {
  const verdict: { type: string; status: Verdict["status"]; reason?: string; message?: string } = {
    type: "Ready",
    status,
  };
  if (reason !== undefined) verdict.reason = reason;
  if (message !== undefined) verdict.message = message;
  return verdict;
}

function initializedVerdict(phase: PodPhase, { init, sidecars, main }: Statuses): Verdict {
  const type = "Initialized";
  if (phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  if (main.some(({ started, state, lastState }) => started || state.terminated || lastState.terminated)) {
    return { type, status: "True" };
  }
  const isComplete = ({ name, ready, started }: ContainerStatus) => (sidecars.has(name) ? started : ready);
  if (init.every(isComplete)) return { type, status: "True" };
  const incomplete = init.filter((status) => !isComplete(status)).map(({ name }) => name);
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotInitialized", message };
}

function containersReadyVerdict(phase: PodPhase, { init, sidecars, main }: Statuses): Verdict {
  const type = "ContainersReady";
  if (phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const lasting = sidecars.size === 0 ? main : [...init.filter(({ name }) => sidecars.has(name)), ...main];
  if (lasting.every(({ ready }) => ready)) return { type, status: "True" };
  const unready = lasting.filter(({ ready }) => !ready).map(({ name }) => name);
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotReady", message };
}

/**
 * The list of conditions with the verdicts, which come in Kubernetes' order, in it; a transition time moves only with
 * the status, others' conditions stay as they are. Frozen; what says the same as before is the very same.
 */
export function mergeConditions(
  previous: readonly Condition[] | undefined,
  verdicts: readonly Verdict[],
  now: number,
): readonly Condition[] {
  const merged: Condition[] = [];
  for (const verdict of verdicts) {
    const known = condition(previous, verdict.type);
    merged.push(known && saysSame(known, verdict) ? known : newCondition(verdict, known, now));
  }
  for (const other of previous ?? []) if (!order.includes(other.type)) merged.push(other);
  const same = previous?.length === merged.length && merged.every((each, index) => each === previous[index]);
  return same ? previous : Object.freeze(merged);
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

function newCondition(
  { type, status, reason, message }: Verdict,
  known: Condition | undefined,
  now: number,
): Condition {
  const since = known?.status === status ? known.lastTransitionTime : undefined;
  const lastTransitionTime = since ?? timestamp(now);
  if (reason === undefined) return Object.freeze({ type, status, lastProbeTime: null, lastTransitionTime });
  return message === undefined
    ? Object.freeze({ type, status, reason, lastProbeTime: null, lastTransitionTime })
    : Object.freeze({ type, status, reason, message, lastProbeTime: null, lastTransitionTime });
}
