import type { Service } from "../../../model/core.ts";
import { keyOf } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

export const serviceAddress: Invariant = {
  name: "the virtual address of a service never changes",
  watch: () => ({
    change({ kind, previous, next }) {
      if (kind !== "Service" || !previous || !next || previous.metadata.uid !== next.metadata.uid)
        return undefined;
      const before = (previous as unknown as Service).spec;
      const after = (next as unknown as Service).spec;
      // A change from or to a name outside (ExternalName) is the one that Kubernetes allows.
      if (
        before.clusterIP === after.clusterIP ||
        before.type === "ExternalName" ||
        after.type === "ExternalName"
      )
        return undefined;
      const message = `service ${next.metadata.name} had ${before.clusterIP} and has ${after.clusterIP ?? "no address"} now`;
      return { message, objects: [keyOf(next)] };
    },
  }),
};
