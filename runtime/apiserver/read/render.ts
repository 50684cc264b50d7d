import type { KindMap } from "../../../model/core.ts";
import type { Kind, Stored } from "../../../model/meta.ts";
import type { Form } from "../negotiate.ts";
import type { Cell, KindTable, TableContext } from "../tables/table.ts";
import { tableOf } from "../tables/tables.ts";

/** How objects look in an answer: the JSON of one object, of a list, of the rows of a table. */

const serialised = new WeakMap<object, string>();

/** The JSON of an object, made once for each revision of it: objects are frozen, and all watchers see the same. */
export function jsonOf(object: object): string {
  let text = serialised.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    serialised.set(object, text);
  }
  return text;
}

/** What stands in `metadata` of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** What of an object stands beside its row: all, its metadata, or nothing (`includeObject`). */
export type IncludeObject = "Object" | "Metadata" | "None";

export interface View {
  readonly form: Form;
  readonly include: IncludeObject;
  readonly context: TableContext;
}

function partial(object: Stored): object {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata };
}

/** The metadata of a bookmark, in the form in which the watch's objects come. */
export function renderBookmark(kind: Kind, apiVersion: string, metadata: object, view: View): string {
  switch (view.form.as) {
    case "object":
      return JSON.stringify({ kind, apiVersion, metadata });
    case "metadata":
      return JSON.stringify({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata });
    case "table":
      return renderTable(kind, [], metadata as ListMeta, view, false);
  }
}

export function renderObject(object: Stored, view: View): string {
  switch (view.form.as) {
    case "object":
      return jsonOf(object);
    case "metadata":
      return JSON.stringify(partial(object));
    case "table":
      return renderTable(
        object.kind as Kind,
        [object],
        { resourceVersion: object.metadata.resourceVersion },
        view,
      );
  }
}

export function renderList(
  kind: Kind,
  apiVersion: string,
  objects: readonly Stored[],
  metadata: ListMeta,
  view: View,
): string {
  if (view.form.as === "table") return renderTable(kind, objects, metadata, view);
  const names =
    view.form.as === "metadata"
      ? { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" }
      : { kind: `${kind}List`, apiVersion };
  const items =
    view.form.as === "metadata" ? objects.map((each) => JSON.stringify(partial(each))) : objects.map(jsonOf);
  return `${JSON.stringify({ ...names, metadata }).slice(0, -1)},"items":[${items.join(",")}]}`;
}

/** `columns: false` leaves out what a watcher has been told with its first event. */
export function renderTable(
  kind: Kind,
  objects: readonly Stored[],
  metadata: ListMeta,
  view: View,
  columns = true,
): string {
  const table = tableOf(kind);
  return JSON.stringify({
    kind: "Table",
    apiVersion: `meta.k8s.io/${view.form.as === "table" ? view.form.version : "v1"}`,
    metadata,
    columnDefinitions: columns ? table.columns : null,
    rows: objects.map((object) => ({
      cells: cellsOf(table, object, view.context),
      ...(view.include !== "None" && { object: view.include === "Object" ? object : partial(object) }),
    })),
  });
}

function cellsOf(table: KindTable<Kind>, object: Stored, context: TableContext): readonly Cell[] {
  return table.row(object as unknown as KindMap[Kind] & never, context);
}
