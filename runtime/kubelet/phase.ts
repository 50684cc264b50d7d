import type { ContainerStatus, PodPhase, PodSpec } from "../../model/core.ts";

/** What the containers of a pod say of themselves, each list in the spec's order. */
export interface Statuses {
  readonly init: readonly ContainerStatus[];
  /** Which of the init containers are side cars. */
  readonly sidecars: ReadonlySet<string>;
  readonly main: readonly ContainerStatus[];
}

const none: readonly ContainerStatus[] = [];

/**
 * The phase of a pod from its containers' statuses (Kubernetes' `getPhase`). `terminal` says that the containers have
 * all ended for good, whatever the restart policy would allow. How a side car ends does not matter.
 */
export function podPhase(spec: PodSpec, { init, sidecars, main }: Statuses, terminal: boolean): PodPhase {
  const aside = sidecars.size === 0 ? none : init.filter(({ name }) => sidecars.has(name));
  const initialization = countInit(aside === none ? init : init.filter(({ name }) => !sidecars.has(name)));
  const { running: mainRunning, waiting, stopped, succeeded } = countMain(main);
  const running = mainRunning + aside.filter(({ state }) => state.running).length;
  // Once the main containers have begun a side car that restarts does not take the pod back.
  const awaited = waiting === main.length && aside.some(({ started }) => !started);
  if (initialization.failed > 0 && spec.restartPolicy === "Never") return "Failed";
  const ended = running === 0 && stopped > 0;
  if (terminal && ended && waiting === 0 && initialization.pending === 0) {
    return stopped === succeeded ? "Succeeded" : "Failed";
  }
  // A pod that is ended before all its containers ever ran has not done what it was for.
  if (terminal) return "Failed";
  if (initialization.pending > 0 || initialization.failed > 0 || waiting > 0 || awaited) return "Pending";
  if (running > 0) return "Running";
  if (!ended) return "Pending";
  if ((spec.restartPolicy ?? "Always") === "Always") return "Running";
  if (stopped === succeeded) return "Succeeded";
  return spec.restartPolicy === "Never" ? "Failed" : "Running";
}

function countInit(statuses: readonly ContainerStatus[]) {
  let pending = 0;
  let failed = 0;
  for (const { state, lastState } of statuses) {
    const ended = state.terminated ?? (state.waiting ? lastState.terminated : undefined);
    if (!ended) pending++;
    else if (ended.exitCode !== 0) failed++;
  }
  return { pending, failed };
}

function countMain(statuses: readonly ContainerStatus[]) {
  let running = 0;
  let waiting = 0;
  let stopped = 0;
  let succeeded = 0;
  for (const { state, lastState } of statuses) {
    if (state.running) running++;
    else if (state.terminated) {
      stopped++;
      if (state.terminated.exitCode === 0) succeeded++;
    } else if (lastState.terminated) stopped++;
    else waiting++;
  }
  return { running, waiting, stopped, succeeded };
}
