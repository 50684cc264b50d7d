import type { Plan } from "../model/plan.ts";

/** Where the plan of a running cluster is read and applied: beside the Kubernetes API, at the Unix socket alone. */
export const planPath = "/kdsl/plan";

/** In bytes. Plans are larger than single objects: they know where each field was written. */
export const largestPlan = 64 * 1024 * 1024;

/** The body of a PUT to `planPath`. */
export interface PlanRequest {
  /** Absent: the plan in force is applied again. */
  readonly plan?: Plan;
  /** Of manifests: the values of secrets, which no plan holds. */
  readonly secretValues?: readonly (readonly [string, Readonly<Record<string, string>>])[];
}
