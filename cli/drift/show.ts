import { valueText } from "../../compiler/verify/changes/field-words.ts";
import type { Place } from "../../model/plan.ts";
import type { Drift } from "./drift.ts";

const signs: Readonly<Record<Drift["action"], string>> = {
  changed: "~",
  missing: "-",
  left: "!",
  foreign: "?",
};

const remarks: Readonly<Record<Drift["action"], string>> = {
  changed: "",
  missing: "not in the cluster",
  left: "no longer in the file",
  foreign: "made by others, left alone",
};

const counted: readonly (readonly [Drift["action"], string])[] = [
  ["changed", "changed"],
  ["missing", "missing"],
  ["left", "no longer in the file"],
  ["foreign", "made by others"],
];

/** The drift as text: a line for each object, and a table of the fields of those that were changed. */
export function showDrift(drift: readonly Drift[], name: string, source: string): string {
  if (drift.every(({ action }) => action === "foreign"))
    return `${name} is as ${source} says${drift.length > 0 ? `; ${count(drift)}` : ""}\n`;
  const rows = drift.flatMap(({ fields }) => fields.map(rowOf));
  const widths = ["FIELD", "FILE", "CLUSTER"].map((head, column) =>
    Math.min(48, Math.max(head.length, ...rows.map((row) => row[column]!.length))),
  );
  const line = (row: readonly string[]) =>
    `      ${row.map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell)).join("  ")}`.trimEnd();
  const lines = [`${name}, against ${source}:`];
  if (rows.length > 0) lines.push(line(["FIELD", "FILE", "CLUSTER", "WRITTEN AT"]));
  for (const { action, title, place, fields, by } of drift) {
    const where = action === "missing" || action === "left" ? placeText(place) : "";
    const others = by.map(({ manager, time }) => (time === undefined ? manager : `${manager} at ${time}`));
    const remark = [where, remarks[action], others.join(", ")].filter((text) => text !== "").join(", ");
    lines.push(`  ${signs[action]} ${title}${remark === "" ? "" : `  (${remark})`}`);
    lines.push(...fields.map((field) => line(rowOf(field))));
  }
  return `${lines.join("\n")}\n${count(drift)}\n`;
}

function rowOf({ path, words, planned, live, place }: Drift["fields"][number]): string[] {
  const where = planned === undefined ? "not in the file, left alone" : placeText(place);
  return [words, valueText(path, planned), valueText(path, live), where];
}

const placeText = (place: Place | undefined) => (place ? `${place.file}:${place.line}` : "");

function count(drift: readonly Drift[]): string {
  return counted
    .flatMap(([action, word]) => {
      const number = drift.filter((each) => each.action === action).length;
      return number === 0 ? [] : [`${number} ${word}`];
    })
    .join(", ");
}
