import type { ApiRequest, BodyResponse } from "../http.ts";
import { json } from "../http.ts";

const pattern = /^\/apis\/apps\/v1\/(?:namespaces\/[^/]+\/)?(daemonsets|deployments|replicasets)$/;

const lists: Readonly<Record<string, string>> = {
  daemonsets: "DaemonSetList",
  deployments: "DeploymentList",
  replicasets: "ReplicaSetList",
};

/**
 * The list of kinds that are not served and that discovery does not tell of, but that `kubectl cluster-info dump` asks
 * for without looking, ending where it is refused: there are none of them. Undefined for another request.
 */
export function listOfNone(request: ApiRequest, path: string, revision: number): BodyResponse | undefined {
  const plural =
    request.method === "GET" && !request.query.has("watch") ? pattern.exec(path)?.[1] : undefined;
  if (plural === undefined) return undefined;
  const metadata = { resourceVersion: String(revision) };
  return json({ kind: lists[plural], apiVersion: "apps/v1", metadata, items: [] });
}
