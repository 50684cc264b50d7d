import type { FieldSchema, Type, VariantSchema } from "./type.ts";

/** Types and small builders that the tables share. */

export const boolean: Type = { kind: "boolean" };
export const text: Type = { kind: "string" };
export const cpu: Type = { kind: "quantity", dimension: "cpu" };
export const memory: Type = { kind: "quantity", dimension: "memory" };
export const duration: Type = { kind: "quantity", dimension: "duration" };
export const percent: Type = { kind: "quantity", dimension: "percent" };
export const labels: Type = { kind: "labels" };
export const texts: Type = { kind: "list", element: text };
export const port: Type = { kind: "port" };
export const ip: Type = { kind: "ip" };
export const cidr: Type = { kind: "cidr" };
/** The octal digits of a file mode. */
export const fileMode: Type = { kind: "string", pattern: "0?[0-7]{3}" };

export const oneOf = (...options: readonly string[]): Type => ({ kind: "string", options });
export const listOf = (element: Type): Type => ({ kind: "list", element });
export const mapOf = (values: Type): Type => ({ kind: "map", values });
export const either = (...options: readonly Type[]): Type => ({ kind: "union", options });
export const object = (...words: readonly string[]): Type => ({ kind: "object", words });
export const integer = (minimum: number, maximum?: number): Type =>
  maximum === undefined
    ? { kind: "number", integer: true, minimum }
    : { kind: "number", integer: true, minimum, maximum };

export const record = (name: string, fields: Readonly<Record<string, FieldSchema>>): Type => ({
  kind: "record",
  name,
  fields,
});

export const variant = (name: string, variants: Readonly<Record<string, VariantSchema>>): Type => ({
  kind: "variant",
  name,
  variants,
});

type Where = FieldSchema["path"];

/** A field, and where it goes in the Kubernetes object (see `FieldSchema.path`). */
export const field = (type: Type, help: string, path?: Where): FieldSchema =>
  path === undefined ? { type, help } : { type, help, path };
export const required = (type: Type, help: string, path?: Where): FieldSchema => ({
  ...field(type, help, path),
  required: true,
});

export const portNumber = integer(1, 65535);
export const protocol = oneOf("TCP", "UDP", "SCTP");

/** Seconds, written as a Duration or as a plain whole number. */
export const seconds = either(duration, integer(0));
