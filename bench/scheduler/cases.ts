import type { Node, PodAffinityTerm, PodSpec } from "../../model/core.ts";
import type { Template } from "./world.ts";

/** What scheduler_perf measures (`test/integration/scheduler_perf`), with the same nodes, pods and constraints. */
export interface Case {
  readonly name: string;
  /** Pods that stand there before, and those that are measured. */
  readonly before: readonly Template[];
  readonly beforeCount: number;
  readonly templates: readonly Template[];
  readonly count: number;
  readonly node?: (index: number) => Partial<Node["spec"]>;
  /** Pods of higher priority that have to drive out others. */
  readonly preempts?: boolean;
}

const requests = (cpu: string, memory = "500Mi"): PodSpec["containers"] => [
  { name: "main", image: "server:1", resources: { requests: { cpu, memory } } },
];
const plain = (name: string, spec: Partial<PodSpec> = {}, labels?: Template["labels"]): Template => ({
  name,
  spec,
  ...(labels && { labels }),
});

/** Templates that each have a selector of their own, in a handful of shapes. */
const many = (count: number, shapes: number): readonly Template[] =>
  Array.from({ length: count }, (_, index) => {
    const shape = index % shapes;
    const memory = `${200 + 10 * Math.floor(shape / 100)}Mi`;
    return plain(`app-${index}`, { containers: requests(`${50 + (shape % 100)}m`, memory) });
  });

const zone = "topology.kubernetes.io/zone";
const host = "kubernetes.io/hostname";
const green = { color: "green" };
const term = (topologyKey: string, labels: Record<string, string>): PodAffinityTerm => ({
  topologyKey,
  labelSelector: { matchLabels: labels },
});
const required = (each: PodAffinityTerm) => ({ requiredDuringSchedulingIgnoredDuringExecution: [each] });
const preferred = (each: PodAffinityTerm) => ({
  preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: each }],
});
const spread = (topologyKey: string, hard: boolean): Partial<PodSpec> => ({
  topologySpreadConstraints: [
    {
      maxSkew: hard ? 5 : 1,
      topologyKey,
      whenUnsatisfiable: hard ? "DoNotSchedule" : "ScheduleAnyway",
      labelSelector: { matchLabels: green },
    },
  ],
});
const others = [plain("other", {}, { color: "blue" })];
const constrained = (
  name: string,
  spec: Partial<PodSpec>,
  {
    count = 5000,
    before = 5000,
    labels = green,
  }: { count?: number; before?: number; labels?: Record<string, string> } = {},
): Case => ({
  name,
  before: others,
  beforeCount: before,
  templates: [plain("measured", spec, labels)],
  count,
});

export const cases: readonly Case[] = [
  {
    name: "50 templates in turn, 5 shapes",
    before: [],
    beforeCount: 0,
    templates: many(50, 5),
    count: 50_000,
  },
  {
    name: "50 templates in turn, 50 shapes",
    before: [],
    beforeCount: 0,
    templates: many(50, 50),
    count: 50_000,
  },
  {
    name: "1,000 templates in turn, 10 shapes",
    before: [],
    beforeCount: 0,
    templates: many(1000, 10),
    count: 50_000,
  },
  {
    name: "1,000 templates in turn, 1,000 shapes",
    before: [],
    beforeCount: 0,
    templates: many(1000, 1000),
    count: 50_000,
  },
  constrained("topology spread over zones, hard", spread(zone, true)),
  constrained("topology spread over zones, soft", spread(zone, false)),
  constrained("topology spread over hosts, hard", spread(host, true)),
  constrained("topology spread over hosts, soft", spread(host, false)),
  constrained("node affinity", {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: zone, operator: "In", values: ["zone-1", "zone-2"] }] },
          ],
        },
      },
    },
  }),
  constrained("pod affinity, hard, over zones", { affinity: { podAffinity: required(term(zone, green)) } }),
  constrained(
    "pod anti-affinity, hard, over hosts",
    { affinity: { podAntiAffinity: required(term(host, green)) } },
    { count: 2000, before: 1000 },
  ),
  constrained("pod affinity, preferred, over hosts", {
    affinity: { podAffinity: preferred(term(host, { color: "blue" })) },
  }),
  constrained("pod anti-affinity, preferred, over hosts", {
    affinity: { podAntiAffinity: preferred(term(host, green)) },
  }),
  {
    name: "meets others' anti-affinity",
    before: [plain("shy", { affinity: { podAntiAffinity: required(term(host, green)) } }, { color: "blue" })],
    beforeCount: 1000,
    templates: [plain("measured", {}, green)],
    count: 5000,
  },
  {
    ...constrained("taints, tolerated and not", {
      tolerations: [{ key: "team", operator: "Equal", value: "a", effect: "NoSchedule" }],
    }),
    node: (index) => ({
      taints: [{ key: "team", value: index % 2 === 0 ? "a" : "b", effect: "NoSchedule" }],
    }),
    before: [plain("other", { tolerations: [{ operator: "Exists" }] }, { color: "blue" })],
  },
  {
    name: "preemption, all nodes candidates",
    before: [plain("low", { containers: requests("900m") })],
    beforeCount: 20_000,
    templates: [plain("high", { containers: requests("3"), priority: 10 })],
    count: 2000,
    preempts: true,
  },
];
