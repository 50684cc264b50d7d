import { resourceAmount } from "../../../model/quantity.ts";
import { memoryTiny, memoryVolume } from "../../diagnostics/catalog/pods.ts";
import { containersOf } from "../cluster.ts";
import { advise } from "../fixes.ts";
import type { Rule } from "../rule.ts";
import { amountText } from "../words.ts";

const least = 1024 * 1024;

/** Amounts of memory that nobody means, and volumes that eat it up. */
export const memory: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    const { key, spec, specPath } = workload;
    const inMemory = new Map<string, { readonly size: number; readonly path: string }>();
    spec.volumes?.forEach(({ name, emptyDir }, index) => {
      const size = emptyDir?.medium === "Memory" ? resourceAmount("memory", emptyDir.sizeLimit) : 0;
      if (size > 0) inMemory.set(name, { size, path: `${specPath}.volumes[${index}]` });
    });
    for (const { container, path } of containersOf(workload)) {
      const { requests, limits } = container.resources ?? {};
      for (const [what, list] of [
        ["limit", limits],
        ["request", requests],
      ] as const) {
        const amount = resourceAmount("memory", list?.memory);
        if (list?.memory === undefined || amount <= 0 || amount >= least) continue;
        tell(
          memoryTiny(
            cluster.near(key, `${path}.resources.${what}s.memory`),
            {
              container: container.name,
              what,
              amount: amountText("memory", amount),
            },
            { fixes: [advise("write the unit that was meant, such as `128Mi`")] },
          ),
        );
        // What is requested is the limit where nothing else is said.
        break;
      }
      if (inMemory.size === 0) continue;
      const limit = resourceAmount("memory", limits?.memory);
      for (const { name, readOnly } of container.volumeMounts ?? []) {
        const volume = inMemory.get(name);
        if (!volume || readOnly === true || limit === 0 || volume.size < limit) continue;
        tell(
          memoryVolume(
            cluster.near(key, `${volume.path}.emptyDir.sizeLimit`),
            {
              volume: name,
              size: amountText("memory", volume.size),
              container: container.name,
              limit: amountText("memory", limit),
            },
            {
              secondary: [
                {
                  span: cluster.near(key, `${path}.resources.limits.memory`),
                  text: `\`${container.name}\` may use ${amountText("memory", limit)}`,
                },
              ],
            },
          ),
        );
      }
    }
  }
};
