import type { ClusterView, FilterPlugin, Rejection, ScorePlugin } from "../framework.ts";
import type { Carried, Census, TermKind } from "../index/census.ts";
import type { DomainFilter, Reading } from "../index/domains.ts";
import type { NodeInfo, PodInfo } from "../snapshot.ts";
import { labelled, matchesAll, type Term, termMatches } from "../terms.ts";

const name = "InterPodAffinity";

const noCompany: Rejection = { reasons: ["node(s) didn't match pod affinity rules"], unresolvable: true };
const badCompany: Rejection = {
  reasons: ["node(s) didn't match pod anti-affinity rules"],
  unresolvable: false,
};
const unwelcome: Rejection = {
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  unresolvable: false,
};

/**
 * The pod's required affinity wants, in each of its topologies, a pod that meets all its terms; its anti-affinity wants
 * none that meets one, and neither may the pod meet one of a pod that stands there. A pod that meets its own affinity may
 * be the first of its kind.
 */
export const interPodAffinityFilter: FilterPlugin = {
  name,
  filter(pod, cluster) {
    const { affinity, antiAffinity } = pod.terms;
    const { namespaceLabels } = cluster;
    const self = labelled(pod.pod);
    const near = domainsOf(cluster, affinity, (other) =>
      matchesAll(affinity, labelled(other.pod), namespaceLabels) ? affinity : [],
    );
    const far = domainsOf(cluster, antiAffinity, (other) =>
      antiAffinity.filter((term) => termMatches(term, labelled(other.pod), namespaceLabels)),
    );
    const against = domainsOf(cluster, undefined, (other) =>
      other.terms.antiAffinity.filter((term) => termMatches(term, self, namespaceLabels)),
    );
    const alone = near.size === 0 && matchesAll(affinity, self, namespaceLabels);
    if (affinity.length === 0 && antiAffinity.length === 0 && against.size === 0) return undefined;
    return ({ node }) => {
      const has = (domains: ReadonlySet<string>, key: string) =>
        domains.has(domainName(key, node.metadata.labels?.[key]));
      const labels = node.metadata.labels ?? {};
      if (affinity.some(({ topologyKey }) => labels[topologyKey] === undefined)) return noCompany;
      if (!alone && affinity.some(({ topologyKey }) => !has(near, topologyKey))) return noCompany;
      if (antiAffinity.some(({ topologyKey }) => has(far, topologyKey))) return badCompany;
      return Object.keys(labels).some((key) => has(against, key)) ? unwelcome : undefined;
    };
  },
  index: {
    reads: "domains",
    over: (pod, census) => filterOver(pod, census),
  },
};

const domainName = (key: string, value: string | undefined) => (value === undefined ? "" : `${key}=${value}`);

/** The domains, as `key=value`, in which a pod stands of which some terms hold. */
function domainsOf(
  { nodes }: ClusterView,
  terms: readonly Term[] | undefined,
  holding: (pod: PodInfo) => readonly Term[],
): ReadonlySet<string> {
  const found = new Set<string>();
  if (terms?.length === 0) return found;
  for (const { node, pods } of nodes)
    for (const pod of pods.values())
      for (const { topologyKey } of holding(pod)) {
        const value = node.metadata.labels?.[topologyKey];
        if (value !== undefined) found.add(domainName(topologyKey, value));
      }
  return found;
}

function filterOver({ pod, terms }: PodInfo, census: Census): DomainFilter | undefined {
  const { affinity, antiAffinity } = terms;
  const self = labelled(pod);
  const { namespaceLabels } = census;
  const together = JSON.stringify(affinity.map(({ key }) => key));
  const near = affinity.map((term) =>
    countMatching(census, `all ${together}`, term, (other) => matchesAll(affinity, other, namespaceLabels)),
  );
  const far = antiAffinity.map((term) => countTerm(census, term));
  const against = carriedAbout(pod, census, ["antiAffinity"]).map((each) => countCarried(census, each));
  const ownKind = matchesAll(affinity, self, namespaceLabels);
  const readings: readonly Reading[] = [...near, ...far, ...against];
  if (readings.length === 0) return undefined;
  const [nearEnd, farEnd] = [near.length, near.length + far.length];
  return {
    readings,
    reject(domains) {
      let company = true;
      let any = false;
      for (let index = 0; index < nearEnd; index++) {
        const count = domains.count(index);
        if (count < 0) return noCompany;
        if (count === 0) company = false;
        if (domains.total(index) > 0) any = true;
      }
      if (!company && (any || !ownKind)) return noCompany;
      for (let index = nearEnd; index < farEnd; index++) if (domains.count(index) > 0) return badCompany;
      for (let index = farEnd; index < readings.length; index++)
        if (domains.count(index) > 0) return unwelcome;
      return undefined;
    },
  };
}

