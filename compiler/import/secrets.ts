import type { Manifest } from "../source/manifest.ts";
import type { Range } from "../source/source.ts";

/**
 * Secrets' values stand in the files that diagnostics quote, so that they are blotted out of the text before anything
 * is said about it: character by character, so that every place keeps its line and column.
 */

/** What `kubectl apply` leaves behind: the whole object once more, values and all. */
export const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** The places of the values in a secret. */
export function secretSpans({ object, places }: Manifest): Range[] {
  if (object.kind !== "Secret") return [];
  const found: Range[] = [];
  for (const [path, { value, style }] of places) {
    if (style === "map" || style === "list") continue;
    if (/^(data|stringData)[.[]/.test(path) || path === `metadata.annotations[${lastApplied}]`)
      found.push(value);
  }
  return found;
}

export function blotOut(text: string, ranges: readonly Range[]): string {
  let result = "";
  let done = 0;
  for (const { start, end } of [...ranges].sort((left, right) => left.start - right.start)) {
    if (start < done) continue;
    result += text.slice(done, start) + text.slice(start, end).replace(/[^\s"'|>]/g, "*");
    done = end;
  }
  return result + text.slice(done);
}

/** The same for what could not be read as objects, by the looks of it: lines below `data:` of a document that says `Secret`. */
export function blotOutUnread(text: string): string {
  if (!/\bkind["']?\s*:\s*["']?Secret\b/.test(text)) return text;
  return text
    .split(/^(?=---)/m)
    .map((document) => (/\bkind["']?\s*:\s*["']?Secret\b/.test(document) ? blotDocument(document) : document))
    .join("");
}

function blotDocument(document: string): string {
  let within: number | undefined;
  return document
    .split("\n")
    .map((line) => {
      const indent = line.length - line.trimStart().length;
      if (within !== undefined && line.trim() !== "" && indent <= within) within = undefined;
      const opens = /^(?:.*?[\s,{-])?["']?(?:data|stringData)["']?\s*:/.exec(line);
      if (within === undefined && opens) {
        within = indent;
        return line.slice(0, opens[0].length) + hide(line.slice(opens[0].length));
      }
      if (within === undefined) return line;
      const key = /^\s*["']?[\w.-]+["']?\s*:/.exec(line)?.[0] ?? "";
      return key + hide(line.slice(key.length));
    })
    .join("\n");
}

const hide = (text: string) => text.replace(/[^\s"'|>:{},[\]]/g, "*");
