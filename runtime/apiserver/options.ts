import type { Selector } from "../../model/selector.ts";
import { parseSelector } from "../../model/selector-parser.ts";
import { ApiError, type StatusCause } from "../client/client.ts";
import { badRequest, invalidOptions } from "./status.ts";

/** The query parameters that lists, watches and writes share (Kubernetes' `ListOptions` and `CreateOptions`). */
export interface ListOptions {
  readonly labels: Selector;
  /** Whether a selector of any sort narrows the list. */
  readonly selective: boolean;
  readonly fields: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: number;
  readonly match?: "Exact" | "NotOlderThan";
  readonly watch: boolean;
  readonly bookmarks: boolean;
  /** Absent: initial events come where no revision is given to start from. */
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export function listOptions(query: URLSearchParams): ListOptions {
  const labels = parseSelector(query.get("labelSelector") ?? "");
  if (typeof labels === "string") throw badRequest(labels);
  const fields = query.get("fieldSelector") ?? "";
  const token = query.get("continue") ?? "";
  const limit = integer(query, "limit");
  const timeoutSeconds = integer(query, "timeoutSeconds");
  const watch = flag(query, "watch");
  checkMatch(query, watch);
  const match = query.get("resourceVersionMatch") as ListOptions["match"];
  const resourceVersion = revisionOf(query.get("resourceVersion"));
  if (token !== "" && resourceVersion !== undefined && resourceVersion !== 0)
    throw badRequest("specifying resource version is not allowed when using continue");
  return {
    labels,
    fields,
    selective: labels.length > 0 || fields !== "",
    ...(limit !== undefined && limit > 0 && { limit }),
    ...(token !== "" && { continue: token }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(match && { match }),
    watch,
    bookmarks: flag(query, "allowWatchBookmarks"),
    ...(query.has("sendInitialEvents") && { sendInitialEvents: flag(query, "sendInitialEvents") }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

/**
 * Which parameters go together (Kubernetes' `ValidateListOptions`): 422 with all that is wrong, in Kubernetes' words.
 */
function checkMatch(query: URLSearchParams, watch: boolean): void {
  const match = query.get("resourceVersionMatch") || undefined;
  const initial = query.has("sendInitialEvents");
  const causes: StatusCause[] = [];
  const field = "resourceVersionMatch";
  const forbid = (message: string, which = field) =>
    causes.push({ reason: "FieldValueForbidden", message: `Forbidden: ${message}`, field: which });
  const supported = watch ? ["NotOlderThan"] : ["Exact", "NotOlderThan", ""];
  if (watch && initial && match !== "NotOlderThan")
    forbid("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (match !== undefined) {
    if (watch && !initial)
      forbid("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    if (!watch && !query.get("resourceVersion"))
      forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (query.get("continue")) forbid("resourceVersionMatch is forbidden when continue is provided");
    if (!supported.includes(match))
      causes.push({
        reason: "FieldValueNotSupported",
        message: `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported.map((each) => JSON.stringify(each)).join(", ")}`,
        field,
      });
    if (!watch && match === "Exact" && query.get("resourceVersion") === "0")
      forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (!watch && initial) forbid("sendInitialEvents is forbidden for list", "sendInitialEvents");
  if (causes.length > 0) throw invalidOptions("ListOptions", causes);
}

/** A whole number as Go reads an `int64`; absent when it is not given. Past what JavaScript counts it is not exact. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const parsing = `strconv.ParseInt: parsing ${JSON.stringify(text)}`;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`${parsing}: invalid syntax`);
  const value = BigInt(text.replace("+", ""));
  if (BigInt.asIntN(64, value) !== value) throw badRequest(`${parsing}: value out of range`);
  return Number(value);
}

/** A whole number of at least 0; absent when it is not given. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`the query parameter ${name} is not a whole number: ${JSON.stringify(text)}`);
  return Number(text);
}

/** As Kubernetes reads flags in a query: false where it is absent, `0` or `false`; anything else is true. */
export function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  return text !== null && text !== "0" && text.toLowerCase() !== "false";
}

/** Revisions are opaque to clients, and numbers to us; past what JavaScript counts there is none. */
function revisionOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d{1,20}$/.test(text)) {
    const shown = JSON.stringify(text);
    throw badRequest(
      `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`,
    );
  }
  return Math.min(Number(text), Number.MAX_SAFE_INTEGER);
}

/** `dryRun=All` of a query or of a body's options. */
export function dryRunOf(values: readonly string[]): boolean {
  const wrong = values.find((value) => value !== "All");
  if (wrong !== undefined)
    throw new ApiError(
      422,
      "Invalid",
      `dryRun: Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`,
      {
        causes: [
          {
            reason: "FieldValueNotSupported",
            message: `Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`,
            field: "dryRun",
          },
        ],
      },
    );
  return values.length > 0;
}
