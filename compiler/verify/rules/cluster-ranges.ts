import { addressOutside } from "../../diagnostics/catalog/outside.ts";
import { advise } from "../fixes.ts";
import type { Rule } from "../rule.ts";

/** Addresses that services ask for lie in the range that the cluster says it has for them. */
export const clusterRanges: Rule = (cluster, tell) => {
  const range = cluster.plan.cluster?.serviceRange;
  const block = range === undefined ? undefined : blockOf(range);
  if (!block || range === undefined) return;
  for (const { key, title, object } of cluster.services) {
    const { clusterIP } = object.spec;
    const address = clusterIP === undefined ? undefined : numberOf(clusterIP);
    if (address === undefined || clusterIP === undefined) continue;
    if (address >= block.first && address <= block.last) continue;
    tell(
      addressOutside(
        cluster.near(key, "spec.clusterIP"),
        { title, address: clusterIP, range },
        { fixes: [advise(`choose one of ${range}, or leave it out`)] },
      ),
    );
  }
};

/** IPv4 only: other addresses are left to the cluster. */
function numberOf(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function blockOf(range: string): { first: number; last: number } | undefined {
  const [text = "", bits = ""] = range.split("/");
  const address = numberOf(text);
  if (address === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}
