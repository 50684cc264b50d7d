import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import type { SecretValues } from "../../compiler/import/plan.ts";
import type { Plan, SecretSource } from "../../model/plan.ts";
import type { SecretReader } from "../../runtime/apply.ts";
import type { CompileFlags } from "../compile-file.ts";
import { parseDuration } from "../duration.ts";
import { CommandError, exitCodes, reasonOf } from "../error.ts";

/** The flags of `kdsl run`. */
export interface RunOptions extends CompileFlags {
  readonly watch?: boolean;
  readonly kubeconfig?: string;
  readonly detach?: boolean;
  readonly wait?: boolean;
  readonly envFile?: string;
  /** Pods are in namespaces of their own, the network's too. */
  readonly isolate?: boolean;
  /** Seconds that `--wait` and `--detach` wait for the cluster to be ready. */
  readonly timeout?: string;
}

/** The seconds of `--timeout`, in milliseconds; a minute when it is not given. */
export function timeoutMilliseconds(text: string | undefined): number {
  return parseDuration(text ?? "60s", "--timeout");
}

/**
 * `env("X")` from the env file first, then from this process; `file("./x")` from disk; what stands in a manifest from
 * what was read of it.
 */
export function secretReader(
  envFile: string | undefined,
  fromManifests: () => SecretValues | undefined = () => undefined,
): SecretReader {
  const extra = envFile === undefined ? {} : readEnvFile(envFile);
  return (source, secret, key) => {
    if ("env" in source) return extra[source.env] ?? process.env[source.env];
    if ("manifest" in source) {
      const base64 = fromManifests()?.get(secret)?.[key];
      return base64 === undefined ? undefined : { base64 };
    }
    try {
      return readFileSync(source.file, "utf8");
    } catch {
      return undefined;
    }
  };
}

function readEnvFile(path: string): NodeJS.Dict<string> {
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CommandError(`cannot read --env-file ${path}: ${reasonOf(error)}`);
  }
}

/** Refuses to start with a secret whose value is nowhere. */
export function requireSecrets(plan: Plan, read: SecretReader): void {
  for (const [key, sources] of Object.entries(plan.secrets)) {
    for (const [name, source] of Object.entries(sources)) {
      if (read(source, key, name) !== undefined) continue;
      const place = plan.provenance[key]?.[`data.${name}`] ?? plan.provenance[key]?.[""];
      const where = place ? ` (${place.file}:${place.line})` : "";
      throw missing(key.split("/").at(-1) ?? key, name, source, where);
    }
  }
}

function missing(secret: string, name: string, source: SecretSource, where: string): CommandError {
  if ("manifest" in source)
    return new CommandError(`the secret \`${secret}\` has no value for its key \`${name}\`${where}`);
  return "env" in source
    ? new CommandError(
        `the secret \`${secret}\` needs ${source.env} for its key \`${name}\`${where}, and that is not set`,
        exitCodes.failure,
        `set it in the environment, or give --env-file FILE with a line ${source.env}=…`,
      )
    : new CommandError(
        `the secret \`${secret}\` needs the file ${resolve(source.file)} for its key \`${name}\`${where}`,
      );
}
