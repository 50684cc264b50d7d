import picocolors from "picocolors";
import { editDistance } from "../base/edit-distance.ts";
import { allEntries, type KnownEntry } from "../compiler/diagnostics/catalog/index.ts";
import { noticeCodes } from "../runtime/host/check/notice.ts";
import { hasColor } from "./color.ts";
import { CommandError } from "./error.ts";

/**
 * `kdsl explain [CODE | FIELD]`: what a diagnostic means, an example and the way out, what a field is for, or
 * what a word of scenarios means; without any all codes that there are, one a line.
 */
export async function explainCommand(code: string | undefined): Promise<void> {
  if (code === undefined) {
    for (const [known, title] of titles()) console.log(`${known}  ${title}`);
    return;
  }
  if (!/^(kd)?\d*$/i.test(code.trim())) {
    const { explainField } = await import("./explain-field.ts");
    const { explainInScenario } = await import("./explain-scenario.ts");
    const inScenario = explainInScenario(code);
    console.log(inScenario === undefined ? explainField(code) : alsoField(explainField, code, inScenario));
    return;
  }
  const wanted = `KD${code.trim().toUpperCase().replace(/^KD/, "")}`;
  const entry = allEntries().find((each) => each.code === wanted);
  const text = entry ? await explained(entry) : explainNotice(wanted);
  if (text === undefined) throw unknownCode(wanted, code);
  console.log(text.trimEnd());
}

/** Some words are fields, too: `container.ready` beside `ready(web)`. */
function alsoField(explainField: (query: string) => string, word: string, inScenario: string): string {
  try {
    return `${explainField(word).trimEnd()}\n\n${inScenario}`;
  } catch (error) {
    if (error instanceof CommandError) return inScenario;
    throw error;
  }
}

async function explained({ code, severity, title, cause, fix }: KnownEntry): Promise<string> {
  const paint = picocolors.createColors(hasColor(process.stdout));
  const head = severity === "error" ? paint.red : paint.yellow;
  const indented = (text: string) =>
    text
      .split("\n")
      .map((line) => `    ${line}`.trimEnd())
      .join("\n");
  const parts = [`${paint.bold(head(`${severity}[${code}]`))}${paint.bold(`: ${title}`)}`, folded(cause)];
  const { exampleOf } = await import("./explain-example.ts");
  const example = exampleOf(code);
  if (example) {
    for (const file of example.files) parts.push(`${file.title}:`, indented(file.text));
    parts.push("Then kdsl says:", indented(example.said));
  }
  parts.push(folded(`${paint.bold("The way out:")} ${fix}`));
  if (example?.mended !== undefined) {
    const colored = (line: string) =>
      line.startsWith("-") ? paint.red(line) : line.startsWith("+") ? paint.green(line) : line;
    parts.push("Corrected:", indented(example.mended.split("\n").map(colored).join("\n")));
  }
  return `${parts.join("\n\n")}\n`;
}

/** Text in lines of a width that is easy to read, where it goes to a terminal. */
function folded(text: string): string {
  if (process.stdout.isTTY !== true) return text;
  const width = Math.min(process.stdout.columns || 80, 100);
  let line = 0;
  return text.replace(/(\S+)(\s*)/g, (_, word: string, space: string) => {
    // Without the sequences that colour it.
    const length = word.replace(/\u001b\[[\d;]*m/g, "").length;
    const begin = line > 0 && line + length > width ? "\n" : "";
    line = (begin ? 0 : line) + length + space.length;
    return begin + word + space;
  });
}

/** Every code of the compiler and of the process driver with its title, in order. */
function titles(): readonly (readonly [string, string])[] {
  const compiler = allEntries().map(({ code, title }) => [code, title] as const);
  return [...compiler, ...Object.entries(noticeCodes)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function explainNotice(code: string): string | undefined {
  if (!Object.hasOwn(noticeCodes, code)) return undefined;
  const title = noticeCodes[code as keyof typeof noticeCodes];
  return [
    `notice[${code}]: ${title}`,
    "",
    "`kdsl run` says this before the start: the file is sound, but the processes of this machine cannot give all that it asks for.",
    "",
    "The way out: the notice itself names the object, its place in the file, and what can be done.",
  ].join("\n");
}

/** A code that does not exist, with those that look most like it. */
function unknownCode(wanted: string, written: string): CommandError {
  const near = titles()
    .map(([code]) => ({ code, distance: editDistance(wanted, code, 3) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance || (a.code < b.code ? -1 : 1))
    .slice(0, 3)
    .map(({ code }) => code);
  const help = near.length > 0 ? `did you mean ${near.join(" or ")}?` : "`kdsl explain` lists all codes";
  return new CommandError(`there is no diagnostic ${JSON.stringify(written)}`, undefined, help);
}
