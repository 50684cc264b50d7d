/** Literal values of secrets: they go to files beside the program, which names only where they come from. */

export interface SecretFiles {
  /** Lines of `secrets.env`, by variable. */
  readonly variables: Map<string, string>;
  /** Values that no line of an env file can hold, by path relative to the program. */
  readonly files: Map<string, Uint8Array>;
}

export const startSecrets = (): SecretFiles => ({ variables: new Map(), files: new Map() });

/** The expression that reads the value: `env("LOGIN_PASSWORD")`, or `file("./secrets/login/tls.key")`. */
export function keepSecret(
  secrets: SecretFiles,
  secret: { readonly name: string; readonly namespace: string },
  key: string,
  bytes: Uint8Array,
  variable?: string,
): string {
  const text = utf8(bytes);
  const folder = secret.namespace === "default" ? secret.name : `${secret.namespace}/${secret.name}`;
  if (text === undefined || !fitsOneLine(text)) {
    const path = `./secrets/${folder}/${key}`;
    secrets.files.set(path, bytes);
    return `file(${JSON.stringify(path)})`;
  }
  const prefix = secret.namespace === "default" ? "" : `${secret.namespace}_`;
  let name = variable ?? variableName(`${prefix}${secret.name}_${key}`);
  while (secrets.variables.has(name)) name = `${name}_`;
  secrets.variables.set(name, text);
  return `env("${name}")`;
}

function variableName(text: string): string {
  const name = text
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  return /^[0-9]/.test(name) ? `S_${name}` : name;
}

/** What a reader of env files gives back unchanged. */
const fitsOneLine = (text: string): boolean => inEnvFile(text) !== undefined;

/** The value as an env file has it: one line, in quotes where it has more than letters and such. */
function inEnvFile(text: string): string | undefined {
  if (/[\r\n\0]/.test(text)) return undefined;
  if (isPlain(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  return /["\\]/.test(text) ? undefined : `"${text}"`;
}

const isPlain = (text: string): boolean => /^[A-Za-z0-9_.,:;/+=@%^~*!?&|$-]*$/.test(text);

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text of `secrets.env`. */
export function secretsFile({ variables }: SecretFiles): string | undefined {
  if (variables.size === 0) return undefined;
  const lines = [...variables].map(([name, value]) => `${name}=${inEnvFile(value) ?? ""}`);
  return [
    "# Values of secrets, read with: kdsl run --env-file secrets.env",
    "# Keep this file out of version control.",
    ...lines,
    "",
  ].join("\n");
}
