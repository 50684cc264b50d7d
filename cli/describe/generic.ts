import type { Event } from "../../model/core.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import { writeEvents } from "./events.ts";
import { type DescriptionWriter, longTime, writeAnnotations, writeMap } from "./writer.ts";

/** Kinds without a description of their own: their metadata, then their fields as they are (kubectl's generic one). */
export function describeGeneric(
  writer: DescriptionWriter,
  object: KubernetesObject,
  events: readonly Event[],
  now: number,
): void {
  const { metadata } = object;
  writer.line(0, "Name:", metadata.name);
  if (metadata.namespace) writer.line(0, "Namespace:", metadata.namespace);
  writeMap(writer, 0, "Labels:", metadata.labels);
  writeAnnotations(writer, 0, "Annotations:", metadata.annotations);
  writer.line(0, "API Version:", object.apiVersion);
  writer.line(0, "Kind:", object.kind);
  writer.line(0, "Created:", longTime(metadata.creationTimestamp));
  const { apiVersion: _a, kind: _k, metadata: _m, ...fields } = object;
  // What a secret holds is not shown, only how much of it there is.
  writeFields(writer, 0, object.kind === "Secret" ? sizes(fields) : fields);
  writeEvents(writer, events, now);
}

function sizes(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) =>
      name === "data"
        ? [
            name,
            Object.fromEntries(
              Object.entries(value as Record<string, string>).map(([key, base64]) => [
                key,
                `${Buffer.from(base64, "base64").length} bytes`,
              ]),
            ),
          ]
        : [name, value],
    ),
  );
}

/** `targetPort` as `Target Port`. */
function titleOf(field: string): string {
  const spaced = field.replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** Maps whose keys are the user's own and are shown as they are. */
const userKeys = ["data", "binaryData", "capacity", "allocatable", "nodeSelector", "selector", "labels"];

function writeFields(writer: DescriptionWriter, level: number, fields: object, parent = ""): void {
  for (const [name, value] of Object.entries(fields)) {
    const title = `${userKeys.includes(parent) ? name : titleOf(name)}:`;
    if (typeof value !== "object" || value === null) writer.line(level, title, String(value));
    else {
      writer.line(level, title);
      for (const item of Array.isArray(value) ? value : [value]) {
        if (typeof item === "object" && item !== null) writeFields(writer, level + 1, item, name);
        else writer.line(level + 1, String(item));
      }
    }
  }
}
