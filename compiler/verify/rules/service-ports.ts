import type { ServicePort } from "../../../model/core.ts";
import { dnsLabelError } from "../../../model/validation/names.ts";
import {
  nodePortRange,
  nodePortTwice,
  portNameForm,
  portsMissing,
  portTwice,
  portUnnamed,
} from "../../diagnostics/catalog/cluster.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/source.ts";
import type { Cluster } from "../cluster.ts";
import { mayHaveTwice } from "../few.ts";
import { advise, replace } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";

/** The ports of services among themselves: names, numbers, node ports. What they lead to is `service-targets.ts`. */
export const servicePorts: Rule = (cluster, tell) => {
  const nodePorts = new Map<string, { service: string; title: string; span: Span }>();
  for (const service of cluster.services) {
    const { ports = [], type, clusterIP } = service.object.spec;
    if (ports.length === 0 && type !== "ExternalName" && clusterIP !== "None")
      tell(
        portsMissing(
          cluster.near(service.key),
          { service: service.name },
          { fixes: [advise("say where it answers: `port http: 80 -> http`")] },
        ),
      );
    const repeats = mayHaveTwice(ports, isLike);
    const seen = new Map<string, Span>();
    for (let index = 0; index < ports.length; index++) {
      const port = ports[index]!;
      const why = port.name === undefined ? undefined : dnsLabelError(port.name);
      // Most ports have a name in order, are like no other of the service, and none of the nodes'.
      if (port.name !== undefined && why === undefined && !repeats && !port.nodePort) continue;
      const path = `spec.ports[${index}]`;
      const span = cluster.near(service.key, path);
      if (port.name === undefined) {
        if (ports.length > 1) tell(unnamed(cluster, service.key, service.name, path, port));
      } else if (why !== undefined) {
        const at = cluster.near(service.key, `${path}.name`);
        tell(portNameForm(at, { name: port.name, why: shorten(why) }));
      }
      for (const what of identities(port)) {
        const first = seen.get(what);
        if (first)
          tell(
            portTwice(
              span,
              { service: service.name, what },
              { secondary: [{ span: first, text: "first here" }] },
            ),
          );
        else seen.set(what, span);
      }
      nodePort(cluster, nodePorts, service, `${path}.nodePort`, port, tell);
    }
  }
};

const isLike = (one: ServicePort, other: ServicePort) => one.name === other.name || one.port === other.port;

/** Kubernetes' texts name the form by its standard and give a pattern; messages here need the first half. */
export function shorten(why: string): string {
  const [text = ""] = why.split(" (e.g. ");
  const must = text.indexOf(" must ");
  return must > 0 ? text.slice(must + 1) : text;
}

const identities = ({ name, port, protocol = "TCP" }: ServicePort) => [
  ...(name === undefined ? [] : [`a port named \`${name}\``]),
  `port ${port}${protocol === "TCP" ? "" : `/${protocol}`}`,
];

function unnamed(
  cluster: Cluster,
  key: string,
  service: string,
  path: string,
  port: ServicePort,
): Diagnostic {
  const span = cluster.near(key, `${path}.port`);
  const name = typeof port.targetPort === "string" ? port.targetPort : `port-${port.port}`;
  return portUnnamed(
    span,
    { service, port: port.port },
    { fixes: [replace(`name it \`${name}\``, span, String(port.port), `${name}: ${port.port}`)] },
  );
}

/** What Kubernetes sets aside where the file says nothing. */
const usual = { first: 30000, last: 32767 };

function nodePort(
  cluster: Cluster,
  taken: Map<string, { service: string; title: string; span: Span }>,
  service: { key: string; title: string },
  path: string,
  port: ServicePort,
  tell: Tell,
): void {
  const number = port.nodePort;
  if (!number) return;
  const span = cluster.near(service.key, path);
  const { first: lowest, last: highest } = cluster.plan.cluster?.nodePorts ?? usual;
  if (number < lowest || number > highest) {
    const better = lowest + number <= highest ? lowest + number : undefined;
    const fix =
      better === undefined
        ? advise(`choose a number from ${lowest} to ${highest}`)
        : replace(`take ${better}`, span, String(number), String(better));
    tell(nodePortRange(span, { port: number, first: lowest, last: highest }, { fixes: [fix] }));
    return;
  }
  // One service may have a number for each protocol, another service may not have it at all.
  const first = taken.get(String(number));
  if (first && (first.service !== service.key || taken.has(`${number}/${port.protocol ?? "TCP"}`))) {
    let free = number + 1;
    while (taken.has(String(free)) && free < highest) free++;
    tell(
      nodePortTwice(
        span,
        { port: number, first: first.title, second: service.title },
        {
          secondary: [{ span: first.span, text: `taken by ${first.title}` }],
          fixes: [replace(`take ${free}`, span, String(number), String(free))],
        },
      ),
    );
    return;
  }
  const entry = { service: service.key, title: service.title, span };
  taken.set(String(number), entry);
  taken.set(`${number}/${port.protocol ?? "TCP"}`, entry);
}
