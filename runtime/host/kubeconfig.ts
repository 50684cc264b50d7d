import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { ApiServer } from "../apiserver/server.ts";
import { errorCode, HostError, reasonOf } from "./errors.ts";
import { administrator } from "./gate.ts";
import { type Served, serveTls } from "./http.ts";
import type { StreamPods } from "./streams/pods.ts";
import { type ClusterCertificates, makeClusterCertificates } from "./tls.ts";

/** By this first line a file is known to be ours: it is replaced and removed; any other is left alone. */
const mark = "# Made by kdsl for a running cluster, and removed with it.";
/** `kubectl config` drops comments when it writes the file; it keeps extensions. */
const extension = "made-by-kdsl";

export interface Kubeconfig {
  readonly cluster: string;
  /** `https://127.0.0.1:PORT`. */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  /** Either is enough for the server; tools differ in which they can use. */
  readonly token: string;
  readonly client: ClusterCertificates["client"];
}

export interface ServedForKubectl extends Served {
  readonly port: number;
  /** What to type so that kubectl finds the cluster. */
  readonly exportLine: string;
}

/**
 * Serves the API over TLS with certificates and a token made for this run, and writes the kubeconfig that leads to
 * it. Closing ends both. Throws `HostError` Kubeconfig where the file cannot be written or is not ours.
 */
export async function serveForKubectl(
  api: ApiServer,
  options: { readonly cluster: string; readonly path: string; readonly pods?: StreamPods },
): Promise<ServedForKubectl> {
  const { cluster, path } = options;
  requireOurs(path);
  const certificates = makeClusterCertificates(cluster, {
    name: administrator.name,
    groups: administrator.groups.filter((group) => group !== "system:authenticated"),
  });
  const token = randomBytes(32).toString("base64url");
  const served = await serveTls(api, { certificates, token, pods: options.pods });
  const text = kubeconfigText({
    cluster,
    server: `https://127.0.0.1:${served.port}`,
    authority: certificates.authority,
    token,
    client: certificates.client,
  });
  try {
    writeKubeconfig(path, text);
  } catch (error) {
    await served.close();
    throw error;
  }
  return {
    port: served.port,
    exportLine: exportLine(path),
    close: async () => {
      const now = readIfThere(path);
      if (now !== undefined && isOurs(now) && now.includes(base64(certificates.authority)))
        rmSync(path, { force: true });
      await served.close();
    },
  };
}

/** The file as kubectl reads it. JSON texts are YAML scalars, so that no name needs a quoting of its own. */
export function kubeconfigText({ cluster, server, authority, token, client }: Kubeconfig): string {
  const name = JSON.stringify(`kdsl-${cluster}`);
  return `${mark}
apiVersion: v1
kind: Config
clusters:
- name: ${name}
  cluster:
    server: ${JSON.stringify(server)}
    certificate-authority-data: ${base64(authority)}
    extensions:
    - name: ${extension}
      extension: {}
users:
- name: ${name}
  user:
    token: ${JSON.stringify(token)}
    client-certificate-data: ${base64(client.certificate)}
    client-key-data: ${base64(client.key)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
    namespace: default
current-context: ${name}
`;
}

/** Writes the file for this user alone (0600), and so that nobody sees half of it. Throws `HostError` Kubeconfig. */
export function writeKubeconfig(path: string, text: string): void {
  requireOurs(path);
  const fresh = `${path}.${process.pid}.new`;
  try {
    rmSync(fresh, { force: true });
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new HostError("Kubeconfig", `cannot write the kubeconfig ${path}: ${reasonOf(error)}`, { path });
  }
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Made by us, and no way to another cluster has been added since. */
function isOurs(text: string): boolean {
  const clusters = text.match(/^\s+server:/gm) ?? [];
  return (text.startsWith(mark) || new RegExp(`name: ${extension}$`, "m").test(text)) && clusters.length <= 1;
}

/** A user's own kubeconfig holds the ways to other clusters; it is never written over. */
function requireOurs(path: string): void {
  const kind = kindOf(path);
  if (kind === "nothing" || (kind === "file" && isOurs(readIfThere(path) ?? ""))) return;
  const what = { file: "kdsl did not make", folder: "is a folder", other: "is not a file of its own" }[kind];
  throw new HostError(
    "Kubeconfig",
    `will not write over ${path}, which ${what}; give --kubeconfig another path`,
    {
      path,
    },
  );
}

/** A link is none of ours, wherever it leads. */
function kindOf(path: string): "nothing" | "file" | "folder" | "other" {
  try {
    const found = lstatSync(path);
    return found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return "nothing";
    throw new HostError("Kubeconfig", `cannot write the kubeconfig ${path}: ${reasonOf(error)}`, { path });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return kindOf(path) === "file" ? readFileSync(path, "utf8") : undefined;
  } catch (error) {
    throw new HostError("Kubeconfig", `cannot read the kubeconfig ${path}: ${reasonOf(error)}`, { path });
  }
}

/** For POSIX shells. */
export function exportLine(path: string): string {
  const quoted = /^[A-Za-z0-9_/.:@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
  return `export KUBECONFIG=${quoted}`;
}
