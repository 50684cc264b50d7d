import { notFinite, valueOutside } from "../diagnostics/catalog/evaluate.ts";
import { lateUse } from "../diagnostics/catalog/types.ts";
import type { Span } from "../source/source.ts";
import { type Evaluator, report } from "./context.ts";
import { describeValue } from "./text.ts";
import type { Value } from "./value.ts";

/** Reports a value that cannot stand in a text. */
export function reportUnwritable(evaluator: Evaluator, value: Value, place: Span): void {
  report(evaluator, place, (at) =>
    value.kind === "late"
      ? lateUse(at, { what: "a text" })
      : value.kind === "number"
        ? notFinite(at, { value: describeValue(value) })
        : valueOutside(at, { value: describeValue(value), expected: "a text, number, address or Bool" }),
  );
}
