import { entry } from "./entry.ts";

/** KD21xx: types. */

export const typeMismatch = entry<{ expected: string; found: string }>({
  code: "KD2101",
  severity: "error",
  message: ({ expected, found }) => `expected ${expected}, found ${found}`,
  cause:
    "What stands here has a type, and units are part of it: `250m` is Cpu, `64Mi` Memory, `30s` a Duration.",
  fix: "Write a value of the expected type.",
});

export const unknownKey = entry<{ key: string; where: string }>({
  code: "KD2102",
  severity: "error",
  message: ({ key, where }) => `${where} has no field \`${key}\``,
  cause: "Records and blocks are closed: a key that is not known is a slip, not an extension.",
  fix: "Correct the key, or remove it.",
});

export const missingField = entry<{ key: string; where: string }>({
  code: "KD2103",
  severity: "error",
  message: ({ key, where }) => `${where} lacks \`${key}\``,
  cause: "The field has no default, so it has to be written.",
  fix: "Add the field.",
});

export const operatorTypes = entry<{ operator: string; left: string; right?: string }>({
  code: "KD2104",
  severity: "error",
  message: ({ operator, left, right }) =>
    right === undefined
      ? `\`${operator}\` does not apply to ${left}`
      : `\`${operator}\` does not apply to ${left} and ${right}`,
  cause: "Operators join values of fitting types: quantities of one dimension, numbers, or Bool.",
  fix: "Convert one side, or compare what can be compared.",
});

export const unknownArgument = entry<{ name: string; callee: string }>({
  code: "KD2105",
  severity: "error",
  message: ({ name, callee }) => `\`${callee}\` takes no argument \`${name}\``,
  cause: "Arguments are given in order or by the parameter's name.",
  fix: "Correct the name.",
});

export const missingArgument = entry<{ name: string; callee: string }>({
  code: "KD2106",
  severity: "error",
  message: ({ name, callee }) => `\`${callee}\` needs the argument \`${name}\``,
  cause: "The parameter has no default.",
  fix: "Give the argument.",
});

export const tooManyArguments = entry<{ callee: string; most: number }>({
  code: "KD2107",
  severity: "error",
  message: ({ callee, most }) =>
    most === 0
      ? `\`${callee}\` takes no arguments`
      : `\`${callee}\` takes at most ${most} argument${most === 1 ? "" : "s"}`,
  cause: "There are more arguments than parameters, or one is given twice.",
  fix: "Remove the argument.",
});

export const notCallable = entry<{ what: string }>({
  code: "KD2108",
  severity: "error",
  message: ({ what }) => `${what} is not a function`,
  cause: "Only functions and the named forms of a field (`emptyDir(64Mi)`) take arguments.",
  fix: "Remove the arguments, or call a function.",
});

export const notIndexable = entry<{ type: string }>({
  code: "KD2109",
  severity: "error",
  message: ({ type }) => `${type} cannot be indexed`,
  cause: "Lists take a number from 0, maps a key, families the value of their variable.",
  fix: "Remove the index.",
});

export const undeclaredLabel = entry<{ key: string }>({
  code: "KD2110",
  severity: "error",
  message: ({ key }) => `\`${key}\` is not a declared label`,
  cause: "A label key is declared once (`label team`), so that a slip in a key is found.",
  fix: "Correct the key, or declare it with `label`.",
});

export const labelValue = entry<{ key: string; expected: string; found: string }>({
  code: "KD2111",
  severity: "error",
  message: ({ key, expected, found }) => `label \`${key}\` takes ${expected}, not ${found}`,
  cause: "The label's declaration says which values it has.",
  fix: "Write one of its values, or add this one to the declaration.",
});

export const selectionTerm = entry<{ problem: string }>({
  code: "KD2112",
  severity: "error",
  message: ({ problem }) => problem,
  cause:
    "After `where` stands a selector: label keys with `==`, `!=`, `in`, `not in` or `has key`, joined by `and`. Kubernetes has no other.",
  fix: "Write it with these.",
});

