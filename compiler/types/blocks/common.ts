import type { FieldSchema, Type, VariantSchema } from "../type.ts";

/** Types and small builders that the block tables share. */

export const boolean: Type = { kind: "boolean" };
export const text: Type = { kind: "string" };
export const anything: Type = { kind: "any" };
export const cpu: Type = { kind: "quantity", dimension: "cpu" };
export const memory: Type = { kind: "quantity", dimension: "memory" };
export const duration: Type = { kind: "quantity", dimension: "duration" };
export const percent: Type = { kind: "quantity", dimension: "percent" };
export const labels: Type = { kind: "labels" };
export const texts: Type = { kind: "list", element: text };
export const port: Type = { kind: "port" };

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

export const field = (type: Type, help: string): FieldSchema => ({ type, help });
export const required = (type: Type, help: string): FieldSchema => ({ type, help, required: true });

export const portNumber = integer(1, 65535);
export const protocol = oneOf("TCP", "UDP", "SCTP");

/** Seconds, written as a Duration or as a plain whole number. */
export const seconds = either(duration, integer(0));

/** Labels and annotations, which every object takes. */
export const metadata: Readonly<Record<string, FieldSchema>> = {
  labels: field(
    labels,
    "Labels of the object; they take part in a selection only where a `where` names them.",
  ),
  annotations: field(mapOf(text), "Notes for people and tools; nothing selects by them."),
};

/** Amounts of what a node has and containers use. */
const resourceFields: Readonly<Record<string, FieldSchema>> = {
  cpu: field(cpu, "Processor time in cores: `250m` or `0.5`."),
  memory: field(memory, "Memory in bytes: `64Mi`."),
  storage: field(
    memory,
    "Local disk for logs, writable layers and `emptyDir` volumes (Kubernetes' `ephemeral-storage`).",
  ),
  devices: field(mapOf(integer(0)), 'Extended resources by name, counted: `{ "example.com/gpu": 1 }`.'),
};

export const resources = record("Resources", resourceFields);

export const capacity = record("Capacity", {
  ...resourceFields,
  pods: field(integer(0), "How many pods the node takes; 110 when left out."),
});

const handlerFields: Readonly<Record<string, FieldSchema>> = {
  exec: field(
    record("ExecAction", { command: required(texts, "The program and its arguments; no shell.") }),
    "Runs a program in the container; exit code 0 is success.",
  ),
  httpGet: field(
    record("HttpGetAction", {
      path: field(text, "The path asked for; `/` when left out."),
      port: required(port, "A port of the container, by name or number."),
      host: field(text, "The host asked; the pod's address when left out."),
      scheme: field(oneOf("HTTP", "HTTPS"), "HTTP when left out."),
      httpHeaders: field(
        listOf(
          record("HttpHeader", {
            name: required(text, "The header's name."),
            value: required(text, "The header's value."),
          }),
        ),
        "Headers sent along.",
      ),
    }),
    "An HTTP request; a status from 200 to 399 is success.",
  ),
  tcpSocket: field(
    record("TcpSocketAction", {
      port: required(port, "A port of the container, by name or number."),
      host: field(text, "The host connected to; the pod's address when left out."),
    }),
    "Opens a TCP connection; that it opens is success.",
  ),
};

/** What std/probe's `http`, `tcp` and `exec` give, in Kubernetes' field names. */
export const probe = record("Probe", {
  ...handlerFields,
  initialDelaySeconds: field(
    seconds,
    "How long after its start the container is first asked; 0 when left out.",
  ),
  timeoutSeconds: field(seconds, "How long an answer may take; 1s when left out."),
  periodSeconds: field(seconds, "How often it is asked; 10s when left out."),
  successThreshold: field(integer(1), "How many successes in a row make it succeed; 1 when left out."),
  failureThreshold: field(integer(1), "How many failures in a row make it fail; 3 when left out."),
  terminationGracePeriodSeconds: field(
    seconds,
    "The grace that a restart by this probe gives; the pod's when left out.",
  ),
});
