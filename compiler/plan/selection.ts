import type { Labels } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { equalitySelector, type Requirement } from "../../model/selector.ts";
import {
  nothingShared,
  notSelectable,
  otherNamespace,
  selectedWithoutIdentity,
} from "../diagnostics/catalog/plan.ts";
import { ownValue } from "../evaluate/hole.ts";
import type { Block, FieldValue, ObjectHandle } from "../evaluate/value.ts";
import type { Span } from "../source/source.ts";
import { type Draft, help, mark, report, titleOf } from "./draft.ts";
import { child } from "./paths.ts";
import { present } from "./read.ts";

/** Selectors: from objects named, and from `pods where …`, to the labels that must be equal. */

/** The selector that a `select` means; undefined (and reported) where Kubernetes has none for it. */
export function readSelector(
  draft: Draft,
  path: FieldPath,
  field: FieldValue | undefined,
): Labels | undefined {
  const given = present(field);
  if (!given) return undefined;
  mark(draft, path, given.span);
  switch (given.value.kind) {
    case "object":
      return selectorOf(draft, given.span, [given.value.object], titleOf(given.value.object));
    case "family":
      return selectorOf(draft, given.span, given.value.members, familyName(given));
    case "selection":
      return equalities(draft, given.span, given.value.requirements);
    default:
      return undefined;
  }
}

/** What the identity of an rc's or pod's pods demands, for a selector by reference. */
export function identityRequirements(draft: Draft, field: FieldValue): readonly Requirement[] | undefined {
  if (field.value.kind !== "object") return undefined;
  const { object } = field.value;
  const labels = selectorOf(draft, field.span, [object], titleOf(object));
  return labels && equalitySelector(labels);
}

const familyName = (field: FieldValue) => field.span.file.text.slice(field.span.start, field.span.end);

/** What the identities of all these pods or rcs share (of one: its whole identity). */
function selectorOf(
  draft: Draft,
  span: Span,
  members: readonly ObjectHandle[],
  name: string,
): Labels | undefined {
  let shared: Record<string, string> | undefined;
  for (const member of members) {
    if (member.namespace !== draft.handle.namespace) {
      const about = { by: titleOf(draft.handle), what: titleOf(member), namespace: member.namespace ?? "" };
      report(draft, otherNamespace(span, about, { fixes: help("declare both in one namespace") }));
      return undefined;
    }
    const identity = identityLabels(member);
    if (isEmpty(identity)) {
      // An rc that does not say which pods are its own has been told so itself.
      if (identityOf(member.block())?.value.kind === "error" || isRefused(member.block())) return undefined;
      const secondary = [{ span: member.span, text: "its pod has no `identity`" }];
      const details = { secondary, fixes: help("give the pod an `identity`, or select with `pods where …`") };
      report(
        draft,
        selectedWithoutIdentity(span, { by: titleOf(draft.handle), what: titleOf(member) }, details),
      );
      return undefined;
    }
    shared = shared === undefined ? identity : inCommon(shared, identity);
  }
  if (shared !== undefined && !isEmpty(shared)) return shared;
  const fixes = help(`give the members an identity label in common, or select one of them: \`${name}[…]\``);
  report(draft, nothingShared(span, { by: titleOf(draft.handle), family: name }, { fixes }));
  return undefined;
}

function isEmpty(labels: Labels): boolean {
  for (const _ in labels) return false;
  return true;
}

const inCommon = (one: Labels, other: Labels): Record<string, string> =>
  Object.fromEntries(Object.entries(one).filter(([key, value]) => other[key] === value));

const isRefused = (block: Block) => block.word === "rc" && !block.fields.has("select");

/** The `identity` field of a pod, or of an rc's pod. */
export function identityOf(block: Block): FieldValue | undefined {
  const pod = block.word === "rc" ? block.members.find(({ word }) => word === "pod") : block;
  return pod?.fields.get("identity");
}

/** The identity of an object's pods, for which its block need not be evaluated. */
function identityLabels({ cast, block }: ObjectHandle): Record<string, string> {
  const labels: Record<string, string> = {};
  const field = identityOf(cast ? cast.mold.block : block());
  const own = field && (cast ? ownValue(cast, field.value) : field.value);
  if (own?.kind !== "record") return labels;
  for (const [key, one] of own.fields) {
    const value = cast ? ownValue(cast, one.value) : one.value;
    if (value.kind === "string")
      labels[key] = value.parts.filter((part) => typeof part === "string").join("");
  }
  return labels;
}

function equalities(draft: Draft, span: Span, requirements: readonly Requirement[]): Labels | undefined {
  const labels: Record<string, string> = {};
  for (const requirement of requirements) {
    const { key, operator, values } = requirement;
    const [value] = values;
    if (operator !== "In" || values.length !== 1 || value === undefined || (labels[key] ?? value) !== value) {
      const other = labels[key];
      const why =
        other === undefined ? "it takes only `==`" : `\`${key}\` is to be ${JSON.stringify(other)} too`;
      report(
        draft,
        notSelectable(span, { by: titleOf(draft.handle), term: requirementText(requirement), why }),
      );
      return undefined;
    }
    labels[key] = value;
  }
  return labels;
}

/** A requirement as it is written in KDSL. */
export function requirementText({ key, operator, values }: Requirement): string {
  const quoted = values.map((value) => JSON.stringify(value));
  switch (operator) {
    case "In":
      return quoted.length === 1 ? `${key} == ${quoted[0]}` : `${key} in [${quoted.join(", ")}]`;
    case "NotIn":
      return quoted.length === 1 ? `${key} != ${quoted[0]}` : `${key} not in [${quoted.join(", ")}]`;
    case "Exists":
      return `has ${key}`;
    case "DoesNotExist":
      return `not has ${key}`;
    case "Gt":
      return `${key} > ${values[0]}`;
    case "Lt":
      return `${key} < ${values[0]}`;
  }
}

/** Notes for each label of a selector where it came from. */
export function markLabels(draft: Draft, path: FieldPath, labels: Labels | undefined, span: Span): void {
  for (const key of Object.keys(labels ?? {})) mark(draft, child(path, key), span);
}
