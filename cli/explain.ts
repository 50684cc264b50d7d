import { editDistance } from "../base/edit-distance.ts";
import { allEntries, explain } from "../compiler/diagnostics/catalog/index.ts";
import { noticeCodes } from "../runtime/host/check/notice.ts";
import { CommandError } from "./error.ts";

/**
 * `kdsl explain [CODE | FIELD]`: what a diagnostic means and the way out, or what a field is for; without either all
 * codes that there are, one a line.
 */
export async function explainCommand(code: string | undefined): Promise<void> {
  if (code === undefined) {
    for (const [known, title] of titles()) console.log(`${known}  ${title}`);
    return;
  }
  if (!/^(kd)?\d*$/i.test(code.trim())) {
    const { explainField } = await import("./explain-field.ts");
    console.log(explainField(code));
    return;
  }
  const wanted = `KD${code.trim().toUpperCase().replace(/^KD/, "")}`;
  const text = explain(wanted) ?? explainNotice(wanted);
  if (text === undefined) throw unknownCode(wanted, code);
  console.log(text.trimEnd());
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
