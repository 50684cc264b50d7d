import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String,
} from "./tls-der.ts";

/** What the API's TLS server needs, and what its clients trust. All texts are PEM. */
export interface ClusterCertificates {
  /** The certificate of the authority that was made for this cluster. Its key is not kept: it signs once. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** What a client shows to be known as `client`. */
  readonly client: { readonly certificate: string; readonly key: string };
}

const day = 86_400_000;

const identifiers = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/**
 * Makes an authority and two certificates of it, over fresh P-256 keys, valid from an hour ago for a year: the
 * server's, for 127.0.0.1 and localhost, and one for `client`, whose groups are its organizations, as Kubernetes
 * reads them. node:crypto signs but builds no certificates, so they are encoded here (RFC 5280).
 */
export function makeClusterCertificates(
  cluster: string,
  client: { readonly name: string; readonly groups: readonly string[] },
  now: Date = new Date(),
): ClusterCertificates {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const validity = sequence(
    time(new Date(now.getTime() - day / 24)),
    time(new Date(now.getTime() + 365 * day)),
  );
  const issuer = name(`kdsl ${cluster} authority`);
  const authorityId = keyIdentifier(authority.publicKey);
  const rootCertificate = certificate({
    issuer,
    subject: issuer,
    validity,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    extensions: [
      extension(identifiers.basicConstraints, sequence(boolean(true), integer(Buffer.from([0]))), true),
      // keyCertSign
      extension(identifiers.keyUsage, bitString(Buffer.from([0b0000_0100]), 2), true),
      extension(identifiers.subjectKeyIdentifier, octetString(authorityId)),
    ],
  });
  const issue = (subject: Buffer, purpose: string, more: readonly Buffer[] = []) => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const issued = certificate({
      issuer,
      subject,
      validity,
      publicKey: pair.publicKey,
      signer: authority.privateKey,
      extensions: [
        extension(identifiers.basicConstraints, sequence(), true),
        // digitalSignature
        extension(identifiers.keyUsage, bitString(Buffer.from([0b1000_0000]), 7), true),
        extension(identifiers.extendedKeyUsage, sequence(objectIdentifier(purpose))),
        extension(identifiers.subjectKeyIdentifier, octetString(keyIdentifier(pair.publicKey))),
        extension(identifiers.authorityKeyIdentifier, sequence(implicit(0, authorityId))),
        ...more,
      ],
    });
    const key = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    return { certificate: pem(issued), key };
  };
  const names = sequence(implicit(2, Buffer.from("localhost")), implicit(7, Buffer.from([127, 0, 0, 1])));
  return {
    authority: pem(rootCertificate),
    ...issue(name(`kdsl ${cluster}`), identifiers.serverAuth, [extension(identifiers.subjectAltName, names)]),
    client: issue(name(client.name, client.groups), identifiers.clientAuth),
  };
}

interface CertificateParts {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly validity: Buffer;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certificate(parts: CertificateParts): Buffer {
  const algorithm = sequence(objectIdentifier(identifiers.ecdsaWithSha256));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))), // version 3
    integer(randomBytes(16)),
    algorithm,
    parts.issuer,
    parts.validity,
    parts.subject,
    parts.publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(...parts.extensions)),
  );
  return sequence(body, algorithm, bitString(sign("sha256", body, parts.signer)));
}

function name(commonName: string, organizations: readonly string[] = []): Buffer {
  const part = (identifier: string, text: string) =>
    // The standard allows each part 64 characters.
    set(sequence(objectIdentifier(identifier), utf8String(text.slice(0, 64))));
  return sequence(
    ...organizations.map((each) => part(identifiers.organization, each)),
    part(identifiers.commonName, commonName),
  );
}

function extension(identifier: string, value: Buffer, critical = false): Buffer {
  return sequence(objectIdentifier(identifier), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** SHA-1 of the key, as RFC 5280 suggests: a name for it, not a protection. */
function keyIdentifier(key: KeyObject): Buffer {
  const point = key.export({ type: "spki", format: "der" }).subarray(-65);
  return createHash("sha1").update(point).digest();
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
