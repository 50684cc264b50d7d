import { isServed, type KubernetesObject, keyOf, objectKey } from "../../../model/meta.ts";
import type { Plan } from "../../../model/plan.ts";
import type { ContainerContext, DriverCapabilities, PodContext } from "./check.ts";
import type { Notice } from "./notice.ts";

/** Objects of kinds that the built-in cluster does not hold, and objects that are to be there without the plan. */

/** Ranges of addresses that the file asks for: without networks of their own all are of this machine. */
export function checkRanges({ cluster, objects }: Plan, { isolated }: DriverCapabilities): Notice[] {
  if (isolated) return [];
  const ranges = [cluster?.serviceRange, cluster?.podRange].filter((range) => range !== undefined);
  const first = objects[0];
  if (ranges.length === 0 || !first) return [];
  return [
    {
      code: "KD4020",
      severity: "note",
      object: keyOf(first),
      field: "",
      message: `services and pods have addresses of 127.0.0.0/8 here, not of ${ranges.join(" and ")}`,
    },
  ];
}

/** Each kind once: the objects are left out. */
export function checkKinds(plan: Plan): Notice[] {
  const kinds = new Map<string, string[]>();
  const first = new Map<string, string>();
  for (const object of plan.objects) {
    if (isServed(object) || isKnown(object)) continue;
    const kind = `${object.apiVersion} ${object.kind}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), `\`${object.metadata.name}\``]);
    if (!first.has(kind)) first.set(kind, keyOf(object));
  }
  return [...kinds].map(([kind, names]) => ({
    code: "KD4014",
    severity: "warning",
    object: first.get(kind)!,
    field: "",
    message: `${kind} ${names.slice(0, 4).join(", ")}${names.length > 4 ? `, … (${names.length})` : ""} is left out: this cluster does not know the kind`,
    fix: "give it to a Kubernetes cluster: `kdsl compile FILE --emit yaml | kubectl apply -f -`",
  }));
}

const isKnown = ({ apiVersion, kind }: KubernetesObject) =>
  apiVersion === "v1" && (kind === "PersistentVolumeClaim" || kind === "ServiceAccount");

/** What claims and accounts are here: each once. */
export function checkStandIns(plan: Plan, pods: readonly PodContext[]): Notice[] {
  const claims = new Set<string>();
  const notices: Notice[] = [];
  for (const pod of pods)
    for (const [index, { persistentVolumeClaim: claim }] of (pod.spec.volumes ?? []).entries()) {
      if (!claim || claims.has(claim.claimName)) continue;
      claims.add(claim.claimName);
      const outside =
        plan.external?.[objectKey("PersistentVolumeClaim", pod.key.split("/")[1], claim.claimName)];
      notices.push({
        code: "KD4017",
        severity: outside ? "warning" : "note",
        object: pod.key,
        field: `${pod.path}.volumes[${index}]`,
        message: `claim \`${claim.claimName}\` is a directory of this cluster: it ${outside ? "lives outside and begins empty here" : "begins empty"}, is gone with the cluster, and its size is not enforced`,
      });
    }
  const account = plan.objects.find((object) => isKnown(object) && object.kind === "ServiceAccount");
  if (account)
    notices.push({
      code: "KD4019",
      severity: "note",
      object: keyOf(account),
      field: "",
      message: "pods act as no account here: they are given no token for the API",
    });
  return notices;
}

/** A config or secret that lives outside is not here: what reads it can never start. */
export function checkOutside(
  plan: Plan,
  containers: readonly ContainerContext[],
  pods: readonly PodContext[],
): Notice[] {
  const { external } = plan;
  if (!external) return [];
  const namespaceOf = ({ key }: PodContext) => key.split("/")[1];
  const wanted = (
    pod: PodContext,
    field: string,
    kind: string,
    name: string | undefined,
    optional?: boolean,
  ) => {
    const key = objectKey(kind, namespaceOf(pod), name ?? "");
    return name !== undefined && optional !== true && external[key] ? [absent(pod, field, kind, name)] : [];
  };
  const read = containers.flatMap((container) => [
    ...(container.container.env ?? []).flatMap(({ valueFrom }, index) => {
      const field = `${container.containerPath}.env[${index}]`;
      const { configMapKeyRef: config, secretKeyRef: secret } = valueFrom ?? {};
      return [
        ...wanted(container, field, "ConfigMap", config?.name, config?.optional),
        ...wanted(container, field, "Secret", secret?.name, secret?.optional),
      ];
    }),
    ...(container.container.envFrom ?? []).flatMap(({ configMapRef, secretRef }, index) => {
      const field = `${container.containerPath}.envFrom[${index}]`;
      return [
        ...wanted(container, field, "ConfigMap", configMapRef?.name, configMapRef?.optional),
        ...wanted(container, field, "Secret", secretRef?.name, secretRef?.optional),
      ];
    }),
  ]);
  const mounted = pods.flatMap((pod) =>
    (pod.spec.volumes ?? []).flatMap(({ configMap, secret }, index) => {
      const field = `${pod.path}.volumes[${index}]`;
      return [
        ...wanted(pod, field, "ConfigMap", configMap?.name, configMap?.optional),
        ...wanted(pod, field, "Secret", secret?.secretName, secret?.optional),
      ];
    }),
  );
  return [...read, ...mounted, ...hosts(plan, containers)];
}

function absent(pod: PodContext, field: string, kind: string, name: string): Notice {
  const word = kind === "Secret" ? "secret" : "config";
  return {
    code: "KD4015",
    severity: "error",
    object: pod.key,
    field,
    message: `${word} \`${name}\` lives outside, and this cluster holds only what the file declares`,
    fix: `declare it for a run on this machine: \`if here { ${word} ${name} { … } } else { external ${word} ${name} { … } }\` with a \`param here: Bool\``,
  };
}

/** A service outside without a host of its own is known by a name that only its own cluster resolves. */
function hosts(plan: Plan, containers: readonly ContainerContext[]): Notice[] {
  return Object.entries(plan.external ?? {}).flatMap(([key, { host }]) => {
    const [kind, namespace, name] = key.split("/");
    if (kind !== "Service" || host !== undefined) return [];
    const told = containers.some(({ container }) =>
      (container.env ?? []).some(({ value }) => value?.includes(`${name}.${namespace}`)),
    );
    if (!told) return [];
    return [
      {
        code: "KD4016" as const,
        severity: "warning" as const,
        object: key,
        field: "",
        message: `service \`${name}\` lives outside: its name \`${name}.${namespace}\` does not resolve here`,
        fix: 'say where it is reached: `host: "billing.example.com"`',
      },
    ];
  });
}
