import { kubernetes } from "../../types/kubernetes/types.ts";
import { field, type Member, type Written } from "./layout.ts";
import { isRecord, items, type Json, type Part, read, take, textMapOf } from "./reader.ts";
import { find, refer } from "./scene.ts";
import { equalityTerms, nodeTerm } from "./selections.ts";
import { type Around, writeTyped } from "./typed.ts";

/** Where a pod may run: `on`, and what it likes and dislikes to be near (`affinity`). */

const hostname = "kubernetes.io/hostname";
const required = "requiredDuringSchedulingIgnoredDuringExecution";

/** `on` says either a node selector or the nodes that are required; of both together nothing is read. */
export function writePlacement(around: Around, spec: Part): Member[] {
  const affinity = isRecord(spec.value) && isRecord(spec.value.affinity) ? spec.value.affinity : undefined;
  const demanded = affinity && isRecord(affinity.nodeAffinity) ? affinity.nodeAffinity[required] : undefined;
  const selector = isRecord(spec.value) ? textMapOf(spec.value.nodeSelector) : {};
  if (demanded !== undefined && Object.keys(selector).length > 0) return [];
  const members = demanded === undefined ? bySelector(around, spec) : [];
  if (!affinity) return members;
  const on = demanded === undefined ? undefined : writeDemanded(around, demanded);
  if (demanded !== undefined && on === undefined) return members;
  const rest = withoutDemanded(affinity);
  const written =
    Object.keys(rest).length === 0
      ? undefined
      : writeTyped(around, { type: kubernetes("Affinity") }, read(rest));
  if (Object.keys(rest).length > 0 && written === undefined) return members;
  const path = take(spec, "affinity")?.path;
  return [
    ...members,
    ...(on === undefined ? [] : [field("on", on, path)]),
    ...(written === undefined ? [] : [field("affinity", written, on === undefined ? path : undefined)]),
  ];
}

function bySelector({ scene }: Around, spec: Part): Member[] {
  const part = take(spec, "nodeSelector");
  const selector = Object.entries(textMapOf(part?.value));
  if (!part || selector.length === 0) return [];
  const [[only, name] = ["", ""]] = selector;
  const node = selector.length === 1 && only === hostname ? find(scene, "node", undefined, name) : undefined;
  const on = node ? refer(scene, node, ["node"]) : `nodes where ${equalityTerms(scene, part.value)}`;
  return [field("on", on, part.path)];
}

/** The terms of a node selector, of which a node has to meet one. */
function writeDemanded(around: Around, demanded: unknown): Written | undefined {
  if (!isRecord(demanded) || Object.keys(demanded).join() !== "nodeSelectorTerms") return undefined;
  const type = kubernetes("NodeSelectorTerm");
  const written = items(take(read(demanded), "nodeSelectorTerms")).map(
    (one) => nodeTerm(around.scene, read(one.value)) ?? writeTyped(around, { type }, read(one.value)),
  );
  return written.length > 0 && written.every((one) => one !== undefined) ? { items: written } : undefined;
}

/** Without what `on` says, and what is empty then. */
function withoutDemanded(affinity: Json): Json {
  const node = isRecord(affinity.nodeAffinity) ? affinity.nodeAffinity : {};
  const { [required]: _, ...preferred } = node;
  const { nodeAffinity: __, ...others } = affinity;
  return Object.keys(preferred).length > 0 ? { nodeAffinity: preferred, ...others } : others;
}
