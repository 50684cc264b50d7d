import type { Clock } from "../../base/clock.ts";
import type { Heartbeats, Links } from "../environment.ts";

/** The beats of one node's kubelet since the last cut, mend or end. */
interface Heart {
  /** Beats are due at whole periods after this. */
  readonly begun: number;
  readonly period: number;
  /** The last beat that had come through at the last change. */
  heard: number;
  /** Beats after this instant come through; undefined while none does. */
  openSince: number | undefined;
}

/**
 * Beats that are not sent but known: of a kubelet that runs and whose link is open, one came at each of its periods.
 * A beat at the very instant of a change is as it would have been just before.
 */
export function createHeartbeats(clock: Clock, links: Links): Heartbeats {
  const hearts = new Map<string, Heart>();
  const handlers = new Set<(node: string) => void>();

  const lastTick = ({ begun, period }: Heart, at: number) =>
    begun + Math.floor((at - begun) / period) * period;

  function lastHeard(heart: Heart): number {
    if (heart.openSince === undefined) return heart.heard;
    const tick = lastTick(heart, clock.now());
    return tick > heart.openSince ? tick : heart.heard;
  }

  function change(node: string, heart: Heart, openSince: number | undefined): void {
    heart.heard = lastHeard(heart);
    heart.openSince = openSince;
    for (const handler of [...handlers]) handler(node);
  }

  links.onChange((node) => {
    const heart = hearts.get(node);
    if (heart?.period) change(node, heart, links.isCut(node) ? undefined : clock.now());
  });

  return {
    begin(node, period) {
      const now = clock.now();
      const earlier = hearts.get(node);
      const heard = links.passes(node) ? now : earlier ? lastHeard(earlier) : Number.NEGATIVE_INFINITY;
      const heart: Heart = { begun: now, period, heard, openSince: links.isCut(node) ? undefined : now };
      hearts.set(node, heart);
      for (const handler of [...handlers]) handler(node);
      return () => {
        if (hearts.get(node) !== heart) return;
        const heard = lastHeard(heart);
        hearts.set(node, { begun: now, period: 0, heard, openSince: undefined });
        for (const handler of [...handlers]) handler(node);
      };
    },
    heard(node) {
      const heart = hearts.get(node);
      if (!heart) return undefined;
      const last = lastHeard(heart);
      if (heart.openSince === undefined) return { last, next: undefined };
      return { last, next: lastTick(heart, clock.now()) + heart.period };
    },
    onChange(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}
