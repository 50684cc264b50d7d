import type { PodSpec } from "../core.ts";
import { type Causes, duplicate, forbidden, invalid, oneOf, required } from "./cause.ts";
import { addressError, dnsSubdomainError, isAddress, qualifiedNameFault } from "./names.ts";
import { checkPodRights } from "./rights.ts";

/** What a pod's spec says beyond its containers: names and addresses, gates, users (`ValidatePodSpec`). */

const preemption = new Set(["Never", "PreemptLowerPriority"]);
const systems = new Set(["linux", "windows"]);
const mostServers = 3;
const mostSearches = 32;

type Named = { readonly name?: string };

interface Settings extends Omit<PodSpec, "preemptionPolicy" | "schedulingGates" | "readinessGates"> {
  readonly preemptionPolicy?: string;
  readonly hostAliases?: readonly { readonly ip?: string; readonly hostnames?: readonly string[] }[];
  readonly dnsConfig?: {
    readonly nameservers?: readonly string[];
    readonly searches?: readonly string[];
    readonly options?: readonly Named[];
  };
  readonly os?: Named;
  readonly hostPID?: boolean;
  readonly shareProcessNamespace?: boolean;
  readonly ephemeralContainers?: readonly unknown[];
  readonly schedulingGates?: readonly Named[];
  readonly readinessGates?: readonly { readonly conditionType?: string }[];
}

export function checkSettings(causes: Causes, path: string, given: PodSpec): void {
  const spec = given as Settings;
  oneOf(causes, `${path}.preemptionPolicy`, spec.preemptionPolicy, preemption);
  if (spec.os) {
    if (!spec.os.name) causes.push(required(`${path}.os.name`));
    else oneOf(causes, `${path}.os.name`, spec.os.name, systems);
  }
  // They come later, by a subresource, to a pod that runs.
  if (spec.ephemeralContainers?.length)
    causes.push(
      forbidden(
        `${path}.ephemeralContainers`,
        path === "spec" ? "cannot be set on create" : "ephemeral containers not allowed in pod template",
      ),
    );
  if (spec.hostAliases) checkAliases(causes, `${path}.hostAliases`, spec.hostAliases);
  checkDns(causes, path, spec);
  if (spec.schedulingGates) checkGates(causes, path, spec);
  for (const [index, { conditionType = "" }] of (spec.readinessGates ?? []).entries()) {
    const fault = qualifiedNameFault(conditionType);
    if (fault !== undefined)
      causes.push(invalid(`${path}.readinessGates[${index}].conditionType`, conditionType, fault));
  }
  if (spec.securityContext) checkPodRights(causes, `${path}.securityContext`, spec.securityContext);
  if (spec.hostPID === true && spec.shareProcessNamespace === true)
    causes.push(
      invalid(
        `${path}.shareProcessNamespace`,
        true,
        "ShareProcessNamespace and HostPID cannot both be enabled",
      ),
    );
}

function checkAliases(causes: Causes, path: string, aliases: NonNullable<Settings["hostAliases"]>): void {
  for (const [index, { ip = "", hostnames }] of aliases.entries()) {
    if (!isAddress(ip)) causes.push(invalid(`${path}[${index}].ip`, ip, addressError));
    for (const [position, name] of (hostnames ?? []).entries()) {
      const fault = dnsSubdomainError(name);
      if (fault !== undefined) causes.push(invalid(`${path}[${index}].hostnames[${position}]`, name, fault));
    }
  }
}

function checkDns(causes: Causes, path: string, { dnsPolicy, dnsConfig }: Settings): void {
  const at = `${path}.dnsConfig`;
  if (dnsPolicy === "None") {
    if (!dnsConfig) causes.push(required(at, "must provide `dnsConfig` when `dnsPolicy` is None"));
    else if (!dnsConfig.nameservers?.length)
      causes.push(
        required(`${at}.nameservers`, "must provide at least one DNS nameserver when `dnsPolicy` is None"),
      );
  }
  if (!dnsConfig) return;
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  if (nameservers.length > mostServers)
    causes.push(
      invalid(`${at}.nameservers`, nameservers, `must not have more than ${mostServers} nameservers`),
    );
  for (const [index, address] of nameservers.entries())
    if (!isAddress(address)) causes.push(invalid(`${at}.nameservers[${index}]`, address, addressError));
  if (searches.length > mostSearches)
    causes.push(invalid(`${at}.searches`, searches, `must not have more than ${mostSearches} search paths`));
  for (const [index, search] of searches.entries()) {
    const fault = search === "." ? undefined : dnsSubdomainError(search.replace(/\.$/, ""));
    if (fault !== undefined) causes.push(invalid(`${at}.searches[${index}]`, search, fault));
  }
  for (const [index, { name }] of options.entries())
    if (!name) causes.push(required(`${at}.options[${index}]`, "must not be empty"));
}

function checkGates(causes: Causes, path: string, { schedulingGates = [], nodeName }: Settings): void {
  const seen = new Set<string>();
  for (const [index, { name = "" }] of schedulingGates.entries()) {
    const at = `${path}.schedulingGates[${index}]`;
    const fault = qualifiedNameFault(name);
    if (fault !== undefined) causes.push(invalid(at, name, fault));
    if (seen.has(name)) causes.push(duplicate(at, name));
    seen.add(name);
  }
  if (nodeName && schedulingGates.length > 0)
    causes.push(forbidden(`${path}.nodeName`, "cannot be set until all schedulingGates have been cleared"));
}
