import { headlessTranslates } from "../../diagnostics/catalog/cluster.ts";
import { replace } from "../fixes.ts";
import type { Rule } from "../rule.ts";

/** A headless service sends nothing on, so that its ports are those of its pods. */
export const headless: Rule = (cluster, tell) => {
  for (const { key, name, namespace, object } of cluster.services) {
    const { clusterIP, ports = [], selector } = object.spec;
    if (clusterIP !== "None" || !selector) continue;
    const pods = cluster.matching(namespace, selector);
    for (const [index, { port, targetPort }] of ports.entries()) {
      const numbers: readonly number[] =
        typeof targetPort !== "string"
          ? [targetPort ?? port]
          : pods.flatMap(({ spec }) =>
              spec.containers.flatMap((container) =>
                (container.ports ?? [])
                  .filter((each) => each.name === targetPort)
                  .map((each) => each.containerPort),
              ),
            );
      const [target] = numbers;
      if (target === undefined || numbers.includes(port)) continue;
      const span = cluster.near(key, `spec.ports[${index}].port`);
      tell(
        headlessTranslates(
          span,
          { service: name, port, target },
          { fixes: [replace(`answer at ${target}`, span, String(port), String(target))] },
        ),
      );
    }
  }
};
