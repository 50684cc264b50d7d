import type { Expression, IfMember } from "../syntax/ast.ts";
import type { Enclosure, Site } from "./symbol.ts";

type Branch = Extract<Enclosure, { kind: "if" }>;

const branches = (enclosures: readonly Enclosure[]): readonly Branch[] =>
  enclosures.filter((enclosure): enclosure is Branch => enclosure.kind === "if");

/** Whether two places can never both exist: they lie in different branches of one `if`. */
export function exclusive(left: readonly Enclosure[], right: readonly Enclosure[]): boolean {
  return branches(left).some((one) =>
    branches(right).some((other) => one.member === other.member && one.branch !== other.branch),
  );
}

/**
 * Whether something declared at `sites` exists whenever `place` does: one of the sites lies under no condition
 * that `place` does not lie under too, or every branch of some `if` declares it. Another `if` of the same condition is
 * as good, and so is one that allows fewer values of the same (`x == "a"` for `x in ["a", "b"]`); what else follows from
 * conditions is not worked out.
 */
export function alwaysSeen(sites: readonly Site[], place: readonly Enclosure[]): boolean {
  for (const { enclosures } of sites) if (enclosures.length === 0) return true;
  const held = branches(place);
  const open = sites
    .map((site) => branches(site.enclosures))
    .filter((conditions) => !conditions.some((one) => held.some((other) => contradicts(one, other))))
    .map((conditions) => conditions.filter((one) => !held.some((other) => same(one, other))));
  return covers(open);
}

const same = (one: Branch, held: Branch) =>
  one.branch === held.branch &&
  (one.member === held.member ||
    alike(one.member.condition, held.member.condition) ||
    (one.branch === "then" && follows(one.member.condition, held.member.condition)));
const contradicts = (one: Branch, other: Branch) =>
  one.member === other.member && one.branch !== other.branch;

/** Whether two expressions are written the same but for white space. Names are never shadowed, so that they mean the same then. */
function alike(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return one === other;
  const [left, right] = [one, other].map((node) =>
    Object.entries(node).filter(([key]) => !positions.has(key)),
  );
  return (
    left!.length === right!.length &&
    left!.every(([key, value]) => alike(value, (other as Record<string, unknown>)[key]))
  );
}

const positions: ReadonlySet<string> = new Set(["start", "end", "range", "keyRange"]);

/** Whether `one` holds wherever `held` does, since both say which values the same may have. */
function follows(one: Expression, held: Expression): boolean {
  const [wide, narrow] = [allowed(one), allowed(held)];
  if (!wide || !narrow || !alike(wide.subject, narrow.subject)) return false;
  return narrow.values.every((value) => wide.values.some((other) => alike(value, other)));
}

function allowed(condition: Expression): { subject: Expression; values: readonly Expression[] } | undefined {
  if (condition.kind !== "binary") return undefined;
  const { operator, left, right } = condition;
  if (operator === "==") return { subject: left, values: [right] };
  if (operator !== "in" || right.kind !== "list" || right.comprehension) return undefined;
  if (right.items.some(({ spread }) => spread)) return undefined;
  return { subject: left, values: right.items.map(({ value }) => value) };
}

function covers(conditions: readonly (readonly Branch[])[]): boolean {
  if (conditions.some((list) => list.length === 0)) return true;
  const members = new Set<IfMember>(conditions.map((list) => list[0]!.member));
  return [...members].some((member) =>
    (["then", "otherwise"] as const).every((branch) => {
      const under = conditions.filter((list) => list[0]!.member === member && list[0]!.branch === branch);
      return under.length > 0 && covers(under.map((list) => list.slice(1)));
    }),
  );
}
