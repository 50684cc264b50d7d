import type { Service, ServicePort, ServiceSpec } from "../core.ts";
import {
  type Causes,
  duplicate,
  forbidden,
  immutableField,
  invalid,
  notSupported,
  oneOf,
  required,
} from "./cause.ts";
import { protocols } from "./container.ts";
import { checkLabels } from "./metadata.ts";
import {
  addressError,
  addressRangeError,
  dnsLabelError,
  dnsSubdomainError,
  isAddress,
  isAddressRange,
  parseIpv4,
  portNumberError,
} from "./names.ts";
import { checkPortReference } from "./probes.ts";

/** Services (`ValidateService`, `ValidateServiceUpdate`). Whether a node port or address is free, the allocators say. */

const types = new Set(["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
const affinities = new Set(["ClientIP", "None"]);
const policies = new Set(["Cluster", "Local"]);
const families = new Set(["IPv4", "IPv6"]);
const familyPolicies = new Set(["PreferDualStack", "RequireDualStack", "SingleStack"]);
const longestAffinity = 86_400;

type Spec = ServiceSpec & {
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly loadBalancerClass?: string;
  readonly healthCheckNodePort?: number;
};

export function checkService(causes: Causes, service: Service, before?: Service): void {
  const spec = (service.spec ?? {}) as Spec;
  const type = spec.type ?? "ClusterIP";
  oneOf(causes, "spec.type", spec.type, types);
  checkLabels(causes, "spec.selector", spec.selector, before?.spec?.selector);
  if (!(spec.ports && spec.ports.length > 0) && type !== "ExternalName" && spec.clusterIP !== "None")
    causes.push(required("spec.ports"));
  if (spec.ports) {
    if (type === (before?.spec?.type ?? "ClusterIP") && differInTargets(spec.ports, before?.spec?.ports))
      checkTargets(causes, spec.ports);
    else checkServicePorts(causes, spec.ports, type);
  }
  checkAddresses(causes, spec, type);
  oneOf(causes, "spec.sessionAffinity", spec.sessionAffinity, affinities);
  checkAffinityTime(causes, spec);
  oneOf(causes, "spec.internalTrafficPolicy", spec.internalTrafficPolicy, policies);
  checkExternal(causes, spec, type);
}

/** Whether ports are those before, which were in order, but for what they lead to. */
const differInTargets = (
  ports: readonly ServicePort[],
  before: readonly ServicePort[] | null | undefined,
): boolean =>
  before?.length === ports.length &&
  ports.every((port, index) => {
    const known = before[index]!;
    return (
      port === known ||
      (port.name === known.name &&
        port.port === known.port &&
        port.protocol === known.protocol &&
        port.nodePort === known.nodePort)
    );
  });

// 0 and "" stand for the default, the service's own number.
function checkTargets(causes: Causes, ports: readonly ServicePort[]): void {
  for (let index = 0; index < ports.length; index++) {
    const { targetPort } = ports[index]!;
    if (targetPort) checkPortReference(causes, `spec.ports[${index}].targetPort`, targetPort);
  }
}

function checkServicePorts(causes: Causes, ports: readonly ServicePort[], type: string): void {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = `spec.ports[${index}]`;
    if (!port.name) {
      if (ports.length > 1) causes.push(required(`${at}.name`));
    } else {
      const fault = dnsLabelError(port.name);
      if (fault !== undefined) causes.push(invalid(`${at}.name`, port.name, fault));
      else if (names.has(port.name)) causes.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    const fault = portNumberError(port.port ?? 0);
    if (fault !== undefined) causes.push(invalid(`${at}.port`, port.port ?? 0, fault));
    oneOf(causes, `${at}.protocol`, port.protocol, protocols);
    // 0 and "" stand for the default, the service's own number.
    if (port.targetPort) checkPortReference(causes, `${at}.targetPort`, port.targetPort);
    const protocol = port.protocol ?? "TCP";
    const key = `${protocol}/${port.port}`;
    if (numbers.has(key)) causes.push(duplicate(at, { protocol, port: port.port }));
    numbers.add(key);
    if (!port.nodePort) continue;
    const range = portNumberError(port.nodePort);
    if (type === "ClusterIP" || type === "ExternalName")
      causes.push(forbidden(`${at}.nodePort`, `may not be used when \`type\` is '${type}'`));
    else if (range !== undefined) causes.push(invalid(`${at}.nodePort`, port.nodePort, range));
    const nodeKey = `${protocol}/${port.nodePort}`;
    if (nodePorts.has(nodeKey)) causes.push(duplicate(`${at}.nodePort`, port.nodePort));
    nodePorts.add(nodeKey);
  }
}

function checkAddresses(causes: Causes, spec: Spec, type: string): void {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = spec;
  if (type === "ExternalName") {
    const notHere = "may not be set for ExternalName services";
    if (clusterIP || (clusterIPs?.length ?? 0) > 0) causes.push(forbidden("spec.clusterIPs", notHere));
    if (ipFamilies?.length) causes.push(forbidden("spec.ipFamilies", notHere));
    if (ipFamilyPolicy != null) causes.push(forbidden("spec.ipFamilyPolicy", notHere));
    const name = (spec.externalName ?? "").replace(/\.$/, "");
    const fault = dnsSubdomainError(name);
    if (name === "") causes.push(required("spec.externalName"));
    else if (fault !== undefined) causes.push(invalid("spec.externalName", spec.externalName, fault));
    return;
  }
  checkFamilies(causes, ipFamilies, ipFamilyPolicy);
  if (clusterIP === "None") {
    if (type !== "ClusterIP")
      causes.push(invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`));
  } else if (clusterIP && !isAddress(clusterIP)) {
    causes.push(invalid("spec.clusterIP", clusterIP, addressError));
  }
  for (const [index, address] of (clusterIPs ?? []).entries()) {
    if (index === 0 && clusterIP && address !== clusterIP)
      causes.push(invalid("spec.clusterIPs", clusterIPs, "first value must match `clusterIP`"));
    else if (address === "None" ? index > 0 || clusterIPs!.length > 1 : !isAddress(address))
      causes.push(invalid(`spec.clusterIPs[${index}]`, address, addressError));
  }
  if ((clusterIPs?.length ?? 0) > 2)
    causes.push(invalid("spec.clusterIPs", clusterIPs, "may only hold up to 2 values"));
}

function checkFamilies(
  causes: Causes,
  given: readonly string[] | null | undefined,
  policy: string | null | undefined,
): void {
  oneOf(causes, "spec.ipFamilyPolicy", policy ?? undefined, familyPolicies);
  const seen = new Set<string>();
  for (const [index, family] of (given ?? []).entries()) {
    const at = `spec.ipFamilies[${index}]`;
    if (!families.has(family)) causes.push(notSupported(at, family, families));
    else if (seen.has(family)) causes.push(duplicate(at, family));
    seen.add(family);
  }
}

function checkAffinityTime(causes: Causes, spec: Spec): void {
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (spec.sessionAffinity === "ClientIP") {
    if (seconds != null && (seconds <= 0 || seconds > longestAffinity))
      causes.push(
        invalid(
          "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
          seconds,
          `must be greater than 0 and less than ${longestAffinity}`,
        ),
      );
  } else if (spec.sessionAffinityConfig != null) {
    causes.push(forbidden("spec.sessionAffinityConfig", "must not be set when session affinity is None"));
  }
}

function checkExternal(causes: Causes, spec: Spec, type: string): void {
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    const fault = externalAddressError(address);
    if (fault !== undefined) causes.push(invalid(`spec.externalIPs[${index}]`, address, fault));
  }
  const outside = type === "NodePort" || type === "LoadBalancer" || (spec.externalIPs?.length ?? 0) > 0;
  if (spec.externalTrafficPolicy) {
    if (!outside || type === "ExternalName")
      causes.push(
        invalid(
          "spec.externalTrafficPolicy",
          spec.externalTrafficPolicy,
          "may only be set for externally-accessible services",
        ),
      );
    else oneOf(causes, "spec.externalTrafficPolicy", spec.externalTrafficPolicy, policies);
  }
  if (spec.healthCheckNodePort && !(type === "LoadBalancer" && spec.externalTrafficPolicy === "Local"))
    causes.push(
      invalid(
        "spec.healthCheckNodePort",
        spec.healthCheckNodePort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    );
  if ((spec.loadBalancerSourceRanges?.length ?? 0) > 0 && type !== "LoadBalancer")
    causes.push(forbidden("spec.loadBalancerSourceRanges", "may only be used when `type` is 'LoadBalancer'"));
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    if (!isAddressRange(range.trim()))
      causes.push(invalid(`spec.loadBalancerSourceRanges[${index}]`, range, addressRangeError));
  }
  if (spec.loadBalancerClass != null && type !== "LoadBalancer")
    causes.push(forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"));
}

/** `ValidateNonSpecialIP`, loopback apart: a cluster on one machine has nothing else to give. */
function externalAddressError(address: string): string | undefined {
  if (!isAddress(address)) return addressError;
  const number = parseIpv4(address);
  if (address === "::" || number === 0) return `may not be unspecified (${address})`;
  if ((number !== undefined && number >>> 16 === 0xa9fe) || /^fe[89ab]/i.test(address))
    return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  if (number !== undefined && number >>> 8 === 0xe00000)
    return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
  return undefined;
}

/** A service keeps its address, unless it is or was only a name. */
export function checkServiceUpdate(causes: Causes, previous: Service, next: Service): void {
  const before = previous.spec as Spec;
  const after = next.spec as Spec | undefined;
  if (after == null) return;
  const named = before.type === "ExternalName" || after.type === "ExternalName";
  // An absent address is filled in with the one there is.
  if (!named && before.clusterIP && after.clusterIP && before.clusterIP !== after.clusterIP)
    causes.push(invalid("spec.clusterIPs[0]", [after.clusterIP], "may not change once set"));
  const local = ({ type, externalTrafficPolicy }: Spec) =>
    type === "LoadBalancer" && externalTrafficPolicy === "Local";
  const { healthCheckNodePort: port } = after;
  if (local(before) && local(after) && port && before.healthCheckNodePort !== port)
    causes.push(invalid("spec.healthCheckNodePort", port, immutableField));
  if (
    before.type === "LoadBalancer" &&
    after.type === "LoadBalancer" &&
    before.loadBalancerClass != null &&
    before.loadBalancerClass !== after.loadBalancerClass
  )
    causes.push(invalid("spec.loadBalancerClass", after.loadBalancerClass, "may not change once set"));
}
