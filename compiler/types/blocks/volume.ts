import type { BlockSchema, VariantParameter, VariantSchema } from "../type.ts";
import * as t from "./common.ts";

/** The storage of a pod, of every kind that Kubernetes has. */

const files = (nothing: string): readonly VariantParameter[] => [
  {
    name: "items",
    type: t.mapOf(
      t.either(
        t.text,
        t.record("File", {
          path: t.required(t.text, "The file's path in the volume.", "path"),
          mode: { ...t.field(t.fileMode, "Its permissions.", "mode"), octal: true },
        }),
      ),
    ),
    optional: true,
    path: ["items[]", "items[].key", "items[].path"],
  },
  { name: "mode", type: t.fileMode, optional: true, path: "defaultMode", octal: true },
  { name: "optional", type: t.boolean, optional: true, path: "optional", help: nothing },
];

const handMade: Readonly<Record<string, VariantSchema>> = {
  emptyDir: {
    help: "An empty directory that lives as long as the pod, with a size limit if one is given.",
    path: "emptyDir",
    parameters: [
      { name: "size", type: t.memory, optional: true, path: "sizeLimit" },
      { name: "medium", type: t.oneOf("", "Memory"), optional: true, path: "medium" },
    ],
  },
  hostPath: {
    help: "A path of the node.",
    path: "hostPath",
    parameters: [
      { name: "path", type: t.text, path: "path" },
      {
        name: "type",
        type: t.oneOf(
          "",
          "DirectoryOrCreate",
          "Directory",
          "FileOrCreate",
          "File",
          "Socket",
          "CharDevice",
          "BlockDevice",
        ),
        optional: true,
        path: "type",
      },
    ],
  },
  config: {
    help: "The keys of a config as files; `items` says which, and at which paths.",
    path: "configMap",
    parameters: [
      { name: "config", type: t.object("config"), path: "name" },
      ...files("Whether the pod may start without it."),
    ],
  },
  secret: {
    help: "The keys of a secret as files; `items` says which, and at which paths.",
    path: "secret",
    parameters: [
      { name: "secret", type: t.object("secret"), path: "secretName" },
      ...files("Whether the pod may start without it."),
    ],
  },
  claim: {
    help: "Storage that outlives the pod.",
    path: "persistentVolumeClaim",
    parameters: [
      { name: "claim", type: t.object("claim"), path: "claimName" },
      { name: "readonly", type: t.boolean, optional: true, path: "readOnly" },
    ],
  },
};

/** Kinds under their Kubernetes name, with the fields of their type as named parameters. */
const asInKubernetes: Readonly<Record<string, readonly [type: string, help: string]>> = {
  projected: ["ProjectedVolumeSource", "Several configs, secrets, facts and tokens in one directory."],
  downwardAPI: ["DownwardAPIVolumeSource", "Facts of the pod as files."],
  ephemeral: ["EphemeralVolumeSource", "A claim of its own, made and removed with the pod."],
  csi: ["CSIVolumeSource", "Whatever a storage driver of the cluster provides inline."],
  nfs: ["NFSVolumeSource", "A directory of an NFS server."],
  iscsi: ["ISCSIVolumeSource", "A disk of an iSCSI target."],
  fc: ["FCVolumeSource", "A disk over Fibre Channel."],
  cephfs: ["CephFSVolumeSource", "A Ceph file system."],
  rbd: ["RBDVolumeSource", "A Ceph block device."],
  glusterfs: ["GlusterfsVolumeSource", "A Glusterfs volume."],
  quobyte: ["QuobyteVolumeSource", "A Quobyte volume."],
  storageos: ["StorageOSVolumeSource", "A StorageOS volume."],
  scaleIO: ["ScaleIOVolumeSource", "A ScaleIO volume."],
  portworxVolume: ["PortworxVolumeSource", "A Portworx volume."],
  photonPersistentDisk: ["PhotonPersistentDiskVolumeSource", "A disk of a Photon controller."],
  flocker: ["FlockerVolumeSource", "A Flocker data set."],
  flexVolume: ["FlexVolumeSource", "Whatever a Flex driver on the node provides."],
  gitRepo: [
    "GitRepoVolumeSource",
    "A git repository, cloned. An `init` that clones into an `emptyDir` is safer.",
  ],
  awsElasticBlockStore: ["AWSElasticBlockStoreVolumeSource", "A disk of AWS."],
  azureDisk: ["AzureDiskVolumeSource", "A disk of Azure."],
  azureFile: ["AzureFileVolumeSource", "A file share of Azure."],
  cinder: ["CinderVolumeSource", "A disk of OpenStack."],
  gcePersistentDisk: ["GCEPersistentDiskVolumeSource", "A disk of Google's Compute Engine."],
  vsphereVolume: ["VsphereVirtualDiskVolumeSource", "A disk of vSphere."],
};

export const volume: BlockSchema = {
  word: "volume",
  help: "Storage of the pod that its containers mount.",
  name: "required",
  namePath: "name",
  path: "spec.volumes[]",
  family: false,
  value: t.required(
    t.variant("Volume", {
      ...handMade,
      ...Object.fromEntries(
        Object.entries(asInKubernetes).map(([name, [type, help]]) => [
          name,
          t.kubernetesForm(name, type, help),
        ]),
      ),
    }),
    'What the volume is: `emptyDir`, `emptyDir(64Mi)`, `hostPath("/x")`, `config(c)`, `secret(s)`, `claim(c)`, or a kind under its Kubernetes name with named arguments.',
  ),
  fields: {},
  members: {},
};
