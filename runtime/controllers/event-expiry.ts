import type { Event } from "../../model/core.ts";
import { parseTimestamp } from "../../model/meta.ts";
import type { Client } from "../client/client.ts";
import { Loop } from "../client/loop.ts";
import type { Controller, ControllerEnvironment } from "./controller.ts";
import { queueKey, splitKey } from "./controller.ts";

/** How long after it was last seen an event is kept (`--event-ttl`), in milliseconds. */
const TIME_TO_LIVE = 3_600_000;

/** Forgets events an hour after they were last seen. */
export function createEventExpiry(client: Client, environment: ControllerEnvironment): Controller {
  const { clock, onError } = environment;
  const loop = new Loop(
    "event-expiry",
    clock,
    (key) => {
      const [namespace, name] = splitKey(key);
      const event = client.get("Event", namespace, name);
      if (!event) return undefined;
      const left = lastSeen(event) + TIME_TO_LIVE - clock.now();
      if (left > 0) return { after: left };
      client.delete("Event", namespace, name);
      return undefined;
    },
    onError,
  );
  const stop = client.watch("Event", ({ type, object }) => {
    // A repeat only puts the end off: that is seen when the end comes.
    if (type === "ADDED") loop.addAfter(queueKey(object), lastSeen(object) + TIME_TO_LIVE - clock.now());
  });
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stop();
    },
  };
}

function lastSeen(event: Event): number {
  const { lastTimestamp, eventTime, metadata } = event;
  return parseTimestamp(lastTimestamp ?? eventTime ?? metadata.creationTimestamp) ?? 0;
}
