import type { BlockSchema } from "../type.ts";
import { container, init, local, mount, port } from "./container.ts";
import { cluster, config, namespace, node, rc, secret, service, servicePort } from "./objects.ts";
import { pod, podOfRc, volume } from "./pod.ts";

/**
 * What stands in each block, by the block's word. A word that means another block inside some block has a second
 * entry under `around.word`: `service.port`, `rc.pod`. `schemaIn` looks in the right order.
 *
 * In `members`: "any" is any number; "one" at most one; "required" at least one, and no more than one of a block
 * without a name. A variant whose parameters are all optional may be written as a bare name: `emptyDir`, `node`.
 */
export const blockSchemas: Readonly<Record<string, BlockSchema>> = {
  cluster,
  namespace,
  node,
  pod,
  rc,
  service,
  config,
  secret,
  container,
  init,
  port,
  volume,
  mount,
  local,
  "rc.pod": podOfRc,
  "service.port": servicePort,
};

/** Words of the blocks that may stand at the top of a file. */
export const topLevel: readonly string[] = [
  "cluster",
  "namespace",
  "node",
  "pod",
  "rc",
  "service",
  "config",
  "secret",
];

/** The block that `word` opens at the top of a file or, with `around`, inside that block; undefined when none may stand there. */
export function schemaIn(
  schemas: Readonly<Record<string, BlockSchema>>,
  around: string | undefined,
  word: string,
): BlockSchema | undefined {
  if (around === undefined) return topLevel.includes(word) ? schemas[word] : undefined;
  if (!Object.hasOwn(schemas[around]?.members ?? {}, word)) return undefined;
  return schemas[`${around}.${word}`] ?? schemas[word];
}
