/** Types of KDSL values, and the tables that say what stands in each block. */

export type Dimension = "cpu" | "memory" | "duration" | "percent";

export type Type =
  /** Fits everything and silences what follows: the type of a mistake that was reported already. */
  | { readonly kind: "error" }
  | { readonly kind: "any" }
  | { readonly kind: "none" }
  | { readonly kind: "boolean" }
  /** Exact. `integer` with optional inclusive bounds is `Int(1..50)`. */
  | {
      readonly kind: "number";
      readonly integer: boolean;
      readonly minimum?: number;
      readonly maximum?: number;
    }
  | { readonly kind: "quantity"; readonly dimension: Dimension }
  /** `options`: a union of string literals; `pattern`: the source of a regular expression the whole text must match. */
  | { readonly kind: "string"; readonly options?: readonly string[]; readonly pattern?: string }
  /** What may be the value of an environment variable: text, numbers, ports, addresses, Bool, late values. */
  | { readonly kind: "envValue" }
  /** A port: a number 1–65535, or the bare name of a port that the position knows. */
  | { readonly kind: "port" }
  | { readonly kind: "ip" }
  | { readonly kind: "cidr" }
  | { readonly kind: "image" }
  | { readonly kind: "range" }
  /** `2s..10s` */
  | { readonly kind: "durations" }
  | { readonly kind: "list"; readonly element: Type }
  | {
      readonly kind: "record";
      readonly fields: Readonly<Record<string, FieldSchema>>;
      readonly name?: string;
      /** The Kubernetes type that it stands for. */
      readonly of?: string;
    }
  /** `{[String]: T}` */
  | { readonly kind: "map"; readonly values: Type }
  /** A record of declared label keys: each key must be a `label`, each value of its type. In an override, `none` takes a label away. */
  | { readonly kind: "labels"; readonly removable?: true }
  | { readonly kind: "optional"; readonly type: Type }
  /** What exists only in the cluster: a secret's value, `pod.ip`. It fits `envValue` and nothing that is computed with. */
  | { readonly kind: "late" }
  /** `T where it …`; `predicate` is the checker's own and is decided when the value is known. */
  | { readonly kind: "refined"; readonly type: Type; readonly predicate: object }
  | { readonly kind: "union"; readonly options: readonly Type[] }
  /** A declared object, named bare: `select: web`. `words` as in the source: "rc", "pod", "service", "node", … */
  | { readonly kind: "object"; readonly words: readonly string[] }
  /** What a use of a template made. `self`: the words of its objects that are named `self`, for which it stands too. */
  | {
      readonly kind: "template";
      readonly name: string;
      readonly template: object;
      readonly self: readonly string[];
    }
  /** A block as a policy reads it; `schema` is the key of its table. */
  | { readonly kind: "block"; readonly word: string; readonly schema: string }
  /** A member of the pod or container around, named bare: `mount cache`. */
  | { readonly kind: "member"; readonly word: "volume" | "container" }
  /** `pods where …`, `nodes where …` */
  | { readonly kind: "selection"; readonly of: "pods" | "nodes" }
  /** The call of a named function with its arguments kept apart: `emptyDir(64Mi)`, `node(30080)`. See `variants`. */
  | {
      readonly kind: "variant";
      readonly name: string;
      readonly variants: Readonly<Record<string, VariantSchema>>;
    };

export interface FieldSchema {
  readonly type: Type;
  readonly required?: boolean;
  /** One sentence, for hover and the reference. */
  readonly help?: string;
  /**
   * Where the value goes in the Kubernetes object, seen from the place of the block or record around: `spec.replicas`,
   * `lifecycle.preStop`. `[]` behind a name is each item of a list, `{}` each value of a map: `imagePullSecrets[].name`.
   * Several where its value decides which of them it becomes. Absent: the field's own name in a record that is named
   * after a Kubernetes type (`of`), else nowhere (it stays with the plan or with the compiler).
   */
  readonly path?: string | readonly string[];
  /** What texts of the field are called in Kubernetes: `always` is `Always`. */
  readonly values?: Readonly<Record<string, string>>;
  /** The octal digits of a file mode, which is a number in Kubernetes. */
  readonly octal?: true;
}

/** One alternative of a variant type. Without parameters it is written as a bare name: `headless`. */
export interface VariantSchema {
  readonly parameters: readonly VariantParameter[];
  readonly help?: string;
  /** Where its parameters go, seen from where the variant stands: `emptyDir`. */
  readonly path?: string;
  /** The Kubernetes type that its parameters are the fields of. */
  readonly of?: string;
}

export interface VariantParameter extends Omit<FieldSchema, "required"> {
  readonly name: string;
  readonly optional?: boolean;
}

/** What stands in a block, and where the block may stand. */
export interface BlockSchema {
  /** The word as written: `rc`, `container`, `port`. */
  readonly word: string;
  readonly help: string;
  /** The Kubernetes kind, for blocks that declare objects. */
  readonly kind?: string;
  /** Where a block inside another one stands in the Kubernetes object, seen from the place of the one around. */
  readonly path?: string;
  /** Where the block's name goes, seen from its own place. */
  readonly namePath?: string;
  readonly name: "required" | "optional" | "none";
  readonly family: boolean;
  /** The type of `word name: value`. */
  readonly value?: FieldSchema;
  /** The type of `-> target`. */
  readonly target?: FieldSchema;
  readonly fields: Readonly<Record<string, FieldSchema>>;
  /** The type of every other key, for blocks that hold data under free keys (`config`, `secret`); else the block is closed. */
  readonly rest?: FieldSchema;
  /** Words of the blocks that may stand in this one, with how many of each. */
  readonly members: Readonly<Record<string, "any" | "one" | "required">>;
}
