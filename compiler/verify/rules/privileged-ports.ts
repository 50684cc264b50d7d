import { portPrivileged } from "../../diagnostics/catalog/cluster.ts";
import { advise } from "../fixes.ts";
import type { Rule } from "../rule.ts";

interface Security {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly capabilities?: { readonly add?: readonly string[] };
  readonly sysctls?: readonly { readonly name: string }[];
}

const allowed = new Set(["NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE", "ALL"]);

/** Ports that only root may open, in containers that say they are not root. */
export const privilegedPorts: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    const pod: Security = workload.spec.securityContext ?? {};
    if (pod.sysctls?.some(({ name }) => name === "net.ipv4.ip_unprivileged_port_start")) continue;
    for (const { container, path } of workload.containers) {
      const own = (container as { readonly securityContext?: Security }).securityContext ?? {};
      const user = own.runAsUser ?? pod.runAsUser;
      const root = user === 0 || (user === undefined && (own.runAsNonRoot ?? pod.runAsNonRoot) !== true);
      if (root || own.capabilities?.add?.some((each) => allowed.has(each))) continue;
      for (const [index, { containerPort }] of (container.ports ?? []).entries())
        if (containerPort < 1024)
          tell(
            portPrivileged(
              cluster.near(workload.key, `${path}.ports[${index}].containerPort`),
              {
                container: container.name,
                port: containerPort,
              },
              {
                fixes: [
                  advise(
                    "listen on a port from 1024 up, and let a service lead to it: `port http: 80 -> http`",
                  ),
                ],
              },
            ),
          );
    }
  }
};
