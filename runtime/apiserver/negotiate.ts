import type { ApiRequest } from "./http.ts";
import { notAcceptable } from "./status.ts";

/** The form in which objects are given: as they are, as rows of a table, or their metadata alone. */
export type Form =
  | { readonly as: "object" }
  | { readonly as: "table"; readonly version: "v1" | "v1beta1" }
  | { readonly as: "metadata" };

/**
 * The first form of `Accept` that is served. Only JSON is: other types are passed over, and 406 is the answer where
 * nothing is left.
 */
export function negotiate(request: ApiRequest): Form {
  const accept = request.headers.accept;
  if (accept === undefined || accept.trim() === "") return { as: "object" };
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    if (!["application/json", "application/*", "*/*"].includes(type)) continue;
    const options = Object.fromEntries(parameters.map((each) => each.split("=", 2)));
    if (options.as === undefined) return { as: "object" };
    if (options.g !== "meta.k8s.io") continue;
    if (options.as === "table" && (options.v === "v1" || options.v === "v1beta1"))
      return { as: "table", version: options.v };
    if (/^partialobjectmetadata(list)?$/.test(options.as) && options.v === "v1") return { as: "metadata" };
  }
  throw notAcceptable();
}
