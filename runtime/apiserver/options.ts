import { parseSelector, type Selector } from "../../model/selector.ts";
import { ApiError } from "../client/client.ts";
import { badRequest } from "./status.ts";

/** The query parameters that lists, watches and writes share (Kubernetes' `ListOptions` and `CreateOptions`). */
export interface ListOptions {
  readonly labels: Selector;
  /** Whether a selector of any sort narrows the list. */
  readonly selective: boolean;
  readonly fields: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: number;
  readonly watch: boolean;
  readonly bookmarks: boolean;
  /** Absent: initial events come where no revision is given to start from. */
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export function listOptions(query: URLSearchParams): ListOptions {
  const labelText = query.get("labelSelector") ?? "";
  const labels = parseSelector(labelText);
  if (typeof labels === "string") throw badRequest(labels);
  const fields = query.get("fieldSelector") ?? "";
  const token = query.get("continue") ?? "";
  const limit = wholeNumber(query, "limit");
  const resourceVersion = revisionOf(query.get("resourceVersion"));
  const timeoutSeconds = wholeNumber(query, "timeoutSeconds");
  return {
    labels,
    fields,
    selective: labels.length > 0 || fields !== "",
    ...(limit !== undefined && limit > 0 && { limit }),
    ...(token !== "" && { continue: token }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    watch: flag(query, "watch"),
    bookmarks: flag(query, "allowWatchBookmarks"),
    ...(query.has("sendInitialEvents") && { sendInitialEvents: flag(query, "sendInitialEvents") }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
}

/** A whole number of at least 0; absent when it is not given. */
export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(`the query parameter ${name} is not a whole number: ${JSON.stringify(text)}`);
  return Number(text);
}

/** Go's `strconv.ParseBool`, with an empty value meaning true, as the API reads flags. */
export function flag(query: URLSearchParams, name: string): boolean {
  const text = query.get(name);
  if (text === null) return false;
  if (/^(|1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw badRequest(`the query parameter ${name} is neither true nor false: ${JSON.stringify(text)}`);
}

function revisionOf(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw badRequest(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: invalid syntax`,
    );
  return Number(text);
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
