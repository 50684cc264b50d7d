/** Command lines and Dockerfiles, as far as they say what is started. */

/** The words of a command line by a shell's quoting; undefined where it needs a shell. */
export function splitWords(line: string): string[] | undefined {
  if (/[|&;<>()`\n]|\$[({A-Za-z_]/.test(line.replace(/'[^']*'/g, ""))) return undefined;
  const words: string[] = [];
  let word = "";
  let begun = false;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (quote === "" && /\s/.test(character)) {
      if (begun) words.push(word);
      word = "";
      begun = false;
      continue;
    }
    begun = true;
    if (character === quote) quote = "";
    else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else if (character === "\\" && quote !== "'") word += line[++at] ?? "";
    else word += character;
  }
  if (begun) words.push(word);
  return quote === "" ? words : undefined;
}

/** A command of a compose file, as a list. Its `${VAR}` are compose's own: they are put in before the words are told apart. */
export function composeCommand(value: unknown): string[] | undefined {
  if (typeof value !== "string") return commandList(value);
  const variables: string[] = [];
  const covered = value.replace(/\$\{[^{}]*\}|(?<!\$)\$[A-Za-z_]\w*/g, (variable) => {
    variables.push(variable);
    return `\u{e000}${variables.length - 1}\u{e001}`;
  });
  const words = variables.some((variable) => /[\s'"]/.test(variable)) ? undefined : splitWords(covered);
  const uncovered = (word: string) =>
    word.replace(/\u{e000}(\d+)\u{e001}/gu, (_, index: string) => variables[Number(index)]!);
  return words?.map(uncovered) ?? commandList(value);
}

/** A command given as a text or as a list, as a list. */
export function commandList(value: unknown): string[] | undefined {
  if (Array.isArray(value) && value.every((one) => typeof one === "string" || typeof one === "number"))
    return value.map(String);
  if (typeof value !== "string" || value.trim() === "") return undefined;
  return splitWords(value) ?? ["sh", "-c", value];
}

export interface Dockerfile {
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly ports: readonly number[];
}

/** What the last stage of a Dockerfile starts, and the ports that it names. */
export function readDockerfile(text: string): Dockerfile {
  let entrypoint: string[] | undefined;
  let command: string[] | undefined;
  let ports: number[] = [];
  const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
  for (const line of lines) {
    const match = /^\s*(FROM|CMD|ENTRYPOINT|EXPOSE)\s+(.*)$/i.exec(line);
    if (!match) continue;
    const [, word = "", rest = ""] = match;
    switch (word.toUpperCase()) {
      case "FROM":
        [entrypoint, command, ports] = [undefined, undefined, []];
        break;
      case "CMD":
        command = jsonList(rest) ?? commandList(rest);
        break;
      case "ENTRYPOINT":
        entrypoint = jsonList(rest) ?? commandList(rest);
        break;
      default:
        ports.push(...[...rest.matchAll(/(\d+)(?:\/tcp)?(?=\s|$)/g)].map(([, port]) => Number(port)));
    }
  }
  return { entrypoint: entrypoint ?? [], command: command ?? [], ports };
}

function jsonList(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
  } catch {
    return undefined;
  }
}
