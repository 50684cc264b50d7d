import type { Kind, Stored } from "../../../model/meta.ts";
import { renderObject, renderTable, type View } from "./render.ts";

/** The bytes of one event of a watch. `columns`: with the columns of a table, which a watcher is told once. */
export type EventEncoder = (
  type: string,
  kind: Kind,
  object: Stored,
  view: View,
  columns: boolean,
) => Uint8Array;

const utf8 = new TextEncoder();

/** One line of a watch: the text of an event's object with its type. */
export function eventLine(type: string, object: string): Uint8Array {
  return utf8.encode(`{"type":"${type}","object":${object}}\n`);
}

/**
 * Encodes each event once for all watchers that see it in the same form: a change is told to all of them before the next,
 * so that it is enough to remember the latest.
 */
export function createEventEncoder(): EventEncoder {
  let latest: object | undefined;
  const made = new Map<string, Uint8Array>();
  return (type, kind, object, view, columns) => {
    if (object !== latest) {
      latest = object;
      made.clear();
    }
    const key = `${type} ${formKey(view)} ${columns}`;
    let bytes = made.get(key);
    if (!bytes) {
      bytes = eventLine(type, textOf(kind, object, view, columns));
      made.set(key, bytes);
    }
    return bytes;
  };
}

/** What of a view the text depends on: ages in tables are of whole seconds. */
function formKey({ form, include, context }: View): string {
  if (form.as !== "table") return form.as;
  return `${form.version} ${include} ${Math.floor(context.now / 1000)}`;
}

function textOf(kind: Kind, object: Stored, view: View, columns: boolean): string {
  if (view.form.as !== "table") return renderObject(object, view);
  return renderTable(kind, [object], { resourceVersion: object.metadata.resourceVersion }, view, columns);
}
