import { withDefaults } from "../../model/defaults.ts";
import { isKind, type KubernetesObject, keyOf } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { validateCreate } from "../../model/validation.ts";
import {
  deadVersion,
  fieldRefused,
  nothingThere,
  objectAgain,
  placeholderImage,
  secretUnfit,
} from "../diagnostics/catalog/import.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { isImage } from "../evaluate/conform.ts";
import { parent } from "../plan/paths.ts";
import type { Manifest } from "../source/manifest.ts";
import type { SourceFile, Span } from "../source/source.ts";
import { withOwnComments } from "./comments.ts";
import { readManifests } from "./read.ts";
import { instead } from "./versions.ts";
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

/** One program of the Kubernetes objects of all files. Never throws for what stands in a file. */
export function importManifests(sources: readonly SourceFile[]): Imported {
  const read = sources.map(readManifests);
  const manifests = read.flatMap((file) => file.manifests);
  const objects = manifests.map(({ object }) => object);
  const diagnostics = [...read.flatMap((file) => file.diagnostics), ...problems(manifests)];
  const failed = { objects, diagnostics };
  if (diagnostics.some(({ severity }) => severity === "error")) return failed;
  const [first] = read;
  if (objects.length === 0) {
    if (first) diagnostics.push(nothingThere(start(first.file), { what: "no object is in what was given" }));
    return failed;
  }
  const program = writeProgram(manifests.map(withOwnComments));
  for (const { index, fields } of program.kept) {
    const manifest = manifests[index]!;
    const { kind, metadata } = manifest.object;
    if (kind === "Secret" && words[kind] && manifest.object.apiVersion === "v1") {
      const [field = ""] = fields;
      diagnostics.push(secretUnfit(place(manifest, field), { name: metadata.name, field }));
    }
  }
  return diagnostics.some(({ severity }) => severity === "error")
    ? failed
    : { program, objects, diagnostics };
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

function problems(manifests: readonly Manifest[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const seen = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const { object } = manifest;
    const served = instead(object.apiVersion, object.kind);
    if (served !== undefined) {
      found.push(
        deadVersion(place(manifest, "apiVersion"), {
          kind: object.kind,
          version: object.apiVersion,
          instead: served,
        }),
      );
      continue;
    }
    const key = `${object.apiVersion} ${keyOf({ ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? "default" } })}`;
    const before = seen.get(key);
    if (before) {
      const secondary = [{ span: place(before, "metadata.name"), text: "first here" }];
      found.push(objectAgain(place(manifest, "metadata.name"), { what: title(object) }, { secondary }));
    }
    seen.set(key, manifest);
    if (object.apiVersion === "v1" && isKind(object.kind)) found.push(...refused(manifest));
  }
  return found;
}

const title = ({ kind, metadata }: KubernetesObject): string =>
  `${(Object.hasOwn(words, kind) ? words[kind] : undefined) ?? kind} \`${metadata.name}\``;

function refused(manifest: Manifest): Diagnostic[] {
  const { object } = manifest;
  const namespaced = {
    ...object,
    metadata: { ...object.metadata, namespace: object.metadata.namespace ?? "default" },
  };
  const whole = object.kind === "Node" || object.kind === "Namespace" ? object : namespaced;
  // What cannot be defaulted has not the shape of its kind, which is what is said then.
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
