import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { child, item, parent } from "../../compiler/plan/paths.ts";
import type { SpanTable } from "../../compiler/plan/spans.ts";
import type { SourceFile, Span } from "../../compiler/source/source.ts";
import { verify } from "../../compiler/verify/verify.ts";
import { type KubernetesObject, keyOf, type ObjectKey } from "../../model/meta.ts";
import type { FieldPath, Plan } from "../../model/plan.ts";

/** Plans made by hand, and a text in which each of their fields stands, so that diagnostics have true places. */

type Draft = Omit<Plan, "hash">;

export function planOf(objects: readonly KubernetesObject[], more: Partial<Draft> = {}): Draft {
  return {
    version: 1,
    name: "test",
    objects,
    provenance: {},
    local: {},
    references: {},
    secrets: {},
    after: {},
    updates: {},
    sources: [{ path: "plan.txt", hash: "" }],
    params: {},
    ...more,
  };
}

type Places = Map<FieldPath, [number, number]>;

/**
 * Each object's name and each field's value on a line of its own; a field stands around its own fields. A field of
 * `written` stands there as that text.
 */
export function spansOf(plan: Draft, written: Readonly<Record<FieldPath, string>> = {}): SpanTable {
  const places = new Map<ObjectKey, Places>();
  let text = "";
  const write = (table: Places, path: FieldPath, value: string) => {
    const start = text.length + path.length + 1;
    text += `${path} ${value}\n`;
    table.set(path, [start, start + value.length]);
  };
  const visit = (table: Places, path: FieldPath, value: unknown) => {
    if (written[path] !== undefined) return write(table, path, written[path]);
    if (typeof value !== "object" || value === null) return write(table, path, String(value));
    const start = text.length;
    for (const [key, inner] of Object.entries(value))
      visit(table, Array.isArray(value) ? item(path, Number(key)) : child(path, key), inner);
    if (path.includes(".")) table.set(path, [start, text.length]);
  };
  for (const object of plan.objects) {
    const table: Places = new Map();
    places.set(keyOf(object), table);
    visit(table, "", object);
    table.set("", table.get("metadata.name")!);
    for (const [index, key] of (plan.after[keyOf(object)] ?? []).entries())
      write(table, `after[${index}]`, key);
  }
  const file: SourceFile = { path: "plan.txt", text };
  const at = (key: ObjectKey, path: FieldPath = ""): Span | undefined => {
    const place = places.get(key)?.get(path);
    return place && { file, start: place[0], end: place[1] };
  };
  return {
    at,
    nearest(key, path) {
      for (let here: FieldPath | undefined = path; here !== undefined; here = parent(here)) {
        const found = at(key, here);
        if (found) return found;
      }
      return at(key);
    },
  };
}

export function check(plan: Draft, written?: Readonly<Record<FieldPath, string>>): Diagnostic[] {
  return verify({ plan, spans: spansOf(plan, written) });
}

const under = ({ file, start, end }: Span) => file.text.slice(start, end);

/** A diagnostic in one line: code, message, and in brackets the text that it points at, or the first line of it. */
export const line = ({ code, message, primary }: Diagnostic) =>
  `${code} ${message} [${under(primary.span).replace(/\n.*/s, " …")}]`;

export const say = (objects: readonly KubernetesObject[], more?: Partial<Draft>) =>
  check(planOf(objects, more)).map(line);

/** What each fix makes of the text under the primary span, or its title where it has no edit. */
export const fixesOf = (diagnostic: Diagnostic | undefined) =>
  (diagnostic?.fixes ?? []).map(({ title, edits }) =>
    edits.length === 0 ? title : edits.map(({ span, text }) => `${under(span)} => ${text}`).join("; "),
  );
