import type { TypeName } from "../../../model/api/fields.ts";
import { ApiError } from "../../client/client.ts";
import { readBody } from "../body.ts";
import { type ApiRequest, type BodyResponse, json, type User } from "../http.ts";
import type { ServedResource } from "../served.ts";
import { badRequest, methodNotAllowed, unknownPath } from "../status.ts";
import { decodeAs, unknownFields, warningHeaders } from "../write/body.ts";
import { discoveryPaths, isAllowed, isMaster, selfReviews, userOf } from "./access.ts";

/** Questions that are asked by creating an object, which is answered and not kept: who am I, and what may I do? */

const authentication = { group: "authentication.k8s.io", version: "v1" } as const;
const authorization = { group: "authorization.k8s.io", version: "v1" } as const;

function review(
  kind: TypeName,
  { group, version }: { group: string; version: string },
  namespaced = false,
): ServedResource {
  const singular = kind.toLowerCase();
  const info = { plural: `${singular}s`, singular, shortNames: [], namespaced, categories: [] };
  return { kind, info, group, version, verbs: ["create"], subresources: [] };
}

/** What discovery tells of reviews. */
export const reviewResources: readonly ServedResource[] = [
  review("SelfSubjectReview", authentication),
  review("LocalSubjectAccessReview", authorization, true),
  review("SelfSubjectAccessReview", authorization),
  review("SelfSubjectRulesReview", authorization),
  review("SubjectAccessReview", authorization),
];

const pattern = /^\/apis\/([^/]+)\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)(\/.*)?$/;

/** The answer to a review; undefined for a path of another group. */
export function answerReview(request: ApiRequest, path: string): BodyResponse | undefined {
  const [, group, namespace, plural, rest] = pattern.exec(path) ?? [];
  if (group !== authentication.group && group !== authorization.group) return undefined;
  const found = reviewResources.find((each) => each.group === group && each.info.plural === plural);
  if (!found || rest !== undefined || found.info.namespaced !== (namespace !== undefined))
    throw unknownPath();
  if (request.method !== "POST") throw methodNotAllowed();
  const type = found.kind as TypeName;
  const apiVersion = `${found.group}/${found.version}`;
  const decoded = decodeAs(type, apiVersion, readBody(request, type));
  const headers = warningHeaders(unknownFields(decoded, request));
  const { metadata = {}, spec } = decoded.value as { metadata?: object; spec?: Spec };
  const status = statusOf(type, userOf(request), spec ?? {}, namespace);
  return json({ kind: type, apiVersion, metadata, ...(spec && { spec }), status }, 201, headers);
}

/** What the specs of reviews hold, taken together. */
interface Spec {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly namespace?: string;
  readonly resourceAttributes?: ResourceQuestion;
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
}

interface ResourceQuestion {
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

function statusOf(type: TypeName, user: User, spec: Spec, namespace: string | undefined): object {
  switch (type) {
    case "SelfSubjectReview":
      return { userInfo: { username: user.name, groups: user.groups } };
    case "SelfSubjectRulesReview":
      if (!spec.namespace) throw badRequest("no namespace on request");
      return rulesOf(user);
    case "SelfSubjectAccessReview":
      return answer(user, type, spec);
    default: {
      if (type === "LocalSubjectAccessReview" && spec.resourceAttributes?.namespace !== namespace)
        throw badRequest(
          `spec.resourceAttributes.namespace must match namespace: ${spec.resourceAttributes?.namespace ?? ""}!=${namespace}`,
        );
      if (!spec.user && (spec.groups ?? []).length === 0)
        throw invalid(type, "spec.user", "at least one of user or group must be specified");
      return answer({ name: spec.user ?? "", groups: spec.groups ?? [] }, type, spec);
    }
  }
}

/** Whether the user may do what the spec asks about: exactly one thing. */
function answer(user: User, type: TypeName, spec: Spec): object {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (resource && path)
    throw invalid(
      type,
      "spec.nonResourceAttributes",
      "cannot be specified in combination with resourceAttributes",
    );
  if (!resource && !path)
    throw invalid(
      type,
      "spec.resourceAttributes",
      "exactly one of nonResourceAttributes or resourceAttributes must be specified",
    );
  const allowed = isAllowed(
    user,
    resource
      ? {
          verb: resource.verb ?? "",
          group: resource.group ?? "",
          resource: resource.resource ?? "",
          subresource: resource.subresource ?? "",
          namespace: resource.namespace ?? "",
          name: resource.name ?? "",
        }
      : { verb: path!.verb ?? "", path: path!.path ?? "" },
  );
  return { allowed };
}

function invalid(type: TypeName, field: string, reason: string): ApiError {
  const group = type === "SelfSubjectReview" ? authentication.group : authorization.group;
  const message = `Invalid value: null: ${reason}`;
  return new ApiError(422, "Invalid", `${type}.${group} "" is invalid: ${field}: ${message}`, {
    group,
    kind: type,
    causes: [{ reason: "FieldValueInvalid", message, field }],
  });
}

/** All that a user may do, as rules. */
function rulesOf(user: User): object {
  const everything = isMaster(user);
  const known = user.groups.includes("system:authenticated");
  const own = selfReviews.map(([group, resource]) => ({
    verbs: ["create"],
    apiGroups: [group],
    resources: [resource],
  }));
  return {
    resourceRules: [
      ...(everything ? [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }] : []),
      ...(known ? own : []),
    ],
    nonResourceRules: [
      ...(everything ? [{ verbs: ["*"], nonResourceURLs: ["*"] }] : []),
      ...(known ? [{ verbs: ["get"], nonResourceURLs: discoveryPaths }] : []),
    ],
    incomplete: false,
  };
}
