import { findKind, kinds } from "../model/meta.ts";
import { connect } from "./client.ts";
import { CommandError, exitCodes } from "./error.ts";
import { kindOf, objectPath } from "./target.ts";

export interface ScaleOptions {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly replicas?: string;
}

/** `kdsl scale web=5 db=2` or `kdsl scale rc/web --replicas 5`: sets how many pods are wanted. */
export async function scale(words: readonly string[], options: ScaleOptions): Promise<number> {
  if (words.length === 0)
    throw new CommandError("say what: kdsl scale web=5, or kdsl scale rc/web --replicas 5", exitCodes.usage);
  const wanted = joinKind(words).map((word) => {
    const [target = "", count, ...rest] = word.split("=");
    if (rest.length > 0 || (count !== undefined && options.replicas !== undefined))
      throw new CommandError(
        `${word}: give the count once, as ${target}=N or with --replicas N`,
        exitCodes.usage,
      );
    return { name: rcName(target), replicas: countOf(count ?? options.replicas, target) };
  });
  const client = connect(options);
  for (const { name, replicas } of wanted) {
    const path = `${objectPath(kinds.ReplicationController, options.namespace ?? "default", name)}/scale`;
    await client.json(path, {
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body: { spec: { replicas } },
    });
    console.log(`replicationcontroller/${name} scaled to ${replicas}`);
  }
  return exitCodes.success;
}

/** `rc web`, as kubectl takes it, is `rc/web`. */
export function joinKind(words: readonly string[]): readonly string[] {
  const [kind = "", ...names] = words;
  return names.length > 0 && findKind(kind) ? names.map((name) => `${kind}/${name}`) : words;
}

/** The name of the rc that `web` or `rc/web` means; nothing else can be scaled or restarted. */
export function rcName(word: string): string {
  const [first = "", second, ...rest] = word.split("/");
  if (first === "" || second === "" || rest.length > 0)
    throw new CommandError(`${JSON.stringify(word)} is neither NAME nor rc/NAME`, exitCodes.usage);
  if (second === undefined) return first;
  const info = kindOf(first);
  if (info.kind !== "ReplicationController")
    throw new CommandError(`a ${info.singular} cannot be scaled or restarted; name an rc`, exitCodes.usage);
  return second;
}

function countOf(text: string | undefined, target: string): number {
  if (text === undefined)
    throw new CommandError(`how many? kdsl scale ${target}=N, or --replicas N`, exitCodes.usage);
  if (!/^\d{1,9}$/.test(text))
    throw new CommandError(`${JSON.stringify(text)} is not a number of pods`, exitCodes.usage);
  return Number(text);
}
