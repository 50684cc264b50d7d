import type { TypeName } from "../../../model/api/fields.ts";
import { badRequest } from "../status.ts";
import { decodeMessage } from "./decode.ts";
import { WireError, WireReader, wireType } from "./wire.ts";

/** What comes before each body in protobuf: `k8s` and a zero. */
const magic = [0x6b, 0x38, 0x73, 0x00];

/**
 * A body in Kubernetes' protobuf as the object that JSON would have: an envelope (`runtime.Unknown`) tells of which
 * kind it is and has the message. 400 for what is malformed. The kind is not held against `type`, which is what the
 * body should be and is read as: who reads on does so.
 */
export function readProtobuf(type: TypeName, body: Uint8Array): unknown {
  let envelope: Envelope | undefined;
  try {
    envelope = open(body);
    const { apiVersion, kind, encoding, raw } = envelope;
    if (encoding !== "") throw new WireError(`the body is encoded in a way that is not known: ${encoding}`);
    return { ...(apiVersion && { apiVersion }), ...(kind && { kind }), ...decodeMessage(type, raw) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw badRequest(refusal(type, envelope, error.message, body));
  }
}

interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly encoding: string;
  readonly raw: Uint8Array;
}

/** `Unknown`: 1 the type (1 its version, 2 its kind), 2 the message, 3 how that is encoded, 4 its media type. */
function open(body: Uint8Array): Envelope {
  if (body.length === 0) throw new WireError("empty data");
  if (magic.some((byte, index) => body[index] !== byte))
    throw new WireError(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(" ")}]`,
    );
  const texts = new Map<string, string>();
  let raw: Uint8Array = new Uint8Array();
  const reader = new WireReader(body, magic.length);
  while (!reader.done) {
    const { field, type } = reader.tag();
    if (type !== wireType.bytes) reader.skip(type);
    else if (field === 1) readTexts(reader.message(), { 1: "apiVersion", 2: "kind" }, texts);
    else if (field === 2) raw = reader.bytes();
    else if (field === 3) texts.set("encoding", reader.text());
    else reader.skip(type);
  }
  const text = (name: string) => texts.get(name) ?? "";
  return { apiVersion: text("apiVersion"), kind: text("kind"), encoding: text("encoding"), raw };
}

function readTexts(
  reader: WireReader,
  names: Readonly<Record<number, string>>,
  into: Map<string, string>,
): void {
  while (!reader.done) {
    const { field, type } = reader.tag();
    const name = names[field];
    if (name !== undefined && type === wireType.bytes) into.set(name, reader.text());
    else reader.skip(type);
  }
}

/** Kubernetes' words for a body that cannot be read: with its kind, where it told one, else with its first bytes. */
function refusal(type: string, envelope: Envelope | undefined, reason: string, body: Uint8Array): string {
  if (envelope?.kind) {
    const version = envelope.apiVersion.split("/").at(-1);
    return `${envelope.kind} in version ${JSON.stringify(version)} cannot be handled as a ${type}: ${reason}`;
  }
  const shown = [...body.subarray(0, 30)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const summary = body.length === 0 ? "<empty>" : body.length > 30 ? `${shown} ...` : shown;
  return `the object provided is unrecognized (must be of type ${type}): ${reason} (${summary})`;
}
