import { nearest } from "../../base/edit-distance.ts";
import { objectKey } from "../../model/meta.ts";
import { span } from "../binder/symbol.ts";
import { familyNamed } from "../checker/expressions.ts";
import { existenceByField, indexOutside } from "../diagnostics/catalog/evaluate.ts";
import { unknownMember } from "../diagnostics/catalog/names.ts";
import { externalPort } from "../diagnostics/catalog/outside.ts";
import type { Fix } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/source.ts";
import type { IndexExpression, MemberExpression } from "../syntax/ast.ts";
import type { LazyBlock } from "./blocks.ts";
import { type Evaluator, errorValue, type Frame, force, noneValue, report } from "./context.ts";
import { evaluate } from "./expressions.ts";
import { isInteger } from "./fraction.ts";
import { imageMember } from "./images.ts";
import { familyMemberValue, instanceOf } from "./objects.ts";
import { declaredHere, externalMember, manifestMember } from "./outside.ts";
import { readFact } from "./policies.ts";
import { madeBefore, partValue } from "./templates.ts";
import { describeValue, plainText, textOf, textValue } from "./text.ts";
import type { ObjectHandle, Value } from "./value.ts";

export function evaluateMember(evaluator: Evaluator, expression: MemberExpression, frame: Frame): Value {
  const { object, member } = expression;
  const place = span(frame.module, member);
  if (object.kind === "member" && object.member.text === "ports") {
    const service = ownerOf(evaluator, object, frame);
    if (service.kind === "object" && service.object.word === "service")
      return servicePort(evaluator, service.object, member.text, place);
  }
  const value = evaluate(evaluator, object, frame);
  if (value.kind === "block") return readFact(evaluator, value.block, member.text, frame);
  if (value.kind === "string") return imageMember(plainText(value.parts), member.text);
  if (value.kind === "none") return noneValue; // only in a policy: elsewhere the checker refuses it
  if (value.kind === "record") return value.fields.get(member.text)?.value ?? noneValue;
  if (value.kind === "object") return objectField(evaluator, value.object, member.text, place);
  if (value.kind === "family") {
    const title = `write which one: \`${familyExample(value)}.${member.text}\``;
    report(evaluator, place, (at) =>
      unknownMember(
        at,
        { member: member.text, of: `a family of ${value.word}s` },
        { fixes: [{ title, edits: [] }] },
      ),
    );
  } else if (value.kind !== "error")
    report(evaluator, place, (at) => unknownMember(at, { member: member.text, of: describeValue(value) }));
  return errorValue;
}

/** What stands before the `.`: for `x.ports`, where a template made `x`, its service `self`. */
function ownerOf(evaluator: Evaluator, expression: MemberExpression, frame: Frame): Value {
  const resolution = evaluator.checked.resolutions.get(expression);
  return resolution?.kind === "part"
    ? partValue(evaluator, expression, resolution, frame)
    : evaluate(evaluator, expression.object, frame);
}

const familyExample = (value: Extract<Value, { kind: "family" }>): string =>
  value.members[0]?.name ?? "NAME-…";

/** What is known of an object without its block, and its fields. */
export function objectField(evaluator: Evaluator, handle: ObjectHandle, member: string, place: Span): Value {
  if (handle.external) return externalMember(evaluator, handle, member, place);
  if (handle.word === "manifest") return manifestMember(evaluator, handle, member, place);
  if (member === "name") return textValue(handle.name);
  if (member === "namespace" && handle.namespace !== undefined) return textValue(handle.namespace);
  if (member === "host" && handle.word === "service")
    return { kind: "string", parts: [{ host: objectKey("Service", handle.namespace, handle.name) }] };
  const instance = instanceOf(handle);
  if (instance?.made) return errorValue;
  if (evaluator.deciding > 0) {
    report(evaluator, place, (at) => existenceByField(at, { field: `${handle.name}.${member}` }));
    return errorValue;
  }
  const block = instance?.block();
  if (!block) return errorValue;
  if (member === "ports" && handle.word === "service") return allPorts(evaluator, handle, place);
  const field = block.fields.get(member);
  const isData =
    (handle.word === "secret" || handle.word === "config") && !Object.hasOwn(block.schema.fields, member);
  if (isData) return dataValue(evaluator, handle, block, member, place);
  return field ? force(evaluator, field) : noneValue;
}

/** A value of a config or secret by its key: one that is a word of the block stands in its `data`. */
function dataValue(
  evaluator: Evaluator,
  handle: ObjectHandle,
  block: LazyBlock,
  key: string,
  place: Span,
): Value {
  const isWord = (name: string) => Object.hasOwn(block.schema.fields, name);
  const data = block.fields.get("data");
  const others = data && force(evaluator, data);
  const keys = new Set([
    ...[...block.fields.keys()].filter((name) => !isWord(name)),
    ...(others?.kind === "record" ? others.fields.keys() : []),
  ]);
  if (!keys.has(key)) {
    if (others?.kind === "error") return errorValue;
    return unknown(evaluator, key, `${handle.word} \`${handle.name}\``, [...keys], place);
  }
  return handle.word === "secret"
    ? { kind: "late", source: { from: "secret", secret: handle, key } }
    : { kind: "late", source: { from: "config", config: handle, key } };
}

