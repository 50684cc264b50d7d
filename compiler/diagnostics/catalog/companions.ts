import { entry } from "./entry.ts";

/** KD391x: what objects of kinds that the language does not know say about its own: whom they name, and whom they select. */

export const referredMissing = entry<{ title: string; does: string; what: string }>({
  code: "KD3910",
  severity: "error",
  message: ({ title, does, what }) => `${title} ${does} ${what}, which this file does not declare`,
  cause:
    "Kubernetes takes such an object whatever it names. An Ingress then answers 503, an autoscaler scales nothing, a binding gives nobody anything, and no event says so where one would look. It is a warning where no slip is to be seen and nothing can say that the object lives outside, as of a Role or a Deployment.",
  fix: "Name one that is there, declare it, or say that it lives outside: `external service NAME { … }`.",
});

export const backendPortMissing = entry<{ title: string; service: string; port: string | number }>({
  code: "KD3911",
  severity: "error",
  message: ({ title, service, port }) =>
    `${title} sends to port \`${port}\` of service \`${service}\`, which has no such port`,
  cause:
    "An Ingress names a port of the service, by its number or its name, not the port of the pods behind it. Without such a port its requests are answered with 503.",
  fix: "Name a port of the service.",
});

export const companionSelectsNothing = entry<{ title: string; selector: string }>({
  code: "KD3912",
  severity: "warning",
  message: ({ title, selector }) => `${title} is about no pod: none has \`${selector}\``,
  cause:
    "A PodDisruptionBudget protects, and a NetworkPolicy guards, the pods that its selector matches. One that matches none does nothing, and looks as if it did.",
  fix: "Write the labels that the pods have, or take it away.",
});

export const budgetBlocks = entry<{ title: string; bound: string; pods: string }>({
  code: "KD3913",
  severity: "warning",
  message: ({ title, bound, pods }) => `${title} lets no pod go: \`${bound}\` of ${pods}`,
  cause:
    "Draining a node evicts its pods, and waits as long as a budget forbids it. Where none of the pods may ever go, no node that holds one can be drained: upgrades of the cluster hang.",
  fix: "Let one go at a time, `maxUnavailable: 1`, or run one pod more.",
});
