import type { Container, Handler } from "../../../model/core.ts";
import {
  deadlineInRc,
  graceShort,
  latestKept,
  restartInRc,
  updateOutage,
} from "../../diagnostics/catalog/habits.ts";
import type { Cluster, Workload } from "../cluster.ts";
import { advise } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { isShell } from "./commands.ts";

/** How pods begin, are replaced and end. */
export const lifetimes: Rule = (cluster, tell) => {
  const serving = servedWorkloads(cluster);
  for (const workload of cluster.workloads) {
    if (workload.word === "rc") ending(cluster, workload, tell);
    for (const placed of workload.containers) {
      image(cluster, workload, placed.container, placed.path, tell);
      if (placed.container.lifecycle) beforeStop(cluster, workload, placed.container, placed.path, tell);
    }
    const service = serving.size === 0 ? undefined : serving.get(workload);
    if (service !== undefined) outage(cluster, workload, service, tell);
  }
};

function ending(cluster: Cluster, { key, name, spec, specPath }: Workload, tell: Tell): void {
  const { restartPolicy, activeDeadlineSeconds } = spec;
  if (restartPolicy === "Never" || restartPolicy === "OnFailure")
    tell(
      restartInRc(
        cluster.near(key, `${specPath}.restartPolicy`),
        { name, restart: restartPolicy === "Never" ? "never" : "on-failure" },
        { fixes: [advise("make it a `pod`, or leave `restart` out")] },
      ),
    );
  if (activeDeadlineSeconds !== undefined && activeDeadlineSeconds !== null)
    tell(
      deadlineInRc(
        cluster.near(key, `${specPath}.activeDeadlineSeconds`),
        { name },
        { fixes: [advise("make it a `pod`, or leave `deadline` out")] },
      ),
    );
}

/** Where it runs from source here its image is no matter. */
function image(cluster: Cluster, { key }: Workload, container: Container, path: string, tell: Tell): void {
  const { name, image: written = "", imagePullPolicy: pull } = container;
  if (pull !== "Never" && pull !== "IfNotPresent") return;
  const tag = tagOf(written);
  if (tag !== undefined && tag !== "latest") return;
  if (written === "host" || written.includes("@") || cluster.plan.local[key]?.[name]) return;
  tell(
    latestKept(
      cluster.near(key, `${path}.imagePullPolicy`),
      { container: name, image: written, pull },
      {
        secondary: [
          {
            span: cluster.near(key, `${path}.image`),
            text: tag ? "always the newest" : "no tag is `latest`",
          },
        ],
      },
    ),
  );
}

/** What stands behind the last colon, which may be that of a registry's port. */
function tagOf(image: string): string | undefined {
  const colon = image.lastIndexOf(":");
  return colon < 0 || colon === image.length - 1 || image.includes("/", colon)
    ? undefined
    : image.slice(colon + 1);
}

const defaultGrace = 30;

function beforeStop(
  cluster: Cluster,
  { key, spec, specPath }: Workload,
  container: Container,
  path: string,
  tell: Tell,
): void {
  const sleep = sleepOf(container.lifecycle?.preStop);
  const grace = spec.terminationGracePeriodSeconds ?? defaultGrace;
  if (sleep === undefined || sleep < grace) return;
  const written = cluster.at(key, `${specPath}.terminationGracePeriodSeconds`);
  tell(
    graceShort(
      cluster.near(key, `${path}.lifecycle.preStop`),
      { container: container.name, sleep, grace },
      {
        secondary: written ? [{ span: written, text: `${grace}s` }] : [],
        fixes: [advise(`give it time for both: \`grace: ${sleep + 15}s\``)],
        notes: written ? [] : [`a pod has ${defaultGrace}s where no \`grace\` is written`],
      },
    ),
  );
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** The seconds that a hook sleeps at least, as far as its words say it. */
function sleepOf(hook: (Handler & { readonly sleep?: { readonly seconds?: number } }) | undefined) {
  if (hook?.sleep?.seconds !== undefined) return hook.sleep.seconds;
  const words = hook?.exec?.command ?? [];
  if (words.length === 0) return undefined;
  const script = words.some(isShell)
    ? (words.at(-1) ?? "")
    : /(?:^|\/)sleep$/.test(words[0] ?? "")
      ? words.join(" ")
      : "";
  let total = 0;
  for (const [, digits, unit = "s"] of script.matchAll(
    /(?:^|[;&|\s/])sleep\s+(\d+(?:\.\d+)?)([smh]?)(?=$|[;&|\s])/g,
  ))
    total += Number(digits) * (units[unit || "s"] ?? 1);
  return total > 0 ? total : undefined;
}

/** The workloads that services select, each with the first such service. */
function servedWorkloads(cluster: Cluster): Map<Workload, string> {
  const served = new Map<Workload, string>();
  // Only few rcs say how they roll, and the others need no look.
  if (Object.keys(cluster.plan.updates).length === 0) return served;
  for (const { name, namespace, object } of cluster.services)
    for (const workload of cluster.matching(namespace, object.spec.selector))
      if (!served.has(workload)) served.set(workload, name);
  return served;
}

function outage(cluster: Cluster, { key, name, replicas }: Workload, service: string, tell: Tell): void {
  const update = cluster.plan.updates[key];
  if (update === undefined || update === "never" || update.surge > 0 || replicas === 0) return;
  if (update.unavailable < replicas) return;
  const span = cluster.near(key, "update");
  // Who writes how many may be away means it.
  if (/\bunavailable\b/.test(span.file.text.slice(span.start, span.end))) return;
  tell(
    updateOutage(
      span,
      { name, replicas, service },
      { fixes: [advise("allow a surge: `surge: 1`; if the gap is meant, write `unavailable` too")] },
    ),
  );
}
