import type { Requirement, Selector } from "./selector.ts";
import { labelValueFault, qualifiedNameFault } from "./validation/names.ts";

/**
 * Reads `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>1` as kubectl and the API do; a string says what is wrong with it, in
 * the words of Kubernetes (`k8s.io/apimachinery/pkg/labels`).
 */
export function parseSelector(text: string): Selector | string {
  const tokens = new Tokens(text);
  const requirements: Requirement[] = [];
  try {
    for (;;) {
      const first = tokens.peek();
      if (first === "") return requirements;
      if (first !== "!" && isSymbol(first))
        return `found '${first}', expected: !, identifier, or 'end of string'`;
      requirements.push(requirement(tokens));
      const after = tokens.take();
      if (after === "") return requirements;
      if (after !== ",") return `found '${after}', expected: ',' or 'end of string'`;
      const next = tokens.peek();
      if (next === "" || (next !== "!" && isSymbol(next)))
        return `found '${next}', expected: identifier after ','`;
    }
  } catch (error) {
    if (error instanceof Unreadable) return `unable to parse requirement: ${error.message}`;
    throw error;
  }
}

class Unreadable extends Error {}

const operators: Readonly<Record<string, Requirement["operator"]>> = {
  in: "In",
  notin: "NotIn",
  "=": "In",
  "==": "In",
  "!=": "NotIn",
  ">": "Gt",
  "<": "Lt",
};

function requirement(tokens: Tokens): Requirement {
  const negated = tokens.peek() === "!";
  if (negated) tokens.take();
  const key = tokens.take();
  if (key === "" || isSymbol(key)) throw new Unreadable(`found '${key}', expected: identifier`);
  const fault = qualifiedNameFault(key);
  if (fault !== undefined) throw new Unreadable(`<nil>: Invalid value: ${JSON.stringify(key)}: ${fault}`);
  const next = tokens.peek();
  if (negated || next === "" || next === ",")
    return { key, operator: negated ? "DoesNotExist" : "Exists", values: [] };
  const sign = tokens.take();
  const operator = Object.hasOwn(operators, sign) ? operators[sign] : undefined;
  if (!operator) throw new Unreadable(`found '${sign}', expected: in, notin, =, ==, !=, gt, lt`);
  const values = sign === "in" || sign === "notin" ? listedValues(tokens) : [exactValue(tokens)];
  values.forEach((value, index) => {
    checkValue(key, operator, value, index);
  });
  return { key, operator, values };
}

function checkValue(key: string, operator: Requirement["operator"], value: string, index: number): void {
  const shown = JSON.stringify(value);
  if ((operator === "Gt" || operator === "Lt") && !/^[+-]?\d+$/.test(value))
    throw new Unreadable(
      `values[${index}]: Invalid value: ${shown}: for 'Gt', 'Lt' operators, the value must be an integer`,
    );
  const fault = labelValueFault(value);
  if (fault !== undefined)
    throw new Unreadable(`values[${index}][${key}]: Invalid value: ${shown}: ${fault}`);
}

/** What follows `=` and its like; nothing is the empty text. */
function exactValue(tokens: Tokens): string {
  const next = tokens.peek();
  if (next === "" || next === ",") return "";
  const value = tokens.take();
  if (isSymbol(value)) throw new Unreadable(`found '${value}', expected: identifier`);
  return value;
}

/** `(x,y)`; what is left out between commas and parentheses is the empty text. */
function listedValues(tokens: Tokens): readonly string[] {
  const open = tokens.take();
  if (open !== "(") throw new Unreadable(`found '${open}' expected: '('`);
  const values: string[] = [];
  for (;;) {
    const next = tokens.peek();
    if (next === "," || next === ")") {
      values.push("");
    } else {
      if (next === "" || isSymbol(next))
        throw new Unreadable(
          `found '${next}', expected: ${values.length === 0 ? "',', ')' or identifier" : "',', or identifier"}`,
        );
      values.push(tokens.take());
    }
    const after = tokens.take();
    if (after === ")") return values;
    if (after !== ",") throw new Unreadable(`found '${after}', expected: ',' or ')'`);
  }
}

function isSymbol(token: string): boolean {
  return /^[=!(),<>]/.test(token);
}

/** The tokens of a selector, in turn; "" at the end. */
class Tokens {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[=!(),<>]|[^=!(),<> \t\r\n]+/g) ?? [];
  }

  peek(): string {
    return this.#tokens[this.#at] ?? "";
  }

  take(): string {
    return this.#tokens[this.#at++] ?? "";
  }
}
