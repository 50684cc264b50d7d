import type { Container, Handler, Probe } from "../../model/core.ts";
import type { NetworkPlan, PodEvent, ProbeKind } from "../environment.ts";
import { resolveHandler } from "./ports.ts";
import type { ContainerWorker, PodWorker, ProbeWorker, Turn } from "./worker.ts";

/** How long beyond its own timeout a probe's answer is waited for. */
const answerSlack = 10_000;
const firstQuickDelay = 20;

const fields = { startup: "startupProbe", readiness: "readinessProbe", liveness: "livenessProbe" } as const;
const probeKinds = Object.keys(fields) as readonly ProbeKind[];
const titles = { startup: "Startup", readiness: "Readiness", liveness: "Liveness" } as const;

/** The probes of an instance that has started at `now`. */
export function createProbes(container: ContainerWorker, now: number): ProbeWorker[] {
  const probes: ProbeWorker[] = [];
  for (const kind of probeKinds) {
    const probe = container.spec[fields[kind]];
    if (!probe) continue;
    probes.push({
      kind,
      sequence: 0,
      answerBy: undefined,
      startedAt: now,
      nextAt: now + (probe.initialDelaySeconds ?? 0) * 1000,
      countsFrom: 0,
      quickDelay: firstQuickDelay,
      succeeded: false,
      run: undefined,
      result: "unknown",
      onHold: false,
      skipping: false,
    });
  }
  return probes;
}

/** Whether the container counts as started: it runs, and its startup probe, if it has one, has succeeded. */
export function isStarted(container: ContainerWorker): boolean {
  const startup = container.probes.find(({ kind }) => kind === "startup");
  return container.phase === "running" && (!startup || startup.result === "success");
}

/** Whether the container is ready: started, and its readiness probe, if it has one, succeeds. */
export function isContainerReady(container: ContainerWorker): boolean {
  const readiness = container.probes.find(({ kind }) => kind === "readiness");
  return isStarted(container) && (!readiness || readiness.result === "success");
}

/** Whether a probe has its turn at all. While the pod is ending only readiness goes on, as in Kubernetes. */
function isProbed(worker: PodWorker, container: ContainerWorker, probe: ProbeWorker): boolean {
  if (container.phase !== "running" || probe.onHold) return false;
  if (worker.ending && probe.kind !== "readiness") return false;
  return probe.kind === "startup" ? probe.result !== "success" : isStarted(container);
}

/** When a probe of the pod is next to be run or its answer given up; infinite where none is. */
export function nextProbe(worker: PodWorker): number {
  let at = Number.POSITIVE_INFINITY;
  for (const container of worker.containers) {
    for (const probe of container.probes) {
      const due = probe.answerBy ?? probe.nextAt;
      if (due < at && isProbed(worker, container, probe)) at = due;
    }
  }
  return at;
}

/** Runs the probes that are due. */
export function runProbes(worker: PodWorker, turn: Turn): void {
  for (const container of worker.containers) {
    for (const probe of container.probes) {
      if (!isProbed(worker, container, probe)) continue;
      if (probe.answerBy !== undefined) {
        if (turn.now < probe.answerBy) continue;
        probe.answerBy = undefined;
        scheduleNext(container, probe, "error", turn);
      }
      if (turn.now >= probe.nextAt) runProbe(worker, container, probe, turn);
    }
  }
}

function runProbe(worker: PodWorker, container: ContainerWorker, probe: ProbeWorker, turn: Turn): void {
  const spec = specOf(container, probe.kind);
  // The first runs are extra: what fails in them is counted only when a period has passed.
  if (probe.sequence === 0) probe.countsFrom = turn.now + (isQuick(probe, turn) ? period(spec) : 0);
  probe.startedAt = turn.now;
  probe.skipping = false;
  const action = actionOf(spec, container.spec, turn.network);
  if (typeof action === "string") {
    const message = `${titles[probe.kind]} probe errored and resulted in unknown state: ${action}`;
    if (probe.sequence++ === 0) turn.record("Warning", "Unhealthy", message, container);
    probe.nextAt = turn.now + period(spec);
    return;
  }
  const timeout = (spec.timeoutSeconds ?? 1) * 1000;
  probe.sequence++;
  probe.answerBy = turn.now + timeout + answerSlack;
  turn.send({
    type: "probe",
    podUid: worker.uid,
    container: container.name,
    attempt: container.attempt,
    probe: probe.kind,
    sequence: probe.sequence,
    action,
    address: worker.sandbox.address ?? "",
    timeoutMilliseconds: timeout,
  });
}

/** By probe, which the pods of a template share as they do the container. */
const actions = new WeakMap<
  Probe,
  { container: Container; network: NetworkPlan; action: Handler | string }
>();

/** What a probe does; a text says what is wrong with it. */
function actionOf(probe: Probe, container: Container, network: NetworkPlan): Handler | string {
  const known = actions.get(probe);
  if (known?.container === container && known.network === network) return known.action;
  const action = resolveHandler(probe, container, network);
  if (Object.isFrozen(container)) actions.set(probe, { container, network, action });
  return action;
}

