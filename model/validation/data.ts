import type {
  ConfigMap,
  EndpointAddress,
  EndpointSubset,
  Endpoints,
  Event,
  Lease,
  Namespace,
  Secret,
} from "../core.ts";
import { type Causes, forbidden, immutableField, invalid, oneOf, required, tooLong } from "./cause.ts";
import { protocols } from "./container.ts";
import { checkImmutable, utf8Length } from "./metadata.ts";
import {
  addressError,
  configKeyFault,
  dnsLabelError,
  dnsSubdomainError,
  isAddress,
  portNumberError,
  qualifiedNameFault,
} from "./names.ts";
import { newItems } from "./shape.ts";

/** The kinds that hold data: config maps, secrets, namespaces, endpoints, events, leases. */

/** The data of one config map or secret, all together. */
const dataBytes = 1024 * 1024;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Data = Readonly<Record<string, string>> | null | undefined;

/** The bytes of the values; their keys are checked. */
function checkData(causes: Causes, path: string, data: Data, encoded: boolean): number {
  let size = 0;
  for (const key in data ?? {}) {
    const fault = configKeyFault(key);
    if (fault !== undefined) causes.push(invalid(`${path}[${key}]`, key, fault));
    const value = data![key]!;
    if (encoded && !base64.test(value.replaceAll("\n", "")))
      causes.push(invalid(`${path}[${key}]`, "", "illegal base64 data"));
    size += encoded ? Math.floor((value.length * 3) / 4) : utf8Length(value, dataBytes);
  }
  return size;
}

export function checkConfigMap(causes: Causes, config: ConfigMap): void {
  for (const key in config.data ?? {}) {
    if (config.binaryData && Object.hasOwn(config.binaryData, key))
      causes.push(invalid(`data[${key}]`, key, "duplicate of key present in binaryData"));
  }
  const size =
    checkData(causes, "data", config.data, false) + checkData(causes, "binaryData", config.binaryData, true);
  // No field alone is too long: Kubernetes writes a path without a name.
  if (size > dataBytes) causes.push(tooLong("[]", dataBytes));
}

export function checkSecret(causes: Causes, secret: Secret): void {
  const size =
    checkData(causes, "data", secret.data, true) + checkData(causes, "stringData", secret.stringData, false);
  if (size > dataBytes) causes.push(tooLong("data", dataBytes));
}

/** The keys that a secret of a type must have; of a list of alternatives one. */
const secretKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "kubernetes.io/dockercfg": [[".dockercfg"]],
  "kubernetes.io/dockerconfigjson": [[".dockerconfigjson"]],
  "kubernetes.io/basic-auth": [["username", "password"]],
  "kubernetes.io/ssh-auth": [["ssh-privatekey"]],
  "kubernetes.io/tls": [["tls.crt"], ["tls.key"]],
};

/** What a secret's type asks of it. A plan cannot be held to it: its secrets get their values when it is run. */
export function checkSecretType(causes: Causes, secret: Secret): void {
  const { type = "", data, stringData, metadata } = secret;
  const account = "kubernetes.io/service-account.name";
  if (type === "kubernetes.io/service-account-token" && !metadata?.annotations?.[account])
    causes.push(required(`metadata.annotations[${account}]`));
  const has = (key: string) =>
    (data && Object.hasOwn(data, key)) || (stringData && Object.hasOwn(stringData, key));
  for (const alternatives of (Object.hasOwn(secretKeys, type) && secretKeys[type]) || [])
    if (!alternatives.some(has)) causes.push(...alternatives.map((key) => required(`data[${key}]`)));
}

export function checkConfigMapUpdate(causes: Causes, previous: ConfigMap, next: ConfigMap): void {
  if (previous.immutable !== true) return;
  checkFrozen(causes, previous.data, next.data, "data");
  checkFrozen(causes, previous.binaryData, next.binaryData, "binaryData");
  if (next.immutable !== true)
    causes.push(forbidden("immutable", "field is immutable when `immutable` is set"));
}

export function checkSecretUpdate(causes: Causes, previous: Secret, next: Secret): void {
  checkImmutable(causes, "type", previous.type ?? "Opaque", next.type ?? previous.type ?? "Opaque");
  if (previous.immutable !== true) return;
  checkFrozen(causes, previous.data, next.data, "data");
  if (next.immutable !== true)
    causes.push(forbidden("immutable", "field is immutable when `immutable` is set"));
}

