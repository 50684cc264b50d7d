import { keyOf, kindNames, type Stored } from "../../../model/meta.ts";
import { equalStructure } from "../../client/structure.ts";
import type { Store } from "../../store/store.ts";
import type { Invariant } from "./invariant.ts";

export const durability: Invariant = {
  name: "nothing that was acknowledged is lost when the store is restarted",
  watch: () => ({
    restarted(before, after) {
      if (after.revision < before.revision) {
        return {
          message: `the store went back from revision ${before.revision} to ${after.revision}`,
          objects: [],
        };
      }
      // What its loops have written as they began is newer.
      const isKept = (object: Stored) => {
        const found = find(after, object);
        return equalStructure(found, object) || Number(found?.metadata.resourceVersion) > before.revision;
      };
      const lost = objectsOf(before).find((object) => !isKept(object));
      return (
        lost && { message: `${keyOf(lost)} is not what it was before the restart`, objects: [keyOf(lost)] }
      );
    },
  }),
};

const objectsOf = (store: Store): readonly Stored[] =>
  kindNames.flatMap((kind) => [...store.list(kind)] as Stored[]);

function find(store: Store, { kind, metadata }: Stored): Stored | undefined {
  const name = kindNames.find((each) => each === kind);
  return name && (store.get(name, metadata.namespace, metadata.name) as Stored | undefined);
}
