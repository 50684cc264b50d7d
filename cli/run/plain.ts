import { isReady } from "../../model/pod.ts";
import type { Cluster } from "../../runtime/cluster.ts";
import { describeExit, isTelling, podState, serviceAddresses } from "./progress.ts";

/**
 * Progress as plain lines, for pipes, logs and CI: one line for each thing that changed, nothing twice.
 * Gives back how to stop listening.
 */
export function plainProgress(cluster: Cluster, print: (line: string) => void): () => void {
  const told = new Map<string, string>();
  const tell = (key: string, text: string) => {
    if (told.get(key) === text) return;
    told.set(key, text);
    print(text);
  };
  const stops = [
    cluster.client.watch("Node", ({ type, object }) => {
      const { name } = object.metadata;
      if (type === "DELETED") return tell(`node/${name}`, `node ${name}: gone`);
      const ready = object.status?.conditions?.find((condition) => condition.type === "Ready")?.status;
      if (ready === "True")
        tell(`node/${name}`, `node ${name}: ready at ${object.status?.addresses?.[0]?.address ?? "?"}`);
      else if (ready !== undefined) tell(`node/${name}`, `node ${name}: not ready`);
    }),
    cluster.client.watch("Pod", ({ type, object, previous }) => {
      const { name, uid } = object.metadata;
      if (type === "DELETED") {
        told.delete(uid);
        return print(`pod ${name}: gone`);
      }
      for (const status of object.status?.containerStatuses ?? []) {
        const before = previous?.status?.containerStatuses?.find((each) => each.name === status.name);
        if (before && status.restartCount > before.restartCount) {
          const ended = status.lastState.terminated;
          print(`pod ${name}: ${status.name} restarted${ended ? `, after ${describeExit(ended)}` : ""}`);
        }
      }
      const place =
        object.spec.nodeName && isReady(object)
          ? ` on ${object.spec.nodeName} at ${object.status?.podIP ?? "?"}`
          : "";
      // Every pod waits for its node for a moment; worth a line only with a reason.
      if (podState(object).text === "pending") return;
      tell(uid, `pod ${name}: ${podState(object).text}${place}`);
    }),
    cluster.client.watch("Event", ({ type, object }) => {
      if (type === "DELETED" || !isTelling(object)) return;
      const { kind, name } = object.involvedObject;
      const about = kind === "ReplicationController" ? "rc" : kind.toLowerCase();
      tell(`${about}/${name}/${object.reason}`, `${about} ${name}: ${object.message}`);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Where the services answer, a line each. */
export function serviceLines(cluster: Cluster): string[] {
  return serviceAddresses(cluster.client, cluster.network).map(({ service, inside, outside, ready, all }) => {
    const places = [...inside, ...outside.map((address) => `http://${address}`)];
    return `service ${service.metadata.name}: ${places.length > 0 ? places.join(", ") : "headless"} (${ready} of ${all} pods ready)`;
  });
}
