import type { Service } from "../../../model/core.ts";
import type { Labels } from "../../../model/meta.ts";
import { equalitySelector } from "../../../model/selector.ts";
import {
  adoptedPod,
  familyReachesOthers,
  selectMissing,
  selectorMissesTemplate,
  selectorsOverlap,
  selectsNothing,
  selectsSeveralOwners,
} from "../../diagnostics/catalog/cluster.ts";
import type { Diagnostic, Fix, Label } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/source.ts";
import type { Cluster, Declared, Workload } from "../cluster.ts";
import { advise, replace } from "../fixes.ts";
import { namespaceOf } from "../foreign.ts";
import type { Rule, Tell } from "../rule.ts";
import { join, selectorText } from "../words.ts";

/** Selectors: whom services and rcs mean, and whether they hit anybody, somebody else, or each other. */
export const selection: Rule = (cluster, tell) => {
  for (const service of cluster.services) {
    const { selector } = service.object.spec;
    if (isEmpty(selector)) {
      if (hasNoEndpoints(cluster, service)) tell(nobodyMeant(cluster, service));
      continue;
    }
    const selected = cluster.matching(service.namespace, selector);
    if (selected.length === 0) {
      if (!cluster.foreign(service.namespace, equalitySelector(selector)))
        tell(nothingSelected(cluster, service, selector));
    } else severalOwners(cluster, service, selected, tell);
  }
  for (const workload of cluster.workloads) {
    if (isEmpty(workload.selector)) continue;
    const selected = cluster.matching(workload.namespace, workload.selector);
    if (selected.length === 1 && selected[0] === workload) continue;
    if (selected.includes(workload)) othersSelected(cluster, workload, selected, tell);
    else tell(templateMissed(cluster, workload, workload.selector));
  }
};

function isEmpty(selector: Labels | undefined): selector is undefined {
  for (const _ in selector) return false;
  return true;
}

/** Whether a service without a selector is one whose addresses nobody writes down. */
function hasNoEndpoints(cluster: Cluster, { object, name, namespace }: Declared<Service>): boolean {
  if (object.spec.type === "ExternalName") return false;
  return !cluster.plan.objects.some(
    (each) =>
      namespaceOf(each) === namespace &&
      ((each.kind === "Endpoints" && each.metadata.name === name) ||
        (each.kind === "EndpointSlice" && each.metadata.labels?.["kubernetes.io/service-name"] === name)),
  );
}

const nobodyMeant = (cluster: Cluster, { key, name }: Declared<Service>): Diagnostic =>
  selectMissing(cluster.near(key), { name }, { fixes: [advise("name its pods: `select: RC`")] });

/** The labels of a selector that some labels do not have, as text with what is there instead. */
function mismatches(selector: Labels, labels: Labels) {
  return Object.entries(selector)
    .filter(([key, value]) => labels[key] !== value)
    .map(([key, value]) => ({ key, value, there: labels[key] }));
}

const tells = ({ key, there }: { key: string; there: string | undefined }) =>
  there === undefined ? `has no label \`${key}\`` : `has \`${key}: ${JSON.stringify(there)}\``;

/** Where one value is all that differs, it was most likely meant to be the one that is there. */
function valueFix(span: Span, wrong: ReturnType<typeof mismatches>): Fix[] {
  const [only] = wrong;
  if (wrong.length !== 1 || only?.there === undefined) return [];
  return [replace(`did you mean \`${JSON.stringify(only.there)}\`?`, span, only.value, only.there)];
}

function nothingSelected(cluster: Cluster, service: Declared<Service>, selector: Labels): Diagnostic {
  const span = cluster.near(service.key, "spec.selector");
  let closest: { workload: Workload; wrong: ReturnType<typeof mismatches> } | undefined;
  for (const workload of cluster.workloads) {
    if (workload.namespace !== service.namespace) continue;
    const wrong = mismatches(selector, workload.labels);
    if (closest === undefined || wrong.length < closest.wrong.length) closest = { workload, wrong };
  }
  const secondary: Label[] = [];
  if (closest)
    secondary.push({
      span: cluster.near(closest.workload.key, closest.workload.labelsPath),
      text: `${closest.workload.title} ${tells(closest.wrong[0]!)}`,
    });
  const fixes = closest ? valueFix(span, closest.wrong) : [];
  const notes = closest ? [] : [`there is no pod in namespace \`${service.namespace}\``];
  return selectsNothing(
    span,
    { name: service.name, selector: selectorText(selector) },
    { label: "matches no pod", secondary, notes, fixes },
  );
}