/** What a result has changed: nothing, what is said of the pod, or the probe has failed for good: it is given. */
export type ProbeVerdict = "same" | "changed" | ProbeWorker;

/** Takes in the result of a probe; those of other instances and of earlier runs are dropped. */
export function applyProbeResult(
  container: ContainerWorker,
  event: Extract<PodEvent, { type: "probeResult" }>,
  turn: Turn,
): ProbeVerdict {
  const probe = container.probes.find(({ kind }) => kind === event.probe);
  if (!probe || event.attempt !== container.attempt) return "same";
  if (event.sequence !== probe.sequence || probe.answerBy === undefined) return "same";
  probe.answerBy = undefined;
  const counts = countsNow(container, probe, turn);
  scheduleNext(container, probe, event.outcome, turn);
  if (event.outcome === "error") return "same";
  if (event.outcome === "success") probe.succeeded = true;
  else if (!counts) return "same";
  else turn.record("Warning", "Unhealthy", `${titles[probe.kind]} probe failed: ${event.output}`, container);
  const verdict = countResult(container, probe, event.outcome);
  if (event.outcome === "success" && probe.result === "success")
    leaveOut(event.podUid, container, probe, turn);
  return verdict;
}

/** Runs of which the driver knows that they would succeed, which they do already, are left out. */
function leaveOut(podUid: string, container: ContainerWorker, probe: ProbeWorker, turn: Turn): void {
  if (!turn.healthyUntil) return;
  const until = turn.healthyUntil(podUid, container.name, container.attempt, probe.kind);
  const step = period(specOf(container, probe.kind));
  // One that takes longer than its period keeps no step.
  if (until <= probe.nextAt || probe.nextAt !== probe.startedAt + step) return;
  probe.skipping = true;
  probe.nextAt += Math.ceil((until - probe.nextAt) / step) * step;
}

/** What the driver has foreseen of a container does not hold: its probes go on at their next step after `now`. */
export function resumeProbes(container: ContainerWorker, now: number): void {
  for (const probe of container.probes) {
    if (!probe.skipping) continue;
    probe.skipping = false;
    const step = period(specOf(container, probe.kind));
    probe.nextAt = probe.startedAt + (Math.floor((now - probe.startedAt) / step) + 1) * step;
  }
}

function countResult(
  container: ContainerWorker,
  probe: ProbeWorker,
  outcome: "success" | "failure",
): ProbeVerdict {
  const spec = specOf(container, probe.kind);
  const length = probe.run?.outcome === outcome ? probe.run.length + 1 : 1;
  probe.run = { outcome, length };
  const threshold = outcome === "success" ? (spec.successThreshold ?? 1) : (spec.failureThreshold ?? 3);
  if (length < threshold || probe.result === outcome) return "same";
  probe.result = outcome;
  // That it is alive is said nowhere.
  if (outcome === "success" && probe.kind === "liveness") return "same";
  if (outcome === "success" || probe.kind === "readiness") return "changed";
  probe.onHold = true;
  return probe;
}

/** Readiness and startup are probed quickly until they first succeed, where somebody waits for that. */
function isQuick(probe: ProbeWorker, { steadyProbes }: Turn): boolean {
  return !steadyProbes && probe.kind !== "liveness" && !probe.succeeded;
}

function countsNow(container: ContainerWorker, probe: ProbeWorker, turn: Turn): boolean {
  if (!isQuick(probe, turn)) return true;
  if (probe.startedAt < probe.countsFrom) return false;
  const step = period(specOf(container, probe.kind));
  while (probe.countsFrom <= probe.startedAt) probe.countsFrom += step;
  return true;
}

function scheduleNext(
  container: ContainerWorker,
  probe: ProbeWorker,
  outcome: "success" | "failure" | "error",
  turn: Turn,
): void {
  const { now } = turn;
  const step = period(specOf(container, probe.kind));
  const regular = Math.max(now, probe.startedAt + step);
  if (outcome === "success" || !isQuick(probe, turn)) {
    probe.nextAt = regular;
    return;
  }
  probe.nextAt = Math.min(now + probe.quickDelay, Math.max(now + firstQuickDelay, probe.countsFrom));
  probe.quickDelay = Math.min(probe.quickDelay * 2, step);
}

function specOf(container: ContainerWorker, kind: ProbeKind): Probe {
  return container.spec[fields[kind]] ?? {};
}

function period(spec: Probe): number {
  return Math.max(spec.periodSeconds ?? 10, 1) * 1000;
}

/** What the Killing event says of a container whose probe has failed for good. */
export function probeKillMessage(container: ContainerWorker, { kind }: ProbeWorker): string {
  return `Container ${container.name} failed ${kind} probe, will be restarted`;
}

/** The grace that such a container gets: the probe's own, else the pod's. */
export function probeGraceSeconds(container: ContainerWorker, { kind }: ProbeWorker): number | undefined {
  return specOf(container, kind).terminationGracePeriodSeconds;
}
