import type { KindInfo } from "../../model/meta.ts";
import { type Resource, resources } from "./resources.ts";

/** Everything that is served, for those who tell of it (discovery, the published schema): what is kept, what is a view, what only answers. */

export interface GroupVersion {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
}

/** A resource as discovery tells of it; its kind need not be one that the store holds. */
export type ServedResource = Omit<Resource, "kind" | "info"> & {
  readonly kind: string;
  readonly info: Omit<KindInfo, "kind" | "apiVersion">;
};

/** The groups in the order of discovery: the core group first, so that its `pods` and `nodes` are the ones meant. */
export function groupsOf(all: readonly ServedResource[]): readonly GroupVersion[] {
  const named = all.map(({ group, version }) => [`${group}/${version}`, { group, version }] as const);
  return [...new Map(named).values()].sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : 0));
}

/** The resources of a group, by name: kubectl prints the kinds of `all` in this order. */
export function servedIn(
  { group, version }: GroupVersion,
  all: readonly ServedResource[] = resources,
): readonly ServedResource[] {
  return all
    .filter((each) => each.group === group && each.version === version)
    .sort((a, b) => (a.info.plural < b.info.plural ? -1 : 1));
}

/** `v1`, `coordination.k8s.io/v1`. */
export function groupVersionName({ group, version }: GroupVersion): string {
  return group === "" ? version : `${group}/${version}`;
}

/** `/api/v1`, `/apis/coordination.k8s.io/v1`. */
export function groupVersionPath(each: GroupVersion): string {
  return each.group === "" ? `/api/${each.version}` : `/apis/${groupVersionName(each)}`;
}
