import type { Pod } from "../../../model/core.ts";
import type { KubernetesObject, Labels } from "../../../model/meta.ts";
import {
  addressFixed,
  claimFixed,
  dataFixed,
  nodeFixed,
  podFixed,
  podsOrphaned,
  selectorFixed,
  typeFixed,
} from "../../diagnostics/catalog/changes.ts";
import type { Diagnostic, Label } from "../../diagnostics/diagnostic.ts";
import { type Cluster, titleOf } from "../cluster.ts";
import { advise } from "../fixes.ts";
import { join, quote, selectorText } from "../words.ts";
import type { FieldChange } from "./compare.ts";
import { valueText } from "./field-words.ts";

/** An object before and after, with what differs. */
export interface Edited {
  readonly cluster: Cluster;
  readonly key: string;
  readonly before: KubernetesObject;
  readonly after: KubernetesObject;
  readonly fields: readonly FieldChange[];
}

/** What cannot be done to a live object, by its kind. Each says it once for an object, at the first such field. */
export const fixedFields: Readonly<Record<string, (edited: Edited) => Iterable<Diagnostic>>> = {
  Pod: podSpec,
  Service: address,
  ReplicationController: selector,
  ConfigMap: data,
  Secret: secret,
  Node: (edited) => only(edited, /^spec\.(?:podCIDRs?|providerID)\b/, nodeFixed),
  PersistentVolumeClaim: claim,
  Deployment: (edited) => only(edited, /^spec\.selector\b/, selectorFixed),
  ReplicaSet: (edited) => only(edited, /^spec\.selector\b/, selectorFixed),
  DaemonSet: (edited) => only(edited, /^spec\.selector\b/, selectorFixed),
  StatefulSet: (edited) =>
    only(edited, /^spec\.(?:selector|volumeClaimTemplates|serviceName|podManagementPolicy)\b/, selectorFixed),
  Job: (edited) => only(edited, /^spec\.(?:selector|template|completionMode)\b/, selectorFixed),
};

type Made = typeof podFixed;

function* only(edited: Edited, path: RegExp, make: Made): Iterable<Diagnostic> {
  yield* refuse(
    edited,
    edited.fields.filter((field) => path.test(field.path)),
    make,
  );
}

function* refuse(
  edited: Edited,
  fields: readonly FieldChange[],
  make: Made,
  fix?: string,
): Iterable<Diagnostic> {
  const [first, ...others] = fields;
  if (!first) return;
  const { cluster, key, after } = edited;
  const title = titleOf(after);
  yield make(
    cluster.near(key, first.path),
    { title, fields: join(fields.map(({ words }) => quote(words))) },
    {
      label: differs(first),
      secondary: others.slice(0, 4).map((field) => labelOf(cluster, key, field)),
      fixes: fix === undefined ? [] : [advise(fix)],
    },
  );
}

const differs = ({ path, before, after }: FieldChange) =>
  before === undefined
    ? "new"
    : after === undefined
      ? `was ${valueText(path, before)}, is gone`
      : `was ${valueText(path, before)}`;

const labelOf = (cluster: Cluster, key: string, field: FieldChange): Label => ({
  span: cluster.near(key, field.path),
  text: `${field.words} ${differs(field)}`,
});

function* podSpec(edited: Edited): Iterable<Diagnostic> {
  const fixed = edited.fields.filter((change) => {
    const { path, before, after } = change;
    if (!/^spec\b/.test(path) || /^spec\.(?:init)?[cC]ontainers\[\d+\]\.image$/.test(path)) return false;
    if (path === "spec.activeDeadlineSeconds")
      return after === undefined || (typeof before === "number" && Number(after) > before);
    // Gates come off; who waits for them may have its choice of nodes narrowed, which is left to the server to judge.
    if (/^spec\.schedulingGates/.test(path)) return before === undefined;
    if (/^spec\.tolerations/.test(path)) return before !== undefined && !/tolerationSeconds$/.test(path);
    return true;
  });
  const { name } = edited.after.metadata;
  const { restartPolicy } = (edited.after as Pod).spec;
  const rc =
    restartPolicy === undefined || restartPolicy === "Always" ? ", or make it an `rc`, whose pods roll" : "";
  yield* refuse(
    edited,
    fixed,
    podFixed,
    `delete it and let it be made anew: \`kdsl delete pod ${name}\`${rc}`,
  );
}

function* address({ cluster, key, after, fields }: Edited): Iterable<Diagnostic> {
  const change = fields.find(({ path }) => path === "spec.clusterIP");
  // An address that the file leaves open stays; one that there was none of yet can be given.
  if (!change || change.before === undefined || change.before === "") return;
  if (change.after === undefined && change.before !== "None") return;
  const text = (value: unknown) =>
    value === "None" ? "`None` (headless)" : value === undefined ? "one" : quote(String(value));
  yield addressFixed(
    cluster.near(key, change.after === undefined ? "spec.type" : "spec.clusterIP"),
    { title: titleOf(after), before: text(change.before), after: text(change.after) },
    {
      label: `was ${text(change.before)}`,
      fixes: [advise(`delete it first: \`kdsl delete service ${after.metadata.name}\``)],
    },
  );
}

function* selector({ cluster, key, before, after, fields }: Edited): Iterable<Diagnostic> {
  const change = fields.find(({ path }) => /^spec\.selector\b/.test(path));
  const wanted = (after as { spec?: { selector?: Labels } }).spec?.selector ?? {};
  const old = before as {
    spec?: { selector?: Labels; replicas?: number; template?: { metadata?: { labels?: Labels } } };
  };
  const labels = old.spec?.template?.metadata?.labels ?? {};
  // A wider selector still finds the pods that there are.
  if (!change || Object.entries(wanted).every(([name, value]) => labels[name] === value)) return;
  if ((old.spec?.replicas ?? 1) === 0) return;
  yield podsOrphaned(
    cluster.near(key, change.path),
    { title: titleOf(after), before: selectorText(old.spec?.selector ?? {}) },
    {
      label: `now \`${selectorText(wanted)}\``,
      fixes: [advise("give the rc another name too: then the old one goes, and its pods with it")],
    },
  );
}

function* data(edited: Edited): Iterable<Diagnostic> {
  if ((edited.before as { immutable?: boolean }).immutable !== true) return;
  yield* only(edited, /^(?:data|binaryData|immutable)\b/, dataFixed);
}

function* secret(edited: Edited): Iterable<Diagnostic> {
  yield* data(edited);
  const change = edited.fields.find(({ path }) => path === "type");
  if (!change) return;
  const text = (value: unknown) => quote(String(value ?? "Opaque"));
  yield typeFixed(edited.cluster.near(edited.key, "type"), {
    title: titleOf(edited.after),
    before: text(change.before),
    after: text(change.after),
  });
}

function* claim(edited: Edited): Iterable<Diagnostic> {
  const size = "spec.resources.requests.storage";
  const fixed = edited.fields.filter(({ path }) => /^spec\b/.test(path) && path !== size);
  yield* refuse(edited, fixed, claimFixed);
}
