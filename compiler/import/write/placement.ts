import { kubernetes } from "../../types/kubernetes/types.ts";
import { field, type Member, type Written } from "./layout.ts";
import { isRecord, items, type Json, type Part, read, take, textMapOf } from "./reader.ts";
import { find, refer } from "./scene.ts";
import { equalityTerms, nodeTerm } from "./selections.ts";
import { type Around, writeTyped } from "./typed.ts";

/** Where a pod may run: `on`, and what it likes and dislikes to be near (`affinity`). */

const hostname = "kubernetes.io/hostname";
const required = "requiredDuringSchedulingIgnoredDuringExecution";

/**
 * `on` says a node selector, the nodes that are required, or both where these are one term that a node selector cannot
 * say; of any other two nothing is read.
 */
export function writePlacement(around: Around, spec: Part): Member[] {
  const affinity = isRecord(spec.value) && isRecord(spec.value.affinity) ? spec.value.affinity : undefined;
  const demanded = affinity && isRecord(affinity.nodeAffinity) ? affinity.nodeAffinity[required] : undefined;
  const selector = isRecord(spec.value) ? textMapOf(spec.value.nodeSelector) : {};
  const terms = demanded === undefined ? undefined : writeDemanded(around, demanded);
  const both = demanded !== undefined && Object.keys(selector).length > 0;
  if (both && typeof terms !== "string") return [];
  const members = demanded === undefined ? bySelector(around, spec) : [];
  if (!affinity || (demanded !== undefined && terms === undefined)) return members;
  const rest = withoutDemanded(affinity);
  const written =
    Object.keys(rest).length === 0
      ? undefined
      : writeTyped(around, { type: kubernetes("Affinity") }, read(rest));
  if (Object.keys(rest).length > 0 && written === undefined) return members;
  if (both) take(spec, "nodeSelector");
  const path = take(spec, "affinity")?.path;
  const on = both
    ? `${nodesWhere(around, selector)} and ${String(terms).replace(/^nodes where /, "")}`
    : terms;
  return [
    ...members,
    ...(on === undefined ? [] : [field("on", on, path)]),
    ...(written === undefined ? [] : [field("affinity", written, on === undefined ? path : undefined)]),
  ];
}

const nodesWhere = ({ scene }: Around, selector: unknown) => `nodes where ${equalityTerms(scene, selector)}`;

function bySelector(around: Around, spec: Part): Member[] {
  const { scene } = around;
  const part = take(spec, "nodeSelector");
  const selector = Object.entries(textMapOf(part?.value));
  if (!part || selector.length === 0) return [];
  const [[only, name] = ["", ""]] = selector;
  const node = selector.length === 1 && only === hostname ? find(scene, "node", undefined, name) : undefined;
  const on = node ? refer(scene, node, ["node"]) : nodesWhere(around, part.value);
  return [field("on", on, part.path)];
}

/**
 * The terms of a node selector, of which a node has to meet one; without a list where there is one that would be no
 * node selector alone.
 */
function writeDemanded(around: Around, demanded: unknown): Written | undefined {
  if (!isRecord(demanded) || Object.keys(demanded).join() !== "nodeSelectorTerms") return undefined;
  const type = kubernetes("NodeSelectorTerm");
  const written = items(take(read(demanded), "nodeSelectorTerms")).map(
    (one) => nodeTerm(around.scene, read(one.value)) ?? writeTyped(around, { type }, read(one.value)),
  );
  if (written.length === 0 || written.some((one) => one === undefined)) return undefined;
  const [only] = written;
  if (written.length === 1 && typeof only === "string" && !saysEquality(demanded)) return only;
  return { items: written.filter((one) => one !== undefined) };
}

/** Whether a requirement has one value, as a node selector's have. */
const saysEquality = (demanded: Json): boolean =>
  items(take(read(demanded), "nodeSelectorTerms"))
    .flatMap((one) => items(take(read(one.value), "matchExpressions")))
    .some(
      ({ value }) =>
        isRecord(value) && value.operator === "In" && items(take(read(value), "values")).length === 1,
    );

/** Without what `on` says, and what is empty then. */
function withoutDemanded(affinity: Json): Json {
  const node = isRecord(affinity.nodeAffinity) ? affinity.nodeAffinity : {};
  const { [required]: _, ...preferred } = node;
  const { nodeAffinity: __, ...others } = affinity;
  return Object.keys(preferred).length > 0 ? { nodeAffinity: preferred, ...others } : others;
}
