import type { ObjectMeta } from "../../model/meta.ts";
import { formatLabels } from "../../model/selector.ts";
import type { Cell, Column } from "../../runtime/apiserver/tables/table.ts";

/** A table as the server gives it. */
export interface Table {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  /** Null in later events of a watch. */
  readonly columnDefinitions: readonly Column[] | null;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly cells: readonly Cell[];
  readonly object: { readonly metadata: ObjectMeta } & Readonly<Record<string, unknown>>;
}

export interface TableFlags {
  readonly wide: boolean;
  readonly namespaces: boolean;
  readonly showLabels: boolean;
  /** Set before names where several kinds are printed: `pod/`. */
  readonly prefix: string;
}

export const tableAccept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** The upper-case heads of the columns that are shown. */
export function header(columns: readonly Column[], flags: TableFlags): string[] {
  const names = columns
    .filter(({ priority }) => flags.wide || priority === 0)
    .map(({ name }) => name.toUpperCase());
  return [...(flags.namespaces ? ["NAMESPACE"] : []), ...names, ...(flags.showLabels ? ["LABELS"] : [])];
}

export function cells(columns: readonly Column[], row: Row, flags: TableFlags): string[] {
  const { metadata } = row.object;
  const shown = columns.flatMap((column, index) => {
    if (!flags.wide && column.priority !== 0) return [];
    const text = String(row.cells[index] ?? "");
    return [column.format === "name" && flags.prefix !== "" ? flags.prefix + text : text];
  });
  return [
    ...(flags.namespaces ? [metadata.namespace ?? ""] : []),
    ...shown,
    ...(flags.showLabels ? [formatLabels(metadata.labels)] : []),
  ];
}
