import type { Labels } from "../../model/meta.ts";
import { formatCpu, formatMemory } from "../../model/quantity.ts";

/** Texts for messages. */

export const quote = (text: string | number) => `\`${text}\``;

/** `a`, `a and b`, `a, b and 3 more`. */
export function join(items: readonly string[], most = 3): string {
  const shown = items.length > most + 1 ? [...items.slice(0, most), `${items.length - most} more`] : items;
  if (shown.length < 2) return shown.join("");
  return `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** A selector as it is written in KDSL: `app == "shop" and tier == "web"`. */
export function selectorText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key} == ${JSON.stringify(value)}`)
    .join(" and ");
}

/** An amount of a resource as it is written in KDSL; `amount` in `resourceAmount` units. */
export function amountText(resource: string, amount: number): string {
  if (resource === "cpu") return formatCpu(amount);
  if (resource !== "memory" && resource !== "ephemeral-storage") return String(amount);
  const text = formatMemory(amount);
  return /\d$/.test(text) && amount > 0 ? `${text}B` : text;
}

/** What a resource is called in KDSL. */
export const resourceName = (resource: string) => (resource === "ephemeral-storage" ? "storage" : resource);
