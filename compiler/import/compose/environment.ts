import type { Written } from "../write/layout.ts";
import { field, type Member } from "../write/layout.ts";
import { key, memberAccess, standsBare } from "../write/literals.ts";
import { entries, isRecord, items, type Part, textOf } from "../write/reader.ts";
import { keepSecret, type SecretFiles } from "../write/secrets.ts";
import { joined, type Reference } from "../write/texts.ts";
import { parameterFor, pieces, replaceVariables, resolve } from "./interpolate.ts";
import type { Compose, ComposeService } from "./model.ts";

/** Variables of a container: host names become references, passwords go to a secret. */

export interface Vault {
  readonly files: SecretFiles;
  /** The secret's name, as the program refers to it. */
  readonly alias: string;
  readonly name: string;
  /** Expressions by key; several services that say the same password share one. */
  readonly keys: Map<string, { readonly source: string; readonly value: string }>;
}

/** Names of variables whose values nobody wants to read in a file. `PWD` alone is the folder that a shell is in. */
const secretName =
  /(?:(?:^|_)PASS|_PWD|PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|PRIVATE|ACCESS|AUTH|MASTER|SIGNING|ENCRYPTION)_?KEY)(?:$|_)/i;
const isSecret = (name: string): boolean => secretName.test(name) && !/_(?:FILE|PATH)$/i.test(name);

/** A map of names and values, or a list of `NAME=value`; a name alone takes the value from outside. */
export function variablesOf(part: Part | undefined): [string, string | undefined, string][] {
  if (!part) return [];
  if (isRecord(part.value))
    return [
      ...entries(part).map(([name, one]): [string, string | undefined, string] => [
        name,
        scalar(one.value),
        one.path,
      ]),
      ...Object.keys(part.value)
        .filter((name) => (part.value as Record<string, unknown>)[name] === null)
        .map((name): [string, undefined, string] => [name, undefined, part.path]),
    ];
  return items(part).map((one) => {
    const text = textOf(one) ?? "";
    const equals = text.indexOf("=");
    return equals < 0
      ? [text, undefined, one.path]
      : [text.slice(0, equals), text.slice(equals + 1), one.path];
  });
}

export const scalar = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;

export function writeVariables(compose: Compose, vault: Vault, part: Part | undefined): Member[] {
  const members: Member[] = [];
  for (const [name, value, path] of variablesOf(part))
    members.push(...writeVariable(compose, vault, name, value, path));
  return members;
}

/**
 * Words of a command in which passwords are variables of the container, `$(NAME)`, that Kubernetes puts in; `variables` are
 * those that it then needs beside those of `environment`.
 */
export function withoutSecrets(vault: Vault, environment: Part | undefined, words: readonly string[]) {
  const given = new Map(variablesOf(environment).map(([name, value]) => [name, value]));
  const needed = new Map<string, Member>();
  const replaced = words.map((word) =>
    replaceVariables(word, (name, standard) => {
      if (!isSecret(name)) return undefined;
      const value = given.get(name);
      const [only, ...more] = pieces(value ?? "");
      const isSame = typeof only === "object" && only.name === name && more.length === 0;
      if (value !== undefined && !isSame) return undefined;
      if (!given.has(name)) needed.set(name, field(key(name), secretReference(vault, name, name, standard)));
      return `$$(${name})`;
    }),
  );
  return { words: replaced, variables: [...needed.values()] };
}

function writeVariable(
  compose: Compose,
  vault: Vault,
  name: string,
  value: string | undefined,
  path: string,
): Member[] {
  if (value === undefined) {
    // Passed through from the shell that runs compose.
    if (isSecret(name)) return [field(key(name), secretReference(vault, name, name, undefined), path)];
    return [field(key(name), parameterFor(compose.variables, name, undefined), path)];
  }
  if (value !== "" && isSecret(name)) {
    const found = pieces(value);
    const [only] = found;
    if (found.length === 1 && typeof only === "object")
      return [field(key(name), secretReference(vault, only.name, only.name, only.standard), path)];
    if (found.every((piece) => typeof piece === "string"))
      return [field(key(name), secretReference(vault, name, undefined, found.join("")), path)];
  }
  const split = passwordInUrl(value);
  if (split) {
    const variable = `${name}_PASSWORD`;
    const [only] = pieces(split.password);
    const secret =
      typeof only === "object" && pieces(split.password).length === 1
        ? secretReference(vault, only.name, only.name, only.standard)
        : secretReference(vault, variable, undefined, resolve(split.password) ?? split.password);
    // Kubernetes puts a variable that stands before it in place of `$(NAME)`.
    const url = writeText(compose, `${split.before}$$(${variable})${split.after}`, name);
    return [field(key(variable), secret), field(key(name), url, path)];
  }
  return [field(key(name), standsBare(value) ? value : writeText(compose, value, name), path)];
}

