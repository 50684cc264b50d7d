import type { Severity } from "./diagnostic.ts";

/** How the parts of a rendered diagnostic are dressed. */
export interface Style {
  readonly severity: (severity: Severity, text: string) => string;
  readonly message: (text: string) => string;
  readonly gutter: (text: string) => string;
  readonly primary: (severity: Severity, text: string) => string;
  readonly secondary: (text: string) => string;
  readonly note: (text: string) => string;
}

const same = (text: string) => text;

export const plainStyle: Style = {
  severity: (_, text) => text,
  message: same,
  gutter: same,
  primary: (_, text) => text,
  secondary: same,
  note: same,
};

/** Select Graphic Rendition, as all terminals know it. */
const sgr = (codes: string) => (text: string) => (text === "" ? "" : `\u001b[${codes}m${text}\u001b[0m`);
const colourOf: Readonly<Record<Severity, string>> = { error: "31", warning: "33" };

export const ansiStyle: Style = {
  severity: (severity, text) => sgr(`1;${colourOf[severity]}`)(text),
  message: sgr("1"),
  gutter: sgr("34"),
  primary: (severity, text) => sgr(colourOf[severity])(text),
  secondary: sgr("34"),
  note: sgr("1"),
};
