import { camelCase, isName } from "../write/literals.ts";

/** `${VAR}` in a compose file: a value from outside, which is a parameter in KDSL. */

export interface Variable {
  readonly name: string;
  readonly parameter: string;
  /** The value when nothing is given; absent where one has to be. */
  readonly standard?: string;
}

export interface Variables {
  readonly found: Map<string, Variable>;
}

type Piece = string | { readonly name: string; readonly standard?: string };

const pattern = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:(:?[-?+])((?:[^{}$]|\$\{[^{}]*\})*))?\})/g;

/** The text in pieces; `$$` is a dollar. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  const add = (piece: string) => {
    const last = found.length - 1;
    if (typeof found[last] === "string") found[last] += piece;
    else if (piece !== "") found.push(piece);
  };
  for (const match of text.matchAll(pattern)) {
    add(text.slice(done, match.index));
    done = match.index + match[0].length;
    const name = match[1] ?? match[2];
    if (name === undefined) add("$");
    else if (match[3]?.endsWith("-")) found.push({ name, standard: plainDefault(match[4] ?? "") });
    else found.push({ name });
  }
  add(text.slice(done));
  return found;
}

/** The text with something else in place of some variables; where `replace` gives nothing they stay as they are. */
export function replaceVariables(
  text: string,
  replace: (name: string, standard: string | undefined) => string | undefined,
): string {
  return text.replace(
    pattern,
    (all, bare?: string, braced?: string, operator?: string, standard?: string) => {
      const name = bare ?? braced;
      if (name === undefined) return all;
      return replace(name, operator?.endsWith("-") ? plainDefault(standard ?? "") : undefined) ?? all;
    },
  );
}

/** A default that itself has a variable is taken by that one's default. */
const plainDefault = (text: string): string => resolve(text) ?? text;

/** The text with every variable at its default; undefined where one has none. */
export function resolve(text: string): string | undefined {
  let result = "";
  for (const piece of pieces(text)) {
    if (typeof piece !== "string" && piece.standard === undefined) return undefined;
    result += typeof piece === "string" ? piece : piece.standard;
  }
  return result;
}

/** The parameter that stands for a variable, declared by being asked for. */
export function parameterFor(variables: Variables, name: string, standard: string | undefined): string {
  const known = variables.found.get(name);
  if (known) {
    if (known.standard === undefined && standard !== undefined)
      variables.found.set(name, { ...known, standard });
    return known.parameter;
  }
  const plain = camelCase(name.toLowerCase());
  const parameter = isName(plain) ? plain : `${plain}Value`;
  variables.found.set(name, { name, parameter, ...(standard === undefined ? {} : { standard }) });
  return parameter;
}