/** `postgres://user:secret@host`: the part that is not to be read by everybody. */
function passwordInUrl(value: string): { before: string; password: string; after: string } | undefined {
  const match = /^([a-z][a-z0-9+.-]*:\/\/[^:@/\s]*:)((?:\$\{[^}]*\}|[^@/\s$])+)(@.*)$/i.exec(value);
  return match ? { before: match[1]!, password: match[2]!, after: match[3]! } : undefined;
}

/** `env` is the variable that it is read from, when the compose file says one. */
function secretReference(
  vault: Vault,
  name: string,
  env: string | undefined,
  value: string | undefined,
): string {
  const same = [...vault.keys].find(
    ([known, one]) => known === name || (value !== undefined && one.value === value),
  );
  if (same && (same[1].value === value || value === undefined))
    return `${vault.alias}${memberAccess(same[0])}`;
  let free = name;
  for (let count = 2; vault.keys.has(free); count++) free = `${name}_${count}`;
  const source = env === undefined ? undefined : `env("${env}")`;
  if (source !== undefined && value !== undefined) vault.files.variables.set(env!, value);
  const isFree = /^[A-Z_][A-Z0-9_]*$/.test(free) && !vault.files.variables.has(free);
  const kept =
    source ??
    keepSecret(
      vault.files,
      { name: vault.name, namespace: "default" },
      free,
      new TextEncoder().encode(value ?? ""),
      isFree ? free : undefined,
    );
  vault.keys.set(free, { source: kept, value: value ?? "" });
  return `${vault.alias}${memberAccess(free)}`;
}

// ── Texts with host names ──────────────────────────────────────────────────────────────────────────────────

/** A text with parameters and no references, as a `local` block has it: what runs here is not told hosts by its arguments. */
export function writeLocalText(compose: Compose, text: string): Written {
  return joined(
    pieces(text).map((piece): string | Reference =>
      typeof piece === "object"
        ? { expression: parameterFor(compose.variables, piece.name, piece.standard) }
        : piece,
    ),
  );
}

/** A text with parameters and references; `name` is the variable that holds it, if one does. */
export function writeText(compose: Compose, text: string, name?: string): Written {
  const parts = pieces(text).flatMap((piece): (string | Reference)[] =>
    typeof piece === "object"
      ? [{ expression: parameterFor(compose.variables, piece.name, piece.standard) }]
      : withHosts(compose, piece, name),
  );
  return joined(parts);
}

const hostVariable = /(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS|ENDPOINT|URL|URI)S?(?:$|_)/i;

function withHosts(compose: Compose, text: string, name: string | undefined): (string | Reference)[] {
  let parts: (string | Reference)[] = [text];
  for (const service of compose.services) {
    if (service.ports.length === 0 || service.first || !text.includes(service.host)) continue;
    parts = parts.flatMap((part) => (typeof part === "string" ? hostsOf(service, part, text, name) : [part]));
  }
  return parts;
}

/** Where a text names a service as a host: in a URL, before a port, in a list of such, or as all of a `…_HOST`. */
function hostsOf(
  service: ComposeService,
  part: string,
  whole: string,
  name?: string,
): (string | Reference)[] {
  const reference = { expression: `${service.alias}.host` };
  if (part === service.host && whole === service.host)
    return name !== undefined && hostVariable.test(name) ? [reference] : [part];
  const pattern = new RegExp(`(^|//|@|,|=)${escaped(service.host)}(?::(\\d+))?(?=$|[/,?"' ])`, "g");
  const parts: (string | Reference)[] = [];
  let done = 0;
  for (const match of part.matchAll(pattern)) {
    const [all, before = "", port] = match;
    if (port === undefined && before !== "//" && before !== "@") continue;
    parts.push(part.slice(done, match.index) + before, reference);
    const known = service.ports.find(({ number }) => String(number) === port);
    if (port !== undefined)
      parts.push(":", known ? { expression: `${service.alias}.ports${memberAccess(known.name)}` } : port);
    done = match.index + all.length;
  }
  parts.push(part.slice(done));
  return parts;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
