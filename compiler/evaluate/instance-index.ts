import type { ForMember } from "../syntax/ast.ts";
import type { Instance, Iteration } from "./context.ts";
import { isInteger } from "./fraction.ts";
import { textOf } from "./text.ts";
import type { Value } from "./value.ts";

/** Finds among the instances of one declaration, which are many where families and loops are, those that are meant. */

interface Index {
  /** By the loops that all instances lie in, then by round; undefined where some do not lie in the same loops. */
  readonly rounds: ReadonlyMap<ForMember, ReadonlyMap<number, readonly Instance[]>> | undefined;
  /** By the number of keys looked for, then by the keys' signature. */
  readonly keyed: Map<number, ReadonlyMap<string, readonly Instance[]>>;
}

const indices = new WeakMap<readonly Instance[], Index>();

function indexOf(instances: readonly Instance[]): Index {
  let index = indices.get(instances);
  if (!index) indices.set(instances, (index = { rounds: roundsOf(instances), keyed: new Map() }));
  return index;
}

function roundsOf(instances: readonly Instance[]): Index["rounds"] {
  const rounds = new Map<ForMember, Map<number, Instance[]>>();
  for (const instance of instances)
    for (const { member, ordinal } of instance.iterations) {
      let byOrdinal = rounds.get(member);
      if (!byOrdinal) rounds.set(member, (byOrdinal = new Map()));
      enter(byOrdinal, ordinal, instance);
    }
  const even = instances.every(({ iterations }) => iterations.length === rounds.size);
  return even ? rounds : undefined;
}

function enter<Key>(table: Map<Key, Instance[]>, key: Key, instance: Instance): void {
  const list = table.get(key);
  if (list) list.push(instance);
  else table.set(key, [instance]);
}

/** The instances that can be meant from inside of these rounds of loops; the same list where the loops do not matter. */
export function inRounds(instances: readonly Instance[], active: readonly Iteration[]): readonly Instance[] {
  if (active.length === 0) return instances;
  const { rounds } = indexOf(instances);
  const fits = (instance: Instance) =>
    instance.iterations.every((own) => {
      const here = active.find((one) => one.member === own.member);
      return !here || here.ordinal === own.ordinal;
    });
  if (!rounds) return instances.filter(fits);
  for (const { member, ordinal } of active) {
    const byOrdinal = rounds.get(member);
    if (byOrdinal) return (byOrdinal.get(ordinal) ?? []).filter(fits);
  }
  return instances;
}

/** The instances among which are all whose last keys are these; all of them where the keys are no texts and numbers. */
export function withKeys(instances: readonly Instance[], keys: readonly Value[]): readonly Instance[] {
  const wanted = signature(keys);
  if (wanted === undefined) return instances;
  const { keyed } = indexOf(instances);
  let table = keyed.get(keys.length);
  if (!table) {
    const made = new Map<string, Instance[]>();
    for (const instance of instances) {
      const own = signature(instance.keys.slice(-keys.length));
      // One that has no signature could be equal to any.
      if (own === undefined) return instances;
      enter(made, own, instance);
    }
    keyed.set(keys.length, (table = made));
  }
  return table.get(wanted) ?? [];
}

function signature(keys: readonly Value[]): string | undefined {
  const parts: string[] = [];
  for (const key of keys) {
    const text = key.kind === "number" && isInteger(key.value) ? `#${key.value.numerator}` : plainText(key);
    if (text === undefined) return undefined;
    parts.push(text);
  }
  return parts.join("\0");
}

const plainText = (key: Value): string | undefined =>
  key.kind === "string" && textOf(key) !== undefined ? `"${textOf(key)}` : undefined;
