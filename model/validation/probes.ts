import type { Container, Handler, HttpGetAction, Probe } from "../core.ts";
import { type Causes, forbidden, invalid, negative, oneOf, required } from "./cause.ts";
import { portNameError, portNumberError } from "./names.ts";

/** Probes and life-cycle handlers (`validateProbe`, `validateHandler`). */

type HandlerKind = "exec" | "httpGet" | "tcpSocket" | "grpc" | "sleep";

const ofProbes: readonly HandlerKind[] = ["exec", "httpGet", "tcpSocket", "grpc"];
const ofHooks: readonly HandlerKind[] = ["exec", "httpGet", "tcpSocket", "sleep"];
const schemes = new Set(["HTTP", "HTTPS"]);

type AnyHandler = Handler & {
  readonly grpc?: { readonly port?: number };
  readonly sleep?: { readonly seconds?: number };
};

/** A port by number, or by a name in the form of container ports. */
export function checkPortReference(
  causes: Causes,
  path: string,
  port: number | string | null | undefined,
): void {
  if (port == null || port === "") {
    causes.push(required(path));
    return;
  }
  const fault = typeof port === "number" ? portNumberError(port) : portNameError(port);
  if (fault !== undefined) causes.push(invalid(path, port, fault));
}

function checkHttp(causes: Causes, path: string, http: HttpGetAction): void {
  if (http.path === "") causes.push(required(`${path}.path`));
  checkPortReference(causes, `${path}.port`, http.port);
  oneOf(causes, `${path}.scheme`, http.scheme, schemes);
  for (const [index, header] of (http.httpHeaders ?? []).entries()) {
    if (!/^[-A-Za-z0-9]+$/.test(header.name ?? ""))
      causes.push(
        invalid(
          `${path}.httpHeaders[${index}].name`,
          header.name ?? "",
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
        ),
      );
  }
}

function checkHandler(
  causes: Causes,
  path: string,
  handler: AnyHandler,
  kinds: readonly HandlerKind[],
): void {
  let count = 0;
  for (const kind of kinds) {
    if (handler[kind] == null) continue;
    count++;
    if (count > 1) causes.push(forbidden(`${path}.${kind}`, "may not specify more than 1 handler type"));
  }
  if (count === 0) causes.push(required(path, "must specify a handler type"));
  if (handler.exec && !(handler.exec.command?.length > 0)) causes.push(required(`${path}.exec.command`));
  if (handler.httpGet) checkHttp(causes, `${path}.httpGet`, handler.httpGet);
  if (handler.tcpSocket) checkPortReference(causes, `${path}.tcpSocket.port`, handler.tcpSocket.port);
  if (handler.grpc && kinds === ofProbes) checkPortReference(causes, `${path}.grpc.port`, handler.grpc.port);
}

const counts = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function checkProbe(
  causes: Causes,
  path: string,
  probe: Probe | null | undefined,
  use: "readiness" | "liveness" | "startup",
): void {
  if (probe == null) return;
  checkHandler(causes, path, probe, ofProbes);
  for (const field of counts) {
    const value = probe[field];
    if (value != null && value < 0) causes.push(invalid(`${path}.${field}`, value, negative));
  }
  // 0 stands for the default of 1.
  if (use !== "readiness" && (probe.successThreshold ?? 1) > 1)
    causes.push(invalid(`${path}.successThreshold`, probe.successThreshold, "must be 1"));
  const grace = probe.terminationGracePeriodSeconds;
  if (grace == null) return;
  if (use === "readiness")
    causes.push(
      invalid(`${path}.terminationGracePeriodSeconds`, grace, "must not be set for readinessProbes"),
    );
  else if (grace < 1)
    causes.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, "must be greater than 0"));
}

/** The probes and hooks of a container. An init container that is no sidecar has none. */
export function checkLife(causes: Causes, path: string, container: Container, plainInit: boolean): void {
  if (plainInit) {
    for (const field of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const) {
      if (container[field] != null)
        causes.push(
          forbidden(`${path}.${field}`, "may not be set for init containers without restartPolicy=Always"),
        );
    }
    return;
  }
  checkProbe(causes, `${path}.livenessProbe`, container.livenessProbe, "liveness");
  checkProbe(causes, `${path}.readinessProbe`, container.readinessProbe, "readiness");
  checkProbe(causes, `${path}.startupProbe`, container.startupProbe, "startup");
  const { lifecycle } = container;
  if (lifecycle?.postStart) checkHandler(causes, `${path}.lifecycle.postStart`, lifecycle.postStart, ofHooks);
  if (lifecycle?.preStop) checkHandler(causes, `${path}.lifecycle.preStop`, lifecycle.preStop, ofHooks);
}
