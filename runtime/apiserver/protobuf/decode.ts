import type { AnyTypeName, FieldType, Scalar } from "../../../model/api/types.ts";
import { type Message, type MessageField, messageOf } from "./messages.ts";
import { WireError, WireReader, wireType } from "./wire.ts";

/** Messages within each other; no kind has more, and lists of plain values have none. */
const maximumDepth = 64;

/** The object of a message, as JSON would have it. Throws `WireError` for bytes that are no such message. */
export function decodeMessage(type: AnyTypeName, bytes: Uint8Array): Record<string, unknown> {
  return plain(readType(type, new WireReader(bytes), new Map(), 0)) as Record<string, unknown>;
}

/** What is read so far of an object or a map, by name. It may go on anywhere in the bytes, so it is not copied till the end. */
type Fields = Map<string, unknown>;

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([name, each]) => [name, plain(each)]));
}

function readType(type: AnyTypeName, reader: WireReader, into: Fields, depth: number): Fields {
  const message = messageOf(type);
  if (!message) throw new WireError(`${type} has no form in protobuf`);
  return readFields(message, reader, into, depth);
}

function readFields(message: Message, reader: WireReader, into: Fields, depth: number): Fields {
  if (depth > maximumDepth) throw new WireError("messages are nested too deep");
  while (!reader.done) {
    const { field: number, type } = reader.tag();
    const field = message.get(number);
    if (!field) reader.skip(type);
    else if ("inline" in field) {
      expect(type, wireType.bytes, String(number));
      readFields(field.inline, reader.message(), into, depth + 1);
    } else readField(field, type, reader, into, depth);
  }
  return into;
}

/** Reads one occurrence of a field; those of lists and maps come item by item, those of messages are joined. */
function readField(field: MessageField, wire: number, reader: WireReader, into: Fields, depth: number): void {
  const { name, type } = field;
  switch (type.form) {
    case "scalar": {
      const value = readScalar(type.scalar, wire, reader, name);
      const unset = value === undefined || (!field.explicit && isZero(value));
      // The last one counts, also where it is zero.
      if (unset) into.delete(name);
      else into.set(name, value);
      return;
    }
    case "object": {
      expect(wire, wireType.bytes, name);
      readType(type.type, reader.message(), within(into, name), depth + 1);
      return;
    }
    case "list": {
      const list = (into.get(name) as unknown[] | undefined) ?? [];
      into.set(name, list);
      readItems(type.item, wire, reader, list, name, depth);
      return;
    }
    case "map": {
      expect(wire, wireType.bytes, name);
      const [key, value] = readEntry(type.value, reader.message(), name, depth);
      within(into, name).set(key, value);
    }
  }
}

/** The object or the map under a name; made where there is none yet. */
function within(into: Fields, name: string): Fields {
  const before = into.get(name);
  if (before) return before as Fields;
  const made: Fields = new Map();
  into.set(name, made);
  return made;
}

/** Of numbers also many at once ("packed"). */
function readItems(
  item: FieldType,
  wire: number,
  reader: WireReader,
  list: unknown[],
  name: string,
  depth: number,
): void {
  if (item.form === "scalar" && isVarint(item.scalar) && wire === wireType.bytes) {
    const packed = reader.message();
    while (!packed.done) list.push(readScalar(item.scalar, wireType.varint, packed, name));
    return;
  }
  list.push(readValue(item, wire, reader, name, depth));
}

/** A value that is there whatever it is: of a list or of a map. */
function readValue(type: FieldType, wire: number, reader: WireReader, name: string, depth: number): unknown {
  switch (type.form) {
    case "scalar":
      return readScalar(type.scalar, wire, reader, name) ?? null;
    case "object":
      expect(wire, wireType.bytes, name);
      return readType(type.type, reader.message(), new Map(), depth + 1);
    case "list": {
      // A list within a map is a message of one field, the first.
      expect(wire, wireType.bytes, name);
      const message = reader.message();
      const list: unknown[] = [];
      while (!message.done) {
        const { field, type: form } = message.tag();
        if (field === 1) readItems(type.item, form, message, list, name, depth + 1);
        else message.skip(form);
      }
      return list;
    }
    case "map":
      throw new WireError(`${name} has no form in protobuf`);
  }
}

