import type { Container, ContainerPort, EnvFromSource, EnvVar, VolumeMount } from "../core.ts";
import { type Causes, duplicate, invalid, notFound, oneOf, required } from "./cause.ts";
import { checkFieldRef, checkResourceRef } from "./downward.ts";
import {
  addressError,
  configKeyFault,
  dnsLabelError,
  dnsSubdomainError,
  environmentNameError,
  isAddress,
  portNameError,
  portNumberError,
} from "./names.ts";
import { checkLife } from "./probes.ts";
import { checkResources } from "./resources.ts";
import { checkContainerRights } from "./rights.ts";

/** One container of a pod (`validateContainerCommon`, `validateContainers`, `validateInitContainers`). */

export const protocols = new Set(["TCP", "UDP", "SCTP"]);
const pullPolicies = new Set(["Always", "IfNotPresent", "Never"]);
const propagations = new Set(["Bidirectional", "HostToContainer", "None"]);
const messagePolicies = new Set(["File", "FallbackToLogsOnError"]);

export interface ContainerContext {
  readonly init: boolean;
  readonly hostNetwork: boolean;
  /** Names of the pod's volumes. */
  readonly volumes: ReadonlySet<string>;
  /** Whether the pod before, which was in order, had volumes of the same names. */
  readonly sameVolumes: boolean;
  /** Names of the containers before this one: filled here. */
  readonly names: Set<string>;
  /** Host ports of the main containers before this one: filled here. */
  readonly hostPorts: Set<string>;
}

export function checkContainer(
  causes: Causes,
  path: string,
  container: Container & { readonly restartPolicy?: string },
  context: ContainerContext,
  /** A container that was in order: what this one shares with it is not looked at again. */
  before?: Container,
): void {
  const { name, image } = container;
  if (!name) causes.push(required(`${path}.name`));
  else {
    const fault = name === before?.name ? undefined : dnsLabelError(name);
    if (fault !== undefined) causes.push(invalid(`${path}.name`, name, fault));
    else if (context.names.has(name)) causes.push(duplicate(`${path}.name`, name));
    context.names.add(name);
  }
  if (!image) causes.push(required(`${path}.image`));
  else if (image.trim() !== image)
    causes.push(invalid(`${path}.image`, image, "must not have leading or trailing whitespace"));
  oneOf(causes, `${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies);
  oneOf(causes, `${path}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies);
  // Host ports are compared with those of other containers.
  if (container.ports && (container.ports !== before?.ports || container.ports.some(isOnHost)))
    checkPorts(causes, `${path}.ports`, container.ports, context, before?.ports);
  if (container.env) checkEnvironment(causes, `${path}.env`, container.env, before?.env);
  if (container.envFrom) checkSources(causes, `${path}.envFrom`, container.envFrom);
  if (container.volumeMounts && !(context.sameVolumes && container.volumeMounts === before?.volumeMounts))
    checkMounts(causes, `${path}.volumeMounts`, container.volumeMounts, context.volumes);
  if (container.resources !== before?.resources)
    checkResources(causes, `${path}.resources`, container.resources);
  checkLife(causes, path, container, context.init && container.restartPolicy !== "Always");
  const { securityContext } = container as { readonly securityContext?: Readonly<Record<string, unknown>> };
  if (securityContext) checkContainerRights(causes, `${path}.securityContext`, securityContext);
}

/** Whether two lists have items of the same names in the same order: then these need not be looked at again. */
export const areAlike = (
  list: readonly { readonly name?: string }[] | null | undefined,
  before: readonly { readonly name?: string }[] | null | undefined,
): boolean =>
  list === before ||
  (list != null &&
    before != null &&
    list.length === before.length &&
    list.every(({ name }, index) => name === before[index]!.name));

const isOnHost = ({ hostPort }: ContainerPort): boolean => Boolean(hostPort);

function checkPorts(
  causes: Causes,
  path: string,
  ports: readonly ContainerPort[],
  context: ContainerContext,
  before: readonly ContainerPort[] | null | undefined,
): void {
  const areNamed = areAlike(ports, before);
  const names = new Set<string>();
  for (let index = 0; index < ports.length; index++) {
    const port = ports[index]!;
    if (areNamed && port === before![index] && !port.hostPort) continue;
    const at = `${path}[${index}]`;
    if (port.name && !areNamed) {
      const fault = portNameError(port.name);
      if (fault !== undefined) causes.push(invalid(`${at}.name`, port.name, fault));
      else if (names.has(port.name)) causes.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) causes.push(required(`${at}.containerPort`));
    else if (portNumberError(port.containerPort) !== undefined)
      causes.push(invalid(`${at}.containerPort`, port.containerPort, portNumberError(port.containerPort)!));
    oneOf(causes, `${at}.protocol`, port.protocol, protocols);
    if (port.hostIP && !isAddress(port.hostIP))
      causes.push(invalid(`${at}.hostIP`, port.hostIP, addressError));
    if (port.hostPort) checkHostPort(causes, `${at}.hostPort`, port, context);
  }
}

function checkHostPort(causes: Causes, at: string, port: ContainerPort, context: ContainerContext): void {
  const number = port.hostPort!;
  const fault = portNumberError(number);
  if (fault !== undefined) causes.push(invalid(at, number, fault));
  else if (context.hostNetwork && number !== port.containerPort)
    causes.push(invalid(at, number, "must match `containerPort` when `hostNetwork` is true"));
  // Init containers run one after the other, so theirs may repeat.
  if (context.init) return;
  const key = `${port.protocol ?? "TCP"}/${port.hostIP ?? ""}/${number}`;
  if (context.hostPorts.has(key)) causes.push(duplicate(at, key));
  context.hostPorts.add(key);
}

