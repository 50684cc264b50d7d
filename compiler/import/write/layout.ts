import type { FieldPath } from "../../../model/plan.ts";

/** What an import writes: members and values before they are laid out in lines. */

export type Written = string | WrittenList | WrittenRecord | WrittenCall | WrittenLines;

/** `[a, b]` */
export interface WrittenList {
  readonly items: readonly Written[];
}

/** `{ … }`: a record, or the body of a block. */
export interface WrittenRecord {
  readonly members: readonly Member[];
  /** Never on one line: a body that people go on editing. */
  readonly open?: boolean;
}

/** `http(web, path: "/")`: arguments without a name come first. */
export interface WrittenCall {
  readonly call: string;
  readonly arguments: readonly (readonly [name: string | undefined, value: Written])[];
}

/** A text over several lines; they are indented as a whole. */
export interface WrittenLines {
  readonly lines: readonly string[];
}

/** `head value`: `replicas: ` with `3`, `rc web ` with a body, or a head alone. */
export interface Member {
  readonly head: string;
  readonly value?: Written;
  /** A block after the value: `port dns: 53 { … }`. */
  readonly body?: WrittenRecord;
  /** Where it stood in the object that it was made from; comments find it by that. */
  readonly path?: FieldPath;
  /** Which declaration it is, where its head alone does not say so. */
  readonly id?: string;
  /** Lines of comments above it. */
  readonly comments?: readonly string[];
  /** What the import has to say of it, below the comments. */
  readonly notes?: readonly string[];
  /** A comment after it on its line. */
  readonly trailing?: string;
  /** Whether an empty line goes before it. */
  readonly apart?: boolean;
}

const width = 100;

export const field = (key: string, value: Written, path?: FieldPath): Member => ({
  head: `${key}: `,
  value,
  ...(path === undefined ? {} : { path }),
});

export const list = (...items: readonly Written[]): WrittenList => ({ items });
export const record = (members: readonly Member[]): WrittenRecord => ({ members });
export const block = (members: readonly Member[]): WrittenRecord => ({ members, open: true });

/** The members as lines, each ended. */
export function layOut(members: readonly Member[], indent = 0): string {
  let text = "";
  members.forEach((member, index) => {
    if (index > 0 && member.apart) text += "\n";
    text += layOutMember(member, indent);
  });
  return text;
}

function layOutMember(member: Member, indent: number): string {
  const margin = " ".repeat(indent);
  const above = [...(member.comments ?? []), ...(member.notes ?? [])]
    .map((line) => `${margin}//${line === "" ? "" : ` ${line}`}\n`)
    .join("");
  const after = member.trailing === undefined ? "" : `   // ${member.trailing}`;
  const flat = flatMember(member);
  if (flat !== undefined && indent + flat.length <= width) return `${above}${margin}${flat}${after}\n`;
  const value = member.value === undefined ? "" : spread(member.value, indent, member.head.length);
  const body = member.body === undefined ? "" : ` ${spread(member.body, indent, 0)}`;
  return `${above}${margin}${member.head}${value}${body}${after}\n`;
}

/** The value on one line, or undefined where it cannot be. */
function flatten(value: Written): string | undefined {
  if (typeof value === "string") return value;
  if ("lines" in value) return undefined;
  if ("items" in value) {
    const items = flattenAll(value.items);
    return items && `[${items.join(", ")}]`;
  }
  if ("call" in value) {
    const given = flattenAll(value.arguments.map(([, argument]) => argument));
    if (given === undefined) return undefined;
    if (given.length === 0) return value.call;
    const named = given.map((text, index) => {
      const name = value.arguments[index]?.[0];
      return name === undefined ? text : `${name}: ${text}`;
    });
    return `${value.call}(${named.join(", ")})`;
  }
  if (value.members.length === 0) return "{}";
  if (value.open) return undefined;
  const members = value.members.map(flatMember);
  if (members.includes(undefined)) return undefined;
  return `{ ${members.join(", ")} }`;
}

function flattenAll(values: readonly Written[]): string[] | undefined {
  const texts: string[] = [];
  for (const value of values) {
    const text = flatten(value);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts;
}

function flatMember({ head, value, body, comments, notes, trailing }: Member): string | undefined {
  if ((notes?.length ?? 0) > 0) return undefined;
  if ((comments?.length ?? 0) > 0 || trailing !== undefined) {
    if (value !== undefined && typeof value !== "string") return undefined;
    if ((comments?.length ?? 0) > 0 || body !== undefined) return undefined;
  }
  const first = value === undefined ? "" : flatten(value);
  const second = body === undefined ? "" : flatten(body);
  if (first === undefined || second === undefined) return undefined;
  return `${head}${first}${second === "" ? "" : ` ${second}`}`.trimEnd();
}

/** The value over several lines; the first goes on where its member's head ends. */
function spread(value: Written, indent: number, column: number): string {
  const margin = " ".repeat(indent);
  const inner = " ".repeat(indent + 2);
  if (typeof value === "string") return value;
  const flat = flatten(value);
  if (flat !== undefined && indent + column + flat.length <= width) return flat;
  if ("lines" in value) {
    const [first = "", ...rest] = value.lines;
    return [first, ...rest.map((line) => (line === "" ? "" : `${inner}${line}`))].join("\n");
  }
  if ("items" in value) {
    const items = value.items.map((item) => `${inner}${spread(item, indent + 2, 0)}`);
    return `[\n${items.join(",\n")}\n${margin}]`;
  }
  if ("call" in value) {
    const given = value.arguments.map(([name, argument]) => {
      const head = name === undefined ? "" : `${name}: `;
      return `${inner}${head}${spread(argument, indent + 2, head.length)}`;
    });
    return `${value.call}(\n${given.join(",\n")}\n${margin})`;
  }
  return `{\n${layOut(value.members, indent + 2)}${margin}}`;
}
