import { entry } from "./entry.ts";

/** KD23xx: what was written is sound in itself but says nothing that a Kubernetes object could hold. */

export const roundedUp = entry<{ what: string; to: string }>({
  code: "KD2301",
  severity: "warning",
  message: ({ what, to }) => `${what} is rounded up to \`${to}\``,
  cause:
    "KDSL counts in exact fractions; Kubernetes counts processor time in thousandths of a core, memory in whole bytes and times in whole seconds, and rounds up what lies between.",
  fix: "Write the value that Kubernetes can hold, or leave it as it is if a little more does no harm.",
});

export const identityMissing = entry<{ name: string }>({
  code: "KD2302",
  severity: "error",
  message: ({ name }) => `rc \`${name}\` does not say which pods are its own`,
  cause:
    "An rc finds its pods by their labels: it selects by its pod's whole `identity`, unless it has a `select`.",
  fix: 'Give its pod an identity, such as `identity: { app: "web" }` with a `label app` at the top of the file.',
});

export const selectedWithoutIdentity = entry<{ by: string; what: string }>({
  code: "KD2303",
  severity: "error",
  message: ({ by, what }) => `${by} selects ${what}, which has no identity to be selected by`,
  cause: "A selector is a set of labels. Selecting by name takes the `identity` of the pods that are named.",
  fix: "Give the pod an `identity`, or select with `pods where …`.",
});

export const nothingShared = entry<{ by: string; family: string }>({
  code: "KD2304",
  severity: "error",
  message: ({ by, family }) =>
    `${by} selects the family \`${family}\`, whose members share no identity label`,
  cause: "Selecting a whole family takes the identity labels that all of its members share.",
  fix: "Give the members one identity label in common, or select one member: `name[index]`.",
});

export const notSelectable = entry<{ by: string; term: string; why: string }>({
  code: "KD2305",
  severity: "error",
  message: ({ by, term, why }) => `${by} cannot select by \`${term}\`: ${why}`,
  cause:
    "The selectors of services and rcs in Kubernetes are sets of labels that must be equal, each with one value.",
  fix: "Name each label once, as `key == value`; give the pods a label of their own that says what is meant.",
});

export const otherNamespace = entry<{ by: string; what: string; namespace: string }>({
  code: "KD2306",
  severity: "error",
  message: ({ by, what, namespace }) => `${by} refers to ${what} of namespace \`${namespace}\``,
  cause: "In Kubernetes selectors, configs, secrets and volumes never cross a namespace.",
  fix: "Declare both in one namespace. Host names (`db.host`) may cross.",
});

export const lateHere = entry<{ what: string }>({
  code: "KD2307",
  severity: "error",
  message: ({ what }) => `${what} is known only in the cluster and cannot stand here`,
  cause:
    "Late values (a secret's, `pod.ip`, a container's limits) are read where a container starts: by an environment variable or a volume.",
  fix: "Put it into `env` and use the variable: `$(NAME)` in `command` and `args`.",
});

export const labelTwice = entry<{ key: string }>({
  code: "KD2308",
  severity: "error",
  message: ({ key }) => `label \`${key}\` stands both in \`identity\` and in \`labels\``,
  cause: "The pod has both sets of labels together, and a label has one value.",
  fix: "Leave it in `identity` if selectors are to use it, else in `labels`.",
});

export const whichPort = entry<{ name: string; ports: number }>({
  code: "KD2309",
  severity: "error",
  message: ({ name, ports }) =>
    `service \`${name}\` has ${ports === 0 ? "no port" : `${ports} ports`} that the node port could lead to`,
  cause: "`expose: node(30080)` names the node port of a service with one port.",
  fix: "Write `expose: node` and give each port its own: `port http: 80 -> http { node: 30080 }`.",
});

export const notOnNodes = entry<{ name: string }>({
  code: "KD2310",
  severity: "error",
  message: ({ name }) => `service \`${name}\` has a node port but is not exposed on nodes`,
  cause: "Kubernetes opens ports of nodes only for services that are exposed on nodes or through a balancer.",
  fix: "Write `expose: node`, or leave out the port's `node`.",
});

