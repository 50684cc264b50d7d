import type { Node, PodSpec, ReplicationController, Service } from "../../../model/core.ts";
import { type KubernetesObject, keyOf } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import type { SwarmCase, SwarmNode, SwarmWorkload } from "./case.ts";

/** The plan of a case: what the compiler would have given. */
export function casePlan({ nodes, workloads }: SwarmCase): Plan {
  const rcs = workloads.map((workload, index) => createRc(workload, index, 1));
  const services = workloads.flatMap(({ service }, index) =>
    service === "none" ? [] : [createService(service === "nodePort", index)],
  );
  const behaviour = Object.fromEntries(
    rcs.map((rc, index) => {
      const { behaviour: main, init, sidecar } = workloads[index]!;
      return [
        keyOf(rc),
        { main, ...(init ? { prepare: { run: init } } : {}), ...(sidecar ? { beside: sidecar } : {}) },
      ];
    }),
  );
  const updates = Object.fromEntries(
    rcs.map((rc, index) => [keyOf(rc), workloads[index]!.update ?? ("never" as const)]),
  );
  const objects: readonly KubernetesObject[] = [...nodes.map(createNode), ...services, ...rcs];
  return {
    version: 1,
    name: "swarm",
    objects,
    provenance: {},
    local: {},
    references: {},
    secrets: {},
    after: {},
    updates,
    behaviour,
    sources: [],
    params: {},
    hash: "",
  };
}

export const nodeName = (index: number) => `node-${index}`;
export const rcName = (index: number) => `rc-${index}`;

function createNode({ cpu, memory, zone }: SwarmNode, index: number): Node {
  const name = nodeName(index);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name, "topology.kubernetes.io/zone": `zone-${zone}` },
    },
    spec: {},
    status: { capacity: { cpu: `${cpu}m`, memory: `${memory}Mi` } },
  };
}

/** `version` is that of its image: another one is another template. */
export function createRc(workload: SwarmWorkload, index: number, version: number): ReplicationController {
  const app = rcName(index);
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: app, namespace: "default" },
    spec: {
      replicas: workload.replicas,
      selector: { app },
      template: { metadata: { labels: { app } }, spec: podSpec(workload, version) },
    },
  };
}

function podSpec(workload: SwarmWorkload, version: number): PodSpec {
  const { cpu, memory, grace, readiness, liveness, init, sidecar } = workload;
  const image = `swarm:${version}`;
  const initContainers = [
    ...(sidecar ? [{ name: "beside", image, restartPolicy: "Always" as const }] : []),
    ...(init ? [{ name: "prepare", image }] : []),
  ];
  const probe = { httpGet: { path: "/", port: 8080 }, periodSeconds: 5 };
  return {
    terminationGracePeriodSeconds: grace,
    ...(initContainers.length > 0 ? { initContainers } : {}),
    containers: [
      {
        name: "main",
        image,
        ports: [{ containerPort: 8080 }],
        resources: { requests: { cpu: `${cpu}m`, memory: `${memory}Mi` } },
        ...(readiness ? { readinessProbe: probe } : {}),
        // Patient enough for the slowest start that is drawn.
        ...(liveness ? { livenessProbe: { ...probe, initialDelaySeconds: 60, failureThreshold: 5 } } : {}),
      },
    ],
  };
}

export function createService(open: boolean, index: number): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: rcName(index), namespace: "default" },
    spec: {
      selector: { app: rcName(index) },
      ports: [{ port: 80, targetPort: 8080 }],
      ...(open ? { type: "NodePort" } : {}),
    },
  };
}
