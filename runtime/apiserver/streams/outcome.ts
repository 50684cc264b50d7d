import type { ApiError } from "../../client/client.ts";

/** How a remote command ended, as its client is told: a `Status` that holds no more than it must. */
export type Outcome =
  | { readonly metadata: Readonly<Record<string, never>>; readonly status: "Success" }
  | {
      readonly metadata: Readonly<Record<string, never>>;
      readonly status: "Failure";
      readonly message: string;
      readonly reason: string;
      readonly details?: {
        readonly causes: readonly { readonly reason: string; readonly message: string }[];
      };
      readonly code?: number;
    };

/** Of a command that ran and ended: clients take the exit code from the cause (Kubernetes' `remotecommand.NonZeroExitCodeReason`). */
export function exitOutcome(exitCode: number): Outcome {
  if (exitCode === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    message: `command terminated with non-zero exit code: command terminated with exit code ${exitCode}`,
    reason: "NonZeroExitCode",
    details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
  };
}

/** Of a command that could not be run, or whose end is not known. */
export function failureOutcome(error: Pick<ApiError, "code" | "reason" | "message">): Outcome {
  const { message, reason, code } = error;
  return { metadata: {}, status: "Failure", message, reason, code };
}

/** As it goes over the wire; undefined where the protocol says nothing of a success. */
export function outcomeText(outcome: Outcome, form: "json" | "text"): string | undefined {
  if (form === "json") return JSON.stringify(outcome);
  return outcome.status === "Success" ? undefined : outcome.message;
}
