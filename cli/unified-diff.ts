/** The difference of two texts as `diff -u` shows it and `patch` takes it; "" where there is none. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return "";
  const [old, fresh] = [linesOf(before), linesOf(after)];
  const changes = compare(old, fresh);
  const hunks = gather(changes).map((hunk) => show(hunk, changes));
  return `--- a/${path}\n+++ b/${path}\n${hunks.join("")}`;
}

const context = 3;

interface Change {
  readonly sign: " " | "-" | "+";
  readonly text: string;
  /** How many lines of either text stand before it. */
  readonly old: number;
  readonly fresh: number;
}

/** With their line ends: a text that does not end in one differs from one that does. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? [];
}

/** A shortest way from one list of lines to the other where they are short; else what differs as a whole. */
function compare(old: readonly string[], fresh: readonly string[]): Change[] {
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, fresh.length) - head;
  while (tail < most && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail++;
  const [rows, columns] = [old.length - head - tail, fresh.length - head - tail];
  const common = rows * columns <= 4_000_000 ? commonLengths(old, fresh, head, rows, columns) : undefined;
  const changes: Change[] = [];
  let [i, j] = [0, 0];
  const push = (sign: Change["sign"], text: string) => {
    changes.push({ sign, text, old: i, fresh: j });
    if (sign !== "+") i++;
    if (sign !== "-") j++;
  };
  const length = (a: number, b: number) => common?.[a]?.[b] ?? 0;
  while (i < old.length || j < fresh.length) {
    const [a, b] = [i - head, j - head];
    const inside = a >= 0 && (a < rows || b < columns);
    if (!inside || (common !== undefined && old[i] === fresh[j])) push(" ", old[i]!);
    else if (b >= columns || (a < rows && length(a + 1, b) >= length(a, b + 1))) push("-", old[i]!);
    else push("+", fresh[j]!);
  }
  return changes;
}

/** The length of the longest common run of lines from each pair of places on. */
function commonLengths(
  old: readonly string[],
  fresh: readonly string[],
  head: number,
  rows: number,
  columns: number,
): Uint32Array[] {
  const table = Array.from({ length: rows + 1 }, () => new Uint32Array(columns + 1));
  for (let a = rows - 1; a >= 0; a--)
    for (let b = columns - 1; b >= 0; b--) {
      const same = old[head + a] === fresh[head + b];
      table[a]![b] = same ? table[a + 1]![b + 1]! + 1 : Math.max(table[a + 1]![b]!, table[a]![b + 1]!);
    }
  return table;
}

interface Hunk {
  readonly from: number;
  to: number;
}

/** Runs of changes with the lines around them, joined where these meet. */
function gather(changes: readonly Change[]): Hunk[] {
  const hunks: Hunk[] = [];
  for (const [index, { sign }] of changes.entries()) {
    if (sign === " ") continue;
    const last = hunks.at(-1);
    const [from, to] = [Math.max(index - context, 0), Math.min(index + context + 1, changes.length)];
    if (last !== undefined && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  return hunks;
}

function show({ from, to }: Hunk, changes: readonly Change[]): string {
  const part = changes.slice(from, to);
  const count = (without: Change["sign"]) => part.filter(({ sign }) => sign !== without).length;
  const [old, fresh] = [count("+"), count("-")];
  const first = part[0]!;
  const range = (start: number, length: number) =>
    `${length === 0 ? start : start + 1}${length === 1 ? "" : `,${length}`}`;
  const body = part.map(({ sign, text }) =>
    text.endsWith("\n") ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range(first.old, old)} +${range(first.fresh, fresh)} @@\n${body.join("")}`;
}
