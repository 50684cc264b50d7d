import type { ClusterSettings } from "../../model/plan.ts";
import { badRange } from "../diagnostics/catalog/outside.ts";
import type { Block, FieldValue } from "../evaluate/value.ts";
import { compact, help, type Lowering } from "./draft.ts";
import { present } from "./read.ts";

/** What `cluster { … }` says of the whole: kept beside the objects, for Kubernetes has no object for it. */
export function lowerCluster(lowering: Lowering, block: Block): ClusterSettings {
  const text = (name: string): string | undefined => {
    const value = present(block.fields.get(name))?.value;
    if (value?.kind === "address") return value.text;
    return value?.kind === "string"
      ? value.parts.filter((part) => typeof part === "string").join("")
      : undefined;
  };
  return compact<ClusterSettings>({
    serviceRange: text("services"),
    podRange: text("pods"),
    nodePorts: nodePorts(lowering, present(block.fields.get("nodePorts"))),
    scheduler: text("scheduler") as ClusterSettings["scheduler"],
  });
}

function nodePorts(lowering: Lowering, field: FieldValue | undefined): ClusterSettings["nodePorts"] {
  if (field?.value.kind !== "range") return undefined;
  const { from, to } = field.value;
  if (from >= 1n && to <= 65535n && from <= to) return { first: Number(from), last: Number(to) };
  const fixes = help("write two port numbers, the lower one first: `30000..32767`");
  lowering.diagnostics.push(badRange(field.span, { range: `${from}..${to}` }, { fixes }));
  return undefined;
}
