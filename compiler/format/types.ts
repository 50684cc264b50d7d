import type { RecordType, TypeNode } from "../syntax/ast.ts";
import { expressionWriter } from "./expressions.ts";
import { concat, type Doc, group, indent, line, softline } from "./layout.ts";
import { parts } from "./members.ts";
import type { Writer } from "./writer.ts";

export const typeWriter =
  (writer: Writer) =>
  (type: TypeNode): Doc =>
    writeType(writer, type);

/** Writes a type. */
export function writeType(writer: Writer, type: TypeNode): Doc {
  switch (type.kind) {
    case "type-name": {
      const { argument } = type;
      if (argument === undefined) return writer.tight(type.end);
      const name = writer.tight(type.path.at(-1)!.end);
      const value = () => expressionWriter(writer)(argument);
      return group(concat(name, writer.take(), indent(concat(softline, value())), softline, writer.take()));
    }
    case "type-literal":
      return writer.tight(type.end);
    case "type-union": {
      const [first, ...rest] = type.options;
      const head = writeType(writer, first!);
      const others = rest.map((option) => concat(line, writer.take(), " ", writeType(writer, option)));
      return group(concat(head, indent(concat(...others))));
    }
    case "type-list":
      return concat(writer.take(), writeType(writer, type.element), writer.take());
    case "type-record":
      return writeRecordType(writer, type);
    case "type-optional":
      return concat(writeType(writer, type.type), writer.tight(type.end));
    case "type-refined": {
      const subject = writeType(writer, type.type);
      return group(
        concat(subject, indent(concat(line, writer.take(), " ", expressionWriter(writer)(type.predicate)))),
      );
    }
    default:
      return writer.words(type.end);
  }
}

interface Entry {
  readonly start: number;
  readonly end: number;
  readonly type: TypeNode;
}

function writeRecordType(writer: Writer, { fields, values }: RecordType): Doc {
  const entries: Entry[] = fields.map(({ name, type }) => ({ start: name.start, end: type.end, type }));
  if (values !== undefined) entries.push({ start: values.start, end: values.end, type: values });
  entries.sort((a, b) => a.start - b.start);
  // `[String]: T` begins before the type that the tree knows of; what is before it is words.
  const write = (entry: Entry) => writer.words(entry.end, { parts: parts([entry.type, typeWriter(writer)]) });
  const tight = fields.length === 0 && values !== undefined;
  return writer.enclosed({ items: entries, write, style: "members", tight });
}
