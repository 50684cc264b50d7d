import type { PersistentVolumeClaim, ServiceAccount } from "../../model/core.ts";
import type { ObjectMeta } from "../../model/meta.ts";
import type { Block } from "../evaluate/value.ts";
import { account, claim } from "../types/blocks/storage.ts";
import type { Draft } from "./draft.ts";
import { lowerFields } from "./lower-fields.ts";

/** Claims and accounts: their fields go where the tables say. */

const defaultAccess = ["ReadWriteOnce"];

/** With the defaults that Kubernetes gives, and `once` where nothing is said of who may have it. */
export function lowerClaim(draft: Draft, block: Block): PersistentVolumeClaim {
  const { metadata, spec } = lowerFields(draft, "", block.fields, claim.fields) as {
    metadata?: Partial<ObjectMeta>;
    spec?: Record<string, unknown>;
  };
  const modes = spec?.accessModes ?? defaultAccess;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: named(draft, metadata),
    spec: { volumeMode: "Filesystem", ...spec, accessModes: Array.isArray(modes) ? modes : [modes] },
  } as PersistentVolumeClaim;
}

export function lowerAccount(draft: Draft, block: Block): ServiceAccount {
  const { metadata, ...rest } = lowerFields(draft, "", block.fields, account.fields) as {
    metadata?: Partial<ObjectMeta>;
  };
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: named(draft, metadata), ...rest };
}

function named({ handle: { name, namespace } }: Draft, metadata: Partial<ObjectMeta> = {}): ObjectMeta {
  return namespace === undefined ? { name, ...metadata } : { name, namespace, ...metadata };
}
