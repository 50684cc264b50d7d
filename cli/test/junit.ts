import type { ScenarioResult } from "../../runtime/simulator/scenario/explore.ts";
import { renderReport } from "./report.ts";
import type { Tested } from "./test.ts";

/** The results as JUnit's XML, which build servers read: a suite for each file, a case for each scenario. */
export function junit(tested: readonly Tested[]): string {
  const all = tested.flatMap(({ results }) => results);
  const suites = tested.map(
    (each) =>
      `  <testsuite name="${xmlText(each.subject.path)}" ${counts(each.results)}>\n${each.results
        .map((result) => caseOf(each, result))
        .join("")}  </testsuite>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="kdsl" ${counts(all)}>\n${suites.join("")}</testsuites>\n`;
}

function counts(results: readonly ScenarioResult[]): string {
  const count = (...verdicts: readonly string[]) =>
    results.filter(({ verdict }) => verdicts.includes(verdict)).length;
  return `tests="${results.length}" failures="${count("fail")}" errors="${count("inconclusive")}" skipped="${count("vacuous")}"`;
}

const elements: Readonly<Record<string, string>> = {
  fail: "failure",
  inconclusive: "error",
  vacuous: "skipped",
};

function caseOf({ subject }: Tested, result: ScenarioResult): string {
  const { name, place, verdict, failure, unfinished, untested } = result;
  const head = `    <testcase name="${xmlText(name)}" classname="${xmlText(subject.path)}" file="${xmlText(place.file)}" line="${place.line}"`;
  const element = elements[verdict];
  if (element === undefined) return `${head}/>\n`;
  const message = failure?.failure.message ?? unfinished ?? untested.map(({ why }) => why).join("; ");
  const report = xmlText(renderReport(subject, [result], { color: false }));
  return `${head}>\n      <${element} message="${xmlText(message)}">${report}</${element}>\n    </testcase>\n`;
}

/** XML 1.0 has no place for other control characters, however they are written. */
function xmlText(text: string): string {
  return text
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
