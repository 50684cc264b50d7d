import { entry } from "./entry.ts";

/** KD3xxx: what is wrong with the cluster as a whole, decided from the plan. */

type Title = { title: string };

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

export const nodePortRange = entry<{ port: number }>({
  code: "KD3107",
  severity: "error",
  message: ({ port }) => `node port ${port} is not between 30000 and 32767`,
  cause: "Kubernetes sets these numbers aside for node ports, so that they take none that the nodes use.",
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

// ── Volumes and data ───────────────────────────────────────────────────────────────────────────────────────

export const volumeUndeclared = entry<{ container: string; volume: string }>({
  code: "KD3201",
  severity: "error",
  message: ({ container, volume }) =>
    `container \`${container}\` mounts \`${volume}\`, which its pod does not declare`,
  cause: "A container mounts volumes of its own pod.",
  fix: "Declare it in the pod: `volume NAME: emptyDir`.",
});

export const mountPathTwice = entry<{ container: string; path: string }>({
  code: "KD3202",
  severity: "error",
  message: ({ container, path }) => `container \`${container}\` mounts two volumes at \`${path}\``,
  cause: "The second mount would hide the first; Kubernetes refuses it.",
  fix: "Mount one of them at another path.",
});

export const mountPathForm = entry<{ path: string; why: string }>({
  code: "KD3203",
  severity: "error",
  message: ({ path, why }) => `mount path \`${path}\` ${why}`,
  cause: "A volume is mounted at an absolute path in the container; a colon parts paths in what runs it.",
  fix: "Write an absolute path such as `/var/cache`.",
});

export const dataMissing = entry<{ title: string; what: string }>({
  code: "KD3204",
  severity: "error",
  message: ({ title, what }) => `${title} reads ${what}, which this file does not declare`,
  cause: "A container whose config or secret does not exist is never started.",
  fix: "Declare it, or mark the reference optional.",
});

export const keyMissing = entry<{ what: string; key: string }>({
  code: "KD3205",
  severity: "error",
  message: ({ what, key }) => `${what} has no key \`${key}\``,
  cause: "A container that reads a key which its config or secret lacks is never started.",
  fix: "Name a key that it has, add the key, or mark the reference optional.",
});

export const volumeUnused = entry<{ volume: string; title: string }>({
  code: "KD3206",
  severity: "warning",
  message: ({ volume, title }) => `volume \`${volume}\` of ${title} is mounted by no container`,
  cause: "A volume that no container mounts is made for nothing; most often a mount was forgotten.",
  fix: 'Mount it with `mount NAME at "/path"`, or take it away.',
});

export const dataUnused = entry<{ what: string }>({
  code: "KD3207",
  severity: "warning",
  message: ({ what }) => `${what} is read by nobody`,
  cause:
    "No container reads one of its keys, as a variable or as a file. Most often that was forgotten, or its reader is gone.",
  fix: 'Read it, or remove it. Where a program reads it through the API, say so: `annotations: { "kdsl.dev/read-by": "the operator" }`.',
});

export const mountHides = entry<{ container: string; path: string }>({
  code: "KD3208",
  severity: "warning",
  message: ({ container, path }) =>
    `the mount at \`${path}\` hides what the image of \`${container}\` has there`,
  cause:
    "A volume takes the place of the whole directory. In `/etc`, `/usr`, `/bin` and the like lie the programs and settings that the image needs to run.",
  fix: 'Mount into a directory of your own below it, or one file alone: `mount conf at "/etc/app.conf" { subPath: "app.conf" }`.',
});

export const subPathMissing = entry<{ volume: string; path: string }>({
  code: "KD3209",
  severity: "error",
  message: ({ volume, path }) => `volume \`${volume}\` has no file \`${path}\``,
  cause:
    "The volume of a config or secret has a file for each key, under the key's name or as `items` say. A `subPath` that is none of them cannot be mounted as a file.",
  fix: "Name one of the keys, or add the key.",
});

export const mountInReadonly = entry<{ path: string; outer: string; volume: string }>({
  code: "KD3210",
  severity: "error",
  message: ({ path, outer, volume }) =>
    `nothing can be mounted at \`${path}\`, inside of \`${outer}\`, where \`${volume}\` is read-only`,
  cause:
    "A mount needs a directory to stand on. The volumes of configs and secrets cannot be written, so that none can be made in them, and the container never starts.",
  fix: "Mount the two beside each other, or join them into one volume.",
});

export const claimShared = entry<{ title: string; claim: string; replicas: number }>({
  code: "KD3211",
  severity: "warning",
  message: ({ title, claim, replicas }) =>
    `the ${replicas} pods of ${title} share claim \`${claim}\`, which one node at a time can mount`,
  cause:
    "A volume with the access mode ReadWriteOnce is mounted on one node. Pods that are placed on another one wait for it for ever.",
  fix: "Give each pod a claim of its own (a family of rcs), run one replica, or claim a volume that many nodes can mount (ReadWriteMany).",
});

// ── Probes ─────────────────────────────────────────────────────────────────────────────────────────────────

export const probePortMissing = entry<{ probe: string; container: string; port: string }>({
  code: "KD3301",
  severity: "error",
  message: ({ probe, container, port }) =>
    `\`${probe}\` of container \`${container}\` asks port \`${port}\`, which the container does not have`,
  cause:
    "A probe finds a named port among the ports of its own container. Where it is missing the probe always fails.",
  fix: "Name a port of this container, or write the port's number.",
});

export const probePortUndeclared = entry<{ probe: string; container: string; port: number }>({
  code: "KD3302",
  severity: "warning",
  message: ({ probe, container, port }) =>
    `\`${probe}\` of container \`${container}\` asks port ${port}, which no container of the pod declares`,
  cause: "A probe may ask any number, but one that no container declares is most often a slip.",
  fix: "Name a declared port, or declare this one.",
});

export const probeTimeoutLong = entry<{ probe: string; container: string; timeout: number; period: number }>({
  code: "KD3303",
  severity: "warning",
  message: ({ probe, container, timeout, period }) =>
    `\`${probe}\` of container \`${container}\` waits ${timeout}s for an answer but asks every ${period}s`,
  cause:
    "The next question waits for the answer to the last one, so that the period is not kept when answers are slow.",
  fix: "Make `timeout` no longer than `every`.",
});

export const probeThreshold = entry<{ probe: string; container: string; what: string }>({
  code: "KD3304",
  severity: "error",
  message: ({ probe, container, what }) => `\`${probe}\` of container \`${container}\` ${what}`,
  cause:
    "Kubernetes refuses it: `live` and `started` succeed with their first success, `ready` has no grace of its own, and all counts and times begin at 1.",
  fix: "Leave the value out, or correct it.",
});

export const probeTooLate = entry<{ probe: string; container: string; earliest: number; deadline: number }>({
  code: "KD3305",
  severity: "error",
  message: ({ probe, container, earliest, deadline }) =>
    `\`${probe}\` of container \`${container}\` cannot succeed before ${earliest}s, but the pod is ended after ${deadline}s`,
  cause: "A pod whose `deadline` has passed is ended, whether or not it was ever ready.",
  fix: "Lengthen the pod's `deadline`, or shorten the probe's delay.",
});

export const liveAsFastAsReady = entry<{ container: string; live: number; ready: number }>({
  code: "KD3306",
  severity: "warning",
  message: ({ container, live, ready }) =>
    `container \`${container}\` is killed after ${live}s without an answer, when \`ready\` takes it out of service after ${ready}s`,
  cause:
    "Both probes ask the same question. A container that is only busy should be spared requests by `ready` and get time to recover; here `live` kills it no later, which puts its load on the others, until they are killed too.",
  fix: "Let `live` wait longer (`failures: 6`, or a longer `every`), ask it something simpler, or leave it out.",
});

export const liveBeforeReady = entry<{ container: string; kill: number; ready: number }>({
  code: "KD3307",
  severity: "warning",
  message: ({ container, kill, ready }) =>
    `container \`${container}\` is killed ${kill}s after its start, but not asked whether it is ready before ${ready}s`,
  cause:
    "`ready` begins late because the program needs that long to start. Until then `live` gets no answer either, and kills it: again and again.",
  fix: "Add a `started` probe, which `live` waits for, or let `live` begin as late: `after: 30s`.",
});

export const probeOfNeighbour = entry<{ probe: string; container: string; port: number; other: string }>({
  code: "KD3308",
  severity: "warning",
  message: ({ probe, container, port, other }) =>
    `\`${probe}\` of container \`${container}\` asks port ${port}, which is that of container \`${other}\``,
  cause:
    "The containers of a pod share its address, so that the probe gets its answer from the neighbour: when that one fails, this one is killed.",
  fix: "Move the probe to the container that it asks, or name a port of this one.",
});

// ── Resources and placement ────────────────────────────────────────────────────────────────────────────────

export const limitBelowRequest = entry<{
  container: string;
  resource: string;
  limit: string;
  request: string;
}>({
  code: "KD3401",
  severity: "error",
  message: ({ container, resource, limit, request }) =>
    `container \`${container}\` asks for ${resource} ${request} but is limited to ${limit}`,
  cause:
    "A request is set aside for the container, a limit is what it gets at most: Kubernetes refuses a request above it.",
  fix: "Raise the limit or lower the request.",
});

export const fitsNoNode = entry<Title>({
  code: "KD3402",
  severity: "error",
  message: ({ title }) => `no node could ever hold a pod of ${title}`,
  cause:
    "A pod runs on a node that it may run on, whose taints it tolerates and that has all of what its containers ask for. Without one it stays Pending for ever.",
  fix: "Ask for less, give the nodes more, or let the pod run on other nodes.",
});

export const roomShort = entry<{ resource: string; asked: string; there: string; where: string }>({
  code: "KD3403",
  severity: "warning",
  message: ({ resource, asked, there, where }) =>
    `the pods ask for ${resource} ${asked} together, ${where} only ${there}`,
  cause:
    "What the containers ask for is set aside on the nodes. Where all together ask for more than there is, some pods stay Pending.",
  fix: "Ask for less, run fewer pods, or add nodes.",
});

export const noSuchNode = entry<Title>({
  code: "KD3404",
  severity: "error",
  message: ({ title }) => `no node is one that ${title} may run on`,
  cause:
    "`on` names a node or the labels that a node must have. A pod that no node satisfies stays Pending for ever.",
  fix: "Give a node these labels, or ask for labels that the nodes have.",
});

export const tolerationUseless = entry<{ title: string; taint: string }>({
  code: "KD3405",
  severity: "warning",
  message: ({ title, taint }) => `${title} tolerates \`${taint}\`, a taint that no node has`,
  cause:
    "A toleration lets a pod run on nodes with a taint. Where no node has it, it does nothing; most often a name is wrong.",
  fix: "Name a taint that a node has, or take the toleration away.",
});

export const replicasCrowded = entry<{ title: string; replicas: number; fit: number }>({
  code: "KD3406",
  severity: "warning",
  message: ({ title, replicas, fit }) => `only ${fit} of the ${replicas} pods of ${title} find room`,
  cause:
    "A pod does not spread over nodes: what it asks for must be free on one. Even empty nodes hold only so many, and the others stay Pending.",
  fix: "Ask for less, run fewer pods, or add nodes.",
});

export const cannotSpread = entry<{ title: string; replicas: number; most: number; key: string }>({
  code: "KD3407",
  severity: "error",
  message: ({ title, replicas, most, key }) =>
    `the ${replicas} pods of ${title} cannot be spread over \`${key}\`: there is room for ${most}`,
  cause:
    "A hard rule says how the pods spread, and the nodes they may run on have too few different values of this label. The pods that are left over stay Pending for ever.",
  fix: "Run fewer, add nodes, or make the rule a preference (`ScheduleAnyway`, `preferredDuringSchedulingIgnoredDuringExecution`).",
});

export const spreadKeyMissing = entry<{ title: string; key: string }>({
  code: "KD3408",
  severity: "error",
  message: ({ title, key }) => `${title} spreads over \`${key}\`, a label that none of its nodes has`,
  cause: "A pod with a hard spread runs only on nodes that have the label it spreads over.",
  fix: "Give the nodes the label, or name one that they have, such as `kubernetes.io/hostname`.",
});

export const memoryVolume = entry<{ volume: string; size: string; container: string; limit: string }>({
  code: "KD3409",
  severity: "warning",
  message: ({ volume, size, container, limit }) =>
    `volume \`${volume}\` may grow to ${size} in memory, but container \`${container}\` is limited to ${limit}`,
  cause:
    "What is written into a volume in memory counts as memory of the container that writes it. Long before the volume is full the container is killed (OOMKilled).",
  fix: "Make the volume smaller, raise the limit, or keep the volume on disk (`emptyDir` without `Memory`).",
});

export const memoryTiny = entry<{ container: string; what: string; amount: string }>({
  code: "KD3410",
  severity: "warning",
  message: ({ container, what, amount }) => `the memory ${what} of container \`${container}\` is ${amount}`,
  cause:
    "No program starts in so little: bare digits are bytes, and `m` is a thousandth of one. Container runtimes refuse limits below 4 to 6 MB.",
  fix: "Write the unit that was meant, such as `128Mi`.",
});

// ── Names ──────────────────────────────────────────────────────────────────────────────────────────────────

export const objectName = entry<{ kind: string; name: string; why: string }>({
  code: "KD3501",
  severity: "error",
  message: ({ kind, name, why }) => `${kind} name \`${name}\` ${why}`,
  cause:
    "Names of services and namespaces are host names: at most 63 characters of `a-z`, `0-9` and `-`. Other objects may be longer (253) and have dots. All begin and end with a letter or digit.",
  fix: 'Choose a name of this form, or write one as a string with an alias: `rc "3scale" as scale { … }`.',
});

export const labelKeyForm = entry<{ what: string; key: string; why: string }>({
  code: "KD3502",
  severity: "error",
  message: ({ what, key, why }) => `${what} \`${key}\` ${why}`,
  cause:
    "A key is a name of at most 63 characters, `A-Z`, `a-z`, `0-9`, `-`, `_` and `.`, with letters or digits at its ends, and may have a host name and `/` before it.",
  fix: "Choose a key of this form, such as `example.com/team`.",
});

export const labelValueForm = entry<{ key: string; value: string; why: string }>({
  code: "KD3503",
  severity: "error",
  message: ({ key, value, why }) => `label \`${key}\` has the value \`${value}\`, which ${why}`,
  cause:
    "Label values have at most 63 characters of the alphabet of keys. For other texts there are annotations.",
  fix: "Choose a value of this form, or make it an annotation.",
});

export const memberName = entry<{ what: string; name: string; why: string }>({
  code: "KD3504",
  severity: "error",
  message: ({ what, name, why }) => `${what} name \`${name}\` ${why}`,
  cause:
    "Containers and volumes have names of at most 63 characters of `a-z`, `0-9` and `-`, with letters or digits at the ends.",
  fix: "Choose a name of this form.",
});

export const variableName = entry<{ name: string; why: string }>({
  code: "KD3505",
  severity: "error",
  message: ({ name, why }) => `environment variable \`${name}\` ${why}`,
  cause: "The name of an environment variable ends at its `=` and cannot hold what does not print.",
  fix: "Choose a name of letters, digits and `_`.",
});

export const configKeyForm = entry<{ what: string; key: string; why: string }>({
  code: "KD3506",
  severity: "error",
  message: ({ what, key, why }) => `key \`${key}\` of ${what} ${why}`,
  cause: "The keys of configs and secrets become file names: letters, digits, `-`, `_` and `.`.",
  fix: "Choose a key of this form; a path in a volume can be given with `items`.",
});

export const variableTwice = entry<{ container: string; name: string }>({
  code: "KD3507",
  severity: "warning",
  message: ({ container, name }) => `container \`${container}\` sets the variable \`${name}\` twice`,
  cause: "The last one wins, without a word.",
  fix: "Remove one of the two.",
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
  message: ({ title, field, why }) => `Kubernetes refuses ${title}: ${field}: ${why}`,
  cause:
    "Every object of a plan passes the validation of Kubernetes' API; what it says stands in the message.",
  fix: "Correct the field that the message names.",
});
