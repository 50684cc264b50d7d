import { alignTabs, printable } from "../print.ts";

/** Collects a description: lines at levels of two spaces, cells ended by tabs, aligned block by block. */
export interface DescriptionWriter {
  /** A line; cells are aligned with those of the lines around it. */
  line(level: number, ...cells: readonly (string | number)[]): void;
  /** What comes from here on is aligned on its own. */
  flush(): void;
  text(): string;
}

export function createWriter(): DescriptionWriter {
  let done = "";
  let block = "";
  const flush = () => {
    done += alignTabs(block);
    block = "";
  };
  return {
    line: (level, ...cells) => {
      block += `${"  ".repeat(level)}${cells.map((cell) => printable(String(cell))).join("\t")}\n`;
    },
    flush,
    text: () => {
      flush();
      return done;
    },
  };
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Mon, 23 Nov 2026 11:40:11 +0000`, in this machine's time zone (Go's RFC1123Z). */
export function longTime(instant: string | null | undefined): string {
  if (!instant) return "<unset>";
  const date = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${days[date.getDay()]}, ${two(date.getDate())} ${months[date.getMonth()]} ${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

/** A map as `Title: key=value`, one line for each key, sorted; `<none>` when it is empty. */
export function writeMap(
  writer: DescriptionWriter,
  level: number,
  title: string,
  map: Readonly<Record<string, string>> | undefined,
  separator = "=",
): void {
  const keys = Object.keys(map ?? {}).sort();
  if (keys.length === 0) writer.line(level, title, "<none>");
  for (const [index, key] of keys.entries())
    writer.line(level, index === 0 ? title : "", `${key}${separator}${map![key]}`);
}

/** Annotations, without the one in which kubectl keeps the whole object. */
export function writeAnnotations(
  writer: DescriptionWriter,
  level: number,
  title: string,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  const { "kubectl.kubernetes.io/last-applied-configuration": _, ...shown } = annotations ?? {};
  writeMap(writer, level, title, shown, ": ");
}

/** Values under one title, one line each. */
export function writeList(
  writer: DescriptionWriter,
  level: number,
  title: string,
  values: readonly string[],
): void {
  if (values.length === 0) writer.line(level, title, "<none>");
  for (const [index, value] of values.entries()) writer.line(level, index === 0 ? title : "", value);
}
