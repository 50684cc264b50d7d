import type { Namespace } from "../../model/core.ts";
import { type Kind, kindNames, kinds, type Stored } from "../../model/meta.ts";
import { equalStructure } from "../client/structure.ts";
import { type Context, isRecord } from "./context.ts";
import { forbidden, NAMESPACE_TERMINATING, notFound } from "./errors.ts";

/** They are there from the start, as in every Kubernetes cluster; leases of nodes live in the last one. */
export const initialNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

/** They cannot be deleted (`plugin/namespace/lifecycle`). */
export const immortalNamespaces: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

/** Whether nothing is left in a namespace. */
export function isEmptyNamespace(context: Context, name: string): boolean {
  return kindNames.every(
    (kind) => !kinds[kind].namespaced || context.store.list(kind, { namespace: name }).length === 0,
  );
}

/**
 * The finalizers in a namespace's spec are not the user's to change; they can be taken away only when it is being
 * deleted and holds nothing any more. (Kubernetes has a subresource for that, `namespaces/finalize`.)
 */
export function keepNamespaceSpec(previous: Namespace, next: Namespace, context: Context): Namespace {
  const asked = isRecord(next.spec) && Array.isArray(next.spec.finalizers) ? next.spec.finalizers : [];
  const kept = previous.spec?.finalizers ?? [];
  const free =
    previous.metadata.deletionTimestamp !== undefined && isEmptyNamespace(context, previous.metadata.name);
  const finalizers = free ? kept.filter((each) => asked.includes(each)) : kept;
  const spec = { finalizers };
  return equalStructure(spec, next.spec) ? next : { ...next, spec };
}

/**
 * Nothing is created in a namespace that does not exist (404) or that is being deleted (403 with a cause of its own);
 * the rule of the NamespaceLifecycle admission plugin.
 */
export function admitToNamespace(context: Context, kind: Kind, namespace: string, name: string): void {
  const found: Stored<Namespace> | undefined = context.store.get("Namespace", undefined, namespace);
  if (!found) throw notFound("Namespace", namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw forbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: NAMESPACE_TERMINATING,
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  );
}
