import type { Pod, Volume } from "../../../model/core.ts";
import type { FilterPlugin } from "../framework.ts";

/** Disks of the outside that one node may hold once. They are no types of ours, and are kept as they were written. */
interface Disks {
  readonly gcePersistentDisk?: { readonly pdName?: string; readonly readOnly?: boolean };
  readonly awsElasticBlockStore?: { readonly volumeID?: string };
  readonly iscsi?: { readonly iqn?: string; readonly readOnly?: boolean };
  readonly rbd?: {
    readonly monitors?: readonly string[];
    readonly pool?: string;
    readonly image?: string;
    readonly readOnly?: boolean;
  };
}

const disksOf = ({ spec }: Pod): readonly Disks[] =>
  (spec.volumes ?? []).filter((volume: Volume & Disks): volume is Volume & Required<Disks> =>
    Boolean(volume.gcePersistentDisk ?? volume.awsElasticBlockStore ?? volume.iscsi ?? volume.rbd),
  );

/** A disk that another pod on the node has is free only where both merely read it; of EBS, never. */
export const volumeRestrictions: FilterPlugin = {
  name: "VolumeRestrictions",
  filter: ({ pod }) => {
    const wanted = disksOf(pod);
    if (wanted.length === 0) return undefined;
    return (node) => {
      for (const { pod: other } of node.pods.values()) {
        if (disksOf(other).some((used) => wanted.some((disk) => conflict(disk, used))))
          return { reasons: ["node(s) had no available disk"], unresolvable: false };
      }
      return undefined;
    };
  },
  index: {
    reads: "usage",
    key: ({ pod }) => (disksOf(pod).length === 0 ? "" : JSON.stringify(disksOf(pod))),
  },
};

function conflict(a: Disks, b: Disks): boolean {
  const written = (one?: { readonly readOnly?: boolean }, other?: { readonly readOnly?: boolean }) =>
    !(one?.readOnly && other?.readOnly);
  if (a.gcePersistentDisk && b.gcePersistentDisk)
    return (
      a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName &&
      written(a.gcePersistentDisk, b.gcePersistentDisk)
    );
  if (a.awsElasticBlockStore && b.awsElasticBlockStore)
    return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID;
  if (a.iscsi && b.iscsi) return a.iscsi.iqn === b.iscsi.iqn && written(a.iscsi, b.iscsi);
  if (a.rbd && b.rbd) {
    const { monitors = [], pool = "rbd", image } = a.rbd;
    const same = (b.rbd.pool ?? "rbd") === pool && b.rbd.image === image;
    return same && monitors.some((each) => b.rbd?.monitors?.includes(each)) && written(a.rbd, b.rbd);
  }
  return false;
}
