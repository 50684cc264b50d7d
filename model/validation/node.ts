import type { Node, Taint } from "../core.ts";
import { type Causes, duplicate, forbidden, invalid, oneOf, required } from "./cause.ts";
import { addressRangeError, isAddressRange, labelValueFault, qualifiedNameFault } from "./names.ts";
import { checkCapacity } from "./resources.ts";
import { taintEffects } from "./scheduling.ts";

/** Nodes (`ValidateNode`, `ValidateNodeUpdate`). */
export function checkNode(causes: Causes, node: Node): void {
  const { spec, status } = node;
  if (spec?.taints) checkTaints(causes, spec.taints);
  for (const [index, range] of (spec?.podCIDRs ?? []).entries()) {
    if (!isAddressRange(range)) causes.push(invalid(`spec.podCIDRs[${index}]`, range, addressRangeError));
  }
  if (spec?.podCIDR && !isAddressRange(spec.podCIDR))
    causes.push(invalid("spec.podCIDR", spec.podCIDR, addressRangeError));
  checkCapacity(causes, "status.capacity", status?.capacity);
  checkCapacity(causes, "status.allocatable", status?.allocatable);
  const addresses = new Set<string>();
  for (const [index, address] of (status?.addresses ?? []).entries()) {
    const key = `${address.type}/${address.address}`;
    if (addresses.has(key)) causes.push(duplicate(`status.addresses[${index}]`, address));
    addresses.add(key);
  }
}

function checkTaints(causes: Causes, taints: readonly Taint[]): void {
  const seen = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const at = `spec.taints[${index}]`;
    const keyFault = qualifiedNameFault(taint.key ?? "");
    if (keyFault !== undefined) causes.push(invalid(`${at}.key`, taint.key ?? "", keyFault));
    const valueFault = labelValueFault(taint.value ?? "");
    if (valueFault !== undefined) causes.push(invalid(`${at}.value`, taint.value, valueFault));
    if (!taint.effect) causes.push(required(`${at}.effect`));
    else oneOf(causes, `${at}.effect`, taint.effect, taintEffects);
    const key = `${taint.effect}/${taint.key}`;
    if (seen.has(key)) causes.push(duplicate(at, taint));
    seen.add(key);
  }
}

/** A node's pod addresses and its provider's id are set once. */
export function checkNodeUpdate(causes: Causes, previous: Node, next: Node): void {
  const before = previous.spec?.podCIDRs ?? [];
  const after = next.spec?.podCIDRs ?? before;
  if (before.length > 0 && (before.length !== after.length || before.some((each, at) => each !== after[at])))
    causes.push(forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid'));
  const old = previous.spec?.providerID;
  if (old && next.spec?.providerID != null && next.spec.providerID !== old)
    causes.push(
      forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'),
    );
}
