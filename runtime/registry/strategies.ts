import type {
  Event,
  KindMap,
  Namespace,
  Pod,
  ReplicationController,
  Secret,
  Service,
} from "../../model/core.ts";
import type { Kind, KubernetesObject } from "../../model/meta.ts";
import { isGated, qosClass } from "../../model/pod.ts";
import { remade } from "../store/version.ts";
import { type Context, isRecord } from "./context.ts";
import { keepNamespaceSpec } from "./namespace.ts";
import { prepareNodeCreate, prepareNodeUpdate } from "./node.ts";
import { prepareServiceUpdate } from "./service.ts";

/** What is a kind's own when its objects are written (Kubernetes' `pkg/registry/core/<kind>/strategy.go`). */
export interface Strategy<T extends KubernetesObject = KubernetesObject> {
  /** `metadata.generation` counts the changes of its spec. */
  readonly generation?: boolean;
  /** Its status is written by a request of its own and by nothing else. */
  readonly status?: boolean;
  /** After defaulting and validation. */
  readonly prepareCreate?: (object: T) => T;
  /** After defaulting, before validation: the fields may hold anything. */
  readonly prepareUpdate?: (previous: T, next: T, context: Context) => T;
  /** What becomes of the objects that it owns when a delete does not say. */
  readonly orphans?: boolean;
}

type Strategies = { readonly [K in Kind]: Strategy<KindMap[K]> };

const strategies: Strategies = {
  Pod: {
    generation: true,
    status: true,
    prepareCreate: (pod: Pod) =>
      withStatus(pod, (isGated(pod.spec) ? gatedStatus : pendingStatus)[qosClass(pod.spec)]),
  },
  ReplicationController: {
    generation: true,
    status: true,
    orphans: true,
    prepareCreate: (rc: ReplicationController) => ({ ...rc, status: { replicas: 0 } }),
  },
  Service: {
    status: true,
    prepareCreate: (service: Service) => ({ ...service, status: { loadBalancer: {} } }),
    prepareUpdate: prepareServiceUpdate,
  },
  Node: { status: true, prepareCreate: prepareNodeCreate, prepareUpdate: prepareNodeUpdate },
  Namespace: {
    status: true,
    prepareCreate: (namespace: Namespace) => ({
      ...namespace,
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    }),
    prepareUpdate: keepNamespaceSpec,
  },
  Secret: { prepareCreate: withDataOnly, prepareUpdate: (_previous, next) => withDataOnly(next) },
  ConfigMap: {},
  Endpoints: {},
  Event: { prepareCreate: aboutSomething, prepareUpdate: (_previous, next) => aboutSomething(next) },
  Lease: {},
};

/** An event that does not say what it is about is about nothing in particular. */
function aboutSomething(event: Event): Event {
  return event.involvedObject == null ? { ...event, involvedObject: {} as Event["involvedObject"] } : event;
}

/** The status of a pod that was just created, by its quality of service. */
const pendingStatus = {
  Guaranteed: Object.freeze({ phase: "Pending", qosClass: "Guaranteed" }),
  Burstable: Object.freeze({ phase: "Pending", qosClass: "Burstable" }),
  BestEffort: Object.freeze({ phase: "Pending", qosClass: "BestEffort" }),
} satisfies Record<string, NonNullable<Pod["status"]>>;

const gatedConditions = Object.freeze([
  Object.freeze({
    type: "PodScheduled",
    status: "False" as const,
    lastProbeTime: null,
    reason: "SchedulingGated",
    message: "Scheduling is blocked due to non-empty scheduling gates",
  }),
]);

/** Of one that waits for its gates (`applySchedulingGatedCondition`). */
const gatedStatus = {
  Guaranteed: Object.freeze({ ...pendingStatus.Guaranteed, conditions: gatedConditions }),
  Burstable: Object.freeze({ ...pendingStatus.Burstable, conditions: gatedConditions }),
  BestEffort: Object.freeze({ ...pendingStatus.BestEffort, conditions: gatedConditions }),
} satisfies Record<string, NonNullable<Pod["status"]>>;

function withStatus(pod: Pod, status: NonNullable<Pod["status"]>): Pod {
  return Object.freeze(remade(pod, pod.metadata, pod.spec, status));
}

export function strategyOf(kind: Kind): Strategy {
  return strategies[kind] as Strategy;
}

/** `stringData` of a secret is for writing only: it overrides `data`, and is not kept. Other objects are as they are. */
export function withDataOnly<T extends KubernetesObject>(object: T): T {
  const { stringData, ...rest } = object as T & Partial<Secret>;
  if (object.kind !== "Secret" || !isRecord(stringData)) return object;
  const data: Record<string, string> = { ...(rest.data as Secret["data"]) };
  for (const [key, text] of Object.entries(stringData as object)) data[key] = base64(String(text));
  return { ...rest, data } as unknown as T;
}

function base64(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}
