import type { SecretValues } from "../../compiler/import/plan.ts";
import type { Plan } from "../../model/plan.ts";
import { type ApiRequest, type ApiResponse, json } from "../../runtime/apiserver/http.ts";
import { type ApiServer, errorResponse } from "../../runtime/apiserver/server.ts";
import { badRequest, methodNotAllowed } from "../../runtime/apiserver/status.ts";
import type { ApplyResult } from "../../runtime/apply.ts";
import { ApiError } from "../../runtime/client/client.ts";
import { CommandError } from "../error.ts";
import { type PlanRequest, planPath } from "../plan-request.ts";

export interface PlanAccess {
  /** The plan applied last; undefined where none is yet. */
  readonly current: () => Plan | undefined;
  /** Makes every field that the plan has as it says. Throws `CommandError` where this cluster cannot take it. */
  readonly apply: (plan: Plan, secretValues: SecretValues | undefined) => ApplyResult;
}

/** The API with the plan beside it. */
export function withPlan(api: ApiServer, access: PlanAccess): ApiServer {
  return {
    ...api,
    handle: (request) => {
      if (request.path !== planPath) return api.handle(request);
      try {
        return answer(request, access);
      } catch (error) {
        return errorResponse(
          error instanceof CommandError ? new ApiError(422, "Invalid", textOf(error)) : error,
        );
      }
    },
  };
}

const textOf = ({ message, help }: CommandError) => (help ? `${message}\n  help: ${help}` : message);

function answer(request: ApiRequest, access: PlanAccess): ApiResponse {
  const current = access.current();
  if (current === undefined)
    throw new ApiError(503, "ServiceUnavailable", "the cluster is still starting: it has no plan yet");
  switch (request.method) {
    case "GET":
      return json(current);
    case "PUT": {
      const { plan = current, secretValues } = requestOf(request);
      return json(access.apply(plan, secretValues && new Map(secretValues)));
    }
    default:
      throw methodNotAllowed();
  }
}

function requestOf({ body }: ApiRequest): PlanRequest {
  try {
    const value = JSON.parse(new TextDecoder().decode(body)) as PlanRequest;
    if (typeof value === "object" && value !== null && (value.plan === undefined || value.plan.version === 1))
      return value;
  } catch {}
  throw badRequest("this is no plan that this kdsl can apply");
}
