import { sha256 } from "../../base/sha256.ts";
import { withDefaults } from "../../model/defaults.ts";
import { isServed, type KubernetesObject, keyOf, type ObjectKey, objectKey } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import type { Scenario } from "../../model/scenario.ts";
import { objectTwice } from "../diagnostics/catalog/outside.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ObjectHandle, Program } from "../evaluate/value.ts";
import type { SourceFile } from "../source/source.ts";
import { type Lowering, startLowering } from "./draft.ts";
import { lowerCluster } from "./lower-cluster.ts";
import { lowerExternal, lowerManifest, manifestKey, nameOfObject } from "./lower-manifest.ts";
import { lowerings } from "./lower-objects.ts";
import { lowerScenarios, type State } from "./lower-scenarios.ts";
import { lowerCast } from "./molds.ts";
import { inOrder } from "./order.ts";
import { parameterValue } from "./parameters.ts";
import { provenance } from "./provenance.ts";
import type { SpanTable } from "./spans.ts";

export interface LowerContext {
  /** The file that was compiled, as diagnostics show it. */
  readonly path: string;
  /** All files that were read. */
  readonly files: readonly SourceFile[];
  /** `path` as written in the file `from`, seen from that file's directory, made absolute. */
  readonly resolvePath: (from: string, path: string) => string;
}

export interface Lowered {
  readonly plan: Omit<Plan, "hash">;
  readonly spans: SpanTable;
  readonly diagnostics: readonly Diagnostic[];
}

/** The annotation that tells what an object waits for (`after`), for those who see the object without its plan. */
export const afterAnnotation = "kdsl.dev/after";

/**
 * From an evaluated program to Kubernetes v1 objects with all defaults explicit, and what the plan holds beside them.
 * Always gives a plan; where it could not be one, `diagnostics` says why.
 */
export function lower(program: Program, context: LowerContext): Lowered {
  const { lowering, objects } = lowerObjects(program, context);
  const scenarios = scenariosOf(program, { lowering, objects }, context);
  let places: Plan["provenance"] | undefined;
  const plan: Omit<Plan, "hash"> = {
    version: 1,
    name: program.clusterName ?? nameFromPath(context),
    objects,
    // As the hashes: worked out when asked for, which checking never does.
    get provenance() {
      return (places ??= provenance(lowering.spans, lowering.sources));
    },
    local: nested(lowering.local),
    references: nested(lowering.references),
    secrets: nested(lowering.secrets),
    after: Object.fromEntries(lowering.after),
    updates: Object.fromEntries(lowering.updates),
    ...clusterOf(lowering, program),
    ...externalOf(lowering, program.external),
    ...(scenarios.length > 0 ? { scenarios } : {}),
    ...(lowering.behaviour.size > 0 ? { behaviour: nested(lowering.behaviour) } : {}),
    sources: context.files.map(({ path, text }) => ({
      path,
      // As the plan's own hash: worked out when asked for.
      get hash() {
        return sha256(text);
      },
    })),
    params: Object.fromEntries([...program.params].map(([name, value]) => [name, parameterValue(value)])),
  };
  return { plan, spans: lowering.spans, diagnostics: lowering.diagnostics };
}

interface LoweredObjects {
  readonly lowering: Lowering;
  /** In the order of dependency. */
  readonly objects: readonly KubernetesObject[];
}

function lowerObjects(program: Program, context: LowerContext): LoweredObjects {
  const lowering = startLowering(
    ({ file }, path) => context.resolvePath(file.path, path),
    new Set(context.files),
  );
  const lowered: KubernetesObject[] = [];
  for (const handle of program.objects) {
    const object = lowerObject(lowering, handle);
    if (object) lowered.push(object);
  }
  reportTwice(lowering, program.objects, lowered);
  const { after } = lowering;
  const whole = [...missingNamespaces(lowering, lowered, program.external), ...lowered];
  const objects = after.size === 0 ? whole : whole.map((object) => annotateAfter(object, after));
  return { lowering, objects: inOrder(objects, lowering.after) };
}

function scenariosOf(program: Program, first: LoweredObjects, context: LowerContext): readonly Scenario[] {
  const { diagnostics } = first.lowering;
  return lowerScenarios(
    program.scenarios,
    stateOf(first),
    (later) => stateOf(lowerObjects(later, context)),
    (diagnostic) => diagnostics.push(diagnostic),
  );
}

const stateOf = ({ lowering, objects }: LoweredObjects): State => ({
  objects,
  behaviour: nested(lowering.behaviour),
  updates: Object.fromEntries(lowering.updates),
  diagnostics: lowering.diagnostics,
});

/** Kubernetes' defaults are those of the kinds it knows; an object of another group is left as it is. */
const defaulted = (object: KubernetesObject): KubernetesObject =>
  isServed(object) ? withDefaults(object) : object;

