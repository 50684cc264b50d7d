import { entry } from "./entry.ts";

/** KD22xx: evaluation and parameters. */

export const divisionByZero = entry({
  code: "KD2201",
  severity: "error",
  message: () => "division by zero",
  cause: "The divisor is known when the file is compiled, and it is 0.",
  fix: "Guard it with a condition.",
});

export const indexOutside = entry<{ index: string; length: string }>({
  code: "KD2202",
  severity: "error",
  message: ({ index, length }) => `there is nothing at ${index}: ${length}`,
  cause: "Lists are indexed from 0, maps by their keys, families by the values of their variables.",
  fix: "Correct the index.",
});

export const valueOutside = entry<{ value: string; expected: string }>({
  code: "KD2203",
  severity: "error",
  message: ({ value, expected }) => `${value} is not ${expected}`,
  cause: "The value was worked out, and it lies outside of what the type allows here.",
  fix: "Change the value, or the type if it is too narrow.",
});

export const fieldCycle = entry<{ chain: readonly string[] }>({
  code: "KD2204",
  severity: "error",
  message: ({ chain }) => `a circle of values: ${chain.map((name) => `\`${name}\``).join(" → ")}`,
  cause: "Each of these values needs the next one to be known first.",
  fix: "Give one of them a value of its own.",
});

export const budgetExceeded = entry<{ what: string }>({
  code: "KD2205",
  severity: "error",
  message: ({ what }) => `evaluation was stopped: ${what}`,
  cause:
    "Evaluation has a budget, so that every file, also a hostile one, is compiled in bounded time and space.",
  fix: "Make the lists or texts smaller, or split the file.",
});

export const parameterMissing = entry<{ name: string; type: string }>({
  code: "KD2206",
  severity: "error",
  message: ({ name, type }) => `parameter \`${name}\` (${type}) has no value`,
  cause: "It has no default, and none was given.",
  fix: "Give it with `--set NAME=VALUE`, or write a default after `=`.",
});

export const unknownParameter = entry<{ name: string }>({
  code: "KD2207",
  severity: "error",
  message: ({ name }) => `no parameter \`${name}\` to set`,
  cause: "A value was given for a name that the file declares no `param` of.",
  fix: "Correct the name.",
});

export const badParameter = entry<{ name: string; text: string; expected: string }>({
  code: "KD2208",
  severity: "error",
  message: ({ name, text, expected }) =>
    `\`${text}\` is no value for parameter \`${name}\`: expected ${expected}`,
  cause: "The text is read by the parameter's type.",
  fix: "Give a value of that type.",
});

export const assertionFailed = entry<{ message: string }>({
  code: "KD2209",
  severity: "error",
  message: ({ message }) => message,
  cause: "An `assert` in the file does not hold.",
  fix: "Change the values that it is about.",
});

export const duplicateObject = entry<{ word: string; name: string }>({
  code: "KD2210",
  severity: "error",
  message: ({ word, name }) => `${word} \`${name}\` exists twice`,
  cause: "Members of a family are named by their variables, and the name is taken already.",
  fix: "Rename the object or the family.",
});

export const existenceCycle = entry<{ name: string }>({
  code: "KD2211",
  severity: "error",
  message: ({ name }) => `whether \`${name}\` exists depends on itself`,
  cause:
    "What exists is decided first; it may depend on values and on what else exists, not on objects' fields.",
  fix: "Decide it by a `param` or a `let` that reads no object.",
});

export const existenceByField = entry<{ field: string }>({
  code: "KD2217",
  severity: "error",
  message: ({ field }) => `what exists cannot depend on \`${field}\`, a field of an object`,
  cause:
    "What exists is decided first, then fields are evaluated; so existence may depend on values and on what else exists.",
  fix: "Put the value into a `param` or a `let` that both read.",
});

export const badFamily = entry<{ problem: string }>({
  code: "KD2212",
  severity: "error",
  message: ({ problem }) => problem,
  cause:
    "A family has one member for each of some distinct whole numbers or texts, which become part of its name.",
  fix: "Give a list of distinct values.",
});

export const notFinite = entry<{ value: string }>({
  code: "KD2213",
  severity: "error",
  message: ({ value }) => `${value} has no finite decimal form`,
  cause: "Numbers are exact fractions; not all of them can be written with decimal digits.",
  fix: "Use `floor(…)`, `ceil(…)` or `round(…)`.",
});

export const fileProblem = entry<{ path: string; problem: string }>({
  code: "KD2214",
  severity: "error",
  message: ({ path, problem }) => `cannot take in the file \`${path}\`: ${problem}`,
  cause: "A config's file is part of the source: it lies in the project and is read when it is compiled.",
  fix: "Correct the path.",
});

export const invalidNumber = entry<{ problem: string }>({
  code: "KD2215",
  severity: "error",
  message: ({ problem }) => problem,
  cause: "The function is not defined for this value.",
  fix: "Guard it with a condition.",
});

export const emptyList = entry<{ callee: string }>({
  code: "KD2216",
  severity: "error",
  message: ({ callee }) => `\`${callee}\` of nothing`,
  cause: "An empty list has no smallest and no largest item.",
  fix: "Guard it with a condition.",
});
