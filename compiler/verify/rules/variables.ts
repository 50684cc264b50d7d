import { nearest } from "../../../base/edit-distance.ts";
import type { ConfigMap, Container, EnvVar } from "../../../model/core.ts";
import { objectKey } from "../../../model/meta.ts";
import type { FieldPath } from "../../../model/plan.ts";
import { variableUndefined } from "../../diagnostics/catalog/habits.ts";
import { variableTwice } from "../../diagnostics/catalog/pods.ts";
import type { Label } from "../../diagnostics/diagnostic.ts";
import type { Cluster, Workload } from "../cluster.ts";
import { mayHaveTwice } from "../few.ts";
import { advise, partOf, replacePart } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { isShell } from "./commands.ts";

/** Environment variables: each set once, and `$(NAME)` only of those that are there by then. */
export const variables: Rule = (cluster, tell) => {
  let services: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  for (const workload of cluster.workloads) {
    for (const { container, path } of workload.containers) {
      twice(cluster, workload, container, path, tell);
      const texts = textsOf(container, path);
      if (texts.length === 0) continue;
      services ??= servicePrefixes(cluster);
      const given = others(cluster, workload, container);
      const prefixes = services.get(workload.namespace) ?? new Set();
      for (const text of texts) check({ cluster, workload, container, path, given, prefixes }, text, tell);
    }
  }
};

function twice(cluster: Cluster, { key }: Workload, container: Container, path: FieldPath, tell: Tell): void {
  const { env = [] } = container;
  if (!mayHaveTwice(env, isLike)) return;
  const at = (index: number) => cluster.near(key, `${path}.env[${index}].name`);
  const seen = new Map<string, number>();
  env.forEach(({ name }, index) => {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else
      tell(
        variableTwice(
          at(index),
          { container: container.name, name },
          { secondary: [{ span: at(first), text: "first here" }] },
        ),
      );
  });
}

const isLike = (one: EnvVar, other: EnvVar) => one.name === other.name;

interface Text {
  readonly text: string;
  readonly path: FieldPath;
  /** How many of the container's variables it may use: those above it. */
  readonly above: number;
  /** In a script for a shell `$(name)` runs a program. */
  readonly script: boolean;
}

const refers = (text: string) => text.includes("$(");

/** The texts that refer to variables. */
function textsOf({ command = [], args = [], env = [] }: Container, path: FieldPath): readonly Text[] {
  if (!command.some(refers) && !args.some(refers) && !env.some(({ value = "" }) => refers(value))) return [];
  const script = command.some(isShell);
  const words = (list: readonly string[], field: string) =>
    list.map((text, index) => ({ text, path: `${path}.${field}[${index}]`, above: env.length, script }));
  const values = env.map(({ value = "" }, index) => ({
    text: value,
    path: `${path}.env[${index}].value`,
    above: index,
    script: false,
  }));
  return [...words(command, "command"), ...words(args, "args"), ...values].filter(({ text }) => refers(text));
}

interface Given {
  readonly names: ReadonlySet<string>;
  /** Whether there may be more, from data that is not known here. */
  readonly open: boolean;
}

/** The variables that come from whole configs. A secret's keys are known too, but not those that a cluster adds. */
function others(cluster: Cluster, workload: Workload, container: Container): Given {
  const names = new Set<string>();
  let open = false;
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const [kind, name] = configMapRef ? ["ConfigMap", configMapRef.name] : ["Secret", secretRef?.name ?? ""];
    const key = objectKey(kind!, workload.namespace, name!);
    const object = cluster.byKey.get(key) as ConfigMap | undefined;
    if (!object) open = true;
    for (const each of Object.keys({ ...object?.data, ...cluster.plan.secrets[key] }))
      names.add(prefix + each);
  }
  return { names, open };
}

/** `MY_SVC` for service `my-svc`: what the variables begin with that Kubernetes makes for it. */
function servicePrefixes(cluster: Cluster): Map<string, Set<string>> {
  const prefixes = new Map<string, Set<string>>();
  for (const { name, namespace } of cluster.services) {
    const list = prefixes.get(namespace) ?? new Set(["KUBERNETES"]);
    prefixes.set(namespace, list.add(name.toUpperCase().replaceAll("-", "_")));
  }
  return prefixes;
}

const ofService =
  /^(.+?)_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

interface Where {
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly container: Container;
  readonly path: FieldPath;
  readonly given: Given;
  readonly prefixes: ReadonlySet<string>;
}

function check(where: Where, { text, path, above, script }: Text, tell: Tell): void {
  const { cluster, workload, container, given, prefixes } = where;
  const env = container.env ?? [];
  for (const [reference, name] of text.matchAll(/(?<!\$)\$\(([A-Za-z_][\w.-]*)\)/g)) {
    if (given.names.has(name!) || env.slice(0, above).some((each) => each.name === name)) continue;
    const service = ofService.exec(name!)?.[1];
    if (service !== undefined && (prefixes.has(service) || service === "KUBERNETES")) continue;
    const later = env.findIndex((each) => each.name === name);
    const meant =
      later < 0
        ? nearest(name!, [...env.slice(0, above).map((each) => each.name), ...given.names])
        : undefined;
    if (later < 0 && meant === undefined && (given.open || (script && !/^[A-Z_][A-Z0-9_]*$/.test(name!))))
      continue;
    const whole = cluster.near(workload.key, path);
    const span = partOf(whole, reference) ?? whole;
    const secondary: Label[] =
      later < 0
        ? []
        : [{ span: cluster.near(workload.key, `${where.path}.env[${later}].name`), text: "set only here" }];
    const itself = later >= 0 && path.startsWith(`${where.path}.env[${later}]`);
    tell(
      variableUndefined(
        span,
        {
          container: container.name,
          name: name!,
          why: itself ? "is the variable itself" : later < 0 ? "is no variable of it" : "is set further down",
        },
        {
          secondary: itself ? [] : secondary,
          fixes:
            meant === undefined
              ? later < 0 || itself
                ? []
                : [advise(`move \`${name}\` above it`)]
              : [replacePart(`did you mean \`$(${meant})\`?`, span, reference, `$(${meant})`)],
        },
      ),
    );
  }
}
