import { observations, scenarioFields, steps } from "../compiler/types/scenarios.ts";

/** `kdsl explain kill`, `kdsl explain serving`, `kdsl explain scenario`: what the words of scenarios mean. */

/** Steps that hold others, which have no table: each is read by a rule of its own. */
const holding: Readonly<Record<string, readonly [form: string, help: string]>> = {
  update: [
    "update rc x { … }",
    "Changes an object as `extend` does, from this step on; a changed pod template rolls.",
  ],
  apply: [
    "apply { name: value }",
    "Compiles the file again with other values of its parameters, and makes the cluster so.",
  ],
  "for each": [
    "for each x in xs { … }",
    "One run for each `x`, from here to the end of the scenario, what follows the block included.",
  ],
  "for any": ["for any N x in xs { … }", "The same for each choice of N; past a bound a sample."],
  for: ["for x in xs { … }", "One after the other in one run; `xs` is known when the file is compiled."],
  repeat: ["repeat N [as i] { … }", "So many times in one run; `i` counts from 1."],
  chaos: [
    "chaos during D { kill: 1 per 10min, … }",
    "Seeded random faults for so long: `kill`, `crash`, `cut`, `slow`, `drain`, each with `on X` and `lasting D`.",
  ],
  if: ["if e { … } else { … }", "Chooses steps by what is known when the file is compiled."],
  let: ["let n = e", "A name; what it observes is read where it stands."],
};

const bare: Readonly<Record<string, readonly [form: string, help: string]>> = {
  time: ["time", "How long ago the run began."],
};

type Entry = readonly [form: string, help: string];

const formsOf = (table: Readonly<Record<string, { readonly form: string; readonly help: string }>>) =>
  Object.fromEntries(
    Object.entries(table).map(([word, { form, help }]): [string, Entry] => [word, [form, help]]),
  );

const groups: readonly (readonly [title: string, entries: Readonly<Record<string, Entry>>])[] = [
  [
    "A step of a scenario",
    formsOf(Object.fromEntries(Object.entries(steps).filter(([, step]) => !step.asserts))),
  ],
  [
    "An assertion of a scenario",
    formsOf(Object.fromEntries(Object.entries(steps).filter(([, step]) => step.asserts))),
  ],
  ["A step of a scenario that holds others, or a name", holding],
  ["An observation in a scenario", { ...formsOf(observations), ...bare }],
];

/** What a word means in scenarios; all that can stand in one for `scenario`; undefined for any other word. */
export function explainInScenario(query: string): string | undefined {
  const wanted = query
    .trim()
    .toLowerCase()
    .replace(/\s+/g, " ")
    .replace(/\(.*\)$/, "");
  if (wanted === "scenario") return everything();
  const found = groups.flatMap(([title, entries]) => {
    const entry = Object.hasOwn(entries, wanted) ? entries[wanted] : undefined;
    return entry ? [`${title}:\n\n  ${entry[0]}\n\n${entry[1]}`] : [];
  });
  return found.length > 0 ? found.join("\n\n") : undefined;
}

function everything(): string {
  const fields = Object.entries(scenarioFields).map(([name, { help }]): Entry => [`${name}: …`, help]);
  const lines = [
    ...groups,
    ["Of the whole", Object.fromEntries(fields.map((each) => [each[0], each]))] as const,
  ].map(
    ([title, entries]) =>
      `${title}:\n${Object.values(entries)
        .map(([form, help]) => `  ${form}\n      ${help}`)
        .join("\n")}`,
  );
  return [
    "What must survive: steps act on a simulated cluster in virtual time, assertions watch it; `kdsl test FILE` runs both.",
    ...lines,
  ].join("\n\n");
}

/** All words that `explainInScenario` knows. */
export const scenarioWords: readonly string[] = [
  "scenario",
  ...groups.flatMap(([, entries]) => Object.keys(entries)),
];
