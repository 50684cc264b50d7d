import type { AnyTypeName } from "./types.ts";

/** The packages of Kubernetes in which types lie that are not of core/v1, in the form `ours` or `ours=theirs`. */
const table: Readonly<Record<string, string>> = {
  "meta/v1": `
    DeleteOptions FieldSelectorRequirement LabelSelector LabelSelectorRequirement ListMeta ManagedFieldsEntry
    MetaCondition=Condition ObjectMeta OwnerReference Preconditions Status StatusCause StatusDetails`,
  "authentication/v1": `
    BoundObjectReference SelfSubjectReview SelfSubjectReviewStatus TokenRequest TokenRequestSpec TokenRequestStatus
    TokenReview TokenReviewSpec TokenReviewStatus UserInfo`,
  "authorization/v1": `
    FieldSelectorAttributes LabelSelectorAttributes LocalSubjectAccessReview NonResourceAttributes NonResourceRule
    ResourceAttributes ResourceRule SelfSubjectAccessReview SelfSubjectAccessReviewSpec SelfSubjectRulesReview
    SelfSubjectRulesReviewSpec SubjectAccessReview SubjectAccessReviewSpec SubjectAccessReviewStatus
    SubjectRulesReviewStatus`,
  "autoscaling/v1": "Scale ScaleSpec ScaleStatus",
  "coordination/v1": "Lease LeaseSpec",
  "discovery/v1": `
    EndpointConditions EndpointHints EndpointSlice ForNode ForZone SliceEndpoint=Endpoint SlicePort=EndpointPort`,
  "metrics/v1beta1": "ContainerMetrics NodeMetrics PodMetrics",
  "policy/v1": "Eviction",
};

/** Where Kubernetes declares a type. */
export interface TypeHome {
  /** `core/v1`, `meta/v1` … */
  readonly package: string;
  readonly name: string;
}

const homes = new Map<string, TypeHome>(
  Object.entries(table).flatMap(([folder, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((entry): [string, TypeHome] => {
        const [ours = "", theirs = ours] = entry.split("=");
        return [ours, { package: folder, name: theirs }];
      }),
  ),
);

/** The package and the name under which Kubernetes publishes a type; core/v1 and the name itself where nothing else is said. */
export function homeOfType(type: AnyTypeName): TypeHome {
  return homes.get(type) ?? { package: "core/v1", name: type };
}
