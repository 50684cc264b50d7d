import { allEntries, type KnownEntry } from "../../compiler/diagnostics/catalog/index.ts";
import { noticeCodes } from "../../runtime/host/check/notice.ts";
import { changedLines, type Example } from "./examples.ts";

/** docs/diagnostics.md, made from the catalog and the fixtures. */

const chapters: readonly (readonly [from: string, to: string, title: string])[] = [
  ["KD1000", "KD2000", "What cannot be read"],
  ["KD2000", "KD2100", "Names and modules"],
  ["KD2100", "KD2200", "Types"],
  ["KD2200", "KD2300", "Values and parameters"],
  ["KD2300", "KD2400", "What no Kubernetes object can hold"],
  ["KD2400", "KD3000", "Templates, policies and projects"],
  ["KD3000", "KD3100", "The cluster: selection"],
  ["KD3100", "KD3200", "The cluster: ports"],
  ["KD3200", "KD3300", "The cluster: volumes and data"],
  ["KD3300", "KD3400", "The cluster: probes"],
  ["KD3400", "KD3500", "The cluster: resources and placement"],
  ["KD3500", "KD3600", "The cluster: names"],
  ["KD3600", "KD3700", "The cluster: order"],
  ["KD3700", "KD3800", "Changes of a live cluster"],
  ["KD3800", "KD3900", "How containers begin, are replaced and end"],
  ["KD3900", "KD4000", "The rest"],
  ["KD5000", "KD6000", "Manifests and import"],
  ["KD6000", "KD6100", "What scenarios show"],
];

const fence = (language: string, text: string) => {
  // Longer than any fence within.
  const ticks = "`".repeat(Math.max(3, ...[...text.matchAll(/`{3,}/g)].map(([run]) => run.length + 1)));
  return `${ticks}${language}\n${text.trimEnd()}\n${ticks}`;
};

const longest = 60;

function shownFile(file: string, text: string): string {
  const lines = text.trimEnd().split("\n");
  const shown = lines.length > longest ? [...lines.slice(0, longest), "…"] : lines;
  // A line end or a character that cannot be seen is told by the message.
  return fence(file.split(".").at(-1)!, shown.join("\n"));
}

function section({ code, severity, title, cause, fix }: KnownEntry, example: Example | undefined): string {
  const parts = [`### ${code}: ${title}`, `A${severity === "error" ? "n error" : " warning"}. ${cause}`];
  if (example) {
    if (example.before) parts.push("Checked against:", shownFile(example.before.file, example.before.text));
    parts.push(shownFile(example.file, example.text), fence("text", example.said));
  }
  parts.push(`**The way out.** ${fix}`);
  if (example?.fixed !== undefined) parts.push(fence("diff", changedLines(example.text, example.fixed)));
  return parts.join("\n\n");
}

const head = `# Diagnostics

<!-- made from the compiler's catalog and its fixtures; do not edit -->

Every message has a code. \`kdsl explain CODE\` prints what stands here. An error gives no plan; a warning is for what is probably
a mistake, and what it says names what to write where it is meant.`;

export function referenceOf(examples: ReadonlyMap<string, Example>): string {
  const entries = allEntries();
  const parts = chapters.flatMap(([from, to, title]) => {
    const own = entries.filter(({ code }) => code >= from && code < to);
    if (own.length === 0) return [];
    return [`## ${title}`, ...own.map((entry) => section(entry, examples.get(entry.code)))];
  });
  const notices = Object.entries(noticeCodes).map(([code, title]) => `| ${code} | ${title} |`);
  const runtime = [
    "## What the processes of this machine cannot give",
    "`kdsl run` says these before the start: each names its object, its place in the file, and what can be done.",
    ["| code | |", "| --- | --- |", ...notices].join("\n"),
  ];
  return `${[head, ...parts, ...runtime].join("\n\n")}\n`;
}
