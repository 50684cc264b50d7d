import type { Service } from "../../../model/core.ts";
import { isServed, type KubernetesObject, keyOf, objectKey } from "../../../model/meta.ts";
import type { FieldPath } from "../../../model/plan.ts";
import { backendPortMissing, referredMissing } from "../../diagnostics/catalog/companions.ts";
import { type Cluster, titleOf, wordOf } from "../cluster.ts";
import { advise, didYouMean, replace } from "../fixes.ts";
import { namespaceOf } from "../foreign.ts";
import { at, listAt, textAt } from "../json.ts";
import type { Rule, Tell } from "../rule.ts";
import { join, quote } from "../words.ts";

/** Objects that those of other kinds name: an Ingress its services, an autoscaler what it scales, a binding its accounts. */
export const referredObjects: Rule = (cluster, tell) => {
  const others = cluster.plan.objects.filter((object) => !isServed(object));
  for (const object of others)
    for (const reference of referencesOf(object)) check(cluster, object, reference, tell);
};

interface Reference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** What the object does with it: `sends to`. */
  readonly does: string;
  readonly path: FieldPath;
  /** Of a service: the port that is meant, and where. */
  readonly port?: { readonly value: string | number; readonly path: FieldPath };
}

const readers: Readonly<Record<string, (object: KubernetesObject) => Iterable<Reference>>> = {
  "networking.k8s.io/v1 Ingress": backends,
  "autoscaling/v1 HorizontalPodAutoscaler": scaled,
  "autoscaling/v2 HorizontalPodAutoscaler": scaled,
  "rbac.authorization.k8s.io/v1 RoleBinding": bound,
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": bound,
  "apps/v1 StatefulSet": governed,
};

const referencesOf = (object: KubernetesObject): Iterable<Reference> =>
  readers[`${object.apiVersion} ${object.kind}`]?.(object) ?? [];

function* backends(object: KubernetesObject): Iterable<Reference> {
  const places = ["spec.defaultBackend.service"];
  for (const [rule, { http }] of listAt(object, "spec", "rules").entries())
    for (const [path] of listAt(http, "paths").entries())
      places.push(`spec.rules[${rule}].http.paths[${path}].backend.service`);
  for (const place of places) {
    const service = at(object, ...place.split(/[.[\]]+/));
    const name = textAt(service, "name");
    if (name === undefined) continue;
    const [port] = ["number", "name"].flatMap((key) => {
      const value = at(service, "port", key);
      return typeof value === "string" || typeof value === "number"
        ? [{ value, path: `${place}.port.${key}` }]
        : [];
    });
    // The name of an annotation for the controller of AWS, which says what is to be done.
    if (port?.value === "use-annotation") continue;
    const namespace = namespaceOf(object);
    const reference = { kind: "Service", namespace, name, does: "sends to", path: `${place}.name` };
    yield port ? { ...reference, port } : reference;
  }
}

function* scaled(object: KubernetesObject): Iterable<Reference> {
  const target = at(object, "spec", "scaleTargetRef");
  const kind = textAt(target, "kind");
  const name = textAt(target, "name");
  if (kind === undefined || name === undefined) return;
  yield { kind, namespace: namespaceOf(object), name, does: "scales", path: "spec.scaleTargetRef.name" };
}

function* bound(object: KubernetesObject): Iterable<Reference> {
  for (const [index, subject] of listAt(object, "subjects").entries()) {
    const name = textAt(subject, "name");
    if (subject.kind !== "ServiceAccount" || name === undefined || name === "default") continue;
    const namespace = textAt(subject, "namespace") ?? namespaceOf(object);
    const path = `subjects[${index}].name`;
    yield { kind: "ServiceAccount", namespace, name, does: "gives its role to", path };
  }
  const name = textAt(object, "roleRef", "name");
  if (at(object, "roleRef", "kind") !== "Role" || name === undefined) return;
  yield { kind: "Role", namespace: namespaceOf(object), name, does: "gives", path: "roleRef.name" };
}

/** The headless service that gives a StatefulSet's pods their names. */
function* governed(object: KubernetesObject): Iterable<Reference> {
  const name = textAt(object, "spec", "serviceName");
  if (!name) return;
  const does = "names its pods by";
  yield { kind: "Service", namespace: namespaceOf(object), name, does, path: "spec.serviceName" };
}

/** What a program can say to live outside. Of other kinds nobody can, so that one which is not here is no mistake for sure. */
const outside: ReadonlySet<string> = new Set(["Service", "ServiceAccount"]);

function check(cluster: Cluster, object: KubernetesObject, reference: Reference, tell: Tell): void {
  const { kind, namespace, name, does, path, port } = reference;
  const meant = cluster.plan.objects.filter((each) => each.kind === kind && namespaceOf(each) === namespace);
  const found = meant.find((each) => each.metadata.name === name);
  if (found) {
    if (port && kind === "Service") checkPort(cluster, object, found as Service, port, tell);
    return;
  }
  if (cluster.plan.external?.[objectKey(kind, namespace, name)]) return;
  const span = cluster.near(keyOf(object), path);
  const names = meant.map(({ metadata }) => metadata.name);
  const what = `${wordOf(kind)} \`${name}\``;
  const fix = didYouMean(name, names, span)?.fix ?? advise(`add ${what}, or name one that is there`);
  const missing = referredMissing(span, { title: titleOf(object), does, what }, { fixes: [fix] });
  tell(outside.has(kind) || fix.edits.length > 0 ? missing : { ...missing, severity: "warning" });
}

function checkPort(
  cluster: Cluster,
  object: KubernetesObject,
  service: Service,
  port: NonNullable<Reference["port"]>,
  tell: Tell,
): void {
  // A name elsewhere has ports that nobody here knows.
  if (service.spec.type === "ExternalName") return;
  const ports = service.spec.ports ?? [];
  if (ports.some((each) => each.port === port.value || each.name === port.value)) return;
  const span = cluster.near(keyOf(object), port.path);
  const named = ports.flatMap((each) => (each.name === undefined ? [] : [each.name]));
  const known = typeof port.value === "string" && named.length > 0 ? named : ports.map((each) => each.port);
  const only = known.length === 1 ? known[0] : undefined;
  const meant = typeof port.value === "string" ? didYouMean(port.value, named, span)?.fix : undefined;
  const fix =
    meant ??
    (typeof only === typeof port.value
      ? replace(`send to its port \`${only}\``, span, String(port.value), String(only))
      : undefined);
  tell(
    backendPortMissing(
      span,
      { title: titleOf(object), service: service.metadata.name, port: port.value },
      {
        secondary: [
          {
            span: cluster.near(keyOf(service), "spec.ports"),
            text: known.length > 0 ? `has ${join(known.map(quote))}` : "has no ports",
          },
        ],
        fixes: fix ? [fix] : [],
      },
    ),
  );
}
