import { withArticle } from "../../../base/words.ts";
import { entry } from "./entry.ts";

/** KD20xx: names and modules. */

export const unknownName = entry<{ name: string; what: string }>({
  code: "KD2001",
  severity: "error",
  message: ({ name, what }) => `there is no ${what} \`${name}\``,
  cause: "A name has to be declared in this file, or brought in by `use`, before it means something.",
  fix: "Correct the spelling, declare the name, or add it to a `use`.",
});

export const duplicateName = entry<{ name: string; what: string }>({
  code: "KD2002",
  severity: "error",
  message: ({ name, what }) => `${what} \`${name}\` is declared twice`,
  cause: "A name has one meaning; Kubernetes likewise has one object of a kind and name in a namespace.",
  fix: "Rename one of the two, or remove it.",
});

export const shadowedName = entry<{ name: string; what: string }>({
  code: "KD2003",
  severity: "error",
  message: ({ name, what }) => `\`${name}\` is already the name of ${withArticle(what)}`,
  cause: "Names are never shadowed, so that a name means the same on every line where it can be seen.",
  fix: "Choose another name for the inner one.",
});

export const ambiguousName = entry<{ name: string; choices: readonly string[] }>({
  code: "KD2004",
  severity: "error",
  message: ({ name, choices }) =>
    `\`${name}\` could be ${choices.map((choice) => `\`${choice}\``).join(" or ")}`,
  cause: "Objects of different kinds may share a name, and here more than one of them fits.",
  fix: "Write the kind before the name, as in `rc.web`.",
});

export const unusedName = entry<{ name: string; what: string }>({
  code: "KD2005",
  severity: "warning",
  message: ({ name, what }) => `${what} \`${name}\` is never used`,
  cause: "A name that nothing reads is often a slip: another one was meant where it should be used.",
  fix: "Use it, or remove it. A name that begins with `_` is kept without a word, and so is what a file without objects declares for others.",
});

export const moduleNotFound = entry<{ path: string }>({
  code: "KD2006",
  severity: "error",
  message: ({ path }) => `cannot read the module \`${path}\``,
  cause: "The path is seen from the directory of the file that has the `use`.",
  fix: "Correct the path, or create the file.",
});

export const unknownLibrary = entry<{ path: string }>({
  code: "KD2007",
  severity: "error",
  message: ({ path }) => `the library has no module \`${path}\``,
  cause: "Paths that begin with `std/` name modules that come with the compiler.",
  fix: "Use a module that exists, or write a path to a file in quotes.",
});

export const moduleCycle = entry<{ chain: readonly string[] }>({
  code: "KD2008",
  severity: "error",
  message: ({ chain }) => `modules use each other in a circle: ${chain.join(" → ")}`,
  cause: "What a module means would depend on itself.",
  fix: "Move what both need into a third module.",
});

export const notInModule = entry<{ name: string; module: string }>({
  code: "KD2009",
  severity: "error",
  message: ({ name, module }) => `\`${module}\` declares no \`${name}\``,
  cause: "`use` brings in names that the other module declares itself.",
  fix: "Correct the name.",
});

export const conditionalName = entry<{ name: string; word: string }>({
  code: "KD2010",
  severity: "error",
  message: ({ name, word }) => `${word} \`${name}\` does not always exist`,
  cause:
    "A name declared under an `if` is seen outside of it only under another `if` with the same condition, or if every branch declares it.",
  fix: "Refer to it under the same condition, or declare it in the other branch too.",
});

export const moduleSetTwice = entry<{ path: string }>({
  code: "KD2011",
  severity: "error",
  message: ({ path }) => `the parameters of \`${path}\` are set by two users`,
  cause: "The plan holds the objects of a module once, so its parameters have one set of values.",
  fix: "Keep the `with` of one user.",
});

export const unknownMember = entry<{ member: string; of: string }>({
  code: "KD2012",
  severity: "error",
  message: ({ member, of }) => `${of} has no \`${member}\``,
  cause: "After a `.` stands a name that what is before it has.",
  fix: "Correct the name.",
});

export const unknownWord = entry<{ word: string; where: string }>({
  code: "KD2013",
  severity: "error",
  message: ({ word, where }) => `\`${word}\` declares nothing that can stand ${where}`,
  cause: "A word before a name and a block is one of the kinds, or a member of the block around it.",
  fix: "Correct the word, or move the declaration to where it belongs.",
});

export const definitionCycle = entry<{ chain: readonly string[] }>({
  code: "KD2015",
  severity: "error",
  message: ({ chain }) =>
    chain.length === 2
      ? `\`${chain[0]}\` is defined by itself`
      : `${chain.map((name) => `\`${name}\``).join(" → ")} are defined by each other`,
  cause: "Nothing is recursive: every program ends.",
  fix: "Take one of the references out of the circle.",
});

export const unknownBlock = entry<{ word: string; where: string }>({
  code: "KD2016",
  severity: "error",
  message: ({ word, where }) => `\`${word}\` cannot stand ${where}`,
  cause: "Each block takes only the members that mean something in it.",
  fix: "Move it to where it belongs.",
});
