import { isKind, isServed, type KubernetesObject, keyOf, kinds, type ObjectKey } from "../../model/meta.ts";
import type { ExternalObject, FieldPath } from "../../model/plan.ts";
import { validateShape } from "../../model/validation.ts";
import { manifestShape } from "../diagnostics/catalog/outside.ts";
import type { Block, FieldValue, ObjectHandle, Value } from "../evaluate/value.ts";
import { type Draft, mark, report } from "./draft.ts";
import { child, item } from "./paths.ts";
import { ceiling, decimalText } from "./quantities.ts";
import { fieldsOf, present, readAsIs, readText, readTextMap } from "./read.ts";

/** Manifests: objects that are kept as they are written. And what lives outside, of which only its name is kept. */

/** The key of a manifest in the plan, which its own fields say; undefined where they do not. */
export function manifestKey(handle: ObjectHandle): ObjectKey | undefined {
  const { fields } = handle.block();
  const apiVersion = textIn(fields.get("apiVersion"));
  const kind = textIn(fields.get("kind"));
  const metadata = fields.get("metadata")?.value;
  if (apiVersion === undefined || kind === undefined || metadata?.kind !== "record") return undefined;
  const name = textIn(metadata.fields.get("name"));
  if (name === undefined) return undefined;
  const namespace = textIn(metadata.fields.get("namespace")) ?? handle.namespace;
  return keyOf(placed({ apiVersion, kind, metadata: namespace ? { name, namespace } : { name } }));
}

function textIn(field: FieldValue | undefined): string | undefined {
  if (field?.value.kind !== "string") return undefined;
  const { parts } = field.value;
  return parts.every((part) => typeof part === "string") ? parts.join("") : undefined;
}

/** The name that an object has in Kubernetes: a manifest says it in its metadata. */
export function nameOfObject(handle: ObjectHandle): string {
  if (handle.word !== "manifest") return handle.name;
  const metadata = handle.block().fields.get("metadata")?.value;
  return (metadata?.kind === "record" && textIn(metadata.fields.get("name"))) || handle.name;
}

/** With the namespace that a kind known to need one has when nothing is said. */
function placed(object: KubernetesObject): KubernetesObject {
  if (!isServed(object) || !isKind(object.kind)) return object;
  const { namespace, ...rest } = object.metadata;
  if (!kinds[object.kind].namespaced) return { ...object, metadata: rest };
  return { ...object, metadata: { ...object.metadata, namespace: namespace ?? "default" } };
}

/** The object as it is written; undefined (and reported) where it is none. */
export function lowerManifest(draft: Draft, block: Block): KubernetesObject | undefined {
  const problems: [FieldValue | undefined, string][] = [];
  const demand = (
    field: FieldValue | undefined,
    where: string,
    isGood: (text: string) => boolean,
    say: string,
  ) => {
    const text = textIn(field);
    if (field === undefined || field === metadata) problems.push([field, `a manifest needs \`${where}\``]);
    else if (text === undefined) problems.push([field, `\`${where}\` of a manifest is to be a text`]);
    else if (!isGood(text)) problems.push([field, `\`${text}\` is no \`${where}\`: ${say}`]);
  };
  const metadata = present(block.fields.get("metadata"));
  const inner = metadata?.value.kind === "record" ? metadata.value.fields : undefined;
  demand(block.fields.get("apiVersion"), "apiVersion", isApiVersion, 'write it as `"v1"` or `"apps/v1"`');
  demand(
    block.fields.get("kind"),
    "kind",
    (text) => /^[A-Z][A-Za-z0-9]*$/.test(text),
    'kinds are written as `"Deployment"`',
  );
  if (!inner) problems.push([metadata, "`metadata` of a manifest is a record with the object's `name`"]);
  else {
    demand(inner.get("name") ?? metadata, "metadata.name", (text) => text !== "", "it is empty");
    for (const key of ["labels", "annotations"]) {
      const map = present(inner.get(key));
      if (!map) continue;
      const isMap =
        map.value.kind === "record" &&
        [...map.value.fields.values()].every(
          (one) => one.value.kind === "none" || one.value.kind === "string",
        );
      if (!isMap) problems.push([map, `\`metadata.${key}\` of a manifest is a record of texts`]);
    }
    const namespace = present(inner.get("namespace"));
    if (namespace) demand(namespace, "metadata.namespace", (text) => text !== "", "it is empty");
  }
  for (const [field, problem] of problems)
    report(draft, manifestShape(field?.span ?? block.span, { problem }));
  if (problems.length > 0) return undefined;
  const entries = [...block.fields].map(
    ([key, field]) => [key, readWritten(draft, child("", key), field)] as const,
  );
  const written = Object.fromEntries(
    entries.filter(([, value]) => value !== undefined),
  ) as unknown as KubernetesObject;
  const { namespace = draft.handle.namespace } = written.metadata;
  const object = placed(
    namespace === undefined ? written : { ...written, metadata: { ...written.metadata, namespace } },
  );
  return isServed(object) ? ofItsKind(draft, block, object) : object;
}

