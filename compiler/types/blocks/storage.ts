import type { BlockSchema } from "../type.ts";
import * as t from "./common.ts";

/** What pods refer to beside configs and secrets: storage that outlives them, and whom they act as. */

const access = t.oneOf("once", "read", "many", "single");

export const claim: BlockSchema = {
  word: "claim",
  help: "Storage that outlives the pods that use it (Kubernetes' PersistentVolumeClaim); a pod has it by `volume v: claim(NAME)`.",
  kind: "PersistentVolumeClaim",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: {
    storage: t.required(t.memory, "How much of it.", "spec.resources.requests.storage"),
    storageLimit: t.field(t.memory, "How much of it at most.", "spec.resources.limits.storage"),
    access: {
      type: t.either(access, t.listOf(access)),
      help: "Who may have it at once: the pods of one node (`once`, when left out), many nodes to read (`read`) or to write (`many`), one pod (`single`); several where any will do.",
      path: "spec.accessModes",
      values: {
        once: "ReadWriteOnce",
        read: "ReadOnlyMany",
        many: "ReadWriteMany",
        single: "ReadWriteOncePod",
      },
    },
    class: t.field(
      t.text,
      'The storage class that makes it; the cluster\'s own when left out, `""` for none.',
      "spec.storageClassName",
    ),
    mode: {
      type: t.oneOf("filesystem", "block"),
      help: "Whether it is mounted or used as a device; `filesystem` when left out.",
      path: "spec.volumeMode",
      values: { filesystem: "Filesystem", block: "Block" },
    },
    volumeName: t.field(t.text, "The very volume that is meant.", "spec.volumeName"),
    selector: t.field(t.kubernetes("LabelSelector"), "The labels of volumes that will do.", "spec.selector"),
    dataSource: t.field(
      t.kubernetes("TypedLocalObjectReference"),
      "What it is filled from: a snapshot or another claim.",
      "spec.dataSource",
    ),
    dataSourceRef: t.field(
      t.kubernetes("TypedObjectReference"),
      "As `dataSource`, of any kind.",
      "spec.dataSourceRef",
    ),
    volumeAttributesClassName: t.field(
      t.text,
      "The class of attributes that can be changed later.",
      "spec.volumeAttributesClassName",
    ),
    ...t.metadata,
  },
  members: {},
};

export const account: BlockSchema = {
  word: "account",
  help: "Whom pods act as towards the cluster (Kubernetes' ServiceAccount); a pod says `account: NAME`.",
  kind: "ServiceAccount",
  name: "required",
  namePath: "metadata.name",
  family: true,
  fields: {
    automountServiceAccountToken: t.field(
      t.boolean,
      "Whether its token is mounted into its pods.",
      "automountServiceAccountToken",
    ),
    imagePullSecrets: t.field(
      t.listOf(t.either(t.object("secret"), t.text)),
      "What the images of its pods are fetched with: secrets, or by name such as are no part of the program.",
      "imagePullSecrets[].name",
    ),
    secrets: t.field(
      t.listOf(t.kubernetes("ObjectReference")),
      "Secrets that its pods may use, where that is enforced.",
      "secrets",
    ),
    ...t.metadata,
  },
  members: {},
};
