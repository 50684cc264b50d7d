import { parseQuantity, resourceAmount } from "../../../model/quantity.ts";
import { limitBelowRequest } from "../../diagnostics/catalog/pods.ts";
import { child } from "../../plan/paths.ts";
import { replace } from "../fixes.ts";
import type { Rule } from "../rule.ts";
import { amountText, resourceName } from "../words.ts";

/** What a container gets at most is no less than what is set aside for it. */
export const limits: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    for (const { container, path } of workload.containers) {
      const { requests, limits: most } = container.resources ?? {};
      if (!requests || !most) continue;
      for (const resource in requests) {
        const limit = Object.hasOwn(most, resource) ? most[resource] : undefined;
        const request = requests[resource]!;
        if (limit === undefined || limit === request) continue;
        const [asked, given] = [parseQuantity(String(request)), parseQuantity(String(limit))];
        if (asked === undefined || given === undefined || asked <= given) continue;
        const at = (list: string) => cluster.near(workload.key, child(`${path}.resources.${list}`, resource));
        const text = (quantity: string) => amountText(resource, resourceAmount(resource, quantity));
        tell(
          limitBelowRequest(
            at("limits"),
            {
              container: container.name,
              resource: resourceName(resource),
              limit: text(limit),
              request: text(request),
            },
            {
              label: "less than the request",
              secondary: [{ span: at("requests"), text: `asks for ${text(request)}` }],
              fixes: [
                replace(`raise the limit to ${text(request)}`, at("limits"), text(limit), text(request)),
              ],
            },
          ),
        );
      }
    }
  }
};
