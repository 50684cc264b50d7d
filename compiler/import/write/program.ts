import type { FieldPath } from "../../../model/plan.ts";
import { format } from "../../format/format.ts";
import { type Comment, withComments } from "./comments.ts";
import { block, field, layOut, list, type Member } from "./layout.ts";
import { key, quoted } from "./literals.ts";
import { writeLabels } from "./metadata.ts";
import { takeFrame, type Writing, writeByTable, writers } from "./objects.ts";
import { isRecord, type Json, leftOver, type Part, read, take } from "./reader.ts";
import { aliasFor, type Declared, makeScene, nameWritten, type Scene, words } from "./scene.ts";
import { type SecretFiles, startSecrets } from "./secrets.ts";
import { writePlain } from "./typed.ts";

/** From Kubernetes objects to one program: what is declared once stands at its top, then namespace by namespace. */

/** An object of the input with the comments that stood in it. */
export interface InputObject {
  readonly object: Json;
  readonly comments?: readonly Comment[];
}

export interface WrittenProgram {
  readonly text: string;
  readonly secrets: SecretFiles;
  /** Objects that are kept as they are, with the fields that the language has no place for. */
  readonly kept: readonly { readonly index: number; readonly fields: readonly FieldPath[] }[];
}

/** A program before it is laid out. */
export interface DraftProgram extends Omit<WrittenProgram, "text"> {
  readonly members: readonly Member[];
  /** Functions of std/probe that are used. */
  readonly probes: ReadonlySet<string>;
  /** Names of label keys, by key. */
  readonly labels: ReadonlyMap<string, string>;
}

export const writeProgram = (inputs: readonly InputObject[]): WrittenProgram => finish(draftProgram(inputs));

export function draftProgram(inputs: readonly InputObject[]): DraftProgram {
  const objects = inputs.map(({ object }) => object);
  const fields = new Map<number, readonly FieldPath[]>();
  // An object that turns out to have to be kept can be meant by nobody, so all is looked at again without it.
  for (;;) {
    const scene = makeScene(objects, new Set(fields.keys()));
    const writing: Writing = { scene, secrets: startSecrets() };
    const written: WrittenObject[] = [];
    let again = false;
    for (const [index, declared] of scene.declared.entries()) {
      const { member, missed } = writeObject(writing, declared, fields.get(index) ?? []);
      if (missed.length > 0) {
        fields.set(index, missed);
        again = true;
      }
      const id = `${declared.kind}/${declared.namespace ?? ""}/${declared.name}`;
      written.push({ declared, member: { ...withComments(member, inputs[index]?.comments ?? []), id } });
    }
    if (again) continue;
    const kept = scene.declared.flatMap(({ word }, index) =>
      word === "manifest" ? [{ index, fields: fields.get(index) ?? [] }] : [],
    );
    const { probes, labels } = scene;
    return { members: inNamespaces(scene, written), probes, labels, secrets: writing.secrets, kept };
  }
}

/** The text of a program; `declarations` stand above its objects, `spelled` has the last word on it before it is laid out. */
export function finish(
  draft: DraftProgram,
  declarations = "",
  spelled = (text: string): string => text,
): WrittenProgram {
  const { members, secrets, kept } = draft;
  const text = [head(draft), declarations, layOut(members)].filter((part) => part !== "").join("\n");
  return { text: styled(spelled(text)), secrets, kept };
}

/** In the one style of the language, when this version of it can read all that was written. */
const styled = (text: string): string => format({ path: "main.kdsl", text }).text ?? text;

/** The declaration, and what has no place in it. */
function writeObject(
  writing: Writing,
  declared: Declared,
  fields: readonly FieldPath[],
): { member: Member; missed: readonly FieldPath[] } {
  const writer = (Object.hasOwn(writers, declared.word) && writers[declared.word]) || writeByTable;
  if (declared.word === "manifest") return { member: writeManifest(declared, fields), missed: [] };
  const part = read(declared.object);
  takeFrame(part);
  const member = writer(writing, declared, part);
  return { member, missed: leftOver(part) };
}

