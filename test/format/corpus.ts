import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "../../compiler/syntax/parse.ts";

/** Every text in KDSL that the repository holds: files, and the snippets of the documents. */

const root = join(import.meta.dirname, "../..");

export interface Text {
  readonly name: string;
  readonly text: string;
}

function files(folder: string): Text[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".kdsl"))
    .map((name) => ({ name: join(folder, name), text: readFileSync(join(root, folder, name), "utf8") }));
}

function snippets(document: string): Text[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/```kdsl\n([\s\S]*?)```/g)].map((match, index) => ({
    name: `${document} #${index + 1}`,
    text: match[1]!,
  }));
}

const all = [
  ...["examples", "stdlib", "test/fixtures"].flatMap(files),
  ...["README.md", "docs/language.md"].flatMap(snippets),
];

const reads = ({ name, text }: Text) =>
  !parse({ path: name, text }).diagnostics.some(({ severity }) => severity === "error");

/** Those that are read without a mistake. */
export const corpus: readonly Text[] = all.filter(reads);
/** Those that are not. */
export const mistaken: readonly Text[] = all.filter((each) => !reads(each));
