import { entry } from "./entry.ts";

/** KD10xx: what cannot be read as KDSL. */

export const unexpected = entry<{ expected: string; found: string }>({
  code: "KD1001",
  severity: "error",
  message: ({ expected, found }) =>
    found === ""
      ? `expected ${expected}, but the file ends here`
      : found === "\n"
        ? `expected ${expected}, but the line ends here`
        : `expected ${expected}, found \`${found}\``,
  cause:
    "The text does not continue as the language allows at this place. What could stand here is named; what stands there instead is marked.",
  fix: "Write what is expected, or take away what is marked. `key: value` sets, `kind name { … }` declares, a bare name refers.",
});

export const unclosedBracket = entry<{ opener: string; closer: string; line: number }>({
  code: "KD1002",
  severity: "error",
  message: ({ opener, closer, line }) => `\`${opener}\` on line ${line} is never closed by \`${closer}\``,
  cause:
    "Every `{`, `[` and `(` needs its closing partner. Which one lacks it was read from the indentation.",
  fix: "Put the closing bracket where the block, list or call ends.",
});

export const strayBracket = entry<{ closer: string }>({
  code: "KD1003",
  severity: "error",
  message: ({ closer }) => `\`${closer}\` closes nothing`,
  cause: "A closing bracket stands where nothing is open, or something else is.",
  fix: "Take it away, or put the opening bracket where the block, list or call begins.",
});

export const unclosedString = entry<{ closer: string }>({
  code: "KD1004",
  severity: "error",
  message: ({ closer }) =>
    closer === '"' ? "this string does not end on its line" : `this string is never closed by \`${closer}\``,
  cause: '`"…"` ends on the line that it begins on. `"""…"""` spans lines.',
  fix: 'Write the closing quotes, or use `"""` for text of several lines.',
});

export const badHole = entry<{ why: "empty" | "unclosed" | "unreadable" | "too-deep" }>({
  code: "KD1005",
  severity: "error",
  message: ({ why }) =>
    ({
      empty: "`{}` in a string holds no value",
      unclosed: "`{` in a string opens a value that never ends",
      unreadable: "what stands in braces in this string is no value",
      "too-deep": "strings stand too deep in the braces of strings",
    })[why],
  cause: "In a string, `{expression}` is replaced by the expression's value.",
  fix: 'Write `\\{` for a brace itself, or a raw string `r"…"` for JSON, shell and patterns.',
});

export const unknownEscape = entry<{ sequence: string }>({
  code: "KD1006",
  severity: "error",
  message: ({ sequence }) => `\`${sequence}\` is no escape`,
  cause:
    "After `\\` in a string stand `n`, `r`, `t`, `\"`, `\\`, `{`, `}` or `u{…}` with a character's hexadecimal number.",
  fix: 'Write `\\\\` for a backslash itself, or a raw string `r"…"`.',
});

export const unknownUnit = entry<{ digits: string; unit: string }>({
  code: "KD1007",
  severity: "error",
  message: ({ digits, unit }) => `\`${digits}${unit}\` has an unknown unit, \`${unit}\``,
  cause:
    "Digits with letters at their end are one quantity. Units are `m` (milli, of cpu), `B k M G T P E Ki Mi Gi Ti Pi Ei` (memory), `ms s min h` (duration) and `%`.",
  fix: "Use one of these units; put text that only looks like a quantity in quotes.",
});

export const malformedNumber = entry<{ text: string }>({
  code: "KD1008",
  severity: "error",
  message: ({ text }) => `\`${text}\` is no number`,
  cause: "A number has at most one point, and an IPv4 address three.",
  fix: "Put versions in quotes.",
});

export const malformedAddress = entry<{ text: string; why: string }>({
  code: "KD1009",
  severity: "error",
  message: ({ text, why }) => `\`${text}\` is no address: ${why}`,
  cause: "An IPv4 address is four numbers from 0 to 255; a range adds `/` and a length from 0 to 32.",
  fix: "Correct the number. IPv6 addresses and versions stand in quotes.",
});

