import type { BlockSchema } from "../type.ts";
import { container, init, local, mount, port, simulate } from "./container.ts";
import { cluster, config, namespace, node, rc, secret, service, servicePort } from "./objects.ts";
import {
  externalAccount,
  externalClaim,
  externalConfig,
  externalNamespace,
  externalPod,
  externalSecret,
  externalService,
  externalServicePort,
  manifest,
} from "./outside.ts";
import { pod, podOfRc } from "./pod.ts";
import { account, claim } from "./storage.ts";
import { volume } from "./volume.ts";

/**
 * What stands in each block, by the block's word. A word that means another block inside some block has a second
 * entry under `around.word`, to be looked for first: `service.port`, `rc.pod`. What may stand outside of the program
 * has an entry under `external word`.
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
  claim,
  account,
  manifest,
  container,
  init,
  port,
  volume,
  mount,
  local,
  simulate,
  "rc.pod": podOfRc,
  "service.port": servicePort,
  "external service": externalService,
  "external service.port": externalServicePort,
  "external config": externalConfig,
  "external secret": externalSecret,
  "external claim": externalClaim,
  "external account": externalAccount,
  "external namespace": externalNamespace,
  "external pod": externalPod,
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
  "claim",
  "account",
  "manifest",
];
