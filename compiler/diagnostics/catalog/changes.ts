import { entry } from "./entry.ts";

/** KD37xx: what cannot be made of a live object, told by `check --against`. */

type Changed = { title: string; fields: string };

export const podFixed = entry<Changed>({
  code: "KD3701",
  severity: "error",
  message: ({ title, fields }) => `${title} cannot change ${fields} while it lives`,
  cause:
    "Of a live pod Kubernetes changes only the images, the `deadline` (set or shortened) and further tolerations. All else is fixed when it is made.",
  fix: "Delete the pod and let it be made anew (`kdsl delete pod NAME`; `kdsl run --watch` does so by itself), or make it an `rc`, whose pods roll.",
});

export const addressFixed = entry<{ title: string; before: string; after: string }>({
  code: "KD3702",
  severity: "error",
  message: ({ title, before, after }) => `${title} has the address ${before} and cannot take ${after}`,
  cause:
    "A service keeps its cluster address for life, as programs may have looked it up. From or to headless is such a change too.",
  fix: "Keep the address, give the service another name, or delete it first: `kdsl delete service NAME`. It is away until it is made anew.",
});

export const podsOrphaned = entry<{ title: string; before: string }>({
  code: "KD3703",
  severity: "warning",
  message: ({ title, before }) => `${title} leaves its pods behind: they are found by \`${before}\``,
  cause:
    "An rc owns the pods that its selector matches. With another selector it lets go of those it has, which go on running without an owner, and makes as many new ones.",
  fix: "Give the rc another name with its new selector, so that the old one goes with its pods; or delete the pods that are left.",
});

export const dataFixed = entry<Changed>({
  code: "KD3704",
  severity: "error",
  message: ({ title, fields }) => `${title} is immutable and cannot change ${fields}`,
  cause: "A config or secret marked `immutable` never changes, and can never be unmarked.",
  fix: "Declare a new one under another name and let the pods read that, or delete this one first.",
});

export const nodeFixed = entry<Changed>({
  code: "KD3705",
  severity: "error",
  message: ({ title, fields }) => `${title} cannot change ${fields}`,
  cause: "A node's pod addresses and its provider's id are set once: its pods' addresses come from there.",
  fix: "Delete the node and let it register anew: `kdsl delete node NAME`.",
});

export const claimFixed = entry<Changed>({
  code: "KD3706",
  severity: "error",
  message: ({ title, fields }) => `${title} cannot change ${fields}`,
  cause: "Of a claim only its size may change, and only grow; the volume behind it is bound for good.",
  fix: "Declare a claim under another name and copy the data over. Deleting this one may delete its data.",
});

export const dataLost = entry<{ title: string }>({
  code: "KD3707",
  severity: "warning",
  message: ({ title }) => `${title} goes, and what it holds goes with it`,
  cause:
    "Deleting a claim gives up its volume, by default with its data; deleting a namespace deletes everything that lives in it.",
  fix: "Keep the declaration, or save what is needed first.",
});

export const selectorFixed = entry<Changed>({
  code: "KD3708",
  severity: "error",
  message: ({ title, fields }) => `${title} cannot change ${fields}`,
  cause:
    "The selectors of Deployments, ReplicaSets, DaemonSets and StatefulSets, what a StatefulSet claims, and the template of a Job are fixed when they are made.",
  fix: "Give it another name, or delete it first.",
});

export const typeFixed = entry<{ title: string; before: string; after: string }>({
  code: "KD3709",
  severity: "error",
  message: ({ title, before, after }) => `${title} is of type ${before} and cannot become ${after}`,
  cause: "The type of a secret says which keys it has; Kubernetes never changes it.",
  fix: "Declare a secret of the new type under another name, or delete this one first.",
});

export const changeRefused = entry<{ title: string; field: string; why: string }>({
  code: "KD3790",
  severity: "error",
  message: ({ title, field, why }) => `Kubernetes refuses the change of ${title}: ${field}: ${why}`,
  cause: "Every change passes the validation of Kubernetes' API; what it says stands in the message.",
  fix: "Undo the change, or delete the object and let it be made anew.",
});
