import type { KubernetesObject, ObjectKey } from "./meta.ts";
import type { ContainerBehaviour, Scenario } from "./scenario.ts";

/**
 * The plan: what the compiler gives and the runtime needs, and nothing else passes between them. Canonical JSON:
 * the same input gives the same bytes.
 */
export interface Plan {
  readonly version: 1;
  /** The cluster's name: `cluster name { … }`, else the file's name without its ending (of its folder for `main.kdsl`). */
  readonly name: string;
  /** Kubernetes v1 objects, all defaults explicit, in the order in which they are to be created. */
  readonly objects: readonly KubernetesObject[];
  /** For every object, by field path ("" is the object itself), where it was written. */
  readonly provenance: Readonly<Record<ObjectKey, Readonly<Record<FieldPath, Place>>>>;
  /** How containers run from source on this machine; by object (an rc or a pod), then by container. Never exported. */
  readonly local: Readonly<Record<ObjectKey, Readonly<Record<string, LocalRun>>>>;
  /**
   * Texts in `objects` that were written with references to services. The object's own text holds what Kubernetes
   * needs (`db.default`, `5432`); a driver without cluster names or with shifted ports builds its own from the parts.
   */
  readonly references: Readonly<Record<ObjectKey, Readonly<Record<FieldPath, readonly TextPart[]>>>>;
  /** Where secrets' values come from when the plan is applied; by secret, then by key. */
  readonly secrets: Readonly<Record<ObjectKey, Readonly<Record<string, SecretSource>>>>;
  /** For an rc: the objects that must be ready before it starts (`after`). */
  readonly after: Readonly<Record<ObjectKey, readonly ObjectKey[]>>;
  /** How an rc rolls when its template changes; by rc. Absent: one surge, none unavailable. */
  readonly updates: Readonly<Record<ObjectKey, UpdateStrategy>>;
  /** What `cluster { … }` says of the whole. Absent: nothing. */
  readonly cluster?: ClusterSettings;
  /** What the file takes to be there without it (`external`): nothing is made of it. Absent: nothing. */
  readonly external?: Readonly<Record<ObjectKey, ExternalObject>>;
  /** What the file says it survives (`scenario`). Absent: nothing. */
  readonly scenarios?: readonly Scenario[];
  /** How containers behave in simulation; by object (an rc or a pod), then by container. Absent: as the driver does. */
  readonly behaviour?: Readonly<Record<ObjectKey, Readonly<Record<string, ContainerBehaviour>>>>;
  readonly sources: readonly { readonly path: string; readonly hash: string }[];
  /** The values that the file's parameters had. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Over all of the above. */
  readonly hash: string;
}

/** A path into an object as Kubernetes writes it: `spec.template.spec.containers[0].env[1].value`. */
export type FieldPath = string;

/** Where something was written. Lines and columns count from 1, columns in UTF-16 code units; `file` as in `sources`. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** For a place inside of a template: where the template is used for this object; that may lie in a template too. */
  readonly via?: Place;
}

/** `local { directory, build, command, watch, debug }`. */
export interface LocalRun {
  /** Absolute. */
  readonly directory: string;
  readonly build?: readonly string[];
  readonly command?: readonly string[];
  /** Globs relative to `directory`. */
  readonly watch?: readonly string[];
  readonly debug?: readonly string[];
}

export type TextPart =
  | string
  /** The host name of a service. */
  | { readonly host: ObjectKey }
  /** The number of a service's port; `port` is its number in the plan. */
  | { readonly service: ObjectKey; readonly port: number };

/** What holds for a whole cluster. What is absent is the cluster's own choice. */
export interface ClusterSettings {
  readonly serviceRange?: string;
  readonly podRange?: string;
  /** Both ends included. */
  readonly nodePorts?: { readonly first: number; readonly last: number };
  readonly scheduler?: "spread" | "pack";
}

/** What is known of an object that lives outside. */
export interface ExternalObject {
  /** The keys of a config or secret. */
  readonly keys?: readonly string[];
  /** The labels of pods. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The host name of a service, where it is said. */
  readonly host?: string;
}

export type SecretSource =
  | { readonly env: string }
  | { readonly file: string }
  /** In a manifest in YAML, which holds it itself: whoever applies the plan has read it beside the plan. */
  | { readonly manifest: string };

export type UpdateStrategy = "never" | { readonly surge: number; readonly unavailable: number };