export const unexpectedCharacter = entry<{ text: string; code: string }>({
  code: "KD1010",
  severity: "error",
  message: ({ text, code }) => `\`${text}\` (${code}) means nothing outside strings and comments`,
  cause: "Names are made of ASCII letters, digits, `_` and `-`; all other characters stand in strings.",
  fix: "Take it away, or put the text in quotes.",
});

export const foreignSpelling = entry<{ text: string; what: string; instead: string }>({
  code: "KD1011",
  severity: "error",
  message: ({ text, what, instead }) => `${what} is written \`${instead.trim()}\`, not \`${text}\``,
  cause: "This is the spelling of another language.",
  fix: "Use KDSL's own spelling.",
});

export const missingSeparator = entry({
  code: "KD1012",
  severity: "error",
  message: () => "a comma or a line end is missing between these members",
  cause: "Members of blocks and records are separated by a line end or a comma.",
  fix: "Put a comma between them, or the second on a line of its own.",
});

export const missingComma = entry<{ among: string }>({
  code: "KD1013",
  severity: "error",
  message: ({ among }) => `a comma is missing between these ${among}`,
  cause:
    "Items of lists, arguments and parameters are separated by commas; a line end does not separate them.",
  fix: "Put a comma between them.",
});

export const extraComma = entry({
  code: "KD1014",
  severity: "error",
  message: () => "nothing stands before this comma",
  cause: "A comma separates two things, or ends the last one.",
  fix: "Take the comma away.",
});

export const chainedOperators = entry<{ first: string; second: string }>({
  code: "KD1015",
  severity: "error",
  message: ({ first, second }) => `${first} and ${second} cannot follow one another`,
  cause: "Comparisons and ranges take two sides; a third would compare with the result of the first two.",
  fix: "Join two comparisons by `and`, or use parentheses.",
});

export const plainStringNeeded = entry<{ role: string }>({
  code: "KD1016",
  severity: "error",
  message: ({ role }) => `${role} cannot hold a value in braces`,
  cause:
    'Names and paths are known before anything is evaluated. Only the name that a namespace has in the cluster may be made of values, since the file calls it by another: `namespace "shop-{stage}" as shop`.',
  fix: "Write the text itself, with `\\{` for a brace; objects whose number or names hang on values are a family or a template.",
});

export const badPattern = entry({
  code: "KD1017",
  severity: "error",
  message: () => "a pattern is a literal, a range, `none` or `_`",
  cause: "The arms of a `match` are chosen by values that are known from the text alone.",
  fix: "Use a literal, or `if … then … else` for a condition.",
});

export const missingValue = entry<{ after: string }>({
  code: "KD1018",
  severity: "error",
  message: ({ after }) => `\`${after}\` has no value`,
  cause: "A value has to follow.",
  fix: "Write the value, or take the line away.",
});

export const badComprehension = entry({
  code: "KD1019",
  severity: "error",
  message: () => "one element stands before `for` in a list",
  cause: "`[x for x in xs]` has an element for each `x`; further items or a spread have no place in it.",
  fix: "Join two lists by `[...first, ...second]`.",
});

export const tooDeep = entry({
  code: "KD1020",
  severity: "error",
  message: () => "this is nested too deeply to be read",
  cause: "Brackets may nest 60 deep, and one value may be built of 1000 operators and calls in a row.",
  fix: "Give the inner parts names with `let`.",
});

export const notText = entry<{ what: string }>({
  code: "KD1021",
  severity: "error",
  message: ({ what }) => `this is no text file: it holds ${what}`,
  cause: "A `.kdsl` file is UTF-8 text.",
  fix: "Check that the right file was named, and save it as UTF-8.",
});

export const tooLarge = entry<{ size: number; limit: number }>({
  code: "KD1022",
  severity: "error",
  message: ({ size, limit }) => `this file is too large: ${size} characters, where ${limit} are the most`,
  cause: "Files of this size are data, not descriptions.",
  fix: "Keep large data in files of its own, and read them with `file(…)`; use `for` instead of repetition.",
});

