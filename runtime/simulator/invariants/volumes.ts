import { keyOf } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

export const volumes: Invariant = {
  name: "containers share volumes only within their pod",
  watch: ({ container, sandbox }) => ({
    answer(event) {
      if (event.type !== "containerStarted") return undefined;
      const started = container(event.podUid, event.container);
      const pod = sandbox(event.podUid);
      const own = new Set(pod?.volumes.map(({ name }) => name));
      const foreign = started?.command.mounts.find(({ volume }) => !own.has(volume));
      if (!pod || !foreign) return undefined;
      const message = `container ${event.container} mounts ${foreign.volume}, which is no volume of its pod`;
      return { message, objects: [keyOf(pod.pod)] };
    },
  }),
};
