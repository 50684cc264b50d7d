import { isServed, type KubernetesObject, keyOf, type ObjectKey, objectKey } from "../model/meta.ts";
import { isReplicated, rcOf } from "../model/workloads.ts";
import { gatherManifests } from "./compile-manifests.ts";
import type { Diagnostic, Label } from "./diagnostics/diagnostic.ts";
import type { Evaluation } from "./evaluate/program.ts";
import type { ObjectHandle, Program } from "./evaluate/value.ts";
import { withOwnComments } from "./import/comments.ts";
import { type PlannedManifests, planOf, type SecretValues } from "./import/plan.ts";
import { inYaml as inWordsOfYaml } from "./import/wording.ts";
import { writeProgram } from "./import/write/program.ts";
import type { Lowered } from "./plan/lower.ts";
import { inOrder } from "./plan/order.ts";
import { provenance } from "./plan/provenance.ts";
import type { SpanTable } from "./plan/spans.ts";
import type { FileSystem, SourceFile, Span } from "./source/source.ts";
import { clusterOf } from "./verify/cluster.ts";
import { verify } from "./verify/verify.ts";

/**
 * `use "./k8s" as app`: Kubernetes YAML as a module. What the language has to know of the objects (their names, ports,
 * keys, identities) it learns from the KDSL that `kdsl import` would write of them; into the plan go the objects as they
 * stand in the YAML, with their places there.
 */
export interface ManifestModules {
  /** The given one, which answers for YAML files and folders of them too. */
  readonly fileSystem: FileSystem;
  /** The evaluation in terms of the YAML: its files, and what is wrong in them. */
  evaluated(evaluation: Evaluation): Evaluation;
  /** The plan with the objects as they stand in the YAML. */
  lowered(lowered: Lowered, program: Program): Lowered;
  readonly secretValues: SecretValues;
}

interface ManifestModule {
  readonly files: readonly SourceFile[];
  /** The rcs that the program sees of Deployments and their like: names for what the plan has in another form. */
  readonly seen: ReadonlyMap<ObjectKey, ObjectKey>;
  readonly diagnostics: readonly Diagnostic[];
  readonly planned: PlannedManifests;
}

const manifestName = /\.(ya?ml|json)$/i;

/** Whether a `use` of this path means manifests: a file of them, or a folder. */
export function namesManifests(fileSystem: FileSystem, path: string): boolean {
  return manifestName.test(path) || fileSystem.list?.(path) !== undefined;
}

export function manifestModules(fileSystem: FileSystem): ManifestModules {
  const modules = new Map<string, ManifestModule>();
  const secretValues = new Map<ObjectKey, Readonly<Record<string, string>>>();
  const texts = new Map<string, string | undefined>();
  const read = (path: string): string | undefined => {
    if (!texts.has(path)) {
      const sources = namesManifests(fileSystem, path) ? sourcesOf(fileSystem, path) : undefined;
      const made = sources && readModule(path, sources);
      if (made) {
        modules.set(path, made.module);
        for (const [key, values] of made.module.planned.secretValues) secretValues.set(key, values);
      }
      texts.set(path, made?.text);
    }
    return texts.get(path);
  };
  return {
    fileSystem: { ...fileSystem, module: read },
    evaluated: (evaluation) => inYaml(evaluation, modules),
    lowered: (lowered, program) => placed(lowered, program, modules),
    secretValues,
  };
}

function sourcesOf(fileSystem: FileSystem, path: string): SourceFile[] | undefined {
  const inFolder = fileSystem.list?.(path)?.filter((each) => manifestName.test(each));
  const sources = (inFolder ?? [path]).flatMap((each): SourceFile[] => {
    const text = fileSystem.read(each);
    return text === undefined ? [] : [{ path: each, text }];
  });
  return sources.length > 0 ? sources : undefined;
}

function readModule(path: string, sources: readonly SourceFile[]): { module: ManifestModule; text: string } {
  const found = new Set(sources.map((source) => source.path).filter((each) => each !== path));
  const { placed: objects, files, diagnostics, broken } = gatherManifests(sources, found);
  const planned = planOf(objects, { name: path, files });
  const seen = seenAsRcs(planned.plan);
  const module = { files, seen, diagnostics: [...diagnostics, ...planned.diagnostics], planned };
  if (broken || module.diagnostics.length > 0) return { module, text: "" };
  const wrong = wrongByThemselves(planned);
  if (wrong.length > 0) return { module: { ...module, diagnostics: wrong }, text: "" };
  const inputs = objects.map(({ manifest, object }) =>
    withOwnComments({ manifest: { ...manifest, comments: new Map() }, object: asSeen(object, seen) }),
  );
  return { module, text: writeProgram(inputs).text };
}

/** By the key of the rc that stands for it, each workload that keeps pods as an rc does, unless an rc has its name. */
function seenAsRcs({ objects }: PlannedManifests["plan"]): ReadonlyMap<ObjectKey, ObjectKey> {
  const seen = new Map<ObjectKey, ObjectKey>();
  const taken = new Set(objects.map(keyOf));
  for (const object of objects) {
    const key = isReplicated(object) ? keyOf(rcOf(object)) : undefined;
    if (key === undefined || taken.has(key)) continue;
    taken.add(key);
    seen.set(key, keyOf(object));
  }
  return seen;
}

