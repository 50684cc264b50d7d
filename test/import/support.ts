import { compile } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { withDefaults, withRequestsFromLimits } from "../../model/defaults.ts";
import type { KubernetesObject } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import { parseQuantity } from "../../model/quantity.ts";

/** Compiles what was imported, and compares objects by what they mean. */

export function compileText(
  text: string,
  files: Readonly<Record<string, string>> = {},
  more: { profile?: string } = {},
): { plan?: Plan; diagnostics: readonly Diagnostic[] } {
  return compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text, ...files }),
    path: "main.kdsl",
    resolvePath: (_, path) => path,
    ...more,
  });
}

type Json = Record<string, unknown>;
const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What an API server writes, and nobody declares. */
const ofServer = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"];

/**
 * An object as a cluster would keep it, in one form: defaults filled in, quantities as numbers, empty fields and the
 * server's own left out, keys in order.
 */
export function meaning(object: KubernetesObject, secrets: Plan["secrets"] = {}): unknown {
  const given = structuredClone(object) as unknown as Json & { metadata: Json; spec?: Json };
  for (const name of ofServer) delete given.metadata[name];
  delete given.metadata.finalizers;
  const isOwn = object.apiVersion === "v1";
  if (object.kind !== "Node" && object.kind !== "Namespace" && isOwn) given.metadata.namespace ??= "default";
  if (isRecord(given.metadata.annotations)) {
    delete given.metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"];
  }
  // Kubelets give every node this label.
  if (object.kind === "Node")
    given.metadata.labels = {
      ...(given.metadata.labels as Json | undefined),
      "kubernetes.io/hostname": object.metadata.name,
    };
  if (object.kind !== "Node") delete given.status;
  else if (isRecord(given.status)) given.status = { capacity: given.status.capacity };
  if (object.kind === "Secret" && isOwn) {
    const key = `Secret/${String(given.metadata.namespace)}/${object.metadata.name}`;
    const keys = [...Object.keys(secrets[key] ?? {}), ...keysOf(given.data), ...keysOf(given.stringData)];
    given.data = Object.fromEntries([...new Set(keys)].map((name) => [name, "?"]));
    delete given.stringData;
  }
  if (!isOwn) return canonical(given);
  const full = withDefaults(given as unknown as KubernetesObject) as unknown as Json & { spec?: Json };
  const template = isRecord(full.spec?.template) ? full.spec.template : undefined;
  if (template && isRecord(template.spec)) template.spec = withRequestsFromLimits(template.spec);
  return canonical(full);
}

const keysOf = (value: unknown): string[] => (isRecord(value) ? Object.keys(value) : []);

const quantities = ["requests", "limits", "capacity", "allocatable"];

function canonical(value: unknown, key = "", around = ""): unknown {
  if (Array.isArray(value))
    return value.length === 0 ? undefined : value.map((one) => canonical(one, "", key));
  if (isRecord(value)) {
    const fields: [string, unknown][] = [];
    for (const name of Object.keys(value).sort()) {
      // The old name of the account says nothing of its own, and a port 0 is none.
      if (name === "serviceAccount" && value.serviceAccountName !== undefined) continue;
      if ((name === "nodePort" || name === "hostPort") && value[name] === 0) continue;
      const to = name === "serviceAccount" ? "serviceAccountName" : name;
      const inner = canonical(value[name], name, key);
      if (inner !== undefined) fields.push([to, inner]);
    }
    if (fields.length === 0) return key === "emptyDir" || around === "volumes" ? {} : undefined;
    return Object.fromEntries(fields);
  }
  if (quantities.includes(around) || quantities.includes(key) || key === "sizeLimit" || key === "divisor")
    return String(parseQuantity(String(value)));
  // What says nothing else: an absent operator of a toleration is `Equal`.
  if (key === "operator" && value === "Equal") return undefined;
  if (value === "" || value === null || value === false) return undefined;
  return value;
}

/** The objects of two lists by kind, namespace and name, in one form. */
export function byKey(
  objects: readonly KubernetesObject[],
  secrets: Plan["secrets"] = {},
): Record<string, unknown> {
  return Object.fromEntries(
    objects
      .map((object): [string, unknown] => {
        const value = meaning(object, secrets) as Json & { metadata: Json };
        return [
          `${object.apiVersion} ${object.kind} ${String(value.metadata.namespace ?? "")}/${object.metadata.name}`,
          value,
        ];
      })
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

/** The plan's objects without the namespaces that are only there because something is in them. */
export function withoutImplied(plan: Plan, given: readonly KubernetesObject[]): KubernetesObject[] {
  const declared = new Set(
    given.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name),
  );
  return plan.objects.filter(({ kind, metadata }) => kind !== "Namespace" || declared.has(metadata.name));
}