function countMatching(
  census: Census,
  key: string,
  { topologyKey, selector }: Term,
  matches: (other: {
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  }) => boolean,
): Reading {
  return { counts: census.domains(key, census.counter(key, selector, matches), topologyKey) };
}

function countTerm(census: Census, term: Term): Reading {
  const key = `one ${JSON.stringify([term.selector, term.namespaces, term.namespaceSelector])}`;
  return countMatching(census, key, term, (other) => termMatches(term, other, census.namespaceLabels));
}

const countCarried = (census: Census, { key, counter, term }: Carried): Reading => ({
  counts: census.domains(`carried ${key}`, counter, term.topologyKey),
});

/** The terms of other pods that speak of this one. */
function carriedAbout(pod: PodInfo["pod"], census: Census, kinds: readonly TermKind[]): readonly Carried[] {
  return census.carried.filter(
    ({ kind, term }) => kinds.includes(kind) && termMatches(term, labelled(pod), census.namespaceLabels),
  );
}

/**
 * The pod's preferred terms add or take their weights for each pod that they match in a node's domains; so do the
 * preferred terms of standing pods that match this one, and their required affinity.
 */
export const interPodAffinityScore: ScorePlugin = {
  name,
  score(pod, feasible, cluster) {
    const sums = new Map<string, number>();
    const self = labelled(pod.pod);
    const { namespaceLabels } = cluster;
    for (const { node, pods } of cluster.nodes) {
      for (const other of pods.values()) {
        const mine = pod.terms.preferred.filter((term) =>
          termMatches(term, labelled(other.pod), namespaceLabels),
        );
        const theirs = [...other.terms.affinity, ...other.terms.preferred].filter((term) =>
          termMatches(term, self, namespaceLabels),
        );
        for (const { topologyKey, weight } of [...mine, ...theirs]) {
          const domain = domainName(topologyKey, node.metadata.labels?.[topologyKey]);
          if (domain !== "") sums.set(domain, (sums.get(domain) ?? 0) + weight);
        }
      }
    }
    if (sums.size === 0) return undefined;
    const total = ({ node }: NodeInfo) =>
      Object.entries(node.metadata.labels ?? {}).reduce(
        (sum, [key, value]) => sum + (sums.get(domainName(key, value)) ?? 0),
        0,
      );
    return stretch(feasible.map(total));
  },
  index: {
    reads: "domains",
    over({ pod, terms }, census) {
      const mine = terms.preferred.map((term) => ({ weight: term.weight, reading: countTerm(census, term) }));
      const theirs = carriedAbout(pod, census, ["affinity", "preferred"]).map((each) => ({
        weight: each.term.weight,
        reading: countCarried(census, each),
      }));
      const all = [...mine, ...theirs];
      if (all.length === 0) return undefined;
      return {
        readings: all.map(({ reading }) => reading),
        score: (cells, first) =>
          stretch(
            cells.map(({ counts }) =>
              all.reduce((sum, { weight }, index) => sum + weight * Math.max(0, counts[first + index]!), 0),
            ),
          ),
      };
    },
  },
};

/** From the least to the greatest as 0…100; all 0 where there is no difference. */
function stretch(sums: readonly number[]): readonly number[] {
  let max = Number.NEGATIVE_INFINITY;
  let min = Number.POSITIVE_INFINITY;
  for (const sum of sums) {
    if (sum > max) max = sum;
    if (sum < min) min = sum;
  }
  return sums.map((sum) => (max > min ? Math.trunc(100 * ((sum - min) / (max - min))) : 0));
}
