import { entry } from "./entry.ts";

/** KD3xxx: what is wrong with the cluster as a whole, decided from the plan. */

// ── Selection ──────────────────────────────────────────────────────────────────────────────────────────────

export const selectsNothing = entry<{ name: string; selector: string }>({
  code: "KD3001",
  severity: "error",
  message: ({ name, selector }) => `service \`${name}\` selects no pod: none has \`${selector}\``,
  cause:
    "A service sends to the pods whose labels its selector matches. A file is a closed world: where no pod template has these labels, the service never has an endpoint.",
  fix: "Select an rc or pod by its name, or write the labels that the pods have.",
});

export const selectorMissesTemplate = entry<{ name: string; selector: string }>({
  code: "KD3002",
  severity: "error",
  message: ({ name, selector }) => `rc \`${name}\` selects \`${selector}\`, which its own pods do not have`,
  cause:
    "An rc counts the pods that its selector matches. Pods that it makes and does not match would be made without end; Kubernetes refuses such an rc.",
  fix: "Leave `select` out, so that the pod's identity is the selector, or select labels that the pod has.",
});

export const selectorsOverlap = entry<{ first: string; second: string }>({
  code: "KD3003",
  severity: "error",
  message: ({ first, second }) => `${second} and ${first} would take each other's pods for their own`,
  cause:
    "An rc adopts every pod that its selector matches and that nobody owns. Two rcs with overlapping selectors count, keep and delete each other's pods.",
  fix: "Give the pods of each an identity of their own.",
});

export const adoptedPod = entry<{ pod: string; owner: string }>({
  code: "KD3004",
  severity: "warning",
  message: ({ pod, owner }) => `pod \`${pod}\` will be adopted by ${owner}`,
  cause:
    "An rc adopts a pod that nobody owns and that its selector matches: the pod counts as one of its replicas, and is deleted when there are too many.",
  fix: "Give the pod other labels than the rc selects.",
});

export const selectsSeveralOwners = entry<{ name: string; wanted: string; others: string }>({
  code: "KD3005",
  severity: "warning",
  message: ({ name, wanted, others }) =>
    `service \`${name}\` selects the pods of ${wanted}, and those of ${others} too`,
  cause:
    "A selector matches every pod with its labels, whoever owns it, not only the pods it was taken from.",
  fix: "Give the pods identities that differ, or write `pods where …` to say that all of them are meant.",
});

export const familyReachesOthers = entry<{ name: string; wanted: string; others: string }>({
  code: "KD3006",
  severity: "error",
  message: ({ name, wanted, others }) =>
    `service \`${name}\` selects the ${wanted} by labels that ${others} has too`,
  cause:
    "Selecting a whole family takes the identity labels that all its members share. These have to be the family's alone, else the service sends to pods that nobody named.",
  fix: "Give the family one identity label of its own, or select with `pods where …` if all are meant.",
});

export const selectMissing = entry<{ name: string }>({
  code: "KD3007",
  severity: "warning",
  message: ({ name }) => `service \`${name}\` does not say whose it is`,
  cause:
    "A service without `select` sends to the addresses that somebody writes down for it, and nothing here does. Until then every connection to it is refused.",
  fix: "Name its pods: `select: web`. Addresses outside of the cluster are a `manifest` of the kind EndpointSlice; a service that others run is an `external service`.",
});

// ── Ports ──────────────────────────────────────────────────────────────────────────────────────────────────

export const targetUndeclared = entry<{ service: string; port: string; target: number }>({
  code: "KD3101",
  severity: "warning",
  message: ({ service, port, target }) =>
    `service \`${service}\` sends port ${port} to ${target}, which no selected pod declares`,
  cause:
    "The declared ports of a container say what it listens on. A program may listen on others, but a number that no container declares is most often a slip.",
  fix: "Send to a declared port with `-> name`, or declare the port in the container.",
});

