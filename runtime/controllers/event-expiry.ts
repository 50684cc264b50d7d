import type { Cancel } from "../../base/clock.ts";
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
  // Events end in the order in which they came, but for those there were before: one timer, for the first, is enough.
  const ends: { readonly key: string; readonly at: number }[] = [];
  let first = 0;
  let timer: Cancel | undefined;
  const expire = () => {
    timer = undefined;
    const now = clock.now();
    while (first < ends.length && ends[first]!.at <= now) loop.add(ends[first++]!.key);
    if (first > ends.length / 2) first -= ends.splice(0, first).length;
    if (first < ends.length) timer = clock.schedule(ends[first]!.at, expire);
  };
  const stop = client.watch("Event", ({ type, object }) => {
    // A repeat only puts the end off: that is seen when the end comes.
    if (type !== "ADDED") return;
    const end = { key: queueKey(object), at: lastSeen(object) + TIME_TO_LIVE };
    let place = ends.length;
    while (place > first && ends[place - 1]!.at > end.at) place--;
    if (place === ends.length) ends.push(end);
    else ends.splice(place, 0, end);
    if (timer && place > first) return;
    timer?.();
    timer = clock.schedule(ends[first]!.at, expire);
  });
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      timer?.();
      stop();
    },
  };
}

function lastSeen(event: Event): number {
  const { lastTimestamp, eventTime, metadata } = event;
  return parseTimestamp(lastTimestamp ?? eventTime ?? metadata.creationTimestamp) ?? 0;
}
