/** Plain values as JavaScript, or as the TypeScript types that hold just them. */
export interface Style {
  /** A key as it stands before its `:`. */
  readonly key: (key: string) => string;
  /** What ends a property. */
  readonly end: string;
  readonly list: string;
}

const identifier = /^[A-Za-z_$][\w$]*$/;

const propertyName = (key: string): string =>
  key === "__proto__" ? '["__proto__"]' : identifier.test(key) ? key : JSON.stringify(key);

export const values: Style = { key: propertyName, end: ",", list: "[" };
export const typesOfValues: Style = {
  key: (key) => `readonly ${propertyName(key)}`,
  end: ";",
  list: "readonly [",
};

/** A value over several lines, its inner lines indented by `depth` steps of two spaces and more. */
export function literal(value: unknown, style: Style, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const indent = "  ".repeat(depth);
  const lines = (parts: readonly string[], open: string, close: string, end: string): string =>
    parts.length === 0
      ? `${open}${close}`
      : `${open}\n${parts.map((part) => `${indent}${part}${end}\n`).join("")}${indent.slice(2)}${close}`;
  if (Array.isArray(value))
    return lines(
      value.map((each) => literal(each, style, depth + 1)),
      style.list,
      "]",
      ",",
    );
  const entries = Object.entries(value);
  return lines(
    entries.map(([key, each]) => `${style.key(key)}: ${literal(each, style, depth + 1)}`),
    "{",
    "}",
    style.end,
  );
}
