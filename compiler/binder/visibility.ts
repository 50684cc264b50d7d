import type { IfMember } from "../syntax/ast.ts";
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
 * that `place` does not lie under too, or every branch of some `if` declares it.
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

const same = (one: Branch, other: Branch) => one.member === other.member && one.branch === other.branch;
const contradicts = (one: Branch, other: Branch) =>
  one.member === other.member && one.branch !== other.branch;

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
