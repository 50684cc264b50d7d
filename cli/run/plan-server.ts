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

/** 400 for what is no plan of this version: a client of another one is told so before anything is done. */
function requestOf({ body }: ApiRequest): PlanRequest {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    if (
      isRecord(value) &&
      (value.plan === undefined || isPlan(value.plan)) &&
      (value.secretValues === undefined || areSecretValues(value.secretValues))
    )
      return value as PlanRequest;
  } catch {}
  throw badRequest("this is no plan that this kdsl can apply");
}

const parts = ["provenance", "local", "references", "secrets", "after", "updates"] as const;

function isPlan(value: unknown): boolean {
  return (
    isRecord(value) &&
    value.version === 1 &&
    typeof value.name === "string" &&
    Array.isArray(value.objects) &&
    value.objects.every(isObject) &&
    parts.every((part) => isRecord(value[part]))
  );
}

function isObject(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.kind === "string" &&
    isRecord(value.metadata) &&
    typeof value.metadata.name === "string"
  );
}

function areSecretValues(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (each) =>
        Array.isArray(each) &&
        typeof each[0] === "string" &&
        isRecord(each[1]) &&
        Object.values(each[1]).every((text) => typeof text === "string"),
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
