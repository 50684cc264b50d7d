import type { Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, ROLLOUT_ANNOTATION, type Stored } from "../../model/meta.ts";
import { mapMatches } from "../../model/selector.ts";
import type { Client } from "../client/client.ts";
import { Loop, type RequeueAfter } from "../client/loop.ts";
import { isAvailable, nextAvailability } from "./availability.ts";
import { ownedPods } from "./claim.ts";
import {
  type Controller,
  type ControllerEnvironment,
  ifThere,
  queueKey,
  splitKey,
  stopAll,
} from "./controller.ts";
import { inDeletionOrder, POD_DELETION_COST } from "./deletion-order.ts";
import { isOfTemplate } from "./template.ts";

const COMPONENT = "rollout-controller";

/** While one goes on: `<wanted>/<set>`, how many replicas are wanted at the end and how many were set for now. */
export const ROLLOUT_REPLICAS = "kdsl.dev/rollout-replicas";

/** Below what anyone would give a pod that is to stay. */
const OLD_POD_COST = "-2147483648";

/** How many pods more, and how many available ones fewer, than wanted there may be meanwhile. */
export interface RolloutStrategy {
  readonly surge: number;
  readonly unavailable: number;
}

/** The value of the annotation that asks for a roll-out. */
export function formatRollout({ surge, unavailable }: RolloutStrategy): string {
  return `surge=${surge},unavailable=${unavailable}`;
}

/** Undefined for a text that is none. Where both are 0 nothing could move, so that one may be unavailable (`ResolveFenceposts`). */
export function parseRollout(text: string): RolloutStrategy | undefined {
  const match = /^surge=(\d{1,6}),unavailable=(\d{1,6})$/.exec(text.replaceAll(" ", ""));
  if (!match) return undefined;
  const surge = Number(match[1]);
  const unavailable = Number(match[2]);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/**
 * Rolls the pods of an rc to its template, where it is asked to. The rc's own controller never touches live pods when
 * a template changes; this loop raises its `replicas` by the surge, deletes pods of other templates as there are
 * enough available ones, and lowers `replicas` again. All it knows stands in annotations of the rc, so it can be
 * stopped and started again at any point; changing `replicas` meanwhile changes what is wanted at the end.
 */
export function createRolloutController(client: Client, environment: ControllerEnvironment): Controller {
  const { clock, onError } = environment;
  /** The rcs that ask for a roll-out. */
  const rolling = new Set<string>();

  const loop = new Loop(
    COMPONENT,
    clock,
    (key) => {
      const rc = client.get("ReplicationController", ...splitKey(key));
      const asked = rc?.metadata.annotations?.[ROLLOUT_ANNOTATION];
      if (!rc || asked === undefined || rc.metadata.deletionTimestamp !== undefined) return undefined;
      const strategy = parseRollout(asked);
      if (strategy) return advance(rc, strategy);
      const message = `The annotation ${ROLLOUT_ANNOTATION} is "${asked}" and should be like "surge=1,unavailable=0"`;
      client.event(rc, COMPONENT, "Warning", "InvalidRollout", message);
      finish(rc, wantedReplicas(rc));
      return undefined;
    },
    onError,
  );

  function advance(rc: Stored<ReplicationController>, strategy: RolloutStrategy): RequeueAfter | undefined {
    const now = clock.now();
    const minReady = rc.spec.minReadySeconds ?? 0;
    const wanted = wantedReplicas(rc);
    const pods = ownedPods(client, rc).filter((pod) => mapMatches(rc.spec.selector, pod.metadata.labels));
    const fresh = pods.filter((pod) => isOfTemplate(pod, rc.spec.template));
    const old = pods.filter((pod) => !fresh.includes(pod));
    const available = (each: Pod) => isAvailable(each, minReady, now);
    if (old.length === 0 && fresh.filter(available).length >= wanted && fresh.length <= wanted) {
      finish(rc, wanted);
      client.event(rc, COMPONENT, "Normal", "RolloutComplete", `All ${wanted} pods are of the new template`);
      return undefined;
    }
    for (const pod of old) cheapen(pod);
    const doomed = chooseOld(old, fresh, available, wanted - strategy.unavailable, now);
    for (const pod of doomed) remove(rc, pod);
    const left = old.length - doomed.length;
    setReplicas(rc, wanted, wanted + Math.min(strategy.surge, left));
    const after = nextAvailability(pods, minReady, now);
    return after === undefined ? undefined : { after };
  }

  /** Whoever scales down meanwhile hits the old pods first. */
  function cheapen(pod: Stored<Pod>): void {
    if (pod.metadata.annotations?.[POD_DELETION_COST] === OLD_POD_COST) return;
    const annotations = { ...pod.metadata.annotations, [POD_DELETION_COST]: OLD_POD_COST };
    ifThere(() => client.update<"Pod">({ ...pod, metadata: { ...pod.metadata, annotations } }));
  }

  function remove(rc: Stored<ReplicationController>, pod: Stored<Pod>): void {
    const { namespace, name, uid } = pod.metadata;
    ifThere(() => {
      client.delete("Pod", namespace, name, { preconditions: { uid } });
      client.event(rc, COMPONENT, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
    });
  }

  function setReplicas(rc: Stored<ReplicationController>, wanted: number, replicas: number): void {
    const annotations = { ...rc.metadata.annotations, [ROLLOUT_REPLICAS]: `${wanted}/${replicas}` };
    if (rc.metadata.annotations?.[ROLLOUT_REPLICAS] === undefined)
      client.event(rc, COMPONENT, "Normal", "RolloutStarted", `Rolling ${wanted} pods to the new template`);
    client.update<"ReplicationController">({
      ...rc,
      metadata: { ...rc.metadata, annotations },
      spec: { ...rc.spec, replicas },
    });
  }

  function finish(rc: Stored<ReplicationController>, replicas: number): void {
    const {
      [ROLLOUT_ANNOTATION]: _asked,
      [ROLLOUT_REPLICAS]: _state,
      ...annotations
    } = rc.metadata.annotations ?? {};
    client.update<"ReplicationController">({
      ...rc,
      metadata: { ...rc.metadata, annotations },
      spec: { ...rc.spec, replicas },
    });
  }

  const stops = [
    client.watch("ReplicationController", ({ type, object }) => {
      const key = queueKey(object);
      const asks = type !== "DELETED" && object.metadata.annotations?.[ROLLOUT_ANNOTATION] !== undefined;
      if (asks) rolling.add(key);
      else if (!rolling.delete(key)) return;
      loop.add(key);
    }),
    client.watch("Pod", ({ object }) => {
      if (rolling.size === 0) return;
      const owner = controllerOf(object);
      if (owner?.kind !== "ReplicationController") return;
      const key = `${object.metadata.namespace}/${owner.name}`;
      if (rolling.has(key)) loop.add(key);
    }),
  ];
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stopAll(stops);
    },
  };
}

