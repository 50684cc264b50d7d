import { keyOf } from "../../../model/meta.ts";
import type { ClusterContext, ContainerContext } from "./check.ts";
import type { Notice } from "./notice.ts";

/** What the driver gives in another way than a full Kubernetes, or not at all. */

export function checkPorts({ containers, services, capabilities }: ClusterContext): Notice[] {
  const notices: Notice[] = [];
  const shifted = (port: number) => capabilities.openPort(port) !== port;
  const note = (object: string, field: string, port: number, what: string) =>
    notices.push({
      code: "KD4005",
      severity: "note",
      object,
      field,
      message: `${what} answers at port ${capabilities.openPort(port)} instead of ${port}, which this user may not open`,
    });
  for (const service of services) {
    const key = keyOf(service);
    for (const [index, { port, protocol = "TCP" }] of (service.spec.ports ?? []).entries()) {
      const field = `spec.ports[${index}]`;
      if (service.spec.clusterIP !== "None" && shifted(port))
        note(key, `${field}.port`, port, `service \`${service.metadata.name}\``);
      if (protocol !== "TCP") {
        notices.push({
          code: "KD4010",
          severity: "warning",
          object: key,
          field: `${field}.protocol`,
          message: `port ${port} of service \`${service.metadata.name}\` is ${protocol}, which is not balanced here: nothing answers at the service's address`,
          fix: "use the pods' own addresses, or TCP",
        });
      }
    }
  }
  for (const { container, containerPath, key } of containers) {
    for (const [index, { containerPort }] of (container.ports ?? []).entries()) {
      if (shifted(containerPort))
        note(
          key,
          `${containerPath}.ports[${index}].containerPort`,
          containerPort,
          `container \`${container.name}\` is told by $PORT that it`,
        );
    }
  }
  return notices;
}

/** Without namespaces a program finds its volumes by variables only. */
export function checkMounts({ containers, capabilities }: ClusterContext): Notice[] {
  if (capabilities.namespaces) return [];
  return containers.flatMap(({ container, containerPath, key }) =>
    (container.volumeMounts ?? []).slice(0, 1).map(
      (mount): Notice => ({
        code: "KD4006",
        severity: "warning",
        object: key,
        field: `${containerPath}.volumeMounts[0]`,
        message: `container \`${container.name}\` does not see its volumes at \`${mount.mountPath}\`: ${whyNot(capabilities)}`,
        fix: `let the program take the path from $KDSL_VOLUME_${mount.name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`,
      }),
    ),
  );
}

export function checkNames({ services, containers, capabilities }: ClusterContext): Notice[] {
  const [first] = services;
  if (capabilities.namespaces || !first || containers.length === 0) return [];
  return [
    {
      code: "KD4007",
      severity: "warning",
      object: keyOf(first),
      field: "",
      message: `programs cannot look up services by name: ${whyNot(capabilities)}`,
      fix: "refer to services (`db.host`), which gives their addresses; names written as text do not resolve",
    },
  ];
}

/** Pods without a network of their own share the machine's loopback address. */
export function checkLoopback({ pods, containers, capabilities }: ClusterContext): Notice[] {
  if (capabilities.isolated) return [];
  return pods
    .filter(({ spec }) => spec.containers.length > 1)
    .flatMap(({ key, path }): Notice[] => {
      const named = containers
        .filter((each) => each.key === key)
        .map((each) => loopbackText(each, capabilities.namespaces))
        .find((found) => found !== undefined);
      const byName = capabilities.namespaces ? "`localhost` or $HOST" : "$HOST";
      return [
        {
          code: "KD4009",
          severity: named === undefined ? "note" : "warning",
          object: key,
          field: named?.field ?? `${path}.containers`,
          message: `containers of this pod reach each other at ${byName}, not at ${named?.text ?? "127.0.0.1"}`,
          fix: `write ${byName} instead, or run with --isolate`,
        },
      ];
    });
}

/** Pods with networks of their own need somebody to carry what they send elsewhere. */
export function checkWayOut({ pods, capabilities }: ClusterContext): Notice[] {
  const [first] = pods;
  if (!first || !capabilities.isolated || capabilities.noWayOut === undefined) return [];
  return [
    {
      code: "KD4021",
      severity: "note",
      object: first.key,
      field: "",
      message: `pods reach each other, services, and nothing outside but by them: ${capabilities.noWayOut}`,
      fix: "if programs are to reach the internet: that takes slirp4netns, nft or iptables, and leave to open /dev/net/tun",
    },
  ];
}

function loopbackText(
  { container, containerPath }: ContainerContext,
  names: boolean,
): { field: string; text: string } | undefined {
  const pattern = names ? /\b127\.0\.0\.1\b/ : /\b127\.0\.0\.1\b|\blocalhost\b/;
  const texts = [
    ...(container.env ?? []).map(({ value }, index) => [`env[${index}].value`, value] as const),
    ...(container.command ?? []).map((value, index) => [`command[${index}]`, value] as const),
    ...(container.args ?? []).map((value, index) => [`args[${index}]`, value] as const),
  ];
  for (const [field, value] of texts) {
    const found = value === undefined ? null : pattern.exec(value);
    if (found) return { field: `${containerPath}.${field}`, text: found[0] };
  }
  return undefined;
}

export function checkLimits({ containers, pods }: ClusterContext): Notice[] {
  const limited = containers.filter(
    ({ container }) => Object.keys(container.resources?.limits ?? {}).length > 0,
  );
  const sized = pods.filter(({ spec }) =>
    spec.volumes?.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined),
  );
  const notices: Notice[] = [];
  const [first] = limited;
  if (first) {
    notices.push({
      code: "KD4008",
      severity: "note",
      object: first.key,
      field: `${first.containerPath}.resources.limits`,
      message: `limits count for scheduling but are not enforced on processes (${limited.length} container${limited.length === 1 ? " of this file has" : "s of this file have"} some)`,
    });
  }
  const [pod] = sized;
  if (pod) {
    notices.push({
      code: "KD4008",
      severity: "note",
      object: pod.key,
      field: `${pod.path}.volumes`,
      message:
        "the size limits of emptyDir volumes are not enforced: they are directories on this machine's disk",
    });
  }
  return notices;
}

export function checkSecurity({ pods, containers }: ClusterContext): Notice[] {
  const wanted = [
    ...pods.map(({ key, path, spec }) => ({ key, path, context: spec.securityContext })),
    ...containers.map(({ key, containerPath, container }) => ({
      key,
      path: containerPath,
      context: (container as { securityContext?: Readonly<Record<string, unknown>> }).securityContext,
    })),
  ].filter(({ context }) => context !== undefined && Object.keys(context).length > 0);
  const [first] = wanted;
  if (!first) return [];
  return [
    {
      code: "KD4012",
      severity: "warning",
      object: first.key,
      field: `${first.path}.securityContext`,
      message: "security contexts are not applied: processes run as the user who started kdsl",
    },
  ];
}

function whyNot({ namespacesMissing }: { readonly namespacesMissing?: string }): string {
  return `user namespaces are not to be had here (${namespacesMissing ?? "turned off"})`;
}
