/** A string, with the colon that makes it a key; or what opens, closes or separates. */
const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\],]/g;

interface Level {
  /** Of an object: the keys so far. */
  readonly keys?: Set<string>;
  /** Of a list: which item it is at. */
  index: number;
  /** What the key or the item at hand adds to the path. */
  at: string;
}

const mostReported = 50;

/**
 * The paths of fields that stand twice in one object of a JSON text, which was found to be valid. A parser keeps the
 * last of them and says nothing.
 */
export function duplicateFields(text: string): readonly string[] {
  const found: string[] = [];
  const levels: Level[] = [];
  const pathOf = () =>
    levels
      .map(({ at }) => at)
      .join("")
      .replace(/^\./, "");
  for (const [word, colon] of text.matchAll(token)) {
    const level = levels.at(-1);
    if (word === "{") levels.push({ keys: new Set(), index: 0, at: "" });
    else if (word === "[") levels.push({ index: 0, at: "[0]" });
    else if (word === "}" || word === "]") levels.pop();
    else if (word === ",") {
      if (level && !level.keys) level.at = `[${++level.index}]`;
    } else if (colon !== undefined && level?.keys) {
      const key = JSON.parse(word.slice(0, word.length - colon.length)) as string;
      level.at = `.${key}`;
      if (level.keys.has(key) && found.length < mostReported) found.push(pathOf());
      level.keys.add(key);
    }
  }
  return [...new Set(found)];
}