export const targetMissing = entry<{ service: string; port: string; target: string }>({
  code: "KD3102",
  severity: "error",
  message: ({ service, port, target }) =>
    `service \`${service}\` sends port ${port} to \`${target}\`, which no selected pod offers`,
  cause:
    "A named target is looked up among the container ports of each selected pod, by name and protocol. Where no pod has it, the port has no endpoint and every connection is refused.",
  fix: "Name a port of the selected pods, or declare it in their container.",
});

export const targetMissingInSome = entry<{ service: string; port: string; target: string; some: string }>({
  code: "KD3103",
  severity: "warning",
  message: ({ service, port, target, some }) =>
    `service \`${service}\` sends port ${port} to \`${target}\`, which the pods of ${some} do not offer`,
  cause:
    "A named target is looked up in each selected pod. Pods without such a port are left out of this port's endpoints, silently.",
  fix: "Declare the port in all of the selected pods, or select only those that have it.",
});

export const portUnnamed = entry<{ service: string; port: number }>({
  code: "KD3104",
  severity: "error",
  message: ({ service, port }) =>
    `port ${port} of service \`${service}\` needs a name, as the service has several`,
  cause: "Kubernetes tells the ports of a service apart by name; only a single port may go without.",
  fix: "Write `port NAME: NUMBER`.",
});

export const portTwice = entry<{ service: string; what: string }>({
  code: "KD3105",
  severity: "error",
  message: ({ service, what }) => `service \`${service}\` has ${what} twice`,
  cause: "The ports of a service differ in their names, and in their pairs of protocol and number.",
  fix: "Give one of them another name or number, or take it away.",
});

export const nodePortTwice = entry<{ port: number; first: string; second: string }>({
  code: "KD3106",
  severity: "error",
  message: ({ port, first, second }) => `node port ${port} of ${second} is taken by ${first}`,
  cause: "A node port is opened on every node, so that it belongs to one service in the whole cluster.",
  fix: "Choose another number, or leave it out: `expose: node` takes one that is free.",
});

export const nodePortRange = entry<{ port: number; first: number; last: number }>({
  code: "KD3107",
  severity: "error",
  message: ({ port, first, last }) => `node port ${port} is not between ${first} and ${last}`,
  cause:
    "Kubernetes sets these numbers aside for node ports, so that they take none that the nodes use; `cluster { nodePorts: … }` says others.",
  fix: "Choose a number in the range, or leave it out: `expose: node` takes one that is free.",
});

export const hostPortTwice = entry<{ title: string; port: number }>({
  code: "KD3108",
  severity: "error",
  message: ({ title, port }) => `${title} takes host port ${port} twice`,
  cause: "A host port is a port of the node itself: one container of the pod has it, no other can.",
  fix: "Choose another host port for one of them, or use a service instead.",
});

export const hostPortCrowded = entry<{ port: number; pods: number; nodes: number }>({
  code: "KD3109",
  severity: "error",
  message: ({ port, pods, nodes }) =>
    `${pods} pods want host port ${port}, but may run on ${nodes === 1 ? "one node" : `${nodes} nodes`} only`,
  cause:
    "A host port is a port of the node itself, so that a node holds one pod that wants it. The others stay Pending for ever.",
  fix: "Run fewer of them, give them different host ports, add nodes, or use a service instead.",
});

export const portNameForm = entry<{ name: string; why: string }>({
  code: "KD3110",
  severity: "error",
  message: ({ name, why }) => `port name \`${name}\` ${why}`,
  cause:
    "The names of container ports are IANA service names: at most 15 characters of `a-z`, `0-9` and `-`, with a letter in them; those of service ports are host name labels of at most 63.",
  fix: "Choose a shorter, plain name such as `http`.",
});

export const portNameTwice = entry<{ container: string; name: string }>({
  code: "KD3111",
  severity: "error",
  message: ({ container, name }) => `container \`${container}\` has two ports named \`${name}\``,
  cause: "Services and probes find a port by its name.",
  fix: "Give one of them another name.",
});

