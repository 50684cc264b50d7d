import { field, type Member } from "./layout.ts";
import { key, quoted, text } from "./literals.ts";
import { entries, type Part, take, textMapOf } from "./reader.ts";
import { type Labels, labelName, type Scene } from "./scene.ts";

/** Names, labels and annotations. */

/** What an API server keeps, and nobody declares. */
const kept = [
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "managedFields",
  "selfLink",
];

/** Annotations that tools write about what they did. */
const ofTools = ["kubectl.kubernetes.io/last-applied-configuration", "kdsl.dev/after", "kdsl.dev/rollout"];

export function writeMetadata(
  scene: Scene,
  part: Part | undefined,
  options: { without?: readonly string[]; implied?: Labels } = {},
): Member[] {
  if (!part) return [];
  for (const name of kept) take(part, name);
  const members: (Member | undefined)[] = [];
  if (!options.without?.includes("labels")) {
    const labels = take(part, "labels");
    const implied = options.implied ?? {};
    const given = Object.entries(textMapOf(labels?.value)).filter(([name, value]) => implied[name] !== value);
    members.push(writeLabels(scene, "labels", Object.fromEntries(given), labels?.path));
  }
  const annotations = take(part, "annotations");
  const notes = entries(annotations)
    .filter(([name]) => !ofTools.includes(name))
    .map(([name, note]) => field(key(name), text(String(note.value)), note.path));
  if (annotations && notes.length > 0)
    members.push(field("annotations", { members: notes }, annotations.path));
  return members.filter((one) => one !== undefined);
}

/** `{ app: "web" }` by the names of the keys, which are thereby declared. */
export function writeLabels(scene: Scene, name: string, labels: Labels, path?: string): Member | undefined {
  const members = Object.entries(labels).map(([label, value]) =>
    field(key(labelName(scene, label)), quoted(value)),
  );
  return members.length > 0 ? field(name, { members }, path) : undefined;
}
