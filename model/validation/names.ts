/**
 * The forms that Kubernetes demands of names, keys and values, with its texts
 * (`k8s.io/apimachinery/pkg/util/validation`). Each check gives what is wrong, or undefined.
 */

/** The text of apimachinery's `RegexError`. */
function formError(about: string, form: string, examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return `${about} (e.g. ${shown}regex used for validation is '${form}')`;
}

const tooLong = (length: number) => `must be no more than ${length} characters`;

const labelForm = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const subdomainForm = `${labelForm}(\\.${labelForm})*`;
const qualifiedForm = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValueForm = `(${qualifiedForm})?`;
const environmentForm = "[ -<>-~]+";
const configKeyForm = "[-._a-zA-Z0-9]+";

const labelPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedPattern = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const environmentPattern = /^[ -<>-~]+$/;
const configKeyPattern = /^[-._a-zA-Z0-9]+$/;

const labelError = formError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  labelForm,
  ["my-name", "123-abc"],
);
const subdomainError = formError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainForm,
  ["example.com"],
);
const qualifiedAlphabet =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const qualifiedNameError = `name part ${formError(qualifiedAlphabet, qualifiedForm, ["MyName", "my.name", "123-abc"])}`;
const qualifiedError = `${formError(`a qualified name ${qualifiedAlphabet}`, qualifiedForm, ["MyName", "my.name", "123-abc"])} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
const labelValueError = formError(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelValueForm,
  ["MyValue", "my_value", "12345"],
);
const environmentError = formError(
  "a valid environment variable name must consist only of printable ASCII characters other than '='",
  environmentForm,
  ["my-name", "MY.NAME", "MyName"],
);
const configKeyError = formError(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  configKeyForm,
  ["key.name", "KEY_NAME", "key-name"],
);

/** An RFC 1123 label of at most 63 characters: services, namespaces, containers, volumes. */
export function dnsLabelError(name: string): string | undefined {
  if (name.length > 63) return tooLong(63);
  return labelPattern.test(name) ? undefined : labelError;
}

/** An RFC 1123 subdomain of at most 253 characters: the names of all other objects. */
export function dnsSubdomainError(name: string): string | undefined {
  if (name.length > 253) return tooLong(253);
  return subdomainPattern.test(name) ? undefined : subdomainError;
}

/** A label key, annotation key, finalizer or taint key: `[prefix/]name`. */
export function qualifiedNameFault(key: string): string | undefined {
  const slash = key.indexOf("/");
  const name = slash < 0 ? key : key.slice(slash + 1);
  if (slash >= 0) {
    if (name.includes("/")) return qualifiedError;
    const prefix = key.slice(0, slash);
    if (prefix === "") return "prefix part must be non-empty";
    const wrong = dnsSubdomainError(prefix);
    if (wrong !== undefined) return `prefix part ${wrong}`;
  }
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return `name part ${tooLong(63)}`;
  return qualifiedPattern.test(name) ? undefined : qualifiedNameError;
}

export function labelValueFault(value: string): string | undefined {
  if (value === "") return undefined;
  if (value.length > 63) return tooLong(63);
  return qualifiedPattern.test(value) ? undefined : labelValueError;
}

/** A container port's name (an IANA service name): at most 15 characters. */
export function portNameError(name: string): string | undefined {
  if (name.length > 15) return tooLong(15);
  if (!/^[-a-z0-9]+$/.test(name))
    return "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)";
  if (!/[a-z]/.test(name)) return "must contain at least one letter (a-z)";
  if (name.includes("--")) return "must not contain consecutive hyphens";
  if (name.startsWith("-") || name.endsWith("-")) return "must not begin or end with a hyphen";
  return undefined;
}

export function portNumberError(port: number): string | undefined {
  return port >= 1 && port <= 65535 ? undefined : "must be between 1 and 65535, inclusive";
}

/** The name of an environment variable (relaxed since 1.34). */
export function environmentNameError(name: string): string | undefined {
  return environmentPattern.test(name) ? undefined : environmentError;
}

/** A key of a config map or secret. */
export function configKeyFault(key: string): string | undefined {
  if (key.length > 253) return tooLong(253);
  if (!configKeyPattern.test(key)) return configKeyError;
  if (key === ".") return "must not be '.'";
  if (key === "..") return "must not be '..'";
  return key.startsWith("..") ? "must not start with '..'" : undefined;
}

const DOT = 46;
const ZERO = 48;

/** The number of an IPv4 address in dotted decimal without leading zeros; undefined for anything else. */
export function parseIpv4(text: string): number | undefined {
  let address = 0;
  let dots = 0;
  /** Of the part that is being read; -1 before its first digit. */
  let number = -1;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      if (number < 0 || ++dots > 3) return undefined;
      address = address * 256 + number;
      number = -1;
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9 || number === 0) return undefined;
      number = number < 0 ? digit : number * 10 + digit;
      if (number > 255) return undefined;
    }
  }
  return dots === 3 && number >= 0 ? address * 256 + number : undefined;
}

const ipv6Pattern = /^[0-9a-fA-F:]+(?:\d+\.\d+\.\d+\.\d+)?$/;

function isIpv6(text: string): boolean {
  if (!text.includes(":") || !ipv6Pattern.test(text)) return false;
  const halves = text.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const [half, part] of halves.entries()) {
    if (part === "") continue;
    const pieces = part.split(":");
    for (const [index, piece] of pieces.entries()) {
      const embedded = half === halves.length - 1 && index === pieces.length - 1 && piece.includes(".");
      if (embedded ? parseIpv4(piece) === undefined : !/^[0-9a-fA-F]{1,4}$/.test(piece)) return false;
      groups += embedded ? 2 : 1;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** Whether the text is an IPv4 or IPv6 address. */
export function isAddress(text: string): boolean {
  return parseIpv4(text) !== undefined || isIpv6(text);
}

export const addressError = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/** Whether the text is an address range such as `10.0.0.0/16`. */
export function isAddressRange(text: string): boolean {
  const slash = text.indexOf("/");
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return false;
  const address = text.slice(0, slash);
  const bits = Number(text.slice(slash + 1));
  return parseIpv4(address) !== undefined ? bits <= 32 : isIpv6(address) && bits <= 128;
}

export const addressRangeError = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
