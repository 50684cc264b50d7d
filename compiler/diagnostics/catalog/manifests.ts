import { entry } from "./entry.ts";

/** KD50xx: what is wrong with Kubernetes YAML and JSON, before it is looked at as a cluster. */

export const yamlBroken = entry<{ why: string }>({
  code: "KD5001",
  severity: "error",
  message: ({ why }) => `this is not YAML: ${why}`,
  cause: "The file cannot be read, so that nothing is known of the objects in it.",
  fix: "Mend the place that is shown; what comes after it is looked at then.",
});

export const yamlTab = entry({
  code: "KD5002",
  severity: "error",
  message: () => "a tab stands where YAML wants spaces",
  cause: "YAML tells what belongs to what by its indentation, and allows only spaces there.",
  fix: "Indent with spaces, two a level.",
});

export const yamlUnclosed = entry<{ what: string }>({
  code: "KD5003",
  severity: "error",
  message: ({ what }) => `${what} is opened here and never closed`,
  cause: "Everything up to the end of the file would belong to it.",
  fix: "Close it where it was meant to end.",
});

export const yamlIndentation = entry<{ why: string }>({
  code: "KD5004",
  severity: "error",
  message: ({ why }) => `the indentation says nothing that YAML knows: ${why}`,
  cause:
    "What belongs to one map or list stands in one column; what belongs to a key stands further right than the key.",
  fix: "Bring the line into the column of its neighbours.",
});

export const yamlKeyTwice = entry<{ key: string }>({
  code: "KD5005",
  severity: "error",
  message: ({ key }) => `the key \`${key}\` stands twice in one map`,
  cause: "Only one of the two would count, and tools differ in which.",
  fix: "Keep one of them, or put both into one.",
});

export const yamlColon = entry<{ text: string }>({
  code: "KD5006",
  severity: "error",
  message: ({ text }) => `\`${text}\` is one word to YAML: behind the colon of a key stands a space`,
  cause: "Without the space, colon and value are part of the word, as in a URL.",
  fix: "Write a space after the colon.",
});

export const yamlTemplate = entry<{ text: string }>({
  code: "KD5007",
  severity: "error",
  message: ({ text }) => `\`${text}\` is a template's placeholder, not a value`,
  cause: "The file is a template: only its tool (Helm, mostly) can tell which objects come out of it.",
  fix: "Render it first: `helm template RELEASE CHART | kdsl check -`.",
});

export const yamlAlias = entry<{ name: string; why: string }>({
  code: "KD5008",
  severity: "error",
  message: ({ name, why }) => `the alias \`*${name}\` ${why}`,
  cause: "An alias stands for what was marked with an anchor (`&name`) further up in the same document.",
  fix: "Mark the value that is meant, or write it out.",
});

export const yamlKey = entry<{ key: string; why: string }>({
  code: "KD5009",
  severity: "error",
  message: ({ key, why }) => `the key \`${key}\` ${why}`,
  cause: "Keys in Kubernetes are texts. YAML reads words and numbers without quotes as something else first.",
  fix: "Put the key in quotes.",
});

export const notAnObject = entry<{ why: string }>({
  code: "KD5010",
  severity: "error",
  message: ({ why }) => `this is no Kubernetes object: ${why}`,
  cause: "Every object says `apiVersion` and `kind`, and has a name in its `metadata`.",
  fix: "Say what it is: `apiVersion: v1`, `kind: Service`, `metadata: { name: web }`.",
});

export const composeFile = entry({
  code: "KD5011",
  severity: "error",
  message: () => "this is a compose file, which has no Kubernetes objects",
  cause: "Compose describes containers of one machine; what it says has to be turned into objects first.",
  fix: "Turn it into KDSL: `kdsl import compose.yaml`.",
});

export const yamlTooMuch = entry<{ what: string }>({
  code: "KD5012",
  severity: "error",
  message: ({ what }) => `this YAML is refused: ${what}`,
  cause: "Reading it would take more room and time than any real manifest does.",
  fix: "Write it out flatter, or without aliases.",
});

export const toolInput = entry<{ what: string }>({
  code: "KD5013",
  severity: "error",
  message: ({ what }) => `this is ${what}, not objects`,
  cause: "It tells a tool what to make. Only what comes out of the tool are objects that can be looked at.",
  fix: "Look at what it makes: `kustomize build DIR | kdsl check -`, `helm template RELEASE CHART | kdsl check -`.",
});

