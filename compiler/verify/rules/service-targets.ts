import type { ContainerPort, Service, ServicePort } from "../../../model/core.ts";
import { targetMissing, targetMissingInSome, targetUndeclared } from "../../diagnostics/catalog/cluster.ts";
import type { Fix, Label } from "../../diagnostics/diagnostic.ts";
import type { Cluster, Declared, Workload } from "../cluster.ts";
import { advise, didYouMean, insertAfter, replace } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { join, quote } from "../words.ts";

/** What the ports of services lead to: a named target is looked up in each selected pod, by name and protocol. */
export const serviceTargets: Rule = (cluster, tell) => {
  for (const service of cluster.services) {
    const selected = cluster.matching(service.namespace, service.object.spec.selector);
    if (selected.length === 0) continue;
    let offers: readonly Offer[] | undefined;
    for (const [index, port] of (service.object.spec.ports ?? []).entries()) {
      // One workload's pods that have the port, as nearly everywhere, need no list of all that there is.
      if (selected.length === 1 && leads(port, selected[0]!)) continue;
      offers ??= selected.flatMap((workload) => offersOf(workload));
      const about: Target = { cluster, service, port, path: `spec.ports[${index}]`, selected, offers };
      if (typeof port.targetPort === "string") named(about, port.targetPort, tell);
      else numbered(about, port.targetPort ?? port.port, tell);
    }
  }
};

/** Whether pods have what a service's port leads to. */
function leads(service: ServicePort, { spec }: Workload): boolean {
  const target = service.targetPort ?? service.port;
  for (const { ports = [] } of spec.containers)
    for (const port of ports) {
      const found = typeof target === "string" ? port.name : port.containerPort;
      if (found === target && protocolOf(port) === protocolOf(service)) return true;
    }
  return false;
}

interface Offer {
  readonly workload: Workload;
  readonly container: string;
  readonly port: ContainerPort;
  /** Where in the pod: of which container, and of its ports. */
  readonly at: number;
  readonly index: number;
}

interface Target {
  readonly cluster: Cluster;
  readonly service: Declared<Service>;
  readonly port: ServicePort;
  readonly path: string;
  readonly selected: readonly Workload[];
  readonly offers: readonly Offer[];
}

function offersOf(workload: Workload): Offer[] {
  return workload.spec.containers.flatMap((container, at) =>
    (container.ports ?? []).map((port, index) => ({
      workload,
      container: container.name,
      port,
      at,
      index,
    })),
  );
}

const protocolOf = (port: { protocol?: string }) => port.protocol ?? "TCP";
const portText = (port: ServicePort) => quote(port.name ?? port.port);

function offerLabel({ cluster }: Target, offer: Offer, text?: string): Label {
  const { name, containerPort } = offer.port;
  const path = `${offer.workload.specPath}.containers[${offer.at}].ports[${offer.index}]`;
  const span = cluster.near(
    offer.workload.key,
    name === undefined ? `${path}.containerPort` : `${path}.name`,
  );
  return { span, text: text ?? `\`${offer.container}\` offers \`${name ?? containerPort}\`` };
}

function named(about: Target, target: string, tell: Tell): void {
  const { cluster, service, port, selected, offers } = about;
  const fitting = offers.filter(
    (offer) => offer.port.name === target && protocolOf(offer.port) === protocolOf(port),
  );
  const span = cluster.near(service.key, `${about.path}.targetPort`);
  const args = { service: service.name, port: portText(port), target };
  if (fitting.length === 0) {
    tell(targetMissing(span, args, missing(about, target, span)));
    return;
  }
  const without = selected.filter((workload) => !fitting.some((offer) => offer.workload === workload));
  if (without.length === 0) return;
  tell(
    targetMissingInSome(
      span,
      { ...args, some: join(without.map(({ title }) => title)) },
      {
        secondary: [
          offerLabel(about, fitting[0]!),
          ...without
            .slice(0, 3)
            .map(({ key, title }) => ({ span: cluster.near(key), text: `${title} does not` })),
        ],
      },
    ),
  );
}

function missing(about: Target, target: string, span: ReturnType<Cluster["near"]>) {
  const { selected, offers, port } = about;
  const owners = join([...new Set(selected.map(({ title }) => title))]);
  const otherProtocol = offers.find((offer) => offer.port.name === target);
  if (otherProtocol)
    return {
      label: `is ${protocolOf(port)} here`,
      secondary: [offerLabel(about, otherProtocol, `is ${protocolOf(otherProtocol.port)} here`)],
      fixes: [advise(`give both the same \`protocol\``)],
    };
  const protocol = protocolOf(port);
  const usable = offers.filter(
    (offer) => offer.port.name !== undefined && protocolOf(offer.port) === protocol,
  );
  const meant = didYouMean(
    target,
    usable.map((offer) => offer.port.name!),
    span,
  );
  const shown = meant
    ? usable.filter((offer) => offer.port.name === meant.name).slice(0, 1)
    : usable.slice(0, 3);
  const fixes: Fix[] = [];
  if (meant) fixes.push(meant.fix);
  else if (usable.length > 0)
    fixes.push(
      ...usable
        .slice(0, 1)
        .map((offer) => replace(`send to \`${offer.port.name}\``, span, target, offer.port.name!)),
    );
  else fixes.push(advise(`declare it in a container: \`port ${target}: NUMBER\``));
  return {
    label: `not a port of ${owners}`,
    secondary: shown.map((offer) => offerLabel(about, offer)),
    fixes,
  };
}

function numbered(about: Target, target: number, tell: Tell): void {
  const { cluster, service, port, offers, path } = about;
  const protocol = protocolOf(port);
  if (offers.some((offer) => offer.port.containerPort === target && protocolOf(offer.port) === protocol))
    return;
  const written = cluster.at(service.key, `${path}.targetPort`);
  const span = written ?? cluster.near(service.key, `${path}.port`);
  const usable = offers.filter((offer) => protocolOf(offer.port) === protocol);
  const only = usable.length === 1 ? usable[0]! : undefined;
  const fixes: Fix[] = [];
  if (only) {
    const name = String(only.port.name ?? only.port.containerPort);
    const title = `send to \`${name}\` of \`${only.container}\``;
    fixes.push(
      written ? replace(title, written, String(target), name) : insertAfter(title, span, ` -> ${name}`),
    );
  }
  tell(
    targetUndeclared(
      span,
      { service: service.name, port: portText(port), target },
      {
        label: usable.length === 0 ? "its pods declare no port" : "declared by none of its pods",
        secondary: usable.slice(0, 3).map((offer) => offerLabel(about, offer)),
        fixes,
      },
    ),
  );
}
