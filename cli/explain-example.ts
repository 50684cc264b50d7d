import reference from "../docs/diagnostics.md?raw";

/** The example of a code, as docs/diagnostics.md has it. */
export interface ExplainedExample {
  /** Files in the order in which they are shown, each with what stands before it. */
  readonly files: readonly { readonly title: string; readonly text: string }[];
  /** What is said to it. */
  readonly said: string;
  /** The lines that mend it, with `-` and `+` before them. */
  readonly mended?: string;
}

const fence = /^(`{3,})(\S*)\n([\s\S]*?)\n\1$/gm;

export function exampleOf(code: string): ExplainedExample | undefined {
  const start = reference.indexOf(`### ${code}: `);
  if (start < 0) return undefined;
  const next = /^#{2,3} /m.exec(reference.slice(start + 4));
  const section = reference.slice(start, next ? start + 4 + next.index : undefined);
  const files: { title: string; text: string }[] = [];
  let said: string | undefined;
  let mended: string | undefined;
  let end = 0;
  for (const match of section.matchAll(fence)) {
    const [whole, , language, text = ""] = match;
    const earlier = section.slice(end, match.index).includes("Checked against:");
    end = match.index + whole.length;
    if (language === "text") said = text;
    else if (language === "diff") mended = text;
    else files.push({ title: earlier ? "Checked against" : "For example", text });
  }
  return said === undefined ? undefined : { files, said, ...(mended !== undefined && { mended }) };
}
