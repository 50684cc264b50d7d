import type { Container } from "../../../model/core.ts";
import type { ClusterContext } from "./check.ts";
import type { Notice } from "./notice.ts";

/** What Kubernetes does for pods and this runtime does not: said before the start, since a pod may wait for it for ever. */
export function checkUnserved({ containers }: ClusterContext): Notice[] {
  const notices: Notice[] = [];
  for (const { key, container, containerPath } of containers) {
    const note = (severity: Notice["severity"], field: string, message: string, fix: string) =>
      notices.push({
        code: "KD4018",
        severity,
        object: key,
        field: `${containerPath}.${field}`,
        message,
        fix,
      });
    for (const probe of ["readinessProbe", "livenessProbe", "startupProbe"] as const)
      if (container[probe]?.grpc)
        note(
          "error",
          probe,
          `container \`${container.name}\` is asked over gRPC, which kdsl run does not speak: it would never count as well`,
          "ask over `tcp`, `http` or `exec`",
        );
    for (const hook of ["postStart", "preStop"] as const)
      if (container.lifecycle?.[hook]?.sleep)
        note(
          "warning",
          `lifecycle.${hook}`,
          `the pause of container \`${container.name}\` is left out`,
          'run `["sleep", "5"]` instead',
        );
    if ((container as Container & { restartPolicy?: string }).restartPolicy === "Always")
      note(
        "error",
        "restartPolicy",
        `\`${container.name}\` runs beside the containers and not before them, which kdsl run does not know: they would never start`,
        "make it a `container`",
      );
  }
  return notices;
}
