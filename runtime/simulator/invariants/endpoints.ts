import { keyOf } from "../../../model/meta.ts";
import { isActive, isReady } from "../../../model/pod.ts";
import type { Invariant } from "./invariant.ts";

export const endpoints: Invariant = {
  name: "a service's endpoints are its ready pods",
  watch: ({ client }) => ({
    settled() {
      for (const service of client().list("Service")) {
        const selector = Object.entries(service.spec.selector ?? {});
        if (selector.length === 0) continue;
        const { namespace, name } = service.metadata;
        const expected = client()
          .list("Pod")
          .filter((pod) => pod.metadata.namespace === namespace && isActive(pod) && isReady(pod))
          .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value))
          .map(({ status }) => status?.podIP ?? "")
          .sort();
        const subsets = client().get("Endpoints", namespace, name)?.subsets ?? [];
        const actual = [
          ...new Set(subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip))),
        ].sort();
        if (expected.join() === actual.join()) continue;
        const message = `service ${name} sends to ${actual.join(", ") || "nobody"}; its ready pods are at ${expected.join(", ") || "no address"}`;
        return { message, objects: [keyOf(service)] };
      }
      return undefined;
    },
  }),
};