export const notOneNumber = entry<{ what: string }>({
  code: "KD2311",
  severity: "error",
  message: ({ what }) => `${what} has no exact decimal form`,
  cause: "The text of a number in an environment variable or a config is exact; a third, say, has no end.",
  fix: "Multiply or round it so that it comes out even.",
});

export const tooLarge = entry<{ what: string }>({
  code: "KD2312",
  severity: "error",
  message: ({ what }) => `${what} is out of range`,
  cause: "Kubernetes holds counts as 32-bit and amounts as 64-bit whole numbers; amounts are never negative.",
  fix: "Write a value that it can hold.",
});

export const twoHandlers = entry<{ what: string }>({
  code: "KD2313",
  severity: "error",
  message: ({ what }) => `${what} must say exactly one of \`exec\`, \`httpGet\` and \`tcpSocket\``,
  cause: "A probe or hook does one thing: it runs a program, asks over HTTP, or opens a connection.",
  fix: "Use one of `http(…)`, `tcp(…)` and `exec(…)` of std/probe.",
});

export const localReference = entry<{ key: string }>({
  code: "KD2314",
  severity: "error",
  message: ({ key }) => `\`${key}\` of a \`local\` block cannot hold a service's host or port`,
  cause:
    "What a `local` block runs is started as it is written. Where a service is reached is known only in the cluster, and comes to a program through its environment.",
  fix: 'Write `env: { DB_HOST: db.host }`, and read the variable in the program, or in a shell: `["sh", "-c", "exec ./server $DB_HOST"]`.',
});

export const notOfVariable = entry<{ key: string; of: string }>({
  code: "KD2315",
  severity: "error",
  message: ({ key, of }) => `\`${key}\` has no meaning for ${of}`,
  cause:
    "A variable from a secret or config may be `optional`; one from a container's resource has a `divisor`, the unit it is counted in.",
  fix: "Take it away, or take the variable from what it belongs to.",
});

export const oneOrigin = entry<Record<string, never>>({
  code: "KD2316",
  severity: "error",
  message: () => "a variable comes from exactly one of `from` and `field`",
  cause:
    "`from` names a value of a secret or config or a container's resource; `field` is the path of a field of the pod, in Kubernetes' words.",
  fix: "Write one of them: `{ from: login.password, optional: true }`, `{ field: \"metadata.annotations['build']\" }`.",
});

export const keyInData = entry<{ key: string; word: string }>({
  code: "KD2317",
  severity: "error",
  message: ({ key, word }) => `\`${key}\` stands in the ${word} itself, not in \`data\``,
  cause:
    "The keys of a config or secret stand in its block. `data` is for the few that are words of the block, such as `labels` and `type`, so that each key has one place.",
  fix: "Move the key out of `data`.",
});

export const exposedAs = entry<{ one: string; other: string }>({
  code: "KD2318",
  severity: "error",
  message: ({ one, other }) => `a service cannot be exposed as \`${one}\` and as \`${other}\``,
  cause:
    "A service has one kind: inside the cluster, on nodes, through a load balancer, or as another name. `external` addresses may join any of them but `alias`.",
  fix: "Leave one of them, or declare a service for each.",
});

export const argumentName = entry<{ callee: string }>({
  code: "KD2319",
  severity: "error",
  message: ({ callee }) => `the arguments of \`${callee}\` are given by name`,
  cause:
    "What keeps its Kubernetes name takes the fields of its Kubernetes type, and those have no order that one could go by.",
  fix: 'Write the name of each argument: `nfs(server: "nas.example.com", path: "/exports")`.',
});

export const emptyLocal = entry<object>({
  code: "KD2320",
  severity: "error",
  message: () => "`local` says nothing",
  cause:
    "It says how a container runs from source, and of that at least one thing: where the source lies, or what is run.",
  fix: 'Write the command, `local { command: ["node", "server.mjs"] }`, or the folder, `local { directory: "." }`.',
});
