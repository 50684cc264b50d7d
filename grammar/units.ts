/**
 * The units that a number may end in. `m` is milli (a thousandth of a core); minutes are `min`. Memory takes the
 * suffixes of Kubernetes quantities, where `M` is 10⁶ and `Mi` is 2²⁰, and plain bytes are `B`.
 */
export const units = {
  cpu: ["m"],
  memory: ["B", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"],
  duration: ["ms", "s", "min", "h"],
  percent: ["%"],
} as const;

const known: ReadonlySet<string> = new Set(Object.values(units).flat());

export function isUnit(text: string): boolean {
  return known.has(text);
}

/** Other spellings that people bring along, with ours. Tried before the edit distance. */
const spellings: Readonly<Record<string, string>> = {
  K: "Ki",
  KB: "k",
  kB: "k",
  MB: "M",
  GB: "G",
  TB: "T",
  KiB: "Ki",
  MiB: "Mi",
  GiB: "Gi",
  TiB: "Ti",
  b: "B",
  bytes: "B",
  minute: "min",
  minutes: "min",
  mins: "min",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  hour: "h",
  hours: "h",
  hr: "h",
  hrs: "h",
  millis: "ms",
  msec: "ms",
  mcpu: "m",
  milli: "m",
  percent: "%",
};

/** The unit that was probably meant, or undefined when nothing is near. */
export function nearestUnit(text: string): string | undefined {
  if (Object.hasOwn(spellings, text)) return spellings[text];
  const lower = text.toLowerCase();
  for (const unit of known) if (unit.toLowerCase() === lower) return unit;
  const spelled = Object.keys(spellings).find((spelling) => spelling.toLowerCase() === lower);
  if (spelled !== undefined) return spellings[spelled];
  // One stray letter at the end (`10ss`, `64Mib`) or in front; more than that would be guessing.
  for (const part of [text.slice(0, -1), text.slice(1)]) if (part.length > 1 && known.has(part)) return part;
  return undefined;
}
