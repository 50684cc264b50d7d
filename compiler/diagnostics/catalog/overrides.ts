import { entry } from "./entry.ts";

/** KD245x: `extend`, `drop` and profiles: what overrides what. */

export const setTwice = entry<{ key: string; where: string }>({
  code: "KD2450",
  severity: "error",
  message: ({ key, where }) => `\`${key}\` of ${where} is set at two places of equal strength`,
  cause:
    "The stronger place wins: a spread is weaker than a declaration, that than `extend`, that than a profile, that than the command line. Of two equal ones neither is the right one, for the order of declarations and files carries no meaning.",
  fix: "Set it at one of the two places, or take one of them into a profile.",
});

export const dropClash = entry<{ what: string }>({
  code: "KD2451",
  severity: "error",
  message: ({ what }) => `${what} is dropped at one place and extended at another of equal strength`,
  cause:
    "Whether it is there would depend on which of the two comes first, and the order carries no meaning.",
  fix: "Keep one of the two.",
});

export const dropMissing = entry<{ what: string; where: string }>({
  code: "KD2452",
  severity: "error",
  message: ({ what, where }) => `there is no ${what} in ${where} to drop`,
  cause: "`drop` takes a member away that the declaration, or a weaker override of it, has.",
  fix: "Correct the name, or remove the `drop`.",
});

export const unknownProfile = entry<{ name: string }>({
  code: "KD2453",
  severity: "error",
  message: ({ name }) => `the file has no profile \`${name}\``,
  cause:
    "`--profile` names a `profile` of the file that is compiled; those of modules that it uses are not taken.",
  fix: "Correct the name, or declare the profile.",
});

export const badParameters = entry<{ problem: string }>({
  code: "KD2455",
  severity: "error",
  message: ({ problem }) => `a file of parameters cannot be read: ${problem}`,
  cause:
    "`--params FILE` takes YAML or JSON: one map from the names of parameters to their values, which are read by the parameters' types.",
  fix: "Write it as a map: `copies: 3`.",
});

export const notExtended = entry<{ word: string; why?: string }>({
  code: "KD2454",
  severity: "error",
  message: ({ word, why = "" }) => `\`${word}\` cannot be extended${why}`,
  cause:
    "`extend` names a declaration of an object, its kind first: `extend rc web { … }`. What stands in YAML goes into the plan as it is there.",
  fix: "Write the kind of the object that is meant; change YAML where it stands, or make KDSL of it with `kdsl import`.",
});
