import type {
  Affinity,
  ConfigMap,
  Node,
  PodAffinityTerm,
  PodSpec,
  ReplicationController,
  Service,
  Volume,
} from "../../../model/core.ts";
import { type KubernetesObject, keyOf } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import type { ContainerBehaviour } from "../../../model/scenario.ts";
import type { Company, SwarmCase, SwarmNode, SwarmWorkload } from "./case.ts";

type PodAffinity = NonNullable<Affinity["podAffinity"]>;

/** The plan of a case: what the compiler would have given. */
export function casePlan({ nodes, workloads }: SwarmCase): Plan {
  const rcs = workloads.map((workload, index) => createRc(workload, index, 1, workloads.length));
  const services = workloads.flatMap(({ service }, index) =>
    service === "none" ? [] : [createService(service === "nodePort", index)],
  );
  const behaviour = Object.fromEntries(
    rcs.map((rc, index) => {
      const { behaviour: main, init, sidecar } = workloads[index]!;
      return [
        keyOf(rc),
        {
          main,
          ...(init ? { prepare: { ...pickStart(main), run: init } } : {}),
          ...(sidecar ? { beside: sidecar } : {}),
        },
      ];
    }),
  );
  const updates = Object.fromEntries(
    rcs.map((rc, index) => [keyOf(rc), workloads[index]!.update ?? ("never" as const)]),
  );
  const objects: readonly KubernetesObject[] = [...nodes.map(createNode), settings, ...services, ...rcs];
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

/** What fails to start because of its image fails so in all its containers. */
const pickStart = ({ startFails }: ContainerBehaviour) => (startFails === undefined ? {} : { startFails });

const settings: ConfigMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "default" },
  data: { "settings.txt": "swarm" },
};

/** The label by which workloads select nodes, and the taint that some tolerate. */
export const POOL = "swarm/pool";
export const TAINT = "swarm/taint";

export const nodeName = (index: number) => `node-${index}`;
export const rcName = (index: number) => `rc-${index}`;

export function createNode({ cpu, memory, zone, pool }: SwarmNode, index: number): Node {
  const name = nodeName(index);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        [topologies.host]: name,
        [topologies.zone]: `zone-${zone}`,
        ...(pool ? { [POOL]: pool } : {}),
      },
    },
    spec: {},
    status: { capacity: { cpu: `${cpu}m`, memory: `${memory}Mi` } },
  };
}

/** `version` is that of its image: another one is another template. `count`: how many workloads there are. */
export function createRc(
  workload: SwarmWorkload,
  index: number,
  version: number,
  count: number,
): ReplicationController {
  const app = rcName(index);
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name: app, namespace: "default" },
    spec: {
      replicas: workload.replicas,
      ...(workload.minReady === undefined ? {} : { minReadySeconds: workload.minReady }),
      selector: { app },
      template: { metadata: { labels: { app } }, spec: podSpec(workload, index, version, count) },
    },
  };
}

function podSpec(workload: SwarmWorkload, index: number, version: number, count: number): PodSpec {
  const { cpu, memory, grace, readiness, liveness, init, sidecar, volume, hostPort, preStop } = workload;
  const image = `swarm:${version}`;
  const volumeMounts = volume ? [{ name: volume, mountPath: "/data" }] : [];
  const initContainers = [
    ...(sidecar ? [{ name: "beside", image, restartPolicy: "Always" as const, volumeMounts }] : []),
    ...(init ? [{ name: "prepare", image, volumeMounts }] : []),
  ];
  const probe = { httpGet: { path: "/", port: 8080 }, periodSeconds: 5 };
  return {
    terminationGracePeriodSeconds: grace,
    ...(initContainers.length > 0 ? { initContainers } : {}),
    ...(volume ? { volumes: [volumes[volume]] } : {}),
    ...placementOf(workload, index, count),
    containers: [
      {
        name: "main",
        image,
        ports: [{ containerPort: 8080, ...(hostPort === undefined ? {} : { hostPort }) }],
        resources: { requests: { cpu: `${cpu}m`, memory: `${memory}Mi` } },
        ...(volume ? { volumeMounts } : {}),
        ...(preStop === undefined ? {} : { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
        ...(readiness ? { readinessProbe: probe } : {}),
        // Patient enough for the slowest start that is drawn.
        ...(liveness ? { livenessProbe: { ...probe, initialDelaySeconds: 60, failureThreshold: 5 } } : {}),
      },
    ],
  };
}

const volumes: Readonly<Record<NonNullable<SwarmWorkload["volume"]>, Volume>> = {
  scratch: { name: "scratch", emptyDir: {} },
  claim: { name: "claim", persistentVolumeClaim: { claimName: "swarm" } },
  settings: { name: "settings", configMap: { name: "settings" } },
};

const topologies = { host: "kubernetes.io/hostname", zone: "topology.kubernetes.io/zone" } as const;

/** All that the scheduler and those that evict look at. */
function placementOf(workload: SwarmWorkload, index: number, count: number): Partial<PodSpec> {
  const { priority, polite, pool, tolerates, spread } = workload;
  const seconds = typeof tolerates === "number" ? { tolerationSeconds: tolerates } : {};
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(polite ? { preemptionPolicy: "Never" as const } : {}),
    ...(pool?.hard ? { nodeSelector: { [POOL]: pool.name } } : {}),
    ...(tolerates === undefined
      ? {}
      : {
          tolerations: [
            // One for a time is for what evicts alone.
            {
              key: TAINT,
              operator: "Exists" as const,
              ...(tolerates === null ? {} : { effect: "NoExecute" as const }),
              ...seconds,
            },
          ],
        }),
    ...(spread
      ? {
          topologySpreadConstraints: [
            {
              maxSkew: spread.skew,
              topologyKey: topologies[spread.over],
              whenUnsatisfiable: spread.hard ? ("DoNotSchedule" as const) : ("ScheduleAnyway" as const),
              labelSelector: { matchLabels: { app: rcName(index) } },
            },
          ],
        }
      : {}),
    ...affinityOf(workload, count),
  };
}

function affinityOf({ pool, company = [] }: SwarmWorkload, count: number): Pick<PodSpec, "affinity"> {
  const soft = pool && !pool.hard;
  if (!soft && company.length === 0) return {};
  const rules = (apart: boolean): PodAffinity | undefined => {
    const own = company.filter((each) => each.apart === apart);
    if (own.length === 0) return undefined;
    const term = (each: Company): PodAffinityTerm => ({
      topologyKey: topologies[each.over],
      labelSelector: { matchLabels: { app: rcName(each.with % count) } },
    });
    return {
      requiredDuringSchedulingIgnoredDuringExecution: own.filter(({ hard }) => hard).map(term),
      preferredDuringSchedulingIgnoredDuringExecution: own
        .filter(({ hard }) => !hard)
        .map((each) => ({ weight: 50, podAffinityTerm: term(each) })),
    };
  };
  const [near, far] = [rules(false), rules(true)];
  const preference = {
    matchExpressions: [{ key: POOL, operator: "In" as const, values: [pool?.name ?? ""] }],
  };
  return {
    affinity: {
      ...(soft
        ? { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 30, preference }] } }
        : {}),
      ...(near ? { podAffinity: near } : {}),
      ...(far ? { podAntiAffinity: far } : {}),
    },
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
