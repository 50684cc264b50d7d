import { nearest } from "../../base/edit-distance.ts";
import type { Service } from "../../model/core.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Cluster, Declared, Workload } from "../verify/cluster.ts";
import { join } from "../verify/words.ts";

/**
 * Manifests may be one part of what a cluster holds, so that what is missing among them may come from elsewhere. What
 * looks like a slip stays an error; else it is a warning, or nothing where there is nothing to compare with.
 */

const selectsNothing = "KD3001";
/** A config or secret, a claim or account, what an Ingress or an autoscaler names, the pods of a budget or policy. */
const missing: ReadonlySet<string> = new Set(["KD3204", "KD3212", "KD3910", "KD3912"]);

const note = "it may come from elsewhere: then this is no mistake";

export function openWorld(diagnostics: readonly Diagnostic[], cluster: Cluster): Diagnostic[] {
  const lost = cluster.services.filter((service) => isLost(cluster, service));
  const opened = diagnostics.flatMap((diagnostic): Diagnostic[] => {
    const open: Diagnostic = {
      ...diagnostic,
      severity: "warning",
      secondary: [],
      notes: [note],
      fixes: diagnostic.fixes.filter(({ edits }) => edits.length === 0),
    };
    if (missing.has(diagnostic.code))
      return [diagnostic.fixes.some(({ edits }) => edits.length > 0) ? diagnostic : open];
    if (diagnostic.code !== selectsNothing) return [diagnostic];
    const service = lost.find(({ key }) => {
      const { file, start } = cluster.near(key, "spec.selector");
      return file === diagnostic.primary.span.file && start === diagnostic.primary.span.start;
    });
    if (!service) return [diagnostic];
    const beside = cluster.workloads.filter(({ namespace }) => namespace === service.namespace);
    if (beside.length === 0) return [];
    return [isSlip(cluster, service, lost, beside) ? diagnostic : open];
  });
  return toldTogether(toldForAll(toldOnce(opened)), cluster);
}

/** What a workload misses in several of its fields. */
function toldOnce(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const told = new Set<string>();
  return diagnostics.filter(({ code, severity, message }) => {
    if (severity !== "warning" || !missing.has(code)) return true;
    return !told.has(message) && told.add(message);
  });
}

/** The kinds of what pods need, by their words in messages. */
const needed: Readonly<Record<string, string>> = {
  config: "ConfigMap",
  secret: "Secret",
  claim: "PersistentVolumeClaim",
  account: "ServiceAccount",
};

/** What a pod misses, as its message names it, where nothing of that kind is among the objects. */
function neededElsewhere(
  { code, severity, message }: Diagnostic,
  there: ReadonlySet<string>,
): string | undefined {
  if (severity !== "warning" || (code !== "KD3204" && code !== "KD3212")) return undefined;
  const [what, word] = /\b(config|secret|claim|account) `[^`]+`/.exec(message) ?? [];
  return word === undefined || there.has(needed[word]!) ? undefined : what;
}

/** What several workloads miss is told once: the secret that images are fetched with, say, which all of them name. */
function toldForAll(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const nothing = new Set<string>();
  const groups = new Map<Diagnostic | string, Diagnostic[]>();
  for (const one of diagnostics) {
    const what = neededElsewhere(one, nothing) ?? one;
    const group = groups.get(what);
    if (group) group.push(one);
    else groups.set(what, [one]);
  }
  return [...groups.values()].map(([first, ...others]): Diagnostic => {
    if (others.length === 0) return first!;
    const places = others.map(({ primary }) => ({ span: primary.span, text: "here too" }));
    const all = `it is needed at ${others.length + 1} places`;
    return {
      ...first!,
      secondary: places.slice(0, shownPlaces),
      notes: [...(others.length > shownPlaces ? [all] : []), ...first!.notes],
    };
  });
}

const shownPlaces = 4;

/** Who checks one manifest of many is told once that what it needs lies elsewhere, and not for each thing. */
function toldTogether(diagnostics: readonly Diagnostic[], { plan }: Cluster): Diagnostic[] {
  const there = new Set(plan.objects.map(({ kind }) => kind));
  const together = diagnostics.filter((one) => neededElsewhere(one, there) !== undefined);
  const [first, ...others] = together;
  const names = together.map((one) => neededElsewhere(one, there)!);
  if (!first || others.length === 0) return [...diagnostics];
  const secondary = others.map((one, index) => ({ span: one.primary.span, text: names[index + 1]! }));
  const whole: Diagnostic = {
    ...first,
    message: `pods need what is not among these objects: ${join(names, 6)}`,
    secondary: secondary.slice(0, shownPlaces),
    notes: ["they may come from elsewhere: then this is no mistake"],
    fixes: [],
  };
  return diagnostics.flatMap((one) => (one === first ? [whole] : together.includes(one) ? [] : [one]));
}

function isLost(cluster: Cluster, { namespace, object }: Declared<Service>): boolean {
  const { selector } = object.spec;
  return (
    selector !== undefined &&
    Object.keys(selector).length > 0 &&
    cluster.matching(namespace, selector).length === 0
  );
}

/** Whether the selector means pods that are there: misspelt, or the only ones that no service reaches. */
function isSlip(
  cluster: Cluster,
  service: Declared<Service>,
  lost: readonly Declared<Service>[],
  beside: readonly Workload[],
): boolean {
  if (beside.some((workload) => isMisspelt(service, workload))) return true;
  const reached = new Set(
    cluster.services.flatMap((each) => cluster.matching(each.namespace, each.object.spec.selector)),
  );
  const rivals = lost.filter((each) => each !== service && each.namespace === service.namespace);
  const keys = Object.keys(service.object.spec.selector ?? {});
  return beside.some(
    (workload) =>
      !reached.has(workload) &&
      keys.some((key) => workload.labels[key] !== undefined) &&
      !rivals.some((rival) => isMisspelt(rival, workload)),
  );
}

/** Whether all that keeps a selector from a pod is the spelling of keys or values. */
function isMisspelt({ object }: Declared<Service>, { labels }: Workload): boolean {
  return Object.entries(object.spec.selector ?? {}).every(([key, value]) => {
    const name = labels[key] === undefined ? nearest(key, Object.keys(labels)) : key;
    const there = name === undefined ? undefined : labels[name];
    return there !== undefined && (there === value || nearest(value, [there]) !== undefined);
  });
}
