import { Colon, Comma, closerOf, type Token } from "./tokens.ts";

/** Members as other languages write them, by the text that they begin with: what they are, and how that is written here. */
export interface Habit {
  readonly what: string;
  readonly instead: string;
  /** What of the text is told, from its start. */
  readonly length: number;
  /** The name that it declares: it is known from there on, with a value that nobody judges. */
  readonly declares?: string;
}

/** `name` is what it declares; `kind`, `label` and `inner` are only shown. */
const table: readonly (readonly [pattern: RegExp, what: string, instead: (name: string) => string])[] = [
  [/^variable[ \t]+"(?<name>[\w-]+)"/, "a parameter", (name) => `param ${name}: TYPE = …`],
  [
    /^(?:resource|data)[ \t]+"(?:kubernetes_)?(?<kind>[^"\n]*?)(?:_v\d)?"[ \t]+"(?<label>[^"\n]*)"/,
    "an object",
    (name) => `${name} { … }`,
  ],
  [
    /^(?:local|const|let|var)[ \t]+(?<name>\w+)[ \t]*=[ \t]*(?:import|require)\b/,
    "bringing in a file",
    (name) => `use "./FILE.kdsl" as ${name}`,
  ],
  [/^import[ \t]+(?<name>\w+)[ \t]+from\b/, "bringing in a file", (name) => `use "./FILE.kdsl" as ${name}`],
  [/^(?<label>for\b[^{}\n]*?)[ \t]*:(?=[ \t]*\r?\n)/, "a block", (name) => `${name} { … }`],
  [/^(?:locals)[ \t]*(?=\{)/, "a value", () => "let NAME = …"],
  [/^dynamic[ \t]+"[^"\n]*"/, "what stands there several times", () => "for NAME in LIST { … }"],
  [/^provider[ \t]+"[^"\n]*"/, "what is known of a cluster", () => "cluster { … }"],
  [
    /^(?:local|def|function|func)[ \t]+(?<name>\w+)[ \t]*(?=\()/,
    "a function",
    (name) => `fn ${name}(x: TYPE): TYPE = …`,
  ],
  [/^class[ \t]+(?<label>\w+)/, "what is used again", (name) => `template ${name}(…) { … }`],
  [/^from[ \t]+[\w./]+[ \t]+import\b/, "bringing in names", () => 'use "./FILE.kdsl" { NAME }'],
  [/^load(?=\()/, "bringing in names", () => 'use "./FILE.kdsl" { NAME }'],
  [/^(?:amends|extends)[ \t]+"[^"\n]*"/, "bringing in another file", () => 'use "./FILE.kdsl"'],
  [/^#_?(?<label>[A-Z]\w*)[ \t]*(?=:)/, "a shape", (name) => `type ${name} = …`],
  [/^extend[ \t]+(?<label>[\w-]+)[ \t]*\{/, "an override", (name) => `extend KIND ${name} { … }`],
  [/^(?<label>[A-Z]\w*[ \t]+[\w-]+)\(/, "a use of a template", (name) => `${name} { … }`],
  [
    /^let[ \t]+(?<label>\w+)[ \t]*=[ \t]*(?<inner>[A-Z]\w*)[ \t]*[{(]/,
    "a use of a template",
    (name) => `${name.split(" ").reverse().join(" ")} { … }`,
  ],
  [/^new[ \t]+\w+(?:[ \t]*(?=\{))/, "an object", () => "KIND NAME { … }"],
  [/^<<[ \t]*:[ \t]*\*(?<label>[\w-]+)/, "putting in the fields of a record", (name) => `...${name}`],
  [/^<<[ \t]*:/, "putting in the fields of a record", () => "...NAME"],
  // In a type that is how it is written here: `domain?: String`.
  [
    /^(?:"[^"\n]*"|[\w-]+)\?[ \t]*:(?![ \t]*(?:(?:[\w-]+\.)?[A-Z[{]|"[^"\n]*"[ \t]*\|))/,
    "a field that may be missing",
    () => "key: if CONDITION then VALUE else none",
  ],
  [
    /^(?<label>rc|pod|service|node|config|secret|namespace|container):[ \t]+(?<inner>[a-z]\w*):[ \t]+/,
    "a block",
    (name) => `${name} { … }`,
  ],
];

/** Terraform's names of what KDSL declares. */
const kinds: Readonly<Record<string, string>> = {
  service: "service",
  pod: "pod",
  replication_controller: "rc",
  deployment: "rc",
  namespace: "namespace",
  config_map: "config",
  secret: "secret",
};

/** The habit that `text` has at `start`, where a member begins. */
export function habitAt(text: string, start: number): Habit | undefined {
  const line = text.slice(start, start + 200);
  for (const [pattern, what, instead] of table) {
    const found = pattern.exec(line);
    if (found === null) continue;
    const { name, label, inner, kind } = found.groups ?? {};
    const one = name ?? label ?? "NAME";
    const word = kind === undefined ? undefined : (kinds[kind] ?? "KIND");
    const shown = [word, one, inner].filter((part) => part !== undefined).join(" ");
    return {
      what,
      instead: instead(shown),
      length: found[0].trimEnd().length,
      ...(name === undefined ? {} : { declares: name }),
    };
  }
  return undefined;
}

const openers = new Set(closerOf.keys());
const closers = new Set(closerOf.values());

/**
 * The token after the member that begins at `index`: the next line, a comma, or the bracket around it. Deeper lines below
 * belong to it where its first line ends in `:`, as in Python.
 */
export function memberEnd(list: readonly Token[], index: number, indent: (offset: number) => number): number {
  const margin = indent(list[index]!.startOffset);
  let depth = 0;
  let block: boolean | undefined;
  let at = index;
  for (; at < list.length; at++) {
    const token = list[at]!;
    if (at > index && depth === 0 && token.newline) {
      block ??= list[at - 1]!.tokenType === Colon;
      if (!block || indent(token.startOffset) <= margin) break;
    }
    if (depth === 0 && at > index && token.tokenType === Comma) break;
    if (openers.has(token.tokenType)) depth++;
    else if (closers.has(token.tokenType) && --depth < 0) break;
  }
  return at;
}