export const textWanted = entry<{ field: string; text: string; is: string }>({
  code: "KD5014",
  severity: "error",
  message: ({ field, text, is }) => `\`${field}\` is to be a text, and \`${text}\` is ${is}`,
  cause:
    "Kubernetes reads YAML 1.1: without quotes `yes`, `no`, `on` and `off` are booleans, `5`, `1e3` and `0644` numbers; and it never takes one of these for a text.",
  fix: "Put the value in quotes.",
});

export const deadVersion = entry<{ version: string; kind: string; release: string; now: string }>({
  code: "KD5020",
  severity: "error",
  message: ({ version, kind, release, now }) =>
    `no cluster since Kubernetes ${release} takes \`${version}\`${now ? `: ${kind} is in \`${now}\`` : ""}`,
  cause: "Versions of the API end: first they are served beside a newer one, then no more.",
  fix: "Write the version that the message names; its fields are mostly the same.",
});

export const wrongVersion = entry<{ version: string; kind: string; now: string }>({
  code: "KD5021",
  severity: "error",
  message: ({ version, kind, now }) => `there is no ${kind} in \`${version}\`: it is in \`${now}\``,
  cause: "A kind belongs to one group of the API, and `apiVersion` names it.",
  fix: "Write the version that the message names.",
});

export const unknownKind = entry<{ kind: string; version: string }>({
  code: "KD5022",
  severity: "error",
  message: ({ kind, version }) => `there is no kind \`${kind}\` in \`${version}\``,
  cause: "Kinds are written as Kubernetes spells them, in the singular and beginning with a capital letter.",
  fix: "Write the kind as `kubectl api-resources` lists it.",
});

export const unknownField = entry<{ field: string; what: string }>({
  code: "KD5023",
  severity: "error",
  message: ({ field, what }) => `${what} has no field \`${field}\``,
  cause: "Kubernetes refuses fields that it does not know, or passes over them in silence.",
  fix: "Write the field as Kubernetes names it, or leave it out.",
});

export const misplacedField = entry<{ field: string; what: string; home: string }>({
  code: "KD5024",
  severity: "error",
  message: ({ field, what, home }) => `\`${field}\` belongs in \`${home}\`, not in ${what}`,
  cause: "Each field has one place. Mostly the line is indented too little or too much.",
  fix: "Move it to where it belongs.",
});

export const wrongForm = entry<{ field: string; wanted: string; is: string }>({
  code: "KD5025",
  severity: "error",
  message: ({ field, wanted, is }) => `\`${field}\` is to be ${wanted}, and is ${is}`,
  cause: "Each field takes one type of value.",
  fix: "Write the value in the form that the message names.",
});

export const numberWanted = entry<{ field: string; text: string }>({
  code: "KD5026",
  severity: "error",
  message: ({ field, text }) => `\`${field}\` is to be a number, and ${text} is a text`,
  cause: "In quotes everything is a text, and Kubernetes does not read numbers from texts.",
  fix: "Leave the quotes out.",
});

export const fieldMissing = entry<{ field: string; what: string }>({
  code: "KD5027",
  severity: "error",
  message: ({ field, what }) => `${what} needs \`${field}\``,
  cause: "Without this field the object says nothing that Kubernetes could carry out.",
  fix: "Add the field.",
});

export const modeIsDecimal = entry<{ text: string; octal: string }>({
  code: "KD5028",
  severity: "error",
  message: ({ text, octal }) =>
    `the mode \`${text}\` is a decimal number: as \`chmod\` writes it, it is \`${octal}\``,
  cause:
    "A file mode with its usual meaning begins with a zero, which makes it octal; 420 is the same as 0644.",
  fix: "Put a zero before it.",
});

export const objectTwiceInYaml = entry<{ title: string }>({
  code: "KD5029",
  severity: "error",
  message: ({ title }) => `${title} is there twice`,
  cause:
    "Kind, namespace and name are what an object is known by; of two with the same, the later would replace the earlier.",
  fix: "Give one of them another name, or leave it out.",
});

export const notBase64 = entry<{ key: string }>({
  code: "KD5030",
  severity: "error",
  message: ({ key }) => `the value of \`data.${key}\` is not base64`,
  cause: "The `data` of a secret, and the `binaryData` of a config map, hold their values in base64.",
  fix: "Put plain texts into `stringData`.",
});
