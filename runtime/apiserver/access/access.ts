import { ApiError } from "../../client/client.ts";
import type { ApiRequest, User } from "../http.ts";
import { badRequest } from "../status.ts";
import { type Attributes, attributesOf } from "./attributes.ts";

/**
 * Who may do what. A cluster has one user, who may do everything; others are there only where that one asks as them
 * (`kubectl --as`), and then they may do what Kubernetes lets everyone do that it knows: see what there is to be asked
 * for, and ask who they are and what they may do.
 */

const masters = "system:masters";
const authenticated = "system:authenticated";
const unauthenticated = "system:unauthenticated";

/** Whom a request comes from where its transport knows nobody: Kubernetes' user of a port without security. */
const unsecured: User = { name: "system:unsecured", groups: [masters, authenticated] };

/** Paths that tell what is served. */
export const discoveryPaths: readonly string[] = [
  "/api",
  "/api/*",
  "/apis",
  "/apis/*",
  "/healthz",
  "/livez",
  "/openapi",
  "/openapi/*",
  "/readyz",
  "/version",
  "/version/",
];

/** Reviews that everyone may ask for, since they are about who asks. */
export const selfReviews: readonly (readonly [group: string, resource: string])[] = [
  ["authorization.k8s.io", "selfsubjectaccessreviews"],
  ["authorization.k8s.io", "selfsubjectrulesreviews"],
  ["authentication.k8s.io", "selfsubjectreviews"],
];

export function isMaster(user: User): boolean {
  return user.groups.includes(masters);
}

export function isAllowed(user: User, attributes: Attributes): boolean {
  if (isMaster(user)) return true;
  if (!user.groups.includes(authenticated)) {
    const { verb, path } = "path" in attributes ? attributes : { verb: "", path: "" };
    return verb === "get" && ["/healthz", "/livez", "/readyz", "/version", "/version/"].includes(path);
  }
  if ("path" in attributes) return attributes.verb === "get" && isDiscovery(attributes.path);
  return (
    attributes.verb === "create" &&
    selfReviews.some(([group, resource]) => attributes.group === group && attributes.resource === resource)
  );
}

function isDiscovery(path: string): boolean {
  return discoveryPaths.some((each) =>
    each.endsWith("*") ? path.startsWith(each.slice(0, -1)) : path === each,
  );
}

/**
 * For whom a request is done: who sent it, or the one that it is sent as (`Impersonate-User`, `Impersonate-Group`),
 * which only who may do everything may ask for. Throws 400 or 403.
 */
export function userOf(request: Pick<ApiRequest, "headers" | "user">): User {
  const sender = request.user ?? unsecured;
  const name = request.headers["impersonate-user"];
  const others = Object.keys(request.headers).filter((each) => /^impersonate-(?!user$)/.test(each));
  if (name === undefined || name === "") {
    if (others.length === 0) return sender;
    throw badRequest("requested impersonation without impersonating a user");
  }
  if (!isMaster(sender))
    throw new ApiError(
      403,
      "Forbidden",
      `users ${JSON.stringify(name)} is forbidden: User ${JSON.stringify(sender.name)} cannot impersonate resource "users" in API group "" at the cluster scope`,
      { name, kind: "users" },
    );
  const given = (request.headers["impersonate-group"] ?? "").split(",").map((each) => each.trim());
  const groups = given.filter((each) => each !== "");
  const common = name === "system:anonymous" ? unauthenticated : authenticated;
  return { name, groups: groups.includes(common) ? groups : [...groups, common] };
}

/** Throws 403, in Kubernetes' words, where the user of a request may not do what it wants. */
export function authorize(request: ApiRequest): void {
  const user = userOf(request);
  if (isMaster(user)) return;
  const attributes = attributesOf(request);
  if (!isAllowed(user, attributes)) throw forbidden(user, attributes);
}

function forbidden(user: User, attributes: Attributes): ApiError {
  const who = `User ${JSON.stringify(user.name)} cannot ${attributes.verb}`;
  if ("path" in attributes)
    return new ApiError(403, "Forbidden", `forbidden: ${who} path ${JSON.stringify(attributes.path)}`);
  const { group, resource, subresource, namespace, name } = attributes;
  const qualified = group === "" ? resource : `${resource}.${group}`;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return new ApiError(
    403,
    "Forbidden",
    `${qualified}${name === "" ? "" : ` ${JSON.stringify(name)}`} is forbidden: ${who} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`,
    { ...(name !== "" && { name }), ...(group !== "" && { group }), kind: resource },
  );
}
