import type { ResourceList, ResourceRequirements } from "../core.ts";
import { parseQuantity } from "../quantity.ts";
import { type Causes, invalid, negative, required } from "./cause.ts";
import { qualifiedNameFault } from "./names.ts";

/** Quantities and resource lists (`ValidateResourceRequirements`, `ValidateResourceQuantityValue`). */

export const quantityError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const billion = 1_000_000_000n;
const remembered = 4096;
/** Texts met before, as the same few stand in nearly every pod. */
const known = new Map<string, bigint | undefined>();

function amount(text: string): bigint | undefined {
  let value = known.get(text);
  if (value === undefined && !known.has(text)) {
    value = text.length > 64 ? undefined : parseQuantity(text);
    if (known.size >= remembered) known.clear();
    known.set(text, value);
  }
  return value;
}

/** The quantity in billionths; undefined, with a cause, when it is none or negative. */
export function checkQuantity(causes: Causes, path: string, quantity: string | number): bigint | undefined {
  const value = amount(String(quantity));
  if (value === undefined) causes.push(invalid(path, quantity, quantityError));
  else if (value < 0n) causes.push(invalid(path, String(quantity), negative));
  else return value;
  return undefined;
}

const ordinary = new Set(["cpu", "memory", "ephemeral-storage"]);
const isHugePages = (resource: string) => resource.startsWith("hugepages-");

/** Of an extended resource (`example.com/gpu`) a pod gets exactly what it asks for, in whole numbers. */
export const isExtended = (resource: string) =>
  resource.includes("/") && !resource.includes("kubernetes.io/");

function checkResourceName(causes: Causes, path: string, resource: string): void {
  if (ordinary.has(resource)) return;
  const fault = qualifiedNameFault(resource);
  if (fault !== undefined) causes.push(invalid(path, resource, fault));
  else if (!resource.includes("/") && !isHugePages(resource)) {
    if (!elsewhere.test(resource))
      causes.push(invalid(path, resource, "must be a standard resource type or fully qualified"));
    causes.push(invalid(path, resource, "must be a standard resource for containers"));
  }
}

/** Names of resources that Kubernetes has, but not for containers: they are of quotas and of volumes. */
const elsewhere =
  /^(?:(?:requests|limits)\.(?:cpu|memory|ephemeral-storage|storage|hugepages-.*)|storage|pods|services|services\.(?:nodeports|loadbalancers)|replicationcontrollers|resourcequotas|secrets|configmaps|persistentvolumeclaims)$/;

function checkList(causes: Causes, path: string, list: ResourceList): void {
  for (const resource in list) {
    if (!ordinary.has(resource)) checkResourceName(causes, `${path}[${resource}]`, resource);
    const at = causes.length;
    const value = checkQuantity(causes, path, list[resource]!);
    if (causes.length > at) causes[at] = { ...causes[at]!, field: `${path}[${resource}]` };
    if (value !== undefined && isExtended(resource) && value % billion !== 0n)
      causes.push(invalid(`${path}[${resource}]`, list[resource], "must be an integer"));
  }
}

/** A container's requests and limits. */
export function checkResources(
  causes: Causes,
  path: string,
  resources: ResourceRequirements | null | undefined,
): void {
  if (resources == null) return;
  const { requests, limits } = resources;
  if (limits) checkList(causes, `${path}.limits`, limits);
  if (!requests) return;
  checkList(causes, `${path}.requests`, requests);
  for (const resource in requests) {
    const request = amount(String(requests[resource]));
    const limitText = limits && Object.hasOwn(limits, resource) ? limits[resource] : undefined;
    const limit = limitText === undefined ? undefined : amount(String(limitText));
    const overcommits = !isExtended(resource) && !isHugePages(resource);
    if (limit === undefined) {
      if (!overcommits && limitText === undefined)
        causes.push(required(`${path}.limits`, "Limit must be set for non overcommitable resources"));
    } else if (request !== undefined && !overcommits && request !== limit) {
      causes.push(
        invalid(`${path}.requests`, requests[resource], `must be equal to ${resource} limit of ${limitText}`),
      );
    } else if (request !== undefined && request > limit) {
      causes.push(
        invalid(
          `${path}.requests`,
          requests[resource],
          `must be less than or equal to ${resource} limit of ${limitText}`,
        ),
      );
    }
  }
}

/** A node's capacity or allocatable. */
export function checkCapacity(causes: Causes, path: string, list: ResourceList | null | undefined): void {
  for (const resource in list ?? {}) {
    const field = `${path}.${resource}`;
    const value = checkQuantity(causes, field, list![resource]!);
    if (value !== undefined && isExtended(resource) && value % billion !== 0n)
      causes.push(invalid(field, list![resource], "must be an integer"));
  }
}