const sources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"] as const;

function checkEnvironment(
  causes: Causes,
  path: string,
  variables: readonly EnvVar[],
  before: readonly EnvVar[] | null | undefined,
): void {
  for (let index = 0; index < variables.length; index++) {
    const variable = variables[index]!;
    const known = before?.[index];
    if (variable === known) continue;
    if (!variable.name) causes.push(required(`${path}[${index}].name`));
    else if (variable.name !== known?.name) {
      const fault = environmentNameError(variable.name);
      if (fault !== undefined) causes.push(invalid(`${path}[${index}].name`, variable.name, fault));
    }
    if (variable.valueFrom != null) checkSource(causes, `${path}[${index}].valueFrom`, variable);
  }
}

function checkSource(causes: Causes, path: string, variable: EnvVar): void {
  const source = variable.valueFrom!;
  const given = sources.filter((each) => source[each] != null);
  if (given.length === 0)
    causes.push(
      invalid(
        path,
        "",
        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
      ),
    );
  else if (variable.value) causes.push(invalid(path, "", "may not be specified when `value` is not empty"));
  if (given.length > 1)
    causes.push(invalid(path, "", "may not have more than one field specified at a time"));
  if (source.fieldRef) checkFieldRef(causes, `${path}.fieldRef`, source.fieldRef, "variable");
  if (source.resourceFieldRef)
    checkResourceRef(causes, `${path}.resourceFieldRef`, source.resourceFieldRef, "variable");
  for (const kind of ["configMapKeyRef", "secretKeyRef"] as const) {
    const reference = source[kind];
    if (!reference) continue;
    if (!reference.name) causes.push(required(`${path}.${kind}.name`));
    if (!reference.key) causes.push(required(`${path}.${kind}.key`));
    else {
      const fault = configKeyFault(reference.key);
      if (fault !== undefined) causes.push(invalid(`${path}.${kind}.key`, reference.key, fault));
    }
  }
}

function checkSources(causes: Causes, path: string, list: readonly EnvFromSource[]): void {
  for (const [index, source] of list.entries()) {
    const at = `${path}[${index}]`;
    if (source.prefix) {
      const fault = environmentNameError(source.prefix);
      if (fault !== undefined) causes.push(invalid(`${at}.prefix`, source.prefix, fault));
    }
    const both = source.configMapRef != null && source.secretRef != null;
    if (both) causes.push(invalid(at, "", "may not have more than one field specified at a time"));
    if (source.configMapRef == null && source.secretRef == null)
      causes.push(invalid(at, "", "must specify one of: `configMapRef` or `secretRef`"));
    for (const kind of ["configMapRef", "secretRef"] as const) {
      const reference = source[kind];
      if (!reference) continue;
      const fault = reference.name ? dnsSubdomainError(reference.name) : undefined;
      if (!reference.name) causes.push(required(`${at}.${kind}.name`));
      else if (fault !== undefined) causes.push(invalid(`${at}.${kind}.name`, reference.name, fault));
    }
  }
}

function checkMounts(
  causes: Causes,
  path: string,
  mounts: readonly VolumeMount[],
  volumes: ReadonlySet<string>,
): void {
  const paths = new Set<string>();
  for (const [index, mount] of mounts.entries()) {
    const at = `${path}[${index}]`;
    if (!mount.name) causes.push(required(`${at}.name`));
    else if (!volumes.has(mount.name)) causes.push(notFound(`${at}.name`, mount.name));
    if (!mount.mountPath) causes.push(required(`${at}.mountPath`));
    else if (paths.has(mount.mountPath))
      causes.push(invalid(`${at}.mountPath`, mount.mountPath, "must be unique"));
    paths.add(mount.mountPath);
    const { subPathExpr, mountPropagation } = mount as {
      readonly subPathExpr?: string;
      readonly mountPropagation?: string;
    };
    oneOf(causes, `${at}.mountPropagation`, mountPropagation, propagations);
    if (mount.subPath) checkLocalPath(causes, `${at}.subPath`, mount.subPath);
    if (subPathExpr) checkLocalPath(causes, `${at}.subPathExpr`, subPathExpr);
    if (mount.subPath && subPathExpr)
      causes.push(
        invalid(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive"),
      );
  }
}

/** A path inside a volume (`validateLocalDescendingPath`). */
export function checkLocalPath(causes: Causes, path: string, value: string): void {
  if (value.startsWith("/")) causes.push(invalid(path, value, "must be a relative path"));
  checkNoBackstep(causes, path, value);
}

/** `..` as a whole part of a path (`validatePathNoBacksteps`). */
export function checkNoBackstep(causes: Causes, path: string, value: string): void {
  if (value.split("/").includes("..")) causes.push(invalid(path, value, "must not contain '..'"));
}

/** A path's own file name may begin with two dots, but a volume keeps its bookkeeping under such names. */
export function checkVolumePath(causes: Causes, path: string, value: string): void {
  checkLocalPath(causes, path, value);
  if (value.startsWith("..") && !value.split("/").includes(".."))
    causes.push(invalid(path, value, "must not start with '..'"));
}
