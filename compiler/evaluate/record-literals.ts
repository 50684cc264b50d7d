import { span } from "../binder/symbol.ts";
import { duplicateKey } from "../diagnostics/catalog/types.ts";
import type { Span } from "../source/source.ts";
import type { Field, LetDeclaration, Member } from "../syntax/ast.ts";
import { conform } from "./conform.ts";
import { type Evaluator, errorValue, type Frame, innerFrame, lazy, report, spendAt } from "./context.ts";
import { evaluate, evaluateCondition } from "./expressions.ts";
import { iterate } from "./loops.ts";
import { textOf } from "./text.ts";
import type { FieldValue } from "./value.ts";

/** The fields that came by a spread, if any did: what is written out may override them. */
interface Spread {
  keys: Set<string> | undefined;
}

/** The fields of a record literal, its spreads, `if`s and `for`s worked out. */
export function expandRecord(
  evaluator: Evaluator,
  members: readonly Member[],
  frame: Frame,
): Map<string, FieldValue> | undefined {
  const fields = new Map<string, FieldValue>();
  return expand(evaluator, members, frame, fields, { keys: undefined }) ? fields : undefined;
}

function expand(
  evaluator: Evaluator,
  members: readonly Member[],
  frame: Frame,
  fields: Map<string, FieldValue>,
  spread: Spread,
): boolean {
  let sound = true;
  for (const member of members) {
    switch (member.kind) {
      case "let":
        declareLet(evaluator, member, frame);
        break;
      case "field": {
        const key = fieldKey(evaluator, member, frame);
        if (key === undefined) sound = false;
        else setField(evaluator, key, member, frame, fields, spread);
        break;
      }
      case "spread": {
        const value = evaluate(evaluator, member.value, frame);
        if (value.kind !== "record") sound = false;
        else
          for (const [key, field] of value.fields) {
            spendAt(evaluator, field.span, 1);
            if (!fields.has(key)) (spread.keys ??= new Set()).add(key);
            fields.set(key, field);
          }
        break;
      }
      case "if": {
        const holds = evaluateCondition(evaluator, member.condition, frame);
        const branch = holds ? member.then : (member.otherwise ?? []);
        if (holds === undefined || !expand(evaluator, branch, innerFrame(frame), fields, spread))
          sound = false;
        break;
      }
      case "for": {
        const done = iterate(evaluator, member.variables, member.over, member.condition, frame, (inner) => {
          if (!expand(evaluator, member.body, inner, fields, spread)) sound = false;
        });
        sound &&= done;
      }
    }
  }
  return sound;
}

function setField(
  evaluator: Evaluator,
  key: string,
  member: Field,
  frame: Frame,
  fields: Map<string, FieldValue>,
  spread: Spread,
): void {
  const keySpan = span(frame.module, member.key);
  spendAt(evaluator, keySpan, 1 + key.length);
  const before = fields.get(key);
  if (before && !spread.keys?.has(key)) reportAgain(evaluator, key, keySpan, before);
  spread.keys?.delete(key);
  fields.set(key, {
    value: evaluate(evaluator, member.value, frame),
    keySpan,
    span: span(frame.module, member.value),
  });
}

function reportAgain(evaluator: Evaluator, key: string, keySpan: Span, before: FieldValue): void {
  const secondary =
    before.keySpan.start === keySpan.start ? [] : [{ span: before.keySpan, text: "first here" }];
  report(evaluator, keySpan, (at) => duplicateKey(at, { key, where: "the record" }, { secondary }));
}

/** The key of a field as text; undefined when a worked-out key is erroneous. */
export function fieldKey(evaluator: Evaluator, member: Field, frame: Frame): string | undefined {
  if (member.key.kind === "name") return member.key.text === "" ? undefined : member.key.text;
  return textOf(evaluate(evaluator, member.key, frame));
}

/** Whether a block or record has names of its own, which what stands in it can read. */
export const declaresNames = (members: readonly Member[]): boolean =>
  members.some(({ kind }) => kind === "let");

/** Enters a `let` inside of a block; it is worked out where it is first read. */
export function declareLet(evaluator: Evaluator, member: LetDeclaration, frame: Frame): void {
  const place = span(frame.module, member.name);
  const compute = () => {
    const value = evaluate(evaluator, member.value, frame);
    const type = member.type && evaluator.checked.typeNodes.get(member.type);
    return type ? conform(evaluator, value, type, span(frame.module, member.value), frame.module) : value;
  };
  frame.names.set(
    member.name.text,
    lazy(member.name.text, place, member.name.text === "" ? () => errorValue : compute),
  );
}