function checkFrozen(causes: Causes, before: Data, after: Data, path: string): void {
  const differing: Causes = [];
  checkImmutable(differing, path, before ?? {}, after ?? {});
  if (differing.length > 0) causes.push(forbidden(path, `${immutableField} when \`immutable\` is set`));
}

export function checkNamespace(causes: Causes, namespace: Namespace): void {
  for (const [index, finalizer] of (namespace.spec?.finalizers ?? []).entries()) {
    const fault = qualifiedNameFault(finalizer);
    if (fault !== undefined) causes.push(invalid(`spec.finalizers[${index}]`, finalizer, fault));
  }
}

/** What `before`, endpoints that were in order, have of addresses is not looked at again: services may have thousands. */
export function checkEndpoints(causes: Causes, endpoints: Endpoints, before?: Endpoints): void {
  const subsets = endpoints.subsets ?? [];
  for (let index = 0; index < subsets.length; index++) {
    const known = before?.subsets?.[index];
    if (subsets[index] !== known) checkSubset(causes, `subsets[${index}]`, subsets[index]!, known);
  }
}

function checkSubset(causes: Causes, at: string, subset: EndpointSubset, before?: EndpointSubset): void {
  const { addresses, notReadyAddresses, ports } = subset;
  if (!addresses?.length && !notReadyAddresses?.length)
    causes.push(required(at, "must specify `addresses` or `notReadyAddresses`"));
  checkAddresses(causes, `${at}.addresses`, addresses, before?.addresses);
  checkAddresses(causes, `${at}.notReadyAddresses`, notReadyAddresses, before?.notReadyAddresses);
  if (ports && ports !== before?.ports) checkPorts(causes, `${at}.ports`, ports);
}

function checkAddresses(
  causes: Causes,
  at: string,
  list: readonly EndpointAddress[] | undefined,
  before: readonly EndpointAddress[] | undefined,
): void {
  if (!list || list === before) return;
  for (const position of newItems(before ?? [], list)) {
    const address = list[position]! as EndpointAddress & { readonly hostname?: string };
    const { nodeName, hostname } = address;
    const ip = address.ip ?? "";
    if (!isAddress(ip)) causes.push(invalid(`${at}[${position}].ip`, ip, addressError));
    const host = hostname ? dnsLabelError(hostname) : undefined;
    if (host !== undefined) causes.push(invalid(`${at}[${position}].hostname`, hostname, host));
    const node = nodeName ? dnsSubdomainError(nodeName) : undefined;
    if (node !== undefined) causes.push(invalid(`${at}[${position}].nodeName`, nodeName, node));
  }
}

function checkPorts(causes: Causes, at: string, ports: NonNullable<EndpointSubset["ports"]>): void {
  for (const [position, port] of ports.entries()) {
    const place = `${at}[${position}]`;
    const nameFault = port.name ? dnsLabelError(port.name) : undefined;
    if (!port.name && ports.length > 1) causes.push(required(`${place}.name`));
    else if (nameFault !== undefined) causes.push(invalid(`${place}.name`, port.name, nameFault));
    const fault = portNumberError(port.port ?? 0);
    if (fault !== undefined) causes.push(invalid(`${place}.port`, port.port ?? 0, fault));
    oneOf(causes, `${place}.protocol`, port.protocol, protocols);
  }
}

/** The legacy rules of core/v1 events: an event lies in the namespace of what it is about. */
export function checkEvent(causes: Causes, event: Event): void {
  const about = event.involvedObject?.namespace ?? "";
  const namespace = event.metadata?.namespace ?? "";
  if (about === "" ? namespace !== "default" && namespace !== "kube-system" : about !== namespace)
    causes.push(invalid("involvedObject.namespace", about, "does not match event.namespace"));
}

export function checkLease(causes: Causes, lease: Lease): void {
  const spec = lease.spec as (Lease["spec"] & { readonly leaseTransitions?: number }) | null | undefined;
  if (spec?.leaseDurationSeconds != null && spec.leaseDurationSeconds <= 0)
    causes.push(invalid("spec.leaseDurationSeconds", spec.leaseDurationSeconds, "must be greater than 0"));
  if (spec?.leaseTransitions != null && spec.leaseTransitions < 0)
    causes.push(
      invalid("spec.leaseTransitions", spec.leaseTransitions, "must be greater than or equal to 0"),
    );
}
