import { keyOf } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

/** Of the addresses inside the cluster; who may be among the endpoints at all is their own matter. */
export const rules: Invariant = {
  name: "the proxies send to all endpoints of a service and to nobody else",
  watch: ({ client, rules: present }) => ({
    settled() {
      for (const { service: key, portName, purpose, backends } of present()) {
        const [, namespace, name] = key.split("/");
        const service = name === undefined ? undefined : client().get("Service", namespace, name);
        if (purpose !== "clusterIP" || !service) continue;
        const expected = (client().get("Endpoints", namespace, name!)?.subsets ?? [])
          .filter(({ ports = [] }) => ports.some((port) => (port.name ?? "") === portName))
          .flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip))
          .sort();
        const actual = backends.map(({ address }) => address).sort();
        if (expected.join() === actual.join()) continue;
        const message = `service ${name} is sent to ${actual.join(", ") || "nobody"}; its endpoints are ${expected.join(", ") || "none"}`;
        return { message, objects: [keyOf(service)] };
      }
      return undefined;
    },
  }),
};
