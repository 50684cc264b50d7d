import { entry } from "./entry.ts";

/** KD244x: what lives outside of the program, and what it does not know. */

export const notExternal = entry<{ word: string; words: readonly string[] }>({
  code: "KD2440",
  severity: "error",
  message: ({ word, words }) =>
    `\`${word}\` cannot be external: only ${words.map((one) => `\`${one}\``).join(", ")} can`,
  cause:
    "`external` names what is there without this program and what the program refers to. It makes nothing, so that it has a meaning only for what others can refer to.",
  fix: "Leave out `external` to declare the object here, or take a kind that can be external.",
});

export const externalKey = entry<{ word: string; name: string; key: string }>({
  code: "KD2441",
  severity: "error",
  message: ({ word, name, key }) =>
    `external ${word} \`${name}\` does not say that it has the key \`${key}\``,
  cause:
    "What lives outside cannot be looked at. Its keys are listed where it is declared, so that a slip in one of them is seen here and not when a container cannot start.",
  fix: "Add the key to its `keys`.",
});

export const externalPort = entry<{ name: string; port: string }>({
  code: "KD2442",
  severity: "error",
  message: ({ name, port }) => `external service \`${name}\` does not say that it has the port \`${port}\``,
  cause: "What lives outside cannot be looked at: its ports are listed where it is declared.",
  fix: "Add the port to the declaration.",
});

export const manifestShape = entry<{ problem: string }>({
  code: "KD2443",
  severity: "error",
  message: ({ problem }) => problem,
  cause:
    "A manifest is one object of Kubernetes, kept as it is written. Every object has an `apiVersion`, a `kind` and a `metadata.name`; one of a core kind has the fields of that kind.",
  fix: "Write the object as Kubernetes has it.",
});

export const objectTwice = entry<{ kind: string; name: string }>({
  code: "KD2444",
  severity: "error",
  message: ({ kind, name }) => `there are two objects ${kind} \`${name}\``,
  cause:
    "Kubernetes has one object of a kind and name in a namespace, whether it is a declaration or a `manifest` that says so.",
  fix: "Rename one of the two, or remove it.",
});

export const waitForOutside = entry<{ what: string }>({
  code: "KD2445",
  severity: "error",
  message: ({ what }) => `nothing can wait for ${what}: it lives outside`,
  cause: "Whether something is ready is seen only of what the plan holds.",
  fix: "Take it out of `after`; let the program itself wait, or try again.",
});

export const badRange = entry<{ range: string }>({
  code: "KD2446",
  severity: "error",
  message: ({ range }) => `${range} is no range of ports`,
  cause: "Ports are numbers from 1 to 65535, and a range begins with its lowest.",
  fix: "Write the lowest and the highest number: `30000..32767`.",
});

export const addressOutside = entry<{ title: string; address: string; range: string }>({
  code: "KD2447",
  severity: "error",
  message: ({ title, address, range }) =>
    `${title} asks for ${address}, which is not in the cluster's ${range}`,
  cause:
    "`cluster { services: … }` says which addresses services have; Kubernetes refuses a service with another one.",
  fix: "Choose an address in the range, or leave it out: the cluster gives one.",
});
