import { resourceAmount } from "../../../model/quantity.ts";
import { memoryTiny, memoryVolume } from "../../diagnostics/catalog/pods.ts";
import { advise } from "../fixes.ts";
import type { Rule } from "../rule.ts";
import { amountText } from "../words.ts";

const least = 1024 * 1024;

/** Tells amounts that are too small to be meant, of which there are few different ones. */
function tinyAmounts(): (quantity: string | undefined) => boolean {
  const known = new Map<string, boolean>();
  return (quantity) => {
    if (quantity === undefined) return false;
    let isTiny = known.get(quantity);
    if (isTiny === undefined) {
      const amount = resourceAmount("memory", quantity);
      isTiny = amount > 0 && amount < least;
      known.set(quantity, isTiny);
    }
    return isTiny;
  };
}

/** Amounts of memory that nobody means, and volumes that eat it up. */
export const memory: Rule = (cluster, tell) => {
  const isTiny = tinyAmounts();
  for (const workload of cluster.workloads) {
    const { key, spec, specPath } = workload;
    let inMemory: Map<string, { readonly size: number; readonly path: string }> | undefined;
    const volumes = spec.volumes ?? [];
    for (let index = 0; index < volumes.length; index++) {
      const { name, emptyDir } = volumes[index]!;
      if (emptyDir?.medium !== "Memory") continue;
      const size = resourceAmount("memory", emptyDir.sizeLimit);
      if (size > 0) (inMemory ??= new Map()).set(name, { size, path: `${specPath}.volumes[${index}]` });
    }
    for (const { container, path } of workload.containers) {
      const { requests, limits } = container.resources ?? {};
      if (!inMemory && !isTiny(limits?.memory) && !isTiny(requests?.memory)) continue;
      for (const [what, list] of [
        ["limit", limits],
        ["request", requests],
      ] as const) {
        if (!isTiny(list?.memory)) continue;
        const amount = resourceAmount("memory", list?.memory);
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
      if (!inMemory) continue;
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