function writeManifest(declared: Declared, fields: readonly FieldPath[]): Member {
  const part = read(declared.object);
  const members = Object.keys(declared.object)
    // A node's status says how large it is.
    .filter((name) => name !== "status" || declared.kind === "Node")
    .flatMap((name): Member[] => {
      const whole = take(part, name);
      const inner = whole && name === "metadata" ? withoutNamespace(whole, declared) : whole;
      return inner ? [field(key(name), writePlain(inner), inner.path)] : [];
    });
  const shown = fields.map((path) => `\`${path}\``).join(", ");
  const comments =
    fields.length === 0
      ? []
      : [
          `Kept as it is: ${shown} ${fields.length === 1 ? "has" : "have"} no place in \`${words[declared.kind]}\`.`,
        ];
  return {
    head: "manifest ",
    value: block(members),
    path: "",
    apart: true,
    ...(comments.length > 0 ? { comments } : {}),
  };
}

/** Of an object that stands in a namespace the metadata need not say so. */
function withoutNamespace(metadata: Part, { namespace }: Declared): Part {
  if (!isRecord(metadata.value) || metadata.value.namespace !== namespace || namespace === "default")
    return metadata;
  const { namespace: _, ...rest } = metadata.value;
  return { ...metadata, value: rest };
}

interface WrittenObject {
  readonly declared: Declared;
  readonly member: Member;
}

/** Objects of `default` stand at the top, those of other namespaces in theirs, in the order of the input. */
function inNamespaces(scene: Scene, written: readonly WrittenObject[]): Member[] {
  const members: Member[] = externals(scene, "default");
  const inner = new Map<string, Member[]>();
  const bodies = new Map<string, Member[]>();
  for (const { declared, member } of written) {
    const { namespace, word } = declared;
    if (word === "namespace") {
      inner.set(declared.name, openNamespace(members, bodies, declared, member));
      continue;
    }
    if (
      namespace === undefined ||
      namespace === "default" ||
      (word === "manifest" && !isNamespacedManifest(declared))
    ) {
      members.push(member);
      continue;
    }
    const body = inner.get(namespace) ?? openNamespace(members, bodies, namespace);
    inner.set(namespace, body);
    if (body.length === 0) body.push(...externals(scene, namespace));
    body.push(member);
  }
  return members;
}

const isNamespacedManifest = (declared: Declared): boolean => declared.namespace !== "default";

/** A block for a namespace, to be filled: declared in the input, or only meant there. */
function openNamespace(
  members: Member[],
  bodies: Map<string, Member[]>,
  declared: Declared | string,
  written?: Member,
): Member[] {
  const name = typeof declared === "string" ? declared : declared.name;
  const before = bodies.get(name);
  if (before) {
    // It was used before it was declared.
    if (written && typeof written.value === "object" && "members" in written.value)
      before.unshift(...written.value.members);
    return before;
  }
  const own =
    written && typeof written.value === "object" && "members" in written.value ? written.value.members : [];
  const body: Member[] = [...own];
  bodies.set(name, body);
  const alias = typeof declared === "string" ? aliasFor(name, "namespace") : declared.alias;
  members.push({
    ...(written ?? { apart: true }),
    head: `namespace ${nameWritten(name, alias)} `,
    value: { members: body, open: true },
  });
  return body;
}

/** What is not in the input, and the program has to know of. */
function externals(scene: Scene, namespace: string): Member[] {
  return [...scene.externals.values()]
    .filter((external) => external.namespace === namespace)
    .map(({ word, name, alias, keys, identity }) => ({
      head: `external ${word} ${nameWritten(name, alias)} `,
      value: {
        members: [
          ...(keys.size === 0 ? [] : [field("keys", list(...[...keys].map(quoted)))]),
          ...(identity ? [writeLabels(scene, "identity", identity)].filter((one) => one !== undefined) : []),
        ],
      },
      apart: true,
    }));
}

/** What modules and label keys the program uses. */
function head(draft: DraftProgram): string {
  const groups: string[] = [];
  if (draft.probes.size > 0) groups.push(`use std/probe { ${[...draft.probes].sort().join(", ")} }\n`);
  const labels = [...draft.labels].map(([label, name]) =>
    label === name ? `label ${name}\n` : `label ${quoted(label)} as ${name}\n`,
  );
  if (labels.length > 0) groups.push(labels.join(""));
  return groups.join("\n");
}
