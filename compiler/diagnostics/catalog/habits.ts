import { entry } from "./entry.ts";

/** KD38xx: how containers are started, updated and ended: what Kubernetes takes and people did not mean. */

type InContainer = { container: string };

export const restartInRc = entry<{ name: string; restart: string }>({
  code: "KD3801",
  severity: "error",
  message: ({ name, restart }) => `the pods of rc \`${name}\` cannot have \`restart: "${restart}"\``,
  cause:
    "An rc keeps its pods running for ever, so that their containers are always started again; Kubernetes refuses any other.",
  fix: "Leave `restart` out; what is to run once is a `pod` of its own.",
});

export const deadlineInRc = entry<{ name: string }>({
  code: "KD3802",
  severity: "error",
  message: ({ name }) => `the pods of rc \`${name}\` cannot have a \`deadline\``,
  cause: "An rc keeps its pods running for ever; Kubernetes refuses a time after which they end.",
  fix: "Leave `deadline` out; what is to end is a `pod` of its own.",
});

export const latestKept = entry<InContainer & { image: string; pull: string }>({
  code: "KD3803",
  severity: "warning",
  message: ({ container, image, pull }) =>
    `container \`${container}\` runs \`${image}\`, of which each node keeps what it has (\`pull: "${pull}"\`)`,
  cause:
    "The tag `latest`, or none, means another image each time it is pushed. With this `pull` a node never asks for the new one, so that the pods of one rc run different programs.",
  fix: 'Name a version: `image: "shop/web:1.4.2"`; or leave `pull` out, which then fetches it each time.',
});

export const graceShort = entry<InContainer & { sleep: number; grace: number }>({
  code: "KD3804",
  severity: "warning",
  message: ({ container, sleep, grace }) =>
    `\`beforeStop\` of container \`${container}\` sleeps ${sleep}s, but the pod is killed after ${grace}s`,
  cause:
    "What is done before the stop counts against the pod's `grace`. When that is used up the program is killed without ever getting its stop signal.",
  fix: "Make `grace` longer than the sleep and the program's own end together, or sleep less.",
});

export const updateOutage = entry<{ name: string; replicas: number; service: string }>({
  code: "KD3805",
  severity: "warning",
  message: ({ name, replicas, service }) =>
    `an update of rc \`${name}\` stops ${replicas === 1 ? "its only pod" : `all its ${replicas} pods`} before a new one is ready: service \`${service}\` is away meanwhile`,
  cause:
    "With `surge: 0` no pod is made before an old one is gone, and as many go at once as may be unavailable.",
  fix: "Allow a surge (`surge: 1`), run more replicas, or write `unavailable` too if the gap is meant.",
});

export const secretInArguments = entry<InContainer & { name: string }>({
  code: "KD3806",
  severity: "warning",
  message: ({ container, name }) =>
    `container \`${container}\` is started with the secret \`$(${name})\` in its arguments`,
  cause:
    "A program's arguments can be read by everyone who may list processes on the node, and stand in logs and crash reports.",
  fix: "Let the program read the variable itself, or a file: a volume of the secret.",
});

export const variableUndefined = entry<InContainer & { name: string; why: string }>({
  code: "KD3807",
  severity: "warning",
  message: ({ container, name, why }) => `\`$(${name})\` of container \`${container}\` ${why}`,
  cause:
    "Kubernetes puts in the variables of the container, for a variable those above it, and leaves all else as it is written: the program gets the text with `$(…)`.",
  fix: "Correct the name, or declare the variable, above where it is used. `$$(NAME)` is the text itself.",
});

export const shellSyntax = entry<InContainer & { text: string }>({
  code: "KD3808",
  severity: "warning",
  message: ({ container, text }) =>
    `\`${text}\` in the command of container \`${container}\` is for a shell, and there is none`,
  cause:
    "A command is started as it is written, word for word. Pipes, redirections and `$NAME` are things that a shell does.",
  fix: 'Write `$(NAME)`, which Kubernetes puts in; or start a shell: `["sh", "-c", "exec ./server | tee log"]`.',
});

export const commandInOne = entry<InContainer & { command: string }>({
  code: "KD3809",
  severity: "warning",
  message: ({ container, command }) =>
    `container \`${container}\` starts a program that is called \`${command}\``,
  cause:
    "Each item of a command is one word: the first is the program's name, with spaces and all. No such program exists.",
  fix: 'Write each word as an item: `["node", "server.js"]`.',
});

export const shellWithoutC = entry<InContainer & { shell: string; text: string }>({
  code: "KD3810",
  severity: "warning",
  message: ({ container, shell, text }) =>
    `\`${shell}\` of container \`${container}\` looks for a file named \`${text}\``,
  cause:
    "A shell takes its first argument for the name of a script; what is to be run itself comes after `-c`.",
  fix: 'Write `["sh", "-c", "…"]`.',
});

export const shellLeftover = entry<InContainer & { script: string; rest: string }>({
  code: "KD3811",
  severity: "warning",
  message: ({ container, script, rest }) =>
    `the shell of container \`${container}\` runs only \`${script}\`, without ${rest}`,
  cause:
    "After `-c` one argument is the script. Those after it are its `$0`, `$1` and so on, which this script does not read.",
  fix: 'Write the script as one text: `["sh", "-c", "echo hello"]`.',
});
