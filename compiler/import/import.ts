import { withDefaults } from "../../model/defaults.ts";
import { isKind, type KubernetesObject, kinds } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { validateCreate } from "../../model/validation.ts";
import { fieldRefused, nothingThere, placeholderImage, secretUnfit } from "../diagnostics/catalog/import.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { isImage } from "../evaluate/conform.ts";
import { parent } from "../plan/paths.ts";
import type { Manifest } from "../source/manifest.ts";
import type { SourceFile, Span } from "../source/source.ts";
import { asWritten, withoutMade } from "./clean.ts";
import { withOwnComments } from "./comments.ts";
import { kindProblem } from "./kinds.ts";
import { type Placed, planOf } from "./plan.ts";
import { readManifests } from "./read.ts";
import { shapeOf } from "./shape.ts";
import { type WrittenProgram, writeProgram } from "./write/program.ts";
import { words } from "./write/scene.ts";

/** What an import gives: a program and what belongs beside it, or what is wrong with the input. */
export interface Imported {
  /** Absent where something is an error. */
  readonly program?: WrittenProgram;
  readonly objects: readonly KubernetesObject[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether a file is one of compose, which is imported by itself. */
export const isComposeFile = (source: SourceFile): boolean =>
  readManifests(source).other === "a compose file";

/**
 * The objects of all files. Fields, types and kinds are held to the same rules as by `check`; what a cluster would
 * refuse is refused.
 */
export function readObjects(sources: readonly SourceFile[]): {
  placed: readonly Placed[];
  diagnostics: Diagnostic[];
} {
  const read = sources.map(readManifests);
  const diagnostics = read.flatMap((file) => file.diagnostics);
  const placed: Placed[] = [];
  for (const manifest of withoutMade(read.flatMap((file) => file.manifests))) {
    const wrongKind = kindProblem(manifest);
    const shaped = shapeOf(manifest);
    diagnostics.push(...(wrongKind ? [wrongKind] : []), ...shaped.diagnostics);
    placed.push({ manifest, object: asWritten(shaped.object) });
  }
  if (diagnostics.some(({ severity }) => severity === "error")) return { placed, diagnostics };
  diagnostics.push(...planOf(placed, { name: "import", files: sources }).diagnostics);
  diagnostics.push(...placed.flatMap(refused));
  const [first] = read;
  if (first && placed.length === 0)
    diagnostics.push(nothingThere(start(first.file), { what: "no object is in what was given" }));
  return { placed, diagnostics };
}

/** One program of the Kubernetes objects of all files. Never throws for what stands in a file. */
export function importManifests(sources: readonly SourceFile[]): Imported {
  const { placed, diagnostics } = readObjects(sources);
  const objects = placed.map(({ object }) => object);
  const hasErrors = () => diagnostics.some(({ severity }) => severity === "error");
  if (hasErrors()) return { objects, diagnostics };
  const program = writeProgram(placed.map(withOwnComments));
  for (const { index, fields } of program.kept) {
    const { manifest, object } = placed[index]!;
    const [field = ""] = fields;
    if (object.kind === "Secret" && object.apiVersion === "v1")
      diagnostics.push(secretUnfit(place(manifest, field), { name: object.metadata.name, field }));
  }
  return hasErrors() ? { objects, diagnostics } : { program, objects, diagnostics };
}

const start = (file: SourceFile): Span => ({ file, start: 0, end: 0 });

/** The place of a field, or of the nearest around it that was written. */
export function place(manifest: Manifest, path: FieldPath): Span {
  for (let at: FieldPath | undefined = path; at !== undefined; at = parent(at)) {
    const found = manifest.places.get(at);
    if (found) return at === path || !found.key ? found.value : found.key;
  }
  return start(manifest.file);
}

// ── What Kubernetes would refuse ───────────────────────────────────────────────────────────────────────────

const title = ({ kind, metadata }: KubernetesObject): string =>
  `${(Object.hasOwn(words, kind) ? words[kind] : undefined) ?? kind} \`${metadata.name}\``;

function refused({ manifest, object }: Placed): Diagnostic[] {
  if (object.apiVersion !== "v1" || !isKind(object.kind)) return [];
  const { namespace = "default", ...metadata } = object.metadata;
  const isOfCluster = !kinds[object.kind].namespaced;
  const whole = isOfCluster ? object : { ...object, metadata: { ...metadata, namespace } };
  const causes = validateCreate(withDefaults(whole));
  if (causes.length > 0)
    return causes.slice(0, 5).map(({ field, message }) => {
      const why = message.charAt(0).toLowerCase() + message.slice(1);
      return fieldRefused(place(manifest, field), {
        object: title(object),
        field,
        why: `is refused: ${why}`,
      });
    });
  const images = [...manifest.places].filter(([path]) =>
    /^spec\.(?:.*\.)?(?:initC|c)ontainers\[\d+\]\.image$/.test(path),
  );
  return images.flatMap(([path, { value }]) => {
    const text = textAt(object, path);
    return text === undefined || isImage(text) ? [] : [placeholderImage(value, { text })];
  });
}

function textAt(object: unknown, path: FieldPath): string | undefined {
  let at: unknown = object;
  for (const key of path.split(/[.[\]]+/).filter((part) => part !== ""))
    at = at instanceof Object ? (at as Record<string, unknown>)[key] : undefined;
  return typeof at === "string" ? at : undefined;
}
