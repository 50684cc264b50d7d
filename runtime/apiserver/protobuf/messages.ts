import type { TypeName } from "../../../model/api/fields.ts";
import { type AnyTypeName, type FieldType, fieldsOf } from "../../../model/api/types.ts";
import { fieldNumbers } from "./fields.ts";

/** A field of a message: under which name in JSON, of which type, and whether zero is a value of it. */
export interface MessageField {
  readonly name: string;
  readonly type: FieldType;
  readonly explicit: boolean;
}

/** A message by its fields' numbers. A message within it that has no name in JSON is one of its own kind. */
export type Message = ReadonlyMap<number, MessageField | { readonly inline: Message }>;

const known = new Map<AnyTypeName, Message>();

/** The message of a type; undefined for one that protobuf has no numbers for. */
export function messageOf(type: AnyTypeName): Message | undefined {
  const found = known.get(type);
  if (found) return found;
  const text = Object.hasOwn(fieldNumbers, type) ? fieldNumbers[type as TypeName] : undefined;
  if (text === undefined) return undefined;
  const tokens = text.match(/\d+\(|\)|\w+=\d+\*?/g) ?? [];
  const message = parse(type, tokens[Symbol.iterator]());
  known.set(type, message);
  return message;
}

function parse(type: AnyTypeName, tokens: Iterator<string>): Message {
  const message = new Map<number, MessageField | { readonly inline: Message }>();
  for (
    let { value: token, done } = tokens.next();
    !done && token !== ")";
    { value: token, done } = tokens.next()
  ) {
    if (token.endsWith("(")) {
      message.set(Number.parseInt(token, 10), { inline: parse(type, tokens) });
      continue;
    }
    const [name = "", number = ""] = token.split("=");
    message.set(Number.parseInt(number, 10), {
      name,
      type: fieldsOf(type).get(name)!,
      explicit: token.endsWith("*"),
    });
  }
  return message;
}
