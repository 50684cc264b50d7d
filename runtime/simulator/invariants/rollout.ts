import type { Pod, ReplicationController } from "../../../model/core.ts";
import { controllerOf, keyOf, ROLLOUT_ANNOTATION, type Stored } from "../../../model/meta.ts";
import { isActive } from "../../../model/pod.ts";
import { OWNER_FIELD } from "../../client/fields.ts";
import { isAvailable } from "../../controllers/availability.ts";
import { parseRollout } from "../../controllers/index.ts";
import { wantedReplicas } from "../../controllers/rollout.ts";
import type { Invariant, Run, Violation } from "./invariant.ts";

/** Of what the roll-out itself does: nodes may be lost meanwhile, and pods fail. */
export const rollout: Invariant = {
  name: "a roll-out takes no more pods away and makes no more than it may",
  watch: (run) => ({
    change({ kind, previous, next }) {
      if ((kind !== "Pod" && kind !== "ReplicationController") || run.actor() !== "rollout") return undefined;
      if (run.behind("rollout")) return undefined;
      if (kind === "ReplicationController")
        return next && tooMany(next as unknown as Stored<ReplicationController>);
      if (!previous || previous.metadata.deletionTimestamp) return undefined;
      if (next && !next.metadata.deletionTimestamp) return undefined;
      return tooFew(run, previous as Stored<Pod>);
    },
  }),
};

function tooMany(rc: Stored<ReplicationController>): Violation | undefined {
  const { name, annotations } = rc.metadata;
  const strategy = parseRollout(annotations?.[ROLLOUT_ANNOTATION] ?? "");
  const wanted = wantedReplicas(rc);
  const replicas = rc.spec.replicas ?? 1;
  if (!strategy || replicas <= wanted + strategy.surge) return undefined;
  const message = `rc ${name} is rolled and asks for ${replicas} pods, of ${wanted} and a surge of ${strategy.surge}`;
  return { message, objects: [keyOf(rc)] };
}

/** One that was not available may go at any time. */
function tooFew({ client, now }: Run, pod: Stored<Pod>): Violation | undefined {
  const owner = controllerOf(pod);
  const rc = owner && client().get("ReplicationController", pod.metadata.namespace, owner.name);
  const strategy = parseRollout(rc?.metadata.annotations?.[ROLLOUT_ANNOTATION] ?? "");
  if (!rc || !strategy) return undefined;
  const minReady = rc.spec.minReadySeconds ?? 0;
  const available = (each: Stored<Pod>) => isActive(each) && isAvailable(each, minReady, now());
  if (!available(pod)) return undefined;
  const left = client()
    .list("Pod", { fields: { [OWNER_FIELD]: rc.metadata.uid } })
    .filter(available).length;
  const least = wantedReplicas(rc) - strategy.unavailable;
  if (left >= least) return undefined;
  const message = `the roll-out of rc ${rc.metadata.name} takes pod ${pod.metadata.name} away and leaves ${left} available, of at least ${least}`;
  return { message, objects: [keyOf(rc), keyOf(pod)] };
}
