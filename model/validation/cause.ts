/** What is wrong with one field, in the form of a Kubernetes `StatusCause` (`field.Error` of apimachinery). */
export interface Cause {
  readonly reason: CauseReason;
  /** The path as Kubernetes writes it: `spec.containers[0].ports[1].name`. */
  readonly field: string;
  /** Kubernetes' `ErrorBody`: `Invalid value: "x": must be …`. */
  readonly message: string;
}

export type CauseReason =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueDuplicate"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueNotFound"
  | "FieldValueTooLong"
  | "FieldValueTypeInvalid";

/** Where a check puts what it finds. */
export type Causes = Cause[];

const longestText = 256;
const mostItems = 8;
const deepest = 3;

/** A value as Kubernetes prints it in a message: texts quoted, all else as JSON; cut where it is long, wide or deep. */
function display(value: unknown, depth = 0): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > longestText ? `${value.slice(0, longestText)}...` : value);
  if (typeof value !== "object" || value === null) return value === undefined ? "null" : String(value);
  if (depth === deepest) return Array.isArray(value) ? "[...]" : "{...}";
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((item) => display(item, depth + 1));
    if (value.length > mostItems) items.push("...");
    return `[${items.join(",")}]`;
  }
  const keys = Object.keys(value);
  const items = keys.slice(0, mostItems).map((key) => {
    const inner = display((value as Record<string, unknown>)[key], depth + 1);
    return `${display(key)}:${inner}`;
  });
  if (keys.length > mostItems) items.push("...");
  return `{${items.join(",")}}`;
}

const withDetail = (text: string, detail: string) => (detail === "" ? text : `${text}: ${detail}`);

export function required(field: string, detail = ""): Cause {
  return { reason: "FieldValueRequired", field, message: withDetail("Required value", detail) };
}

export function invalid(field: string, value: unknown, detail: string): Cause {
  const message = withDetail(`Invalid value: ${display(value)}`, detail);
  return { reason: "FieldValueInvalid", field, message };
}

export function duplicate(field: string, value: unknown): Cause {
  return { reason: "FieldValueDuplicate", field, message: `Duplicate value: ${display(value)}` };
}

export function notSupported(field: string, value: unknown, supported: Iterable<string>): Cause {
  const values = [...supported].map((each) => JSON.stringify(each)).join(", ");
  const message = `Unsupported value: ${display(value)}: supported values: ${values}`;
  return { reason: "FieldValueNotSupported", field, message };
}

export function forbidden(field: string, detail: string): Cause {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${detail}` };
}

export function notFound(field: string, value: unknown): Cause {
  return { reason: "FieldValueNotFound", field, message: `Not found: ${display(value)}` };
}

export function tooLong(field: string, bytes: number): Cause {
  return {
    reason: "FieldValueTooLong",
    field,
    message: `Too long: may not be more than ${bytes} bytes`,
  };
}

/** A JSON value of another type than the field's. */
export function typeInvalid(field: string, value: unknown, wanted: string): Cause {
  return {
    reason: "FieldValueTypeInvalid",
    field,
    message: `Invalid value: ${display(value)}: must be ${wanted}`,
  };
}

/** Adds a cause unless the value is one of `supported`. An absent one has its default and is left alone. */
export function oneOf(
  causes: Causes,
  field: string,
  value: string | null | undefined,
  supported: ReadonlySet<string>,
): void {
  if (value != null && !supported.has(value)) causes.push(notSupported(field, value, supported));
}

export const immutableField = "field is immutable";
export const negative = "must be greater than or equal to 0";
