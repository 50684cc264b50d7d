import { entry } from "./entry.ts";

/** KD248x: projects, the packages they use, and what lies outside of them. */

export const badProject = entry<{ problem: string }>({
  code: "KD2480",
  severity: "error",
  message: ({ problem }) => `this \`kdsl.json\` cannot be used: ${problem}`,
  cause:
    "A `kdsl.json` marks the root of a project and pins the edition of the language that its files are written in.",
  fix: 'Write `{ "edition": "2026" }`.',
});

export const unknownEdition = entry<{ edition: string; known: readonly string[] }>({
  code: "KD2481",
  severity: "error",
  message: ({ edition, known }) =>
    `this kdsl does not know the edition \`${edition}\`, only ${known.map((one) => `\`${one}\``).join(", ")}`,
  cause:
    "An edition fixes what files mean, so that a newer kdsl reads them as before. One that is not known here is newer than this kdsl, or no edition.",
  fix: "Pin an edition that this kdsl knows, or install a newer kdsl.",
});

export const outsideProject = entry<{ path: string; home: string }>({
  code: "KD2482",
  severity: "error",
  message: ({ path, home }) => `\`${path}\` lies outside of ${home === "" ? "the project" : `\`${home}\``}`,
  cause:
    "A file reads nothing from outside of its project, so that compiling what somebody else wrote tells nobody what else is on the machine, and gives the same plan everywhere. The project is the directory of the nearest `kdsl.json`, or of the file itself where there is none; that of a package is the package.",
  fix: 'Put a `kdsl.json` with `{ "edition": "2026" }` into the directory that holds both, move the file, or allow it with `--allow-outside`.',
});

export const noPackage = entry<{ name: string }>({
  code: "KD2483",
  severity: "error",
  message: ({ name }) => `there is no package \`${name}\` in any \`node_modules\` above this file`,
  cause: "A path that does not begin with `./` or `../` names an npm package, found as Node finds packages.",
  fix: "Install it with npm, correct its name, or begin the path of a file with `./`.",
});

export const noPackageModule = entry<{ name: string; path: string }>({
  code: "KD2484",
  severity: "error",
  message: ({ name, path }) => `the package \`${name}\` has no module \`${path}\``,
  cause:
    "The module of a package is the file that `kdsl` in its `package.json` names, else its `main.kdsl`; what follows the package's name is the path of another one, without `.kdsl`, or a name that `exports` in its `package.json` leads to a `.kdsl` file.",
  fix: "Correct the path, build the package where its modules are made by a build, or use a version of it that has the module.",
});
