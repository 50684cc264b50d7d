import { naturalLogarithm } from "../../base/logarithm.ts";
import type { Random } from "../../base/random.ts";
import type { ContainerBehaviour, Span } from "../../model/scenario.ts";
import type { SimulatedBehaviour } from "../kubelet/drivers/simulated.ts";

/** The longest time that an exponential span gives, in means: else one draw could make a run endless. */
const longest = 20;

/** How one instance of a container behaves, drawn from what the plan says of the container. */
export function drawBehaviour(behaviour: ContainerBehaviour, random: Random): SimulatedBehaviour {
  const { start, ready, run, exitCode, startFails, stop, unready } = behaviour;
  const drawn = (name: string, span: Span) => drawSpan(span, random.fork(name));
  return {
    ...(start === undefined ? {} : { startDelay: drawn("start", start) }),
    ...(ready === undefined
      ? {}
      : { readyDelay: ready === "never" ? Number.POSITIVE_INFINITY : drawn("ready", ready) }),
    ...(run === undefined ? {} : { exitAfter: drawn("run", run), exitCode: exitCode ?? 0 }),
    ...(stop === undefined
      ? {}
      : { stopDelay: stop === "never" ? Number.POSITIVE_INFINITY : drawn("stop", stop) }),
    ...(startFails !== undefined && random.fork("startFails").below(1_000_000) < startFails * 1_000_000
      ? { failure: { reason: "RunContainerError", message: "this start fails in simulation (startFails)" } }
      : {}),
    ...(unready === undefined || ready === "never"
      ? {}
      : { unready: flapping(unready, random.fork("unready")) }),
  };
}

function flapping(
  { every, lasting }: NonNullable<ContainerBehaviour["unready"]>,
  random: Random,
): NonNullable<SimulatedBehaviour["unready"]> {
  return () => ({ after: drawSpan(every, random), lasting: drawSpan(lasting, random) });
}

/** Whole milliseconds. */
export function drawSpan(span: Span, random: Random): number {
  if (typeof span === "number") return span;
  if ("from" in span) return span.from + random.below(span.to - span.from + 1);
  const uniform = (random.below(1_000_000_000) + 1) / 1_000_000_000;
  return Math.round(Math.min(longest, -naturalLogarithm(uniform)) * span.mean);
}
