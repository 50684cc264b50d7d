import { withDefaults } from "../../../model/defaults.ts";
import { isKind, type KubernetesObject, kinds } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import { planHash } from "../../plan/canonical.ts";

/** What a plan is compared with: an earlier plan, or objects as a cluster gives them. */
export interface Baseline {
  /** A plan is a closed world, so that what is missing in the new one goes. A cluster holds much that is nobody's here. */
  readonly from: "plan" | "cluster";
  /** Of a cluster that kdsl runs: what stands in its objects beside the file is people's. */
  readonly own?: boolean;
  /** The plan's own name. */
  readonly name?: string;
  readonly objects: readonly KubernetesObject[];
  /** The earlier plan as a whole; undefined for a cluster. */
  readonly plan?: Plan;
}

export interface BaselineProblem {
  readonly problem: string;
  readonly help: string;
}

const record = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const writeAgain = "write it anew: `kdsl compile FILE -o PLAN.json`";

/**
 * Reads the documents of one file: a plan that `kdsl compile` wrote, or Kubernetes objects (alone, several, or in
 * Lists, as `kubectl get -o json` prints them). Gives what is wrong with it where it is neither.
 */
export function readBaseline(documents: readonly unknown[]): Baseline | BaselineProblem {
  const [first] = documents;
  if (documents.length === 0) return { problem: "is empty", help: writeAgain };
  if (documents.length === 1 && record(first) && looksLikePlan(first)) return planBaseline(first);
  const objects = documents.flatMap((document) =>
    record(document) && Array.isArray(document.items) ? document.items : [document],
  );
  const wrong = objects.find((object) => !isObject(object));
  if (wrong !== undefined)
    return {
      problem: "is neither a plan of kdsl nor Kubernetes objects",
      help: "give it what `kdsl compile FILE -o PLAN.json` or `kubectl get all -o json` wrote",
    };
  return { from: "cluster", objects: (objects as KubernetesObject[]).map(asServed) };
}

const looksLikePlan = (document: Readonly<Record<string, unknown>>) =>
  "version" in document && ("objects" in document || "provenance" in document || "sources" in document);

function planBaseline(document: Readonly<Record<string, unknown>>): Baseline | BaselineProblem {
  if (typeof document.version === "number" && document.version > 1)
    return {
      problem: `is a plan of version ${document.version}, written by a newer kdsl; this one reads version 1`,
      help: "use the kdsl that wrote it, or write it anew with this one",
    };
  const tables = ["provenance", "local", "references", "secrets", "after", "updates", "params"];
  const whole =
    document.version === 1 &&
    typeof document.name === "string" &&
    Array.isArray(document.objects) &&
    document.objects.every(isObject) &&
    Array.isArray(document.sources) &&
    tables.every((table) => record(document[table]));
  if (!whole) return { problem: "is a damaged plan: parts of it are missing", help: writeAgain };
  const plan = document as unknown as Plan;
  if (planHash(plan) !== plan.hash)
    return {
      problem: "is a plan that was changed after kdsl wrote it: its hash does not fit",
      help: writeAgain,
    };
  return { from: "plan", name: plan.name, objects: plan.objects, plan };
}

function isObject(value: unknown): value is KubernetesObject {
  return (
    record(value) &&
    typeof value.kind === "string" &&
    typeof value.apiVersion === "string" &&
    record(value.metadata) &&
    typeof value.metadata.name === "string"
  );
}

/** With its namespace and defaults, should it come from a file instead of a server. */
function asServed(object: KubernetesObject): KubernetesObject {
  if (!isKind(object.kind)) return object;
  const { metadata } = object;
  const namespace = kinds[object.kind].namespaced ? { namespace: metadata.namespace ?? "default" } : {};
  return withDefaults({ ...object, metadata: { ...metadata, ...namespace } });
}