/** A query says that all are meant; a name means one declaration, which may be a family. */
function severalOwners(
  cluster: Cluster,
  service: Declared<Service>,
  selected: readonly Workload[],
  tell: Tell,
): void {
  if (selected.length < 2) return;
  const span = cluster.near(service.key, "spec.selector");
  const written = span.file.text.slice(span.start, span.end);
  if (/^pods\s+where\b/.test(written)) return;
  const named = written.replace(/^(?:rc|pod)\./, "").replace(/\[.*$/s, "");
  const families = new Map<string, Workload[]>();
  for (const workload of selected) {
    const { file, start } = cluster.near(workload.key);
    const place = `${file.path}:${start}`;
    families.set(place, [...(families.get(place) ?? []), workload]);
  }
  if (families.size < 2) return;
  const isNamed = ({ name }: Workload) => name === named || name.startsWith(`${named}-`);
  const groups = [...families.values()];
  const exact = groups.find((group) => group.some(({ name }) => name === named));
  const several = groups.find((group) => group.length > 1 && group.every(isNamed));
  const wanted = exact ?? several ?? groups.find((group) => group.some(isNamed)) ?? groups[0]!;
  const others = groups.filter((group) => group !== wanted);
  // A family is selected by what its members share, which nobody wrote down: that it reaches others is never meant.
  const family = exact === undefined && wanted.every(isNamed) && !written.includes("[");
  const title = family ? `family \`${named}\`` : wanted[0]!.title;
  tell(
    (family ? familyReachesOthers : selectsSeveralOwners)(
      span,
      { name: service.name, wanted: title, others: join(others.map((group) => group[0]!.title)) },
      {
        label: `means \`${selectorText(service.object.spec.selector ?? {})}\``,
        secondary: others.slice(0, 3).map(([first]) => ({
          span: cluster.near(first!.key, first!.labelsPath),
          text: `${first!.title} has these labels too`,
        })),
        fixes: [
          advise(
            `write \`select: pods where ${selectorText(service.object.spec.selector ?? {})}\` if all are meant`,
          ),
        ],
      },
    ),
  );
}

function templateMissed(cluster: Cluster, workload: Workload, selector: Labels): Diagnostic {
  const span = cluster.near(workload.key, "spec.selector");
  const wrong = mismatches(selector, workload.labels);
  return selectorMissesTemplate(
    span,
    { name: workload.name, selector: selectorText(selector) },
    {
      label: "does not match the pod below",
      secondary: [
        { span: cluster.near(workload.key, workload.labelsPath), text: `its pod ${tells(wrong[0]!)}` },
      ],
      fixes: [...valueFix(span, wrong), advise("leave `select` out: an rc selects by its pod's identity")],
    },
  );
}

function othersSelected(
  cluster: Cluster,
  workload: Workload,
  selected: readonly Workload[],
  tell: Tell,
): void {
  const taken = selected.find((other) => other !== workload && other.word === "rc");
  if (taken) tell(overlap(cluster, workload, taken));
  for (const pod of selected) {
    if (pod.word !== "pod") continue;
    tell(
      adoptedPod(
        cluster.near(pod.key, pod.labelsPath),
        { pod: pod.name, owner: workload.title },
        {
          label: `matches \`${selectorText(workload.selector ?? {})}\``,
          secondary: [
            { span: cluster.near(workload.key, "spec.selector"), text: `${workload.title} selects it` },
          ],
        },
      ),
    );
  }
}

/** Told once for both: at the one that was declared later. */
function overlap(cluster: Cluster, left: Workload, right: Workload): Diagnostic {
  const inOrder = cluster.workloads.indexOf(left) < cluster.workloads.indexOf(right);
  const [first, second] = inOrder ? [left, right] : [right, left];
  const here = cluster.near(second.key, "spec.selector");
  const there = cluster.near(first.key, "spec.selector");
  const family = here.file === there.file && here.start === there.start;
  const fixes = [
    advise(
      family
        ? "put the family's variable into the identity, under a label of its own"
        : "give the pods of each an identity of their own",
    ),
  ];
  const selector = selectorText(left.selector ?? {});
  return selectorsOverlap(
    here,
    { first: first.title, second: second.title },
    {
      label: `${left.title} selects \`${selector}\``,
      secondary: family
        ? []
        : [
            {
              span: there,
              text: left === first ? `which ${second.title} has too` : `which ${first.title} has too`,
            },
          ],
      notes: family ? [`both are made by one declaration, with one identity`] : [],
      fixes,
    },
  );
}
