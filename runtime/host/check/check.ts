import type { Container, Pod, PodSpec, ReplicationController, Service } from "../../../model/core.ts";
import { isServed, keyOf, type ObjectKey } from "../../../model/meta.ts";
import type { LocalRun, Plan } from "../../../model/plan.ts";
import { checkCommand } from "./command.ts";
import {
  checkLimits,
  checkLoopback,
  checkMounts,
  checkNames,
  checkPorts,
  checkSecurity,
  checkWayOut,
} from "./limits.ts";
import { checkNodePorts } from "./node-ports.ts";
import type { Notice } from "./notice.ts";
import { checkKinds, checkOutside, checkRanges, checkStandIns } from "./outside.ts";
import { checkVolumes } from "./volumes.ts";

/** What the driver can give on this machine to this user. */
export interface DriverCapabilities {
  /** Containers have volumes at their paths, their own /etc/hosts and host name. */
  readonly namespaces: boolean;
  /** Why not. */
  readonly namespacesMissing?: string;
  /** Each pod has a network of its own; absent: all are in the machine's. */
  readonly isolated?: boolean;
  /** Why nothing leads out of those. */
  readonly noWayOut?: string;
  /** Where a declared port is opened. */
  openPort(port: number): number;
  /** The caller's environment, of which containers get a part. */
  readonly env: NodeJS.ProcessEnv;
  /** Where commands without a `local` block start. */
  readonly fileDirectory: string;
}

/** A pod, or the template of an rc, as it stands in the plan. */
export interface PodContext {
  readonly key: ObjectKey;
  /** Of the pod's spec in its object. */
  readonly path: string;
  readonly spec: PodSpec;
  readonly local: Readonly<Record<string, LocalRun>>;
  readonly capabilities: DriverCapabilities;
}

export interface ContainerContext extends PodContext {
  readonly container: Container;
  readonly containerPath: string;
}

/** A rule looks at the whole plan, so that what holds for all of it is said once. */
export type Rule = (cluster: ClusterContext) => Notice[];

export interface ClusterContext {
  readonly pods: readonly PodContext[];
  readonly containers: readonly ContainerContext[];
  readonly services: readonly Service[];
  readonly capabilities: DriverCapabilities;
}

const rules: readonly Rule[] = [
  checkCommand,
  checkVolumes,
  checkPorts,
  checkNodePorts,
  checkMounts,
  checkNames,
  checkLoopback,
  checkWayOut,
  checkLimits,
  checkSecurity,
];

/** What of a plan cannot be had here, or is had in another way: errors first. Looks at this machine, changes nothing. */
export function checkPlan(plan: Plan, capabilities: DriverCapabilities): Notice[] {
  const pods: PodContext[] = [];
  const services: Service[] = [];
  for (const object of plan.objects.filter(isServed)) {
    const key = keyOf(object);
    const context = { key, local: plan.local[key] ?? {}, capabilities };
    if (object.kind === "Pod") pods.push({ ...context, path: "spec", spec: (object as Pod).spec });
    if (object.kind === "ReplicationController") {
      const { spec } = object as ReplicationController;
      // What is never started need not be there.
      if (spec.replicas !== 0)
        pods.push({ ...context, path: "spec.template.spec", spec: spec.template.spec });
    }
    if (object.kind === "Service") services.push(object as Service);
  }
  const containers = pods.flatMap(containersOf);
  const notices = [
    ...rules.flatMap((rule) => rule({ pods, containers, services, capabilities })),
    ...checkKinds(plan),
    ...checkRanges(plan, capabilities),
    ...checkStandIns(plan, pods),
    ...checkOutside(plan, containers, pods),
  ];
  const order = ["error", "warning", "note"];
  return notices.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function containersOf(pod: PodContext): ContainerContext[] {
  return (["initContainers", "containers"] as const).flatMap((list) =>
    (pod.spec[list] ?? []).map((container, index) => ({
      ...pod,
      container,
      containerPath: `${pod.path}.${list}[${index}]`,
    })),
  );
}
