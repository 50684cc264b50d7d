/**
 * Canonical JSON as text, written in one go: to build the ordered value first and to print it then takes three times as
 * long, and a plan is mostly places.
 */

/** How to order the keys of an object. */
export type CompareKeys = (left: string, right: string) => number;

const mostShapes = 10_000;

/** Gives the keys of an object in order. Objects have few different sets of keys, so that few are ever sorted. */
export function keyOrder(compare: CompareKeys): (object: object) => readonly string[] {
  const shapes = new Map<string, readonly string[]>();
  return (object) => {
    const keys = Object.keys(object);
    if (keys.length < 2) return keys;
    const shape = keys.join("\0");
    let order = shapes.get(shape);
    if (!order) {
      order = keys.sort(compare);
      if (shapes.size < mostShapes) shapes.set(shape, order);
    }
    return order;
  };
}

/** Gives what `JSON.stringify(value, null, width)` gives of a value whose keys are in order and defined. */
export function canonicalWriter(
  orderOf: (object: object) => readonly string[],
): (value: unknown, width: number) => string {
  const names = new Map<string, string>();
  const nameOf = (key: string): string => {
    let name = names.get(key);
    if (name === undefined) {
      name = quoted(key);
      if (names.size < mostShapes) names.set(key, name);
    }
    return name;
  };
  /** `outer` is the line end and margin of what the value stands in; "" when all is one line. */
  const write = (value: unknown, outer: string, step: string): string => {
    if (typeof value === "string") return quoted(value);
    if (typeof value === "number") return Number.isFinite(value) ? String(value === 0 ? 0 : value) : "null";
    if (typeof value !== "object" || value === null) return value === undefined ? "null" : String(value);
    const margin = outer + step;
    const comma = `,${margin}`;
    let text = "";
    if (Array.isArray(value)) {
      for (const item of value) text += (text === "" ? margin : comma) + write(item, margin, step);
      return text === "" ? "[]" : `[${text}${outer}]`;
    }
    const colon = step === "" ? ":" : ": ";
    for (const key of orderOf(value)) {
      const field = (value as Record<string, unknown>)[key];
      if (field === undefined) continue;
      text += (text === "" ? margin : comma) + nameOf(key) + colon + write(field, margin, step);
    }
    return text === "" ? "{}" : `{${text}${outer}}`;
  };
  return (value, width) => write(value, width === 0 ? "" : "\n", " ".repeat(width));
}

/** Most texts need no escape; to see that is quicker than to look for one. */
const plain = /^[ !#-[\]-~]*$/;

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}
