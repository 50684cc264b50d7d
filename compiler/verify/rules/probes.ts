import type { Probe } from "../../../model/core.ts";
import {
  probePortMissing,
  probePortUndeclared,
  probeThreshold,
  probeTimeoutLong,
  probeTooLate,
} from "../../diagnostics/catalog/pods.ts";
import type { Cluster, PlacedContainer, Workload } from "../cluster.ts";
import { advise, didYouMean, narrow } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";

const uses = [
  { field: "readinessProbe", word: "ready" },
  { field: "livenessProbe", word: "live" },
  { field: "startupProbe", word: "started" },
] as const;

type Use = (typeof uses)[number];

/** Probes: the ports they ask, and timings that cannot come true. */
export const probes: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    for (const placed of workload.containers) {
      for (const use of uses) {
        const probe = placed.container[use.field];
        if (!probe) continue;
        probePort(cluster, workload, placed, use, probe, tell);
        timings(cluster, workload, placed, use, probe, tell);
      }
      deadline(cluster, workload, placed, tell);
    }
  }
};

function probePort(
  cluster: Cluster,
  workload: Workload,
  { container, path }: PlacedContainer,
  { field, word }: Use,
  probe: Probe,
  tell: Tell,
): void {
  const handler = probe.httpGet ? "httpGet" : "tcpSocket";
  const port = probe[handler]?.port;
  if (port === undefined || probe[handler]?.host) return;
  const span = narrow(cluster.near(workload.key, `${path}.${field}.${handler}.port`), String(port));
  const own = container.ports ?? [];
  const secondary = own.slice(0, 3).map((each, index) => ({
    span: cluster.near(
      workload.key,
      `${path}.ports[${index}].${each.name === undefined ? "containerPort" : "name"}`,
    ),
    text: `\`${container.name}\` has \`${each.name ?? each.containerPort}\``,
  }));
  if (typeof port === "string") {
    if (own.some((each) => each.name === port)) return;
    const names = own.flatMap((each) => each.name ?? []);
    const meant = didYouMean(port, names, span);
    tell(
      probePortMissing(
        span,
        { probe: word, container: container.name, port },
        {
          label: "not a port of this container",
          secondary,
          fixes: [meant?.fix ?? advise(`declare it in the container: \`port ${port}: NUMBER\``)],
        },
      ),
    );
    return;
  }
  // The containers of a pod share its address, so a neighbour's port may be meant.
  const declared = workload.spec.containers.some(({ ports }) =>
    ports?.some((each) => each.containerPort === port),
  );
  if (!declared)
    tell(probePortUndeclared(span, { probe: word, container: container.name, port }, { secondary }));
}

const atLeastOne = ["timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] as const;
const spoken: Readonly<Record<string, string>> = {
  timeoutSeconds: "timeout",
  periodSeconds: "period",
  successThreshold: "number of successes",
  failureThreshold: "number of failures",
};

function timings(
  cluster: Cluster,
  workload: Workload,
  { container, path }: PlacedContainer,
  { field, word }: Use,
  probe: Probe,
  tell: Tell,
): void {
  const at = (name: string) => cluster.near(workload.key, `${path}.${field}.${name}`);
  const about = { probe: word, container: container.name };
  for (const name of atLeastOne) {
    const value = probe[name];
    if (value !== undefined && value < 1)
      tell(
        probeThreshold(at(name), {
          ...about,
          what: `has a ${spoken[name]} of ${value}, and needs at least 1`,
        }),
      );
  }
  if ((probe.initialDelaySeconds ?? 0) < 0)
    tell(probeThreshold(at("initialDelaySeconds"), { ...about, what: "begins before the container does" }));
  const successes = probe.successThreshold ?? 1;
  if (field !== "readinessProbe" && successes > 1)
    tell(
      probeThreshold(at("successThreshold"), {
        ...about,
        what: `asks for ${successes} successes in a row; only \`ready\` may`,
      }),
    );
  if (field === "readinessProbe" && probe.terminationGracePeriodSeconds !== undefined)
    tell(
      probeThreshold(at("terminationGracePeriodSeconds"), {
        ...about,
        what: "has a grace period, though it never ends the container",
      }),
    );
  const [timeout, period] = [probe.timeoutSeconds ?? 1, probe.periodSeconds ?? 10];
  if (timeout > period && period > 0)
    tell(probeTimeoutLong(at("timeoutSeconds"), { ...about, timeout, period }));
}

/** Seconds from the container's start to a probe's first possible verdict of success. */
function earliest(probe: Probe | undefined): number {
  if (!probe) return 0;
  const more = Math.max(0, (probe.successThreshold ?? 1) - 1);
  return (probe.initialDelaySeconds ?? 0) + more * (probe.periodSeconds ?? 10);
}

/** Readiness waits for the start-up probe, and a pod past its deadline is ended. */
function deadline(
  cluster: Cluster,
  workload: Workload,
  { container, path }: PlacedContainer,
  tell: Tell,
): void {
  const limit = workload.spec.activeDeadlineSeconds;
  const { readinessProbe, startupProbe } = container;
  if (limit === undefined || (!readinessProbe && !startupProbe)) return;
  const use = readinessProbe ? uses[0] : uses[2];
  // Both delays count from the container's start.
  const first = Math.max(earliest(startupProbe), earliest(readinessProbe));
  if (first < limit) return;
  tell(
    probeTooLate(
      cluster.near(workload.key, `${path}.${use.field}.initialDelaySeconds`),
      { probe: use.word, container: container.name, earliest: first, deadline: limit },
      {
        secondary: [
          {
            span: cluster.near(workload.key, `${workload.specPath}.activeDeadlineSeconds`),
            text: `ended after ${limit}s`,
          },
        ],
      },
    ),
  );
}