/** The object with its defaults. */
function lowerObject(lowering: Lowering, handle: ObjectHandle): KubernetesObject | undefined {
  if (handle.word === "manifest") {
    const key = manifestKey(handle) ?? objectKey("Manifest", undefined, handle.name);
    lowering.spans.record(key, "", handle.span);
    const object = lowerManifest({ lowering, key, handle }, handle.block());
    return object && defaulted(object);
  }
  const lowerBlock = Object.hasOwn(lowerings, handle.word) ? lowerings[handle.word] : undefined;
  if (!lowerBlock) return undefined;
  const key = objectKey(handle.objectKind, handle.namespace, handle.name);
  const { cast } = handle;
  const lowered = cast && lowerCast(lowering, key, handle, cast, lowerBlock);
  if (lowered) return lowered;
  lowering.spans.record(key, "", handle.span);
  return withDefaults(lowerBlock({ lowering, key, handle }, handle.block()));
}

/** A namespace for every one that is used without being declared; `default` is there anyway. */
function missingNamespaces(
  lowering: Lowering,
  objects: readonly KubernetesObject[],
  external: readonly ObjectHandle[],
): KubernetesObject[] {
  const declared = new Set(external.filter(({ word }) => word === "namespace").map(({ name }) => name));
  for (const object of objects)
    if (object.kind === "Namespace" && isServed(object)) declared.add(object.metadata.name);
  const missing = new Map<string, ObjectKey>();
  for (const object of objects) {
    const { namespace } = object.metadata;
    if (namespace === undefined || namespace === "default" || declared.has(namespace)) continue;
    if (!missing.has(namespace)) missing.set(namespace, keyOf(object));
  }
  return [...missing].map(([name, key]) => {
    const object = withDefaults({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const span = lowering.spans.at(key);
    if (span) lowering.spans.record(keyOf(object), "", span);
    return object;
  });
}

/** Names of manifests are fields, and may meet those of other objects. */
function reportTwice(
  lowering: Lowering,
  handles: readonly ObjectHandle[],
  objects: readonly KubernetesObject[],
): void {
  if (!handles.some(({ word }) => word === "manifest")) return;
  const places = new Map<ObjectKey, ObjectHandle>();
  for (const handle of handles) {
    const key =
      handle.word === "manifest"
        ? manifestKey(handle)
        : objectKey(handle.objectKind, handle.namespace, handle.name);
    if (key === undefined) continue;
    const first = places.get(key);
    if (!first) {
      places.set(key, handle);
      continue;
    }
    const name = nameOfObject(handle);
    const kind = objects.find((object) => keyOf(object) === key)?.kind ?? handle.objectKind;
    const isFamily = first.span.start === handle.span.start && first.span.file === handle.span.file;
    const secondary = isFamily ? [] : [{ span: first.span, text: "first here" }];
    const notes = isFamily ? ["the name of each member of the family is to be its own"] : [];
    lowering.diagnostics.push(objectTwice(handle.span, { kind, name }, { secondary, notes }));
  }
}

/** What is said of the whole cluster, where anything is. */
function clusterOf(lowering: Lowering, { cluster }: Program): Pick<Plan, "cluster"> {
  const settings = cluster ? lowerCluster(lowering, cluster) : {};
  return Object.keys(settings).length > 0 ? { cluster: settings } : {};
}

/** What is taken to be there, where anything is. */
function externalOf(lowering: Lowering, handles: readonly ObjectHandle[]): Pick<Plan, "external"> {
  if (handles.length === 0) return {};
  const entries = handles.map((handle) => {
    const key = objectKey(handle.objectKind, handle.namespace, handle.name);
    lowering.spans.record(key, "", handle.span);
    return [key, lowerExternal({ lowering, key, handle })] as const;
  });
  return { external: Object.fromEntries(entries) };
}

function annotateAfter(object: KubernetesObject, after: Lowering["after"]): KubernetesObject {
  const keys = after.get(keyOf(object));
  if (!keys) return object;
  const annotations = { ...object.metadata.annotations, [afterAnnotation]: keys.join(",") };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** The file's name without its ending; of `main.kdsl` the name of its folder. */
function nameFromPath({ path, resolvePath }: LowerContext): string {
  const last = (text: string) =>
    text
      .split(/[/\\]/)
      .filter((part) => part !== "" && part !== ".")
      .at(-1);
  const file = (last(path) ?? "main").replace(/\.kdsl$/, "");
  return file === "main" ? (last(resolvePath(path, ".")) ?? file) : file;
}

function nested<T>(
  table: ReadonlyMap<ObjectKey, ReadonlyMap<string, T>>,
): Record<ObjectKey, Record<string, T>> {
  return Object.fromEntries([...table].map(([key, entries]) => [key, Object.fromEntries(entries)]));
}