function unknown(
  evaluator: Evaluator,
  member: string,
  of: string,
  names: readonly string[],
  place: Span,
): Value {
  report(evaluator, place, (at) => {
    const meant = nearest(member, names);
    const fixes: Fix[] = meant
      ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: at, text: meant }] }]
      : [];
    const notes =
      names.length > 0 ? [`it has ${names.map((name) => `\`${name}\``).join(", ")}`] : ["it has none"];
    return unknownMember(at, { member, of }, { fixes, notes });
  });
  return errorValue;
}

/** `db.ports.sql`, or by number where the port has no name. */
function servicePort(evaluator: Evaluator, handle: ObjectHandle, name: string, place: Span): Value {
  if (evaluator.deciding > 0) {
    report(evaluator, place, (at) => existenceByField(at, { field: `${handle.name}.ports.${name}` }));
    return errorValue;
  }
  const block = instanceOf(handle)?.block();
  const ports = block?.members.filter((member) => member.word === "port") ?? [];
  for (const port of ports) {
    const value = port.value ? force(evaluator, port.value) : errorValue;
    const number = value.kind === "number" || value.kind === "port" ? portNumber(value) : undefined;
    if (port.name !== name && String(number) !== name) continue;
    if (number === undefined) return errorValue;
    if (handle.external) return { kind: "port", number };
    return {
      kind: "port",
      number,
      reference: { service: objectKey("Service", handle.namespace, handle.name), port: number },
    };
  }
  if (handle.external) {
    report(evaluator, place, (at) =>
      externalPort(at, { name: handle.name, port: name }, { secondary: [declaredHere(handle)] }),
    );
    return errorValue;
  }
  // `port: 80` and `ports: [80]` are told where they stand.
  const { start, end, file } = block?.extent ?? place;
  if (ports.length === 0 && /^\s*ports?\s*:/m.test(file.text.slice(start, end))) return errorValue;
  const names = ports.flatMap((port) => (port.name === undefined ? [] : [port.name]));
  return unknown(evaluator, name, `\`ports\` of service \`${handle.name}\``, names, place);
}

const portNumber = (value: Extract<Value, { kind: "number" | "port" }>): number =>
  value.kind === "port" ? value.number : Number(value.value.numerator);

export function allPorts(evaluator: Evaluator, handle: ObjectHandle, place: Span): Value {
  const ports =
    instanceOf(handle)
      ?.block()
      .members.filter((member) => member.word === "port") ?? [];
  const fields = ports.map((port) => {
    const value = port.value ? force(evaluator, port.value) : errorValue;
    const name =
      port.name ?? (value.kind === "number" || value.kind === "port" ? String(portNumber(value)) : "");
    return [
      name,
      { value: servicePort(evaluator, handle, name, place), keySpan: port.span, span: port.span },
    ] as const;
  });
  return { kind: "record", fields: new Map(fields) };
}

export function evaluateIndex(evaluator: Evaluator, expression: IndexExpression, frame: Frame): Value {
  const { object, indices } = expression;
  const place = span(frame.module, expression);
  const resolution = evaluator.checked.resolutions.get(object);
  const keys = indices.map((index) => evaluate(evaluator, index, frame));
  if (keys.some((key) => key.kind === "error")) return errorValue;
  const family = familyNamed(resolution);
  if (family) {
    if (resolution?.kind !== "part") return familyMemberValue(evaluator, family, keys, frame, place);
    const made = madeBefore(evaluator, object, frame);
    return made ? familyMemberValue(evaluator, family, keys, made.frame, place) : errorValue;
  }
  const [index] = keys;
  if (object.kind === "member" && object.member.text === "ports" && index) {
    const service = ownerOf(evaluator, object, frame);
    if (service.kind === "object" && service.object.word === "service")
      return servicePort(
        evaluator,
        service.object,
        textOf(index) ?? describeValue(index).replaceAll("`", ""),
        place,
      );
  }
  const value = evaluate(evaluator, object, frame);
  const key = textOf(index);
  if (value.kind === "object" && key !== undefined) {
    const { word } = value.object;
    const isData = evaluator.deciding === 0 && (word === "secret" || word === "config");
    const block = isData ? instanceOf(value.object)?.block() : undefined;
    return block
      ? dataValue(evaluator, value.object, block, key, place)
      : objectField(evaluator, value.object, key, place);
  }
  if (value.kind === "list" && index?.kind === "number") {
    const item =
      isInteger(index.value) && index.value.numerator >= 0n
        ? value.items[Number(index.value.numerator)]
        : undefined;
    if (item) return item;
    report(evaluator, place, (at) =>
      indexOutside(at, {
        index: describeValue(index),
        length:
          value.items.length === 0
            ? "the list is empty"
            : `the list has ${value.items.length} items, from 0 on`,
      }),
    );
  } else if (value.kind === "record" && index) {
    const item = value.fields.get(textOf(index) ?? "");
    if (item) return item.value;
    const keysThere = [...value.fields.keys()]
      .slice(0, 8)
      .map((key) => `\`${key}\``)
      .join(", ");
    report(evaluator, place, (at) =>
      indexOutside(at, {
        index: describeValue(index),
        length: keysThere ? `the keys are ${keysThere}` : "it is empty",
      }),
    );
  }
  return errorValue;
}