/** An entry of a map: a message of a key and a value. What is not told is empty. */
function readEntry(type: FieldType, reader: WireReader, name: string, depth: number): [string, unknown] {
  let key = "";
  let value: unknown;
  while (!reader.done) {
    const { field, type: wire } = reader.tag();
    if (field === 1) {
      expect(wire, wireType.bytes, name);
      key = reader.text();
    } else if (field === 2) value = readValue(type, wire, reader, name, depth);
    else reader.skip(wire);
  }
  return [key, value ?? emptyOf(type)];
}

function emptyOf(type: FieldType): unknown {
  switch (type.form) {
    case "scalar":
      return type.scalar === "quantity" ? "0" : isVarint(type.scalar) ? 0 : "";
    case "list":
      return [];
    default:
      return new Map();
  }
}

const isVarint = (scalar: Scalar): boolean => scalar === "int32" || scalar === "int64" || scalar === "bool";

const isZero = (value: unknown): boolean => value === 0 || value === "" || value === false;

/** A plain value; undefined for an instant that is not set. */
function readScalar(scalar: Scalar, wire: number, reader: WireReader, name: string): unknown {
  if (isVarint(scalar)) {
    expect(wire, wireType.varint, name);
    return readVarint(scalar, reader.varint(), name);
  }
  if (scalar === "number") {
    expect(wire, wireType.fixed64, name);
    return reader.double();
  }
  expect(wire, wireType.bytes, name);
  switch (scalar) {
    case "time":
    case "microTime":
      return instant(reader.message(), scalar === "microTime");
    case "quantity":
      return textWithin(reader.message());
    case "intOrString":
      return intOrString(reader.message(), name);
    case "bytes":
      return base64(reader.bytes());
    case "any":
      return jsonWithin(reader.message(), name);
    default:
      return reader.text();
  }
}

function readVarint(scalar: Scalar, value: bigint, name: string): number | boolean {
  if (scalar === "bool") return value !== 0n;
  if (scalar === "int32") return Number(BigInt.asIntN(32, value));
  const signed = BigInt.asIntN(64, value);
  if (!Number.isSafeInteger(Number(signed))) throw new WireError(`${name} is too large a number: ${signed}`);
  return Number(signed);
}

function expect(found: number, wanted: number, name: string): void {
  if (found !== wanted) throw new WireError(`proto: wrong wireType = ${found} for field ${name}`);
}

/** `Quantity` and what else is a message of one text. */
function textWithin(reader: WireReader): string {
  let text = "";
  while (!reader.done) {
    const { field, type } = reader.tag();
    if (field === 1 && type === wireType.bytes) text = reader.text();
    else reader.skip(type);
  }
  return text;
}

/** `IntOrString`: which of both it is, the number, the text. */
function intOrString(reader: WireReader, name: string): number | string {
  let isText = false;
  let number = 0;
  let text = "";
  while (!reader.done) {
    const { field, type } = reader.tag();
    if (field === 1 && type === wireType.varint) isText = reader.varint() !== 0n;
    else if (field === 2 && type === wireType.varint)
      number = readVarint("int32", reader.varint(), name) as number;
    else if (field === 3 && type === wireType.bytes) text = reader.text();
    else reader.skip(type);
  }
  return isText ? text : number;
}

/** `RawExtension` and `FieldsV1`: JSON, as bytes. */
function jsonWithin(reader: WireReader, name: string): unknown {
  const text = textWithin(reader);
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new WireError(`${name} is not valid JSON`);
  }
}

/** What RFC 3339 can say: the years 1 to 9999. */
const [firstSecond, lastSecond] = [-62_135_596_800, 253_402_300_799];

/** `Time` counts whole seconds, `MicroTime` microseconds as well; a message without anything is an instant that is not set. */
function instant(reader: WireReader, micro: boolean): string | undefined {
  if (reader.done) return undefined;
  let seconds = 0n;
  let nanos = 0n;
  while (!reader.done) {
    const { field, type } = reader.tag();
    if (field === 1 && type === wireType.varint) seconds = BigInt.asIntN(64, reader.varint());
    else if (field === 2 && type === wireType.varint) nanos = BigInt.asIntN(32, reader.varint());
    else reader.skip(type);
  }
  const whole = Number(seconds);
  if (whole === firstSecond && nanos === 0n) return undefined;
  if (whole < firstSecond || whole > lastSecond || nanos < 0n || nanos > 999_999_999n)
    throw new WireError("an instant is out of range");
  const text = new Date(whole * 1000).toISOString().slice(0, 19);
  return micro ? `${text}.${String(nanos / 1000n).padStart(6, "0")}Z` : `${text}Z`;
}

function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 8190) {
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 8190))));
  }
  return pieces.join("");
}
