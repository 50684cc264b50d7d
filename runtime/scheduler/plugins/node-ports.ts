import { portsConflict } from "../../../model/placement.ts";
import type { FilterPlugin } from "../framework.ts";

/** The host ports that the pod asks for must be free on the node. */
export const nodePorts: FilterPlugin = {
  name: "NodePorts",
  filter: ({ demand }) => {
    if (demand.ports.length === 0) return undefined;
    return (node) => {
      for (const { demand: other } of node.pods.values()) {
        if (demand.ports.some((wanted) => other.ports.some((used) => portsConflict(wanted, used)))) {
          return {
            reasons: ["node(s) didn't have free ports for the requested pod ports"],
            unresolvable: false,
          };
        }
      }
      return undefined;
    };
  },
  index: {
    reads: "usage",
    key: ({ demand }) => (demand.ports.length === 0 ? "" : JSON.stringify(demand.ports)),
  },
};
