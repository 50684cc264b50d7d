import { entry } from "./entry.ts";

/** KD32xx to KD35xx: what is wrong with pods: their volumes, probes, resources and names, decided from the plan. */

type Title = { title: string };

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

export const podObjectMissing = entry<{ title: string; what: string }>({
  code: "KD3212",
  severity: "error",
  message: ({ title, what }) => `${title} uses ${what}, which this file does not declare`,
  cause:
    "A pod whose claim does not exist waits for it, Pending for ever; one whose account does not exist cannot even be made, which only an event of its owner says. Without the secret that its image is fetched with, the image is asked for without a password, and mostly refused.",
  fix: "Declare it, or name one that is there.",
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

export const fitsNoNode = entry<{ pod: string }>({
  code: "KD3402",
  severity: "error",
  message: ({ pod }) => `no node could ever hold ${pod}`,
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