export const portSharedInPod = entry<{ title: string; what: string; first: string; second: string }>({
  code: "KD3112",
  severity: "warning",
  message: ({ title, what, first, second }) =>
    `containers \`${first}\` and \`${second}\` of ${title} both have ${what}`,
  cause:
    "The containers of a pod share its address: one number can be listened on once, and a name means the first container that has it.",
  fix: "Give one of them another number or name.",
});

export const headlessTranslates = entry<{ service: string; port: number; target: number }>({
  code: "KD3114",
  severity: "warning",
  message: ({ service, port, target }) =>
    `headless service \`${service}\` cannot turn port ${port} into ${target}`,
  cause:
    "A headless service has no address of its own: its name stands for the pods' addresses, and who calls it reaches the pods at the very port that is asked for. Nothing is there to send it on to another.",
  fix: "Give the service the pods' port number, or expose it with an address (`expose: cluster`).",
});

export const portPrivileged = entry<{ container: string; port: number }>({
  code: "KD3115",
  severity: "warning",
  message: ({ container, port }) =>
    `container \`${container}\` does not run as root, but listens on port ${port}`,
  cause:
    'On many nodes only root, or who has the capability NET_BIND_SERVICE, may open ports below 1024. The program then ends with "permission denied".',
  fix: 'Listen on a port from 1024 up and let a service lead to it (`port http: 80 -> http`), or add the capability: `capabilities: { add: ["NET_BIND_SERVICE"] }`.',
});

export const portsMissing = entry<{ service: string }>({
  code: "KD3116",
  severity: "error",
  message: ({ service }) => `service \`${service}\` has no port`,
  cause:
    "A service is an address and the ports at which it answers; Kubernetes refuses one without. Only a headless one, which is a name for its pods, may go without.",
  fix: "Say where it answers, and which port of its pods that is: `port http: 80 -> http`.",
});

// ── Order ──────────────────────────────────────────────────────────────────────────────────────────────────

export const afterCycle = entry<{ chain: string }>({
  code: "KD3601",
  severity: "error",
  message: ({ chain }) => `\`after\` goes round in a circle: ${chain}`,
  cause: "Each of them waits for the next to be ready, so that none ever starts.",
  fix: "Take one `after` out of the circle.",
});

export const hostCycle = entry<{ chain: string }>({
  code: "KD3602",
  severity: "warning",
  message: ({ chain }) => `these need each other when they start: ${chain}`,
  cause:
    "A container that is given a service's host name may call it when it starts. In a circle there is always one whose service has no ready pod yet.",
  fix: "Let the programs try again until the other answers, or take one reference out of the circle.",
});

export const serviceWithoutPods = entry<{ title: string; service: string }>({
  code: "KD3603",
  severity: "warning",
  message: ({ title, service }) => `${title} is given the host of service \`${service}\`, which has no pods`,
  cause: "A service whose rcs have no replicas has no endpoints: every connection to it is refused.",
  fix: "Give its rc at least one replica.",
});

export const initNeedsItself = entry<{ init: string; title: string; service: string }>({
  code: "KD3604",
  severity: "warning",
  message: ({ init, title, service }) =>
    `init container \`${init}\` of ${title} is given the host of service \`${service}\`, which only its own pods answer`,
  cause:
    "The pods of a service answer when all their init containers are done. The first pod's would wait for itself.",
  fix: "Use `pod.ip` or `localhost`, start that step in a container of its own, or let the service publish pods that are not ready (`publishNotReady: true`).",
});

// ── The rest ───────────────────────────────────────────────────────────────────────────────────────────────

export const refusedByApi = entry<{ title: string; field: string; why: string }>({
  code: "KD3901",
  severity: "error",
  message: ({ title, field, why }) =>
    `Kubernetes refuses ${title}: ${field === "" ? "" : `${field}: `}${why}`,
  cause:
    "Every object of a plan passes the validation of Kubernetes' API; what it says stands in the message.",
  fix: "Correct the field that the message names.",
});
