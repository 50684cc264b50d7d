import { blockSchemas } from "../../types/blocks/index.ts";
import { typedField, writeResources } from "./container.ts";
import { block, field, type Member, type Written } from "./layout.ts";
import { key, standsBare, text } from "./literals.ts";
import { writeMetadata } from "./metadata.ts";
import { writePod } from "./pod.ts";
import { entries, giveBack, isRecord, type Part, take, takeIn, textMapOf, textOf } from "./reader.ts";
import { type Declared, equal, nameWritten, refer, type Scene, workloadOf } from "./scene.ts";
import { keepSecret, type SecretFiles } from "./secrets.ts";
import { metadataOf, oneOrMany, where, writeService } from "./service.ts";
import { type Around, writeFields } from "./typed.ts";

/** One function for each kind: from a Kubernetes object to its declaration. What they leave unread is left over. */

export interface Writing {
  readonly scene: Scene;
  readonly secrets: SecretFiles;
}

type Writer = (writing: Writing, declared: Declared, object: Part) => Member;

export const writers: Readonly<Record<string, Writer>> = {
  rc: writeController,
  pod: writeLonePod,
  service: ({ scene }, declared, object) => writeService(scene, declared, object),
  config: writeConfig,
  secret: writeSecret,
  node: writeNode,
  namespace: writeNamespace,
};

function declaration(declared: Declared, members: readonly Member[]): Member {
  return {
    head: `${declared.word} ${nameWritten(declared.name, declared.alias)} `,
    value: block(members),
    path: "",
    apart: true,
  };
}

const aroundOf = (scene: Scene, { namespace = "" }: Declared): Around => ({ scene, namespace });

/** What says which kind it is, and what only an API server writes. */
export function takeFrame(object: Part): void {
  for (const name of ["apiVersion", "kind"]) take(object, name);
  if (object.value instanceof Object) take(object, "status");
}

function writeController({ scene }: Writing, declared: Declared, object: Part): Member {
  const workload = workloadOf(scene, declared)!;
  const around = aroundOf(scene, declared);
  const spec = take(object, "spec");
  const template = take(spec, "template");
  const members: Member[] = [];
  // Left out, an rc's labels are those of its pods.
  members.push(...controllerLabels(scene, workload.labels, metadataOf(object)));
  const replicas = take(spec, "replicas");
  if (replicas && replicas.value !== 1) {
    const written = typedField(around, "rc", "replicas", replicas);
    if (written) members.push(written);
  }
  const selector = take(spec, "selector");
  const selected = textMapOf(selector?.value);
  if (Object.keys(selected).length > 0 && !equal(selected, workload.identity))
    members.push(field("select", where(scene, selected), selector?.path));
  const ready = take(spec, "minReadySeconds");
  if (ready && ready.value !== 0) {
    const written = typedField(around, "rc", "minReady", ready);
    if (written) members.push(written);
  }
  members.push(...writeFields(around, blockSchemas.rc!.fields, object));
  if (template)
    members.push({
      head: "pod ",
      value: block(writePod(scene, workload, template, afterOf(scene, declared, object))),
      path: template.path,
    });
  return declaration(declared, members);
}

function controllerLabels(
  scene: Scene,
  podLabels: Readonly<Record<string, string>>,
  metadata: Part | undefined,
): Member[] {
  const labels = textMapOf(takeIn(metadata, "labels")?.value);
  return writeMetadata(scene, metadata, equal(labels, podLabels) ? { without: ["labels"] } : {});
}

function writeLonePod({ scene }: Writing, declared: Declared, object: Part): Member {
  metadataOf(object);
  return declaration(
    declared,
    writePod(scene, workloadOf(scene, declared)!, object, afterOf(scene, declared, object)),
  );
}

/** The annotation by which an export tells what an object waits for. */
function afterOf(scene: Scene, declared: Declared, object: Part): Written | undefined {
  const annotation = textOf(takeIn(object, "metadata", "annotations", "kdsl.dev/after"));
  if (annotation === undefined) return undefined;
  const names = annotation.split(",").map((id) => {
    const [kind, namespace, name] = id.split("/");
    const found = scene.declared.find(
      (one) => one.kind === kind && one.namespace === namespace && one.name === name,
    );
    return found && refer(scene, found, ["rc", "pod", "service"], declared.namespace);
  });
  if (names.some((name) => name === undefined)) return undefined;
  return names.length === 1 ? names[0] : { items: names as string[] };
}

/** A kind that needs nothing but the table of its block. */
export function writeByTable({ scene }: Writing, declared: Declared, object: Part): Member {
  const members = writeMetadata(scene, metadataOf(object));
  const fields = blockSchemas[declared.word]?.fields ?? {};
  return declaration(declared, [...members, ...writeFields(aroundOf(scene, declared), fields, object)]);
}