/** A workload as the rc that is seen of it: `ready(app.web)` means the pods of a Deployment. */
function asSeen(object: KubernetesObject, seen: ReadonlyMap<ObjectKey, ObjectKey>): KubernetesObject {
  if (!isReplicated(object)) return object;
  const { namespace = "default" } = object.metadata;
  const rc = rcOf(object);
  return seen.get(keyOf(rc)) === keyOf({ ...object, metadata: { ...object.metadata, namespace } })
    ? rc
    : object;
}

/** Selectors may mean pods of the program. */
const maybeOutside = "KD3001";

/** What is wrong with the objects whatever the program adds to them. Such objects may have no form in the language. */
function wrongByThemselves({ plan, spans }: PlannedManifests): readonly Diagnostic[] {
  const found = inWordsOfYaml(verify({ plan, spans }), clusterOf(plan, spans));
  return found.filter(({ severity, code }) => severity === "error" && code !== maybeOutside);
}

// ── In terms of the YAML ───────────────────────────────────────────────────────────────────────────────────

function inYaml(evaluation: Evaluation, modules: ReadonlyMap<string, ManifestModule>): Evaluation {
  if (modules.size === 0) return evaluation;
  const own = [...modules.values()].flatMap(({ diagnostics }) => diagnostics);
  const files = evaluation.files.flatMap((file) => modules.get(file.path)?.files ?? [file]);
  const broken = own.some(({ severity }) => severity === "error");
  // What the program says of objects that could not be read would follow from that.
  const rest = broken ? [] : evaluation.diagnostics.map((each) => pointed(each, evaluation.program, modules));
  return { ...evaluation, files, diagnostics: [...own, ...rest] };
}

/** The diagnostic with its places in the YAML instead of the text that stands for it. */
function pointed(
  diagnostic: Diagnostic,
  program: Program,
  modules: ReadonlyMap<string, ManifestModule>,
): Diagnostic {
  const label = (each: Label): Label => {
    const module = modules.get(each.span.file.path);
    return module ? { ...each, span: spanIn(module, program, each.span) } : each;
  };
  const fixes = diagnostic.fixes.map((fix) =>
    fix.edits.some(({ span }) => modules.has(span.file.path)) ? { ...fix, edits: [] } : fix,
  );
  return {
    ...diagnostic,
    primary: label(diagnostic.primary),
    secondary: diagnostic.secondary.map(label),
    fixes,
  };
}

function spanIn({ files, planned, seen }: ManifestModule, program: Program, span: Span): Span {
  const handle = program.objects
    .filter((each) => each.span.file === span.file && each.span.start <= span.start)
    .reduce<ObjectHandle | undefined>(
      (last, each) => (last === undefined || each.span.start > last.span.start ? each : last),
      undefined,
    );
  const key = handle && keyOfHandle(handle);
  const found = key === undefined ? undefined : planned.spans.at(seen.get(key) ?? key);
  return found ?? { file: files[0] ?? span.file, start: 0, end: 0 };
}

const keyOfHandle = ({ objectKind, namespace, name }: ObjectHandle) => objectKey(objectKind, namespace, name);

/** The plan with each object of a manifest as it stands there. */
function placed(lowered: Lowered, program: Program, modules: ReadonlyMap<string, ManifestModule>): Lowered {
  if (modules.size === 0) return lowered;
  const planned = [...modules.values()].map((module) => module.planned);
  const given = new Map<ObjectKey, { object: KubernetesObject; spans: PlannedManifests["spans"] }>();
  for (const { plan, spans } of planned)
    for (const object of plan.objects) given.set(keyOf(object), { object, spans });
  // What the language keeps as it is written may say nothing of its namespace.
  const here = (object: KubernetesObject): ObjectKey => {
    const key = keyOf(object);
    if (given.has(key) || isServed(object) || object.metadata.namespace !== undefined) return key;
    const placed = keyOf({ ...object, metadata: { ...object.metadata, namespace: "default" } });
    return given.has(placed) ? placed : key;
  };
  const seen = new Set([...modules.values()].flatMap((module) => [...module.seen.keys()]));
  const own = lowered.plan.objects.filter((object) => !seen.has(keyOf(object)));
  const ours = new Set(own.map(here));
  // Kinds that the language has no word for come from the YAML alone.
  const objects = [
    ...own.map((object) => given.get(here(object))?.object ?? object),
    ...[...given].flatMap(([key, { object }]) => (ours.has(key) ? [] : [object])),
  ];
  const at: SpanTable["at"] = (key, path) =>
    given.get(key)?.spans.at(key, path) ?? (given.has(key) ? undefined : lowered.spans.at(key, path));
  const spans: SpanTable = {
    at,
    nearest: (key, path) => given.get(key)?.spans.nearest(key, path) ?? lowered.spans.nearest(key, path),
  };
  const { plan } = lowered;
  const whole: Lowered["plan"] = {
    ...plan,
    objects: inOrder(objects, new Map(Object.entries(plan.after))),
    get provenance() {
      const written = Object.entries(plan.provenance).filter(([key]) => !seen.has(key));
      return Object.assign(Object.fromEntries(written), ...planned.map((each) => provenance(each.spans)));
    },
    secrets: Object.assign({}, plan.secrets, ...planned.map((each) => each.plan.secrets)),
    sources: [
      ...plan.sources.filter(({ path }) => !modules.has(path)),
      ...planned.flatMap((each) => each.plan.sources),
    ],
  };
  return {
    plan: whole,
    spans,
    diagnostics: lowered.diagnostics.map((each) => pointed(each, program, modules)),
  };
}
