import { existenceByField } from "../diagnostics/catalog/evaluate.ts";
import { externalKey } from "../diagnostics/catalog/outside.ts";
import type { Label } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/source.ts";
import type { LazyBlock } from "./blocks.ts";
import { type Evaluator, errorValue, force, noneValue, report } from "./context.ts";
import { allPorts } from "./members.ts";
import { instanceOf } from "./objects.ts";
import { textOf, textValue } from "./text.ts";
import type { ObjectHandle, Value } from "./value.ts";

/** What can be read of an object that lives outside, and of a manifest, whose name is a field like others. */

export const declaredHere = (handle: ObjectHandle): Label => ({ span: handle.span, text: "declared here" });

/** A member of an object that lives outside: its name, a service's host, a config's or secret's value. */
export function externalMember(
  evaluator: Evaluator,
  handle: ObjectHandle,
  member: string,
  place: Span,
): Value {
  if (member === "name") return textValue(handle.name);
  if (member === "namespace" && handle.namespace !== undefined) return textValue(handle.namespace);
  const block = openedBlock(evaluator, handle, member, place);
  if (!block) return errorValue;
  if (handle.word === "service") {
    if (member === "ports") return allPorts(evaluator, handle, place);
    const host = block.fields.get("host");
    const value = host ? force(evaluator, host) : noneValue;
    return value.kind === "none" ? textValue(`${handle.name}.${handle.namespace}`) : value;
  }
  const keys = block.fields.get("keys");
  const value = keys ? force(evaluator, keys) : noneValue;
  if (value.kind === "error") return errorValue;
  const known = value.kind === "list" ? value.items.map(textOf) : [];
  if (known.includes(member))
    return handle.word === "secret"
      ? { kind: "late", source: { from: "secret", secret: handle, key: member } }
      : { kind: "late", source: { from: "config", config: handle, key: member } };
  const { word, name } = handle;
  report(evaluator, place, (at) =>
    externalKey(at, { word, name, key: member }, { secondary: [declaredHere(handle)] }),
  );
  return errorValue;
}

/** A field of a manifest; `name` and `namespace` are those of its metadata. */
export function manifestMember(
  evaluator: Evaluator,
  handle: ObjectHandle,
  member: string,
  place: Span,
): Value {
  const block = openedBlock(evaluator, handle, member, place);
  if (!block) return errorValue;
  if (member !== "name" && member !== "namespace") {
    const field = block.fields.get(member);
    return field ? force(evaluator, field) : noneValue;
  }
  const metadata = block.fields.get("metadata");
  const value = metadata ? force(evaluator, metadata) : errorValue;
  if (value.kind !== "record") return errorValue;
  const own = value.fields.get(member)?.value;
  if (own) return own;
  return member === "namespace" && handle.namespace !== undefined ? textValue(handle.namespace) : noneValue;
}

/** The block of an object, unless it is only being decided what exists. */
function openedBlock(
  evaluator: Evaluator,
  handle: ObjectHandle,
  member: string,
  place: Span,
): LazyBlock | undefined {
  if (evaluator.deciding > 0) {
    report(evaluator, place, (at) => existenceByField(at, { field: `${handle.name}.${member}` }));
    return undefined;
  }
  return instanceOf(handle)?.block();
}
