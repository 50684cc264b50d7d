import type { Diagnostic, Fix, Label } from "../diagnostics/diagnostic.ts";
import type { Cluster } from "../verify/cluster.ts";
import { openWorld } from "./open-world.ts";

/**
 * What the rules about the cluster say, for people who wrote YAML: the rules speak KDSL, and a cluster that is written
 * in it is whole, while manifests may be one part of several (open-world.ts).
 */

/** In KDSL a name means one declaration, labels in YAML all that have them; and what is left out may come from elsewhere. */
const ofNames = new Set(["KD3005", "KD3006", "KD3007"]);

export function inYaml(diagnostics: readonly Diagnostic[], cluster: Cluster): Diagnostic[] {
  const titles = new Map(
    cluster.workloads.map(({ name, title }) => [name, title.replace(/^rc /, "ReplicationController ")]),
  );
  const say = (text: string) => reworded(text, titles);
  const label = ({ span, text }: Label): Label => (text === undefined ? { span } : { span, text: say(text) });
  return openWorld(diagnostics, cluster)
    .filter(({ code }) => !ofNames.has(code))
    .map((diagnostic) => ({
      ...diagnostic,
      message: say(diagnostic.message),
      primary: label(diagnostic.primary),
      secondary: diagnostic.secondary.map(label),
      notes: diagnostic.notes.map(say),
      fixes: diagnostic.fixes.map((fix) => refixed(fix, say)),
    }));
}

const kinds: Readonly<Record<string, string>> = {
  config: "ConfigMap",
  secret: "Secret",
  claim: "PersistentVolumeClaim",
  account: "ServiceAccount",
  rc: "ReplicationController",
};

function reworded(text: string, titles: ReadonlyMap<string, string>): string {
  return text
    .replace(/\brc `([^`]+)`/g, (_, name: string) => titles.get(name) ?? `ReplicationController \`${name}\``)
    .replace(/\b(config|secret|claim|account) `/g, (_, word: string) => `${kinds[word]} \``)
    .replace(/which this file does not declare/g, "which is not among these objects")
    .replace(/`[^`]*==[^`]*`/g, (terms) => terms.replace(/ == "([^"]*)"/g, "=$1").replace(/ and /g, ","));
}

/** Ways out by what they say: those that show KDSL show YAML instead. */
const ways: readonly [RegExp, string][] = [
  [
    /^declare it in the pod: `volume (\S+): emptyDir`$/,
    "declare it in the pod: `volumes: [{ name: $1, emptyDir: {} }]`",
  ],
  [
    /^mount it in a container: `mount (\S+) at "\/path"`$/,
    "mount it: `volumeMounts: [{ name: $1, mountPath: /path }]`",
  ],
  [
    /^declare it in (?:the|a) container: `port (\d+): NUMBER`$/,
    "declare it in the container: `ports: [{ containerPort: $1 }]`",
  ],
  [
    /^declare it in (?:the|a) container: `port (\S+): NUMBER`$/,
    "declare it in the container: `ports: [{ name: $1, containerPort: NUMBER }]`",
  ],
  [/^leave `select` out.*$/, "give the template's `labels` what the `selector` says"],
  [
    /^give the pods of each an identity of their own$/,
    "give the pods of each a label of their own, in `selector` and `template`",
  ],
  [/^put the family's variable.*$/, "give each a label of its own, in `selector` and `template`"],
  [/^let its pods run there: `tolerate: (.*)`$/, "let its pods run there: `tolerations: $1`"],
  [/^declare it: `config (\S+) \{ … \}`$/, "add the ConfigMap `$1`"],
  [/^declare it: `secret (\S+) \{ … \}`$/, "add the Secret `$1`"],
  [/^declare it: `claim (\S+) \{ … \}`$/, "add the PersistentVolumeClaim `$1`"],
  [/^declare it: `account (\S+) \{ … \}`$/, "add the ServiceAccount `$1`"],
  [/^say where it answers:.*$/, "say where it answers: `ports: [{ name: http, port: 80 }]`"],
  [/^name it `(\S+)`$/, "give the port a name: `name: $1`"],
  [/^send to `(\S+)` of `(\S+)`$/, "send it to a port that is declared: `targetPort: $1`"],
];

/** Edits that would write KDSL are left out. */
const writesKdsl = /^ -> |^[a-z0-9-]+: \d+$/;

function refixed({ title, edits }: Fix, say: (text: string) => string): Fix {
  const way = ways.find(([pattern]) => pattern.test(title));
  return {
    title: way ? title.replace(way[0], way[1]) : say(title),
    edits: edits.some(({ text }) => writesKdsl.test(text)) ? [] : edits,
  };
}