// ── Config and secret ──────────────────────────────────────────────────────────────────────────────────────

/** Keys that are words of the block stand below `data`. */
const withData = (
  members: readonly Member[],
  data: readonly Member[],
  words: readonly Member[],
): Member[] => [...members, ...(words.length > 0 ? [field("data", { members: words })] : []), ...data];

const isWord = (word: string, name: string): boolean => Object.hasOwn(blockSchemas[word]!.fields, name);

function writeConfig({ scene }: Writing, declared: Declared, object: Part): Member {
  const members = writeMetadata(scene, metadataOf(object));
  const data: Member[] = [];
  const words: Member[] = [];
  for (const [name, value] of entries(take(object, "data"))) {
    const given = textOf(value);
    if (given === undefined) giveBack(value);
    else
      (isWord("config", name) ? words : data).push(
        field(key(name), standsBare(given) ? given : text(given), value.path),
      );
  }
  members.push(...writeFields(aroundOf(scene, declared), blockSchemas.config!.fields, object));
  return declaration(declared, withData(members, data, words));
}

function writeSecret({ scene, secrets }: Writing, declared: Declared, object: Part): Member {
  const members = writeMetadata(scene, metadataOf(object));
  const owner = { name: declared.name, namespace: declared.namespace ?? "default" };
  const texts = take(object, "stringData");
  const plain = textMapOf(texts?.value);
  const data: Member[] = [];
  const words: Member[] = [];
  const keep = (name: string, part: Part, bytes: Uint8Array | undefined) => {
    if (bytes === undefined) giveBack(part);
    else
      (isWord("secret", name) ? words : data).push(
        field(key(name), keepSecret(secrets, owner, name, bytes), part.path),
      );
  };
  // A text goes before data of the same key, as in Kubernetes.
  for (const [name, part] of entries(take(object, "data")))
    if (!Object.hasOwn(plain, name)) keep(name, part, decode(textOf(part)));
  for (const [name, part] of entries(texts)) {
    const given = textOf(part);
    keep(name, part, given === undefined ? undefined : new TextEncoder().encode(given));
  }
  const type = take(object, "type");
  if (type && type.value !== "Opaque") giveBack(type);
  members.push(...writeFields(aroundOf(scene, declared), blockSchemas.secret!.fields, object));
  return declaration(declared, withData(members, data, words));
}

function decode(text: string | undefined): Uint8Array | undefined {
  try {
    return text === undefined
      ? undefined
      : Uint8Array.from(atob(text.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

// ── Node and namespace ─────────────────────────────────────────────────────────────────────────────────────

const hostnameLabel = "kubernetes.io/hostname";
const declaredStatus = ["capacity", "allocatable", "addresses"];

function writeNode({ scene }: Writing, declared: Declared, object: Part): Member {
  const around = aroundOf(scene, declared);
  const members: Member[] = [];
  const status = isRecord(object.value) && isRecord(object.value.status) ? take(object, "status") : undefined;
  // All else of a status is what kubelets report.
  for (const name of status && isRecord(status.value) ? Object.keys(status.value) : [])
    if (!declaredStatus.includes(name)) take(status, name);
  const capacity = take(status, "capacity");
  const allocatable = take(status, "allocatable");
  if (allocatable && JSON.stringify(allocatable.value) !== JSON.stringify(capacity?.value))
    giveBack(allocatable);
  const written = writeResources("capacity", capacity);
  if (written) members.push(written);
  members.push(...writeMetadata(scene, metadataOf(object), { implied: { [hostnameLabel]: declared.name } }));
  const spec = take(object, "spec");
  const taints = take(spec, "taints");
  if (taints) {
    const field = typedField(around, "node", "taints", taints);
    if (field) members.push(field);
  }
  const unschedulable = take(spec, "unschedulable");
  if (unschedulable?.value === true) members.push(field("unschedulable", "true", unschedulable.path));
  const ranges = oneOrMany(spec, "podCIDR", "podCIDRs");
  if (ranges) members.push(field("podRange", ranges.written, ranges.path));
  members.push(...writeFields(around, blockSchemas.node!.fields, object));
  return declaration(declared, members);
}

function writeNamespace({ scene }: Writing, declared: Declared, object: Part): Member {
  const implied = { "kubernetes.io/metadata.name": declared.name };
  const members = writeMetadata(scene, metadataOf(object), { implied });
  const spec = take(object, "spec");
  const finalizers = take(spec, "finalizers");
  // The API server gives every namespace this one.
  if (finalizers && JSON.stringify(finalizers.value) !== '["kubernetes"]') giveBack(finalizers);
  members.push(...writeFields(aroundOf(scene, declared), blockSchemas.namespace!.fields, object));
  return declaration(declared, members);
}
