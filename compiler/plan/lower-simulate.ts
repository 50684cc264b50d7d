import type { ContainerBehaviour, Span } from "../../model/scenario.ts";
import { emptyDurations } from "../diagnostics/catalog/scenarios.ts";
import type { Block, FieldValue, Fraction } from "../evaluate/value.ts";
import { compact, type Draft, enter, help, mark, report } from "./draft.ts";
import { fieldsOf, present } from "./read.ts";

/** `simulate { start: 2s..10s }`: it stands in the plan beside the objects, and in none of them. */
export function lowerSimulate(draft: Draft, container: Block, block: Block | undefined): void {
  if (!block) return;
  const { fields } = block;
  mark(draft, `simulate[${container.name}]`, block.span);
  const span = (name: string) => readSpan(draft, fields.get(name));
  const figure = (name: string) => {
    const value = present(fields.get(name))?.value;
    return value?.kind === "number" || value?.kind === "quantity" ? amount(value.value) : undefined;
  };
  const unready = present(fields.get("unready"));
  const flapping = unready && fieldsOf(draft, unready);
  const every = flapping && fixed(readSpan(draft, flapping.get("every")));
  const lasting = flapping && fixed(readSpan(draft, flapping.get("lasting")));
  const behaviour = compact({
    start: fixed(span("start")),
    ready: span("ready"),
    run: fixed(span("run")),
    exitCode: figure("exitCode"),
    startFails: figure("startFails"),
    stop: span("stop"),
    unready: every !== undefined && lasting !== undefined ? { every, lasting } : undefined,
  }) as ContainerBehaviour;
  enter(draft.lowering.behaviour, draft.key, container.name ?? "", behaviour);
}

const fixed = (span: Span | "never" | undefined): Span | undefined => (span === "never" ? undefined : span);

const amount = ({ numerator, denominator }: Fraction): number => Number(numerator) / Number(denominator);

const milliseconds = (seconds: Fraction): number => Math.max(0, Math.round(amount(seconds) * 1000));

function readSpan(draft: Draft, field: FieldValue | undefined): Span | "never" | undefined {
  const given = present(field);
  switch (given?.value.kind) {
    case "quantity":
      return milliseconds(given.value.value);
    case "durations": {
      const [from, to] = [milliseconds(given.value.from), milliseconds(given.value.to)];
      if (from <= to) return { from, to };
      report(draft, emptyDurations(given.span, {}, { fixes: help("write the shorter one first") }));
      return undefined;
    }
    case "variant": {
      const time = given.value.arguments.get("time")?.value;
      if (given.value.name === "never") return "never";
      return time?.kind === "quantity" ? { mean: milliseconds(time.value) } : undefined;
    }
    default:
      return undefined;
  }
}