const isApiVersion = (text: string) =>
  /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?v[0-9]+((alpha|beta)[0-9]+)?$/.test(text);

/** An object of a kind that is known has the fields of that kind, so that all that looks at it can rely on them. */
function ofItsKind(draft: Draft, block: Block, object: KubernetesObject): KubernetesObject | undefined {
  const causes = validateShape(object);
  const { spans } = draft.lowering;
  for (const { field, message } of causes) {
    const problem = `this is no ${object.kind}: \`${field}\`: ${message}`;
    report(draft, manifestShape(spans.nearest(draft.key, field) ?? block.span, { problem }));
  }
  return causes.length > 0 ? undefined : object;
}

/** A value as Kubernetes writes it. Shares keep their sign, durations are Go's: both are texts in the kinds that have them. */
function readWritten(draft: Draft, path: FieldPath, field: FieldValue | undefined): unknown {
  const given = present(field);
  if (!given) return undefined;
  const { value } = given;
  if (value.kind === "record") {
    mark(draft, path, given.span);
    const entries = [...fieldsOf(draft, given)].map(
      ([key, one]) => [key, readWritten(draft, child(path, key), one)] as const,
    );
    return Object.fromEntries(entries.filter(([, one]) => one !== undefined));
  }
  if (value.kind === "list") {
    mark(draft, path, given.span);
    return value.items
      .map((one, index) => readWritten(draft, item(path, index), { ...given, value: one }))
      .filter((one) => one !== undefined);
  }
  if (value.kind === "quantity" && value.dimension === "percent") {
    mark(draft, path, given.span);
    const { numerator, denominator } = value.value;
    return `${decimalText({ numerator: numerator * 100n, denominator: denominator }) ?? ceiling(value.value)}%`;
  }
  if (value.kind === "quantity" && value.dimension === "duration") {
    mark(draft, path, given.span);
    return durationText(value.value);
  }
  if (value.kind === "object") {
    mark(draft, path, given.span);
    return nameOfObject(value.object);
  }
  return value.kind === "string" ? readText(draft, path, given) : readAsIs(draft, path, given);
}

/** As Go writes a duration, with one unit: `90s`, `2h`, `500ms`. */
function durationText(seconds: (Value & { kind: "quantity" })["value"]): string {
  for (const [unit, size] of [
    ["h", 3600n],
    ["m", 60n],
    ["s", 1n],
  ] as const)
    if (seconds.numerator % (seconds.denominator * size) === 0n && seconds.numerator !== 0n)
      return `${seconds.numerator / (seconds.denominator * size)}${unit}`;
  return seconds.numerator === 0n
    ? "0s"
    : `${ceiling({ numerator: seconds.numerator * 1000n, denominator: seconds.denominator })}ms`;
}

/** What is known of an object outside. */
export function lowerExternal(draft: Draft): ExternalObject {
  const block = draft.handle.block();
  const keys = present(block.fields.get("keys"));
  const texts =
    keys?.value.kind === "list" ? keys.value.items.flatMap((value) => textIn({ ...keys, value }) ?? []) : [];
  const host = textIn(present(block.fields.get("host")));
  const labels = {
    ...readTextMap(draft, "metadata.labels", block.fields.get("identity")),
    ...readTextMap(draft, "metadata.labels", block.fields.get("labels")),
  };
  return {
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(keys ? { keys: texts } : {}),
    ...(host === undefined ? {} : { host }),
  };
}
