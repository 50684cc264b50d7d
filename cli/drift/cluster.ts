import { type KindInfo, type KubernetesObject, kindNames, kinds, type Stored } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import type { ApplyResult } from "../../runtime/apply.ts";
import { type ApiClient, connect } from "../client.ts";
import { runningFrom } from "../cluster.ts";
import { hasColor } from "../color.ts";
import {
  type Compiled,
  type CompileFlags,
  compileInput,
  countDiagnostics,
  showDiagnostics,
} from "../compile-file.ts";
import { CommandError } from "../error.ts";
import { type PlanRequest, planPath } from "../plan-request.ts";
import { collectionPath } from "../target.ts";

/** A running cluster with the plan that it is held against. */
export interface Compared {
  readonly client: ApiClient;
  /** The plan in force. */
  readonly current: Plan;
  /** What the cluster is to be: the plan in force, or what FILE says now. */
  readonly wanted: Plan;
  /** Where `wanted` is from a file: that. */
  readonly compiled?: Compiled;
}

export interface ClusterFlags extends CompileFlags {
  readonly cluster?: string;
}

/**
 * Finds the cluster and the plan; among several clusters, the one that was started from FILE. Undefined where FILE has
 * mistakes, which are printed then. Throws `CommandError` where there is no such cluster, or FILE is of another one.
 */
export async function compareWith(
  path: string | undefined,
  flags: ClusterFlags,
): Promise<Compared | undefined> {
  const cluster = flags.cluster ?? (path === undefined ? undefined : runningFrom(path));
  const client = connect({ ...flags, ...(cluster !== undefined && { cluster }) });
  const current = await client.json<Plan>(planPath);
  if (path === undefined) return { client, current, wanted: current };
  const compiled = await compileInput(path, flags);
  const { plan, diagnostics } = compiled;
  if (diagnostics.length > 0)
    process.stderr.write(showDiagnostics(diagnostics, "text", hasColor(process.stderr)));
  if (!plan) {
    console.error(countDiagnostics(diagnostics));
    return undefined;
  }
  if (plan.name !== current.name && flags.cluster === undefined)
    throw new CommandError(
      `${path} is cluster ${plan.name}, and what runs is ${current.name}`,
      undefined,
      `start it with kdsl run ${path}; --cluster ${current.name} puts it in the place of what runs`,
    );
  return { client, current, wanted: plan, compiled };
}

/** All objects of a cluster but those that come and go by themselves. */
export async function liveObjects(client: ApiClient): Promise<readonly Stored[]> {
  const infos: readonly KindInfo[] = kindNames
    .filter((kind) => !passing.includes(kind))
    .map((kind) => kinds[kind]);
  const lists = await Promise.all(
    infos.map(async (info) => {
      const { items } = await client.json<{ items: readonly KubernetesObject[] }>(collectionPath(info));
      return items.map((object) => ({ ...object, kind: info.kind, apiVersion: info.apiVersion }) as Stored);
    }),
  );
  return lists.flat();
}

const passing: readonly string[] = ["Event", "Endpoints", "Lease"];

/** Applies a plan: the one in force again where `request` has none. */
export function putPlan(client: ApiClient, request: PlanRequest): Promise<ApplyResult> {
  return client.json<ApplyResult>(planPath, { method: "PUT", body: request });
}
