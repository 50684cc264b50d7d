import type { KindMap } from "../../../model/core.ts";
import type { Kind } from "../../../model/meta.ts";
import type { NetworkPlan } from "../../environment.ts";

/** Tables as Kubernetes' server prints them for `kubectl get`: the columns of a kind and how a row is read off an object. */

export interface Column {
  readonly name: string;
  readonly type: "string" | "integer";
  readonly format: "" | "name" | "quantity" | "duration";
  readonly description: string;
  /** 0 is always shown, 1 only in wide output. */
  readonly priority: 0 | 1;
}

/** What rows need to know beside the object. */
export interface TableContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly openPort: NetworkPlan["openPort"];
}

export type Cell = string | number;

export interface RowTable<T> {
  readonly columns: readonly Column[];
  /** One cell per column. */
  readonly row: (object: T, context: TableContext) => readonly Cell[];
}

export type KindTable<K extends Kind> = RowTable<KindMap[K]>;

/** A column of text. A name that ends in `¹` belongs to wide output only. */
export function column(name: string, description: string, type: Column["type"] = "string"): Column {
  const wide = name.endsWith("¹");
  return {
    name: wide ? name.slice(0, -1) : name,
    type,
    format: name === "Name" || name === "Name¹" ? "name" : "",
    description,
    priority: wide ? 1 : 0,
  };
}

export const nameColumn = column(
  "Name",
  "Name must be unique within a namespace. It is required when creating resources and cannot be changed.",
);

export const ageColumn = column("Age", "The time that has passed since the object was created.");
