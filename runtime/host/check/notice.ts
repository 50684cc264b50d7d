import type { ObjectKey } from "../../../model/meta.ts";
import type { FieldPath, Place, Plan } from "../../../model/plan.ts";

/** Something that a plan asks for and this driver or machine gives in another way, or not at all. */
export interface Notice {
  readonly code: NoticeCode;
  /** An error: it cannot run. A warning: it may not do what the file says. A note: good to know. */
  readonly severity: "error" | "warning" | "note";
  readonly object: ObjectKey;
  readonly field: FieldPath;
  readonly message: string;
  /** The way out, where there is one. */
  readonly fix?: string;
}

/** What the codes stand for. */
export const noticeCodes = {
  KD4001: "an image without a command cannot be run as a process",
  KD4002: "a program is not installed on this machine",
  KD4003: "the directory of a `local` block is missing",
  KD4004: "a hostPath cannot be used",
  KD4005: "a port is opened shifted",
  KD4006: "volumes cannot be mounted at their paths",
  KD4007: "programs cannot look up services by name",
  KD4008: "limits are not enforced",
  KD4009: "containers of one pod do not share 127.0.0.1",
  KD4010: "only TCP is proxied",
  KD4011: "a volume of a type that only a full Kubernetes serves",
  KD4012: "a security context is not applied",
  KD4013: "a node port is in use on this machine",
  KD4014: "an object of a kind that only a full Kubernetes knows is left out",
  KD4015: "a config or secret that lives outside is not here",
  KD4016: "a service that lives outside has no host name here",
  KD4017: "a claim is a directory of this cluster",
  KD4020: "addresses are this machine's own",
  KD4019: "pods act as no account",
  KD4021: "nothing leads out of the cluster",
} as const;

export type NoticeCode = keyof typeof noticeCodes;

/** Where the field was written: its own place, else that of the nearest field around it. */
export function placeOf(notice: Notice, plan: Plan): Place | undefined {
  const places = plan.provenance[notice.object];
  if (!places) return undefined;
  let path: string = notice.field;
  while (path !== "" && !places[path]) path = path.replace(/(\.[^.[]*|\[[^\]]*\]|^[^.[]*)$/, "");
  return places[path];
}

/** A notice in the look of the compiler's diagnostics. */
export function formatNotice(notice: Notice, plan: Plan): string {
  const place = placeOf(notice, plan);
  const where = place ? `${place.file}:${place.line}:${place.column}` : notice.object;
  return [
    `${notice.severity}[${notice.code}]: ${notice.message}`,
    `  ┌─ ${where}`,
    ...(notice.fix === undefined ? [] : [`  = help: ${notice.fix}`]),
  ].join("\n");
}
