import { keyOf } from "../../../model/meta.ts";
import { isSidecar } from "../../../model/pod.ts";
import type { Invariant } from "./invariant.ts";

/** By what truly runs: an answer may come late, and a kubelet that begins anew asks what there is. */
export const startOrder: Invariant = {
  name: "an init container has ended before what comes after it runs",
  watch: ({ sandbox, container }) => ({
    answer(event) {
      if (event.type !== "containerStarted") return undefined;
      const pod = sandbox(event.podUid)?.pod;
      if (!pod?.spec.initContainers || !container(event.podUid, event.container)) return undefined;
      const { initContainers } = pod.spec;
      const own = initContainers.findIndex(({ name }) => name === event.container);
      const running = initContainers
        .slice(0, own < 0 ? initContainers.length : own)
        .find((each) => !isSidecar(each) && container(event.podUid, each.name));
      if (!running) return undefined;
      const message = `container ${event.container} of pod ${pod.metadata.name} runs beside init container ${running.name}`;
      return { message, objects: [keyOf(pod)] };
    },
  }),
};