export const tooMany = entry<{ limit: number }>({
  code: "KD1023",
  severity: "error",
  message: ({ limit }) => `more than ${limit} mistakes; the rest of the file was not read`,
  cause: "So many mistakes usually mean that this is no KDSL file.",
  fix: "Correct the first ones, and check again.",
});

export const manifestFile = entry<{ format: "YAML" | "JSON" }>({
  code: "KD1024",
  severity: "error",
  message: ({ format }) => `this is a Kubernetes manifest in ${format}, not KDSL`,
  cause:
    "KDSL has a syntax of its own: `kind name { … }` declares an object, `key: value` sets a field of it.",
  fix: "Write the objects in KDSL. `kdsl init` makes a file to begin with; the reference is docs/language.md.",
});

export const yamlBlock = entry<{ title: string }>({
  code: "KD1025",
  severity: "error",
  message: ({ title }) => `\`${title}:\` opens no block: blocks stand in braces, not by indentation`,
  cause:
    "Indentation carries no meaning in KDSL. What belongs to a declaration or a record stands between `{` and `}`.",
  fix: "Write `kind name { … }` for a declaration, and `key: { … }` for a record.",
});

export const yamlList = entry<{ key: string }>({
  code: "KD1026",
  severity: "error",
  message: ({ key }) => `what belongs to \`${key}\` is not written with \`-\`, as in YAML`,
  cause: "`-` is minus. A list stands in brackets, with commas between its items.",
  fix: "Write the items in `[ ]`. Ports, volumes, mounts and containers are no lists but declarations: `port http: 8080`.",
});

export const unquotedText = entry<{ text: string; what: "key" | "value" }>({
  code: "KD1027",
  severity: "error",
  message: ({ text, what }) =>
    what === "key" ? `the key \`${text}\` needs quotes` : `the text \`${text}\` needs quotes`,
  cause:
    "A bare word is a name that refers to something. Text stands in quotes, and so does a key that is no name.",
  fix: "Put it in double quotes.",
});

export const placeholder = entry<{ text: string }>({
  code: "KD1028",
  severity: "error",
  message: ({ text }) => `\`${text}\` is the placeholder of a template engine`,
  cause: "A KDSL file is no template of text: what comes from outside is a parameter with a type.",
  fix: "Declare `param tag: String`, write `{tag}` in a string or `tag` as a value, and set it by `--set tag=…`.",
});

export const dollarHole = entry<{ inner: string }>({
  code: "KD1029",
  severity: "warning",
  message: ({ inner }) => `\`\${${inner}}\` puts the value after a \`$\``,
  cause:
    "In a string `{expression}` is replaced by its value, without a `$` before it; the `$` is a character of the text.",
  fix: "Write `{name}`. For a shell's own variable write `$\\{NAME}` or `$NAME`, and for a `$` before a value `\\u{24}{name}`.",
});

export const bidirectional = entry<{ code: string; where: "comment" | "string" | "raw" }>({
  code: "KD1031",
  severity: "error",
  message: ({ code, where }) =>
    `this ${where === "comment" ? "comment" : "text"} holds U+${code}, which changes the order in which a line is shown`,
  cause:
    "Controls of the direction of text make editors and reviews show another order of characters than the one that is read, so that a comment may look like code, and code like a comment. Letters of scripts that run from right to left need none of them.",
  fix: "Take it away. Where a text really needs one, write it as an escape, which can be seen: `\\u{202E}`.",
});

export const missingOpener = entry<{ title: string }>({
  code: "KD1030",
  severity: "error",
  message: ({ title }) => `\`${title}\` lacks its \`{\``,
  cause:
    "What is declared stands in braces. A closing brace was found whose opening one is missing, by the indentation, here.",
  fix: "Write `{` at the end of the line.",
});

export const mixedBrackets = entry<{ opener: string; closer: string }>({
  code: "KD1032",
  severity: "error",
  message: ({ opener, closer }) => `\`${opener}\` is closed by \`${closer}\``,
  cause:
    "`{ … }` holds fields and members, `[ … ]` the items of a list, `( … )` arguments: a pair is of one kind.",
  fix: "Write the bracket that goes with what stands in the pair.",
});
