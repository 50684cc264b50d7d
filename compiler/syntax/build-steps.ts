import type { Block, ChaosFault, Clause, StepParts } from "../../grammar/builder.ts";
import type { Token } from "../../grammar/tokens.ts";
import type { Expression, Member } from "./ast.ts";
import { faultOf, nameOf, partOf, stepOf } from "./nodes.ts";

/** Makes the nodes of scenarios, and of `if`, which they have too. */
export class StepBuilder {
  step(first: Token, step: StepParts<Expression>, end: number): Member {
    return stepOf(first, step, end);
  }

  update(first: Token, word: Token, path: Expression, body: Block<Member>): Member {
    const { startOffset: start } = first;
    return { kind: "update", start, end: body.end, word: nameOf(word), path, body: body.members };
  }

  apply(first: Token, body: Block<Member>): Member {
    return { kind: "apply", start: first.startOffset, end: body.end, body: body.members };
  }

  fork(
    first: Token,
    count: Expression | undefined,
    variable: Token,
    over: Expression,
    body: Block<Member>,
  ): Member {
    return {
      kind: "fork",
      start: first.startOffset,
      end: body.end,
      ...(count && { count }),
      variable: nameOf(variable),
      over,
      body: body.members,
    };
  }

  repeat(first: Token, count: Expression, variable: Token | undefined, body: Block<Member>): Member {
    const { startOffset: start } = first;
    const named = variable === undefined ? {} : { variable: nameOf(variable) };
    return { kind: "repeat", start, end: body.end, count, ...named, body: body.members };
  }

  chaos(
    first: Token,
    clauses: readonly Clause<Expression>[],
    faults: readonly ChaosFault<Expression>[],
    end: number,
  ): Member {
    return {
      kind: "chaos",
      start: first.startOffset,
      end,
      clauses: clauses.map(partOf),
      faults: faults.map(faultOf),
    };
  }

  ifMember(
    first: Token,
    condition: Expression,
    then: Block<Member>,
    otherwise: Block<Member> | Member | undefined,
    end: number,
  ): Member {
    const other =
      otherwise === undefined ? undefined : "members" in otherwise ? otherwise.members : [otherwise];
    return {
      kind: "if",
      start: first.startOffset,
      end,
      condition,
      // biome-ignore lint/suspicious/noThenProperty: named as in the source; the value is a list, never called
      then: then.members,
      ...(other && { otherwise: other as readonly Member[] }),
    };
  }
}
