import { portNameError } from "../../../model/validation/names.ts";
import {
  hostPortTwice,
  portNameForm,
  portNameTwice,
  portSharedInPod,
} from "../../diagnostics/catalog/cluster.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/source.ts";
import { type Cluster, containersOf, type Workload } from "../cluster.ts";
import type { Rule } from "../rule.ts";

/** The ports of containers within one pod, whose containers share one address. */
export const containerPorts: Rule = function* (cluster) {
  for (const workload of cluster.workloads) yield* podPorts(cluster, workload);
};

function* podPorts(cluster: Cluster, workload: Workload): Iterable<Diagnostic> {
  const seen = new Map<string, { container: string; span: Span }>();
  const hostPorts = new Map<string, Span>();
  for (const { container, path, init } of containersOf(workload)) {
    for (const [index, port] of (container.ports ?? []).entries()) {
      const at = `${path}.ports[${index}]`;
      const protocol = port.protocol ?? "TCP";
      if (port.name !== undefined) {
        const span = cluster.near(workload.key, `${at}.name`);
        const why = portNameError(port.name);
        if (why !== undefined) yield portNameForm(span, { name: port.name, why });
      }
      // Init containers are gone when the others start.
      if (init) continue;
      const numberSpan = cluster.near(workload.key, `${at}.containerPort`);
      const nameSpan = cluster.near(workload.key, `${at}.name`);
      const marks: [string, Span][] = [
        [`port ${port.containerPort}${protocol === "TCP" ? "" : `/${protocol}`}`, numberSpan],
      ];
      if (port.name !== undefined) marks.push([`a port named \`${port.name}\``, nameSpan]);
      for (const [what, span] of marks) {
        const first = seen.get(what);
        if (!first) seen.set(what, { container: container.name, span });
        else if (first.container !== container.name)
          yield portSharedInPod(
            span,
            { title: workload.title, what, first: first.container, second: container.name },
            { secondary: [{ span: first.span, text: `here in \`${first.container}\`` }] },
          );
        else if (span === nameSpan && port.name !== undefined)
          yield portNameTwice(
            span,
            { container: container.name, name: port.name },
            { secondary: [{ span: first.span, text: "first here" }] },
          );
      }
      if (!port.hostPort) continue;
      const span = cluster.near(workload.key, `${at}.hostPort`);
      const hostKey = `${protocol}/${port.hostIP ?? ""}/${port.hostPort}`;
      const first = hostPorts.get(hostKey);
      if (first)
        yield hostPortTwice(
          span,
          { title: workload.title, port: port.hostPort },
          { secondary: [{ span: first, text: "first here" }] },
        );
      else hostPorts.set(hostKey, span);
    }
  }
}
