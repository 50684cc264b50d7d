import { formatDuration } from "./durations.ts";

/**
 * What an assertion demands of a sequence of states, as small machines that are shown one state after the other. Times
 * are milliseconds of virtual time; conditions are asked about the state that is being shown.
 *
 * A run shows a monitor the state at which its assertion stands first, then every later one. Where time passes a
 * monitor's `deadline` after all states up to and at it, `expire` is called; at the end of the scenario, `end`.
 */
export interface Monitor {
  observe(time: number): Outcome | undefined;
  /** The instant after which something is decided though no state comes. */
  deadline(): number | undefined;
  expire(): Outcome | undefined;
  end(): Outcome;
  /** Whether it has been put to the test: a monitor that passes untested is vacuous. */
  tested(): boolean;
}

export interface Outcome {
  readonly verdict: "pass" | "fail";
  /** Of a failure: what was so instead, as the end of a sentence about the condition. */
  readonly why?: string;
  /** Of a failure: what was waited for was true in no state at all. */
  readonly never?: true;
  readonly margin?: Margin;
}

/** By how much something held. The smallest of all runs is told. */
export type Margin =
  /** So many milliseconds of the time that there was were left. */
  | { readonly type: "time"; readonly spare: number; readonly allowed: number }
  /** It was so all the time: nothing had to be waited for. */
  | { readonly type: "throughout" }
  /** The largest number of occurrences in one window, and how many were allowed. */
  | { readonly type: "count"; readonly most: number; readonly allowed: number };

type Condition = () => boolean;

const fail = (why: string): Outcome => ({ verdict: "fail", why });
const pass = (margin?: Margin): Outcome => ({ verdict: "pass", ...(margin && { margin }) });

/** `expect`: in the first state. */
export function expectation(condition: Condition): Monitor {
  return {
    observe: () => (condition() ? pass() : fail("does not hold")),
    deadline: () => undefined,
    expire: () => undefined,
    end: () => pass(),
    tested: () => true,
  };
}

/**
 * `always` and `never` (`wanted` is false): in every state from the first on, to the end; or up to and at `last`; or
 * before the first state in which `until` holds, should there be one.
 */
export function invariable(
  condition: Condition,
  wanted: boolean,
  limits: { readonly last?: number; readonly until?: Condition } = {},
): Monitor {
  const { last, until } = limits;
  let tested = false;
  return {
    observe: (time) => {
      if (last !== undefined && time > last) return pass();
      if (until?.()) return pass();
      tested = true;
      return condition() === wanted ? undefined : fail(wanted ? "does not hold" : "holds, and never may");
    },
    deadline: () => last,
    expire: () => pass(),
    end: () => pass(),
    tested: () => tested,
  };
}

/**
 * `eventually … within`: at some state up to and at the deadline. Where it is so in the first state already (the loss
 * of a node that nobody has noticed yet), nothing is shown by that: from the first state on in which it is not so, it
 * has to come true again in time. See docs/decisions/0042.
 */
export function eventually(condition: Condition, first: number, within: number): Monitor {
  const deadline = first + within;
  let missing = false;
  let seen = false;
  const failed = (why: string): Outcome => ({ ...fail(why), ...(!seen && { never: true }) });
  return {
    observe: (time) => {
      const holds = condition();
      seen ||= holds;
      if (!holds) missing = true;
      else if (missing) return pass({ type: "time", spare: deadline - time, allowed: within });
      return undefined;
    },
    deadline: () => deadline,
    expire: () => (missing ? failed("did not come true in time") : pass({ type: "throughout" })),
    end: () => (missing ? failed("did not come true") : pass({ type: "throughout" })),
    tested: () => true,
  };
}

/** `after X: e within D`: whenever `trigger` becomes true (it being true at first counts), `condition` is true at a state in time. */
export function following(trigger: Condition, condition: Condition, within: number): Monitor {
  let before = false;
  let triggered = false;
  let pending: number | undefined;
  let spare = within;
  return {
    observe: (time) => {
      const now = trigger();
      if (now && !before) {
        triggered = true;
        pending ??= time + within;
      }
      before = now;
      if (pending !== undefined && condition()) {
        spare = Math.min(spare, pending - time);
        pending = undefined;
      }
      return undefined;
    },
    deadline: () => pending,
    expire: () => fail("did not follow in time"),
    end: () => pass(triggered ? { type: "time", spare, allowed: within } : undefined),
    tested: () => triggered,
  };
}

/**
 * `stays e during D (within W)`: from the first state in which it is true it holds for so long. Where it may take a time
 * to become true, `within`, each state up to then may be the beginning: what is interrupted may begin again.
 */
export function staying(condition: Condition, during: number, first: number, within?: number): Monitor {
  let since: number | undefined;
  const margin = (): Margin | undefined =>
    within === undefined ? undefined : { type: "time", spare: first + within - since!, allowed: within };
  return {
    observe: (time) => {
      const holds = condition();
      if (since === undefined) {
        if (holds) since = time;
        return undefined;
      }
      if (holds) return undefined;
      if (within !== undefined && time <= first + within) {
        since = undefined;
        return undefined;
      }
      return fail(`was so for ${formatDuration(time - since)} of ${formatDuration(during)}`);
    },
    deadline: () =>
      since !== undefined ? since + during : within === undefined ? undefined : first + within,
    expire: () =>
      since === undefined ? { ...fail("did not become so in time"), never: true } : pass(margin()),
    end: () => (since === undefined ? { ...fail("never became so"), never: true } : pass(margin())),
    tested: () => true,
  };
}

/** `sometimes`: in some state. Whether that was so is told by its outcome: a run alone does not fail for it. */
export function sometime(condition: Condition): Monitor & { reached(): boolean } {
  let reached = false;
  return {
    observe: () => {
      if (!condition()) return undefined;
      reached = true;
      return pass();
    },
    deadline: () => undefined,
    expire: () => undefined,
    end: () => pass(),
    tested: () => true,
    reached: () => reached,
  };
}

/**
 * `at most n e per D`: of the times at which a Bool became true, or the amounts by which a number grew, no more than
 * `count` in any window `(t − per, t]`. The first state is what there was before.
 */
export function rationed(count: number, amount: () => boolean | number, per: number): Monitor {
  let before: number | undefined;
  let most = 0;
  let inWindow = 0;
  const growths: { readonly time: number; readonly by: number }[] = [];
  return {
    observe: (time) => {
      const now = Number(amount());
      const by = before === undefined ? 0 : Math.max(0, now - before);
      before = now;
      if (by === 0) return undefined;
      growths.push({ time, by });
      inWindow += by;
      while (growths[0]!.time <= time - per) inWindow -= growths.shift()!.by;
      most = Math.max(most, inWindow);
      return inWindow > count ? fail(`came to ${inWindow} within ${formatDuration(per)}`) : undefined;
    },
    deadline: () => undefined,
    expire: () => undefined,
    end: () => pass({ type: "count", most, allowed: count }),
    tested: () => true,
  };
}

/** Shows a monitor the state at `time`; what was due before is decided first. */
export function show(monitor: Monitor, time: number): Outcome | undefined {
  for (;;) {
    const deadline = monitor.deadline();
    if (deadline === undefined || deadline >= time) return monitor.observe(time);
    const outcome = monitor.expire();
    if (outcome) return outcome;
    if (monitor.deadline() === deadline) return monitor.observe(time);
  }
}
