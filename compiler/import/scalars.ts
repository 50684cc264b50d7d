/**
 * What a plain scalar (one without quotes) means to Kubernetes. Its clients read YAML 1.1 the way Go's library does:
 * `yes` and `on` are booleans, a leading zero makes a number octal; times such as `22:22` and dates stay texts.
 */
export type Plain = string | number | boolean | null;

const words = new Map<string, Plain>();
for (const word of ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"])
  words.set(word, true);
for (const word of ["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"])
  words.set(word, false);
for (const word of ["", "~", "null", "Null", "NULL"]) words.set(word, null);

const integer = /^([-+]?)(?:(0b)([01]+)|(0x)([0-9a-fA-F]+)|(0o?)([0-7]+)|(0|[1-9][0-9]*))$/;
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** The value that Kubernetes reads where these characters stand without quotes. */
export function readPlain(text: string): Plain {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  const digits = text.replace(/_/g, "");
  const whole = integer.exec(digits);
  if (whole) return wholeNumber(whole);
  return decimal.test(digits) ? Number(digits) : text;
}

function wholeNumber([
  ,
  sign,
  binary,
  bits,
  hexadecimal,
  hex,
  octal,
  octals,
  decimals,
]: RegExpExecArray): number {
  const [base, text] = binary ? [2, bits] : hexadecimal ? [16, hex] : octal ? [8, octals] : [10, decimals];
  const value = Number.parseInt(text ?? "", base);
  return sign === "-" ? -value : value;
}

/** Whether a number was meant to be octal and is: a leading zero, as in file modes. */
export const isOctal = (text: string): boolean => /^[-+]?0o?[0-7]+$/.test(text);
