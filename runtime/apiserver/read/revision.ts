import { ApiError } from "../../client/client.ts";

/** A revision that has not come to be yet: the client has seen another cluster, or a later one (Kubernetes' answer). */
export function tooLargeRevision(asked: number, current: number): ApiError {
  return new ApiError(504, "Timeout", `Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version", field: "" }],
    retryAfterSeconds: 1,
  });
}
