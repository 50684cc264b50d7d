import type { PodCommand, PodEvent } from "../../environment.ts";
import type { Change } from "../../store/history.ts";
import type { Store } from "../../store/store.ts";
import { clusterAddresses, nodePorts, podAddresses } from "./addresses.ts";
import { backoff } from "./backoff.ts";
import { boundOnce } from "./bound-once.ts";
import { durability } from "./durability.ts";
import { endpoints } from "./endpoints.ts";
import { grace } from "./grace.ts";
import type { Invariant, Run, Violation } from "./invariant.ts";
import { nodeCapacity } from "./node-capacity.ts";
import { placement } from "./placement.ts";
import { readiness } from "./readiness.ts";
import { replicas } from "./replicas.ts";
import { rollout } from "./rollout.ts";
import { rules } from "./rules.ts";
import { scaleDown } from "./scale-down.ts";
import { serviceAddress } from "./service-address.ts";
import { silence } from "./silence.ts";
import { startOrder } from "./start-order.ts";
import { tolerance } from "./tolerance.ts";
import { volumes } from "./volumes.ts";

/** What holds in every run of every scenario without being asked for. */
export const invariants: readonly Invariant[] = [
  nodeCapacity,
  placement,
  boundOnce,
  podAddresses,
  nodePorts,
  clusterAddresses,
  serviceAddress,
  replicas,
  scaleDown,
  rollout,
  readiness,
  endpoints,
  rules,
  startOrder,
  backoff,
  grace,
  silence,
  tolerance,
  durability,
  volumes,
];

/** An invariant that did not hold, and when: milliseconds since the epoch. */
export interface Broken extends Violation {
  readonly invariant: string;
  readonly at: number;
}

/** All invariants at work on one run. What has been broken once is kept; nothing is looked at after it. */
export interface Watch {
  readonly broken: Broken | undefined;
  change(change: Change): void;
  command(command: PodCommand): void;
  answer(event: PodEvent): void;
  restarted(before: Store, after: Store): void;
  settled(): void;
}

export function watchInvariants(run: Run): Watch {
  const { now } = run;
  const watchers = invariants.map((invariant) => ({ invariant, ...invariant.watch(run) }));
  // There are many of these for each pod, and few who look.
  const ofChanges = watchers.filter(({ change }) => change);
  const ofCommands = watchers.filter(({ command }) => command);
  const ofAnswers = watchers.filter(({ answer }) => answer);
  let broken: Broken | undefined;
  const note = (invariant: Invariant, violation: Violation | undefined) => {
    if (violation) broken ??= { invariant: invariant.name, at: now(), ...violation };
  };
  return {
    get broken() {
      return broken;
    },
    change(change) {
      if (!broken) for (const { invariant, change: look } of ofChanges) note(invariant, look?.(change));
    },
    command(command) {
      if (!broken) for (const { invariant, command: look } of ofCommands) note(invariant, look?.(command));
    },
    answer(event) {
      if (!broken) for (const { invariant, answer: look } of ofAnswers) note(invariant, look?.(event));
    },
    restarted(before, after) {
      if (broken) return;
      for (const { invariant, restarted: look } of watchers) note(invariant, look?.(before, after));
    },
    settled() {
      if (!broken) for (const { invariant, settled: look } of watchers) note(invariant, look?.());
    },
  };
}