export const lateUse = entry<{ what: string }>({
  code: "KD2113",
  severity: "error",
  message: ({ what }) => `this value exists only in the cluster and cannot stand in ${what}`,
  cause:
    "Values of secrets and configs, and what a pod learns when it is placed, are read where the container starts.",
  fix: "Give it to the container as an `env` value; Kubernetes puts `$(NAME)` of one variable into another.",
});

export const notExhaustive = entry<{ missing: string }>({
  code: "KD2114",
  severity: "error",
  message: ({ missing }) => `the match leaves out ${missing}`,
  cause: "A `match` has an arm for every value that its subject can have.",
  fix: "Add the arm, or `_` for all others.",
});

export const unknownType = entry<{ name: string }>({
  code: "KD2115",
  severity: "error",
  message: ({ name }) => `there is no type \`${name}\``,
  cause: "A type is one of the language's, a `type` declared here, or one brought in by `use`.",
  fix: "Correct the name, or declare the type.",
});

export const duplicateKey = entry<{ key: string; where: string }>({
  code: "KD2116",
  severity: "error",
  message: ({ key, where }) => `${where} sets \`${key}\` twice`,
  cause: "Two values of equal strength for one field leave open which is meant.",
  fix: "Remove one of the two.",
});

export const tooManyBlocks = entry<{ word: string; where: string }>({
  code: "KD2117",
  severity: "error",
  message: ({ word, where }) => `${where} takes only one \`${word}\``,
  cause: "There is one place for it in the object that is made.",
  fix: "Join the two blocks.",
});

export const outsideValue = entry<{ callee: string }>({
  code: "KD2118",
  severity: "error",
  message: ({ callee }) => `\`${callee}\` may not stand here`,
  cause:
    "The same input gives the same plan: what comes from outside is a `param`, the value of a secret (`env(…)`, `file(…)`), or a file in a config (`file(…)`).",
  fix: "Declare a `param`, or put the value into a `secret`.",
});

export const secretValue = entry<{ found: string }>({
  code: "KD2119",
  severity: "error",
  message: ({ found }) => `a secret's value comes from outside, it is not ${found}`,
  cause: "The plan can be read by everyone who sees it, so a secret's value never stands in it.",
  fix: 'Write `env("NAME")` or `file("./path")`; for what is no secret, use a `config`.',
});

export const neverEqual = entry<{ left: string; right: string }>({
  code: "KD2120",
  severity: "error",
  message: ({ left, right }) => `${left} is never equal to ${right}`,
  cause: "The two sides have no value in common, so the comparison always has the same answer.",
  fix: "Correct the value.",
});

export const blockShape = entry<{ problem: string }>({
  code: "KD2121",
  severity: "error",
  message: ({ problem }) => problem,
  cause: "Each kind of declaration has its own shape: a name, a value, a block, or several of these.",
  fix: "Write it in the shape that its kind has.",
});

export const badPattern = entry<{ problem: string }>({
  code: "KD2122",
  severity: "error",
  message: ({ problem }) => `this is not a pattern: ${problem}`,
  cause: "Patterns have no back-references and no look-around, so they match in linear time.",
  fix: "Correct the pattern.",
});

export const needsConstant = entry<{ what: string }>({
  code: "KD2123",
  severity: "error",
  message: ({ what }) => `${what} has to be written out`,
  cause: "The compiler reads it before it evaluates anything.",
  fix: "Write the literal itself.",
});

export const cannotInfer = entry<{ what: string }>({
  code: "KD2124",
  severity: "error",
  message: ({ what }) => `${what} needs a type`,
  cause: "Parameters without a default say what they take.",
  fix: "Write the type after a colon.",
});

export const emptyRange = entry<{ first: number; last: number }>({
  code: "KD2125",
  severity: "warning",
  message: ({ first, last }) => `\`${first}..${last}\` counts nothing`,
  cause:
    "`1..3` is 1, 2 and 3: a range goes up, from its first number to its last. One that ends before it begins is empty.",
  fix: "Exchange the two, or take the range away.",
});
