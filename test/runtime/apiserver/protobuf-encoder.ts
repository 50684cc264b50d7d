import type { AnyTypeName, FieldType } from "../../../model/api/types.ts";
import { type Message, messageOf } from "../../../runtime/apiserver/protobuf/messages.ts";

/** What clients do, for tests: objects as Kubernetes' protobuf. It shares the numbers with the decoder, and no code. */

export interface Encoding {
  /** Lists of numbers in one piece. */
  readonly packed?: boolean;
  /** Tells empty and zero values as Go does, whose structs have no other way to say that nothing is there. */
  readonly zeros?: boolean;
}

type Json = Readonly<Record<string, unknown>>;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, value); ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

const tag = (field: number, type: number) => varint(BigInt(field) * 8n + BigInt(type));
const bytesField = (field: number, bytes: Uint8Array) =>
  Buffer.concat([tag(field, 2), varint(BigInt(bytes.length)), bytes]);
const textField = (field: number, text: string) => bytesField(field, Buffer.from(text));
const numberField = (field: number, value: number | boolean) =>
  Buffer.concat([tag(field, 0), varint(BigInt(Number(value)))]);

/** The envelope that a body comes in. */
export function encodeBody(apiVersion: string, kind: string, message: Uint8Array): Buffer {
  const type = Buffer.concat([textField(1, apiVersion), textField(2, kind)]);
  return Buffer.concat([
    Buffer.from("k8s\0"),
    bytesField(1, type),
    bytesField(2, message),
    textField(3, ""),
    textField(4, ""),
  ]);
}

export function encodeMessage(type: AnyTypeName, object: Json, encoding: Encoding = {}): Buffer {
  return encodeFields(messageOf(type)!, object, encoding);
}

function encodeFields(message: Message, object: Json, encoding: Encoding): Buffer {
  const parts: Buffer[] = [];
  for (const [number, field] of message) {
    if ("inline" in field) {
      parts.push(bytesField(number, encodeFields(field.inline, object, encoding)));
      continue;
    }
    const value = object[field.name];
    if (value !== undefined) parts.push(...encodeField(number, field.type, value, encoding));
    else if (encoding.zeros && !field.explicit) parts.push(...encodeZero(number, field.type));
  }
  return Buffer.concat(parts);
}

function encodeZero(number: number, type: FieldType): Buffer[] {
  if (type.form !== "scalar") return [];
  switch (type.scalar) {
    case "string":
      return [textField(number, "")];
    case "int32":
    case "int64":
    case "bool":
      return [numberField(number, 0)];
    case "time":
    case "microTime":
      return [bytesField(number, Buffer.alloc(0))];
    default:
      return [];
  }
}

function encodeField(number: number, type: FieldType, value: unknown, encoding: Encoding): Buffer[] {
  switch (type.form) {
    case "scalar":
      return [encodeScalar(number, type.scalar, value)];
    case "object":
      return [bytesField(number, encodeMessage(type.type, value as Json, encoding))];
    case "list": {
      const items = value as unknown[];
      const numbers = type.item.form === "scalar" && ["int32", "int64", "bool"].includes(type.item.scalar);
      if (encoding.packed && numbers)
        return [bytesField(number, Buffer.concat(items.map((each) => varint(BigInt(Number(each))))))];
      return items.flatMap((each) => encodeField(number, type.item, each, encoding));
    }
    case "map":
      return Object.entries(value as Json).map(([key, each]) => {
        // A list within a map is a message of one field.
        const entry =
          type.value.form === "list"
            ? [bytesField(2, Buffer.concat(encodeField(1, type.value, each, encoding)))]
            : encodeField(2, type.value, each, encoding);
        return bytesField(number, Buffer.concat([textField(1, key), ...entry]));
      });
  }
}

function encodeScalar(number: number, scalar: string, value: unknown): Buffer {
  switch (scalar) {
    case "int32":
    case "int64":
    case "bool":
      return numberField(number, value as number);
    case "quantity":
      return bytesField(number, textField(1, value as string));
    case "any":
      return bytesField(number, textField(1, JSON.stringify(value)));
    case "bytes":
      return bytesField(number, Buffer.from(value as string, "base64"));
    case "intOrString":
      return bytesField(
        number,
        typeof value === "number"
          ? Buffer.concat([numberField(1, 0), numberField(2, value), textField(3, "")])
          : Buffer.concat([numberField(1, 1), numberField(2, 0), textField(3, value as string)]),
      );
    case "time":
    case "microTime": {
      const text = value as string;
      const seconds = Math.floor(Date.parse(text) / 1000);
      const micros = Number(/\.(\d{6})Z$/.exec(text)?.[1] ?? 0);
      return bytesField(number, Buffer.concat([numberField(1, seconds), numberField(2, micros * 1000)]));
    }
    default:
      return textField(number, value as string);
  }
}
