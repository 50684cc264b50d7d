import type { Condition, ContainerStatus, PodPhase } from "../../model/core.ts";
import { timestamp } from "../../model/meta.ts";

type Verdict = Omit<Condition, "lastTransitionTime" | "lastProbeTime">;

/** Kubernetes' order. */
const order = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

/** The kubelet's verdicts on a pod (Kubernetes' `pkg/kubelet/status/generate.go`). */
export function podVerdicts(
  phase: PodPhase,
  sandboxReady: boolean,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
): readonly Verdict[] {
  const containersReady = containersReadyVerdict(phase, main);
  return [
    { type: "PodReadyToStartContainers", status: sandboxReady ? "True" : "False" },
    initializedVerdict(phase, init, main),
    { ...containersReady, type: "Ready" },
    containersReady,
    { type: "PodScheduled", status: "True" },
  ];
}

function initializedVerdict(
  phase: PodPhase,
  init: readonly ContainerStatus[],
  main: readonly ContainerStatus[],
): Verdict {
  const type = "Initialized";
  if (phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  if (main.some(({ started, state, lastState }) => started || state.terminated || lastState.terminated)) {
    return { type, status: "True" };
  }
  const incomplete = init.filter(({ ready }) => !ready).map(({ name }) => name);
  if (incomplete.length === 0) return { type, status: "True" };
  const message = `containers with incomplete status: [${incomplete.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotInitialized", message };
}

function containersReadyVerdict(phase: PodPhase, main: readonly ContainerStatus[]): Verdict {
  const type = "ContainersReady";
  if (phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const unready = main.filter(({ ready }) => !ready).map(({ name }) => name);
  if (unready.length === 0) return { type, status: "True" };
  const message = `containers with unready status: [${unready.join(" ")}]`;
  return { type, status: "False", reason: "ContainersNotReady", message };
}

/** The list of conditions with the verdicts in it; a transition time moves only with the status, others' stay as they are. */
export function mergeConditions(
  previous: readonly Condition[] | undefined,
  verdicts: readonly Verdict[],
  now: number,
): readonly Condition[] {
  const before = new Map((previous ?? []).map((each) => [each.type, each]));
  const own = order.flatMap((type) => {
    const verdict = verdicts.find((each) => each.type === type);
    if (!verdict) return [];
    const known = before.get(type);
    const since = known?.status === verdict.status ? known.lastTransitionTime : undefined;
    return { ...verdict, lastProbeTime: null, lastTransitionTime: since ?? timestamp(now) };
  });
  return [...own, ...(previous ?? []).filter(({ type }) => !order.includes(type))];
}
