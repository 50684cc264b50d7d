import type { ContainerPort } from "../../../model/core.ts";
import { portNameError } from "../../../model/validation/names.ts";
import {
  hostPortTwice,
  portNameForm,
  portNameTwice,
  portSharedInPod,
} from "../../diagnostics/catalog/cluster.ts";
import type { Span } from "../../source/source.ts";
import type { Cluster, Workload } from "../cluster.ts";
import { mayHaveTwice } from "../few.ts";
import type { Rule, Tell } from "../rule.ts";

/** The ports of containers within one pod, whose containers share one address. */
export const containerPorts: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) if (!isInOrder(workload)) podPorts(cluster, workload, tell);
};

/** Whether there is surely nothing to be said: names are in order, no port is like another, none is of the node. */
function isInOrder({ containers }: Workload): boolean {
  const all: ContainerPort[] = [];
  for (const { container } of containers)
    for (const port of container.ports ?? []) {
      if (port.hostPort || (port.name !== undefined && portNameError(port.name) !== undefined)) return false;
      all.push(port);
    }
  return !mayHaveTwice(all, isLike);
}

const isLike = (one: ContainerPort, other: ContainerPort) =>
  one.containerPort === other.containerPort || (one.name !== undefined && one.name === other.name);

interface Seen {
  readonly container: string;
  /** Where in the object it is. */
  readonly path: string;
}

function podPorts(cluster: Cluster, workload: Workload, tell: Tell): void {
  const seen = new Map<string, Seen>();
  const near = (path: string) => cluster.near(workload.key, path);
  const hostPorts = new Map<string, Span>();
  for (const { container, path, init } of workload.containers) {
    for (const [index, port] of (container.ports ?? []).entries()) {
      const at = `${path}.ports[${index}]`;
      const protocol = port.protocol ?? "TCP";
      const why = port.name === undefined ? undefined : portNameError(port.name);
      if (why !== undefined) tell(portNameForm(near(`${at}.name`), { name: port.name!, why }));
      // Init containers are gone when the others start.
      if (init) continue;
      const meet = (what: string, path: string, isName: boolean) => {
        const first = seen.get(what);
        if (!first) {
          seen.set(what, { container: container.name, path });
          return;
        }
        const secondary = (text: string) => ({ secondary: [{ span: near(first.path), text }] });
        if (first.container !== container.name)
          tell(
            portSharedInPod(
              near(path),
              { title: workload.title, what, first: first.container, second: container.name },
              secondary(`here in \`${first.container}\``),
            ),
          );
        else if (isName)
          tell(
            portNameTwice(
              near(path),
              { container: container.name, name: port.name! },
              secondary("first here"),
            ),
          );
      };
      const number = `port ${port.containerPort}${protocol === "TCP" ? "" : `/${protocol}`}`;
      meet(number, `${at}.containerPort`, false);
      if (port.name !== undefined) meet(`a port named \`${port.name}\``, `${at}.name`, true);
      if (!port.hostPort) continue;
      const span = near(`${at}.hostPort`);
      const hostKey = `${protocol}/${port.hostIP ?? ""}/${port.hostPort}`;
      const first = hostPorts.get(hostKey);
      if (first)
        tell(
          hostPortTwice(
            span,
            { title: workload.title, port: port.hostPort },
            { secondary: [{ span: first, text: "first here" }] },
          ),
        );
      else hostPorts.set(hostKey, span);
    }
  }
}
