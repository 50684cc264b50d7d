import { blockSchemas } from "../../types/blocks/index.ts";
import type { VariantSchema } from "../../types/type.ts";
import { field, type Member, record, type Written, type WrittenCall } from "./layout.ts";
import { key, memory, quoted, text } from "./literals.ts";
import { giveBack, isRecord, items, leftOver, type Part, read, take, textOf, untaken } from "./reader.ts";
import { nameWritten, referOrDeclare, type Scene } from "./scene.ts";
import { type Around, writeFields } from "./typed.ts";

/** `volume n: …`: the four that have words of their own, claims, and all others by the table of volumes. */

export function writeVolume(
  scene: Scene,
  namespace: string,
  part: Part,
  aliases: ReadonlyMap<string, string>,
): Member | undefined {
  const name = textOf(take(part, "name"));
  const [source, ...others] = untaken(part);
  const from = source === undefined ? undefined : take(part, source);
  const value =
    others.length > 0 || name === undefined
      ? undefined
      : from
        ? writeSource(scene, namespace, from)
        : "emptyDir";
  if (name === undefined || value === undefined) {
    giveBack(part);
    return undefined;
  }
  return { head: `volume ${nameWritten(name, aliases.get(name) ?? name)}: `, value, path: part.path };
}

function writeSource(scene: Scene, namespace: string, part: Part): Written | undefined {
  const word = part.path.slice(part.path.lastIndexOf(".") + 1);
  const known = sources[word];
  if (known) {
    const inner = read(part.value);
    const written = known(scene, namespace, inner);
    return written !== undefined && leftOver(inner).length === 0 ? written : undefined;
  }
  return byTable({ scene, namespace }, word, part);
}

type Arguments = (readonly [name: string | undefined, value: Written])[];

const call = (
  name: string,
  ...given: (readonly [string | undefined, Written] | undefined)[]
): WrittenCall => ({
  call: name,
  arguments: given.filter((one) => one !== undefined),
});

const sources: Readonly<
  Record<string, (scene: Scene, namespace: string, part: Part) => Written | undefined>
> = {
  emptyDir: (_, __, part) => {
    const size = take(part, "sizeLimit");
    const amount = size && memory(String(size.value));
    const medium = textOf(take(part, "medium")) ?? "";
    if (size && amount === undefined) return undefined;
    return call(
      "emptyDir",
      amount === undefined ? undefined : [undefined, amount],
      medium === "" ? undefined : ["medium", quoted(medium)],
    );
  },
  hostPath: (_, __, part) => {
    const path = textOf(take(part, "path"));
    const type = textOf(take(part, "type")) ?? "";
    if (path === undefined) return undefined;
    return call("hostPath", [undefined, text(path)], type === "" ? undefined : ["type", quoted(type)]);
  },
  configMap: (scene, namespace, part) => ofKeys(scene, namespace, part, "config", "name"),
  secret: (scene, namespace, part) => ofKeys(scene, namespace, part, "secret", "secretName"),
};

const octal = (mode: number): string => quoted(mode.toString(8).padStart(4, "0"));

/** The keys of a config or secret as files. */
function ofKeys(
  scene: Scene,
  namespace: string,
  part: Part,
  word: "config" | "secret",
  nameField: string,
): Written | undefined {
  const name = textOf(take(part, nameField));
  if (name === undefined) return undefined;
  const given: Arguments = [];
  const files: Member[] = [];
  for (const one of items(take(part, "items"))) {
    const [from, to] = [textOf(take(one, "key")), textOf(take(one, "path"))];
    if (from === undefined || to === undefined) return undefined;
    referOrDeclare(scene, word, namespace, name, from);
    const permissions = take(one, "mode")?.value;
    const value: Written =
      typeof permissions === "number"
        ? record([field("path", text(to)), field("mode", octal(permissions))])
        : text(to);
    files.push(field(key(from), value));
  }
  if (files.length > 0) given.push(["items", { members: files }]);
  const mode = take(part, "defaultMode")?.value;
  if (typeof mode === "number" && mode !== 0o644) given.push(["mode", octal(mode)]);
  if (take(part, "optional")?.value === true) given.push(["optional", "true"]);
  return call(word, [undefined, referOrDeclare(scene, word, namespace, name)], ...given);
}

const variants = (): Readonly<Record<string, VariantSchema>> => {
  const type = blockSchemas.volume?.value?.type;
  return type?.kind === "variant" ? type.variants : {};
};

/** A volume that keeps its Kubernetes name, its fields as arguments. */
function byTable(around: Around, source: string, part: Part): Written | undefined {
  const found = Object.entries(variants()).find(([, { path }]) => path === source);
  if (!found || !isRecord(part.value)) return undefined;
  const [word, variant] = found;
  const inner = read(part.value);
  const fields = Object.fromEntries(variant.parameters.map((parameter) => [parameter.name, parameter]));
  const [first] = variant.parameters;
  const given = writeFields(around, fields, inner, variant.of).map(({ head, value }) => {
    const name = head.replace(/: $/, "");
    // What is needed and stands first goes without its name, where the form has words of its own.
    const isBare = variant.of === undefined && name === first?.name && !first.optional;
    return [isBare ? undefined : name, value ?? ""] as const;
  });
  return untaken(inner).length === 0 ? { call: word, arguments: given } : undefined;
}