/** How many replicas are wanted when the roll-out is over: the count at its start, or what somebody else has set since. */
export function wantedReplicas(rc: Stored<ReplicationController>): number {
  const replicas = rc.spec.replicas ?? 1;
  const match = /^(\d+)\/(\d+)$/.exec(rc.metadata.annotations?.[ROLLOUT_REPLICAS] ?? "");
  return match && Number(match[2]) === replicas ? Number(match[1]) : replicas;
}

/**
 * The old pods that can go now. At least `least` pods stay available, as in a Deployment's roll-out
 * (`pkg/controller/deployment/rolling.go`): those that are not available go first, as far as pods of the new template
 * that are not yet available do not have to stand in for them.
 */
function chooseOld(
  old: readonly Stored<Pod>[],
  fresh: readonly Stored<Pod>[],
  available: (pod: Pod) => boolean,
  least: number,
  now: number,
): readonly Stored<Pod>[] {
  const freshAvailable = fresh.filter(available).length;
  const removable = old.length + fresh.length - least - (fresh.length - freshAvailable);
  if (removable <= 0) return [];
  const healthy = old.filter(available);
  const unhealthy = old.filter((pod) => !available(pod));
  const first = inDeletionOrder(unhealthy, now).slice(0, removable);
  const spare = Math.max(0, healthy.length + freshAvailable - least);
  return [...first, ...inDeletionOrder(healthy, now).slice(0, Math.min(spare, removable - first.length))];
}
