import * as changes from "./changes.ts";
import * as cluster from "./cluster.ts";
import * as companions from "./companions.ts";
import type { CatalogEntry } from "./entry.ts";
import * as evaluate from "./evaluate.ts";
import * as habits from "./habits.ts";
import * as imports from "./import.ts";
import * as manifests from "./manifests.ts";
import * as names from "./names.ts";
import * as outside from "./outside.ts";
import * as overrides from "./overrides.ts";
import * as plan from "./plan.ts";
import * as pods from "./pods.ts";
import * as policies from "./policies.ts";
import * as projects from "./projects.ts";
import * as scenarioChecks from "./scenario-checks.ts";
import * as scenarios from "./scenarios.ts";
import * as syntax from "./syntax.ts";
import * as templates from "./templates.ts";
import * as types from "./types.ts";
import * as verdicts from "./verdicts.ts";

/** An entry without its message, which needs the mistake's own words. */
export type KnownEntry = Omit<CatalogEntry<never>, "message"> & {
  /** The name of the maker, in words: `unclosedString` is "unclosed string". */
  readonly title: string;
};

const files: readonly Readonly<Record<string, unknown>>[] = [
  syntax,
  names,
  types,
  evaluate,
  templates,
  policies,
  scenarioChecks,
  scenarios,
  projects,
  cluster,
  pods,
  companions,
  changes,
  habits,
  plan,
  manifests,
  imports,
  outside,
  overrides,
  verdicts,
];

/** Every kind of diagnostic there is, by code. */
export function allEntries(): readonly KnownEntry[] {
  return files
    .flatMap((file) =>
      Object.entries(file).flatMap(([name, maker]) =>
        typeof maker === "function" && "entry" in maker
          ? [{ ...(maker.entry as CatalogEntry<never>), title: inWords(name) }]
          : [],
      ),
    )
    .sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
}

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
