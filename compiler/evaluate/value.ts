import type { TextPart } from "../../model/plan.ts";
import type { Scenario, Step } from "../../model/scenario.ts";
import type { Requirement } from "../../model/selector.ts";
import type { Extension, TemplateSymbol } from "../binder/symbol.ts";
import type { Span } from "../source/source.ts";
import type { ForMember } from "../syntax/ast.ts";
import type { Dimension, Type } from "../types/type.ts";
import type { Cast } from "./hole.ts";

/** Values of KDSL expressions. Numbers are exact fractions; a text keeps the references that it was made with. */

/** In lowest terms, `denominator` > 0. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

export type Value =
  /** A mistake that was reported already. */
  | { readonly kind: "error" }
  | { readonly kind: "none" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: Fraction }
  /** In cores, bytes, seconds, or as a share of 1. */
  | { readonly kind: "quantity"; readonly dimension: Dimension; readonly value: Fraction }
  /** Parts that are no strings are references to services: see `Plan.references`. */
  | { readonly kind: "string"; readonly parts: readonly TextPart[] }
  | { readonly kind: "address"; readonly text: string; readonly cidr: boolean }
  /** A port by number, with the service's port it was read from if any (`db.ports.sql`). */
  | { readonly kind: "port"; readonly number: number; readonly reference?: TextPart }
  /** A port by name, to be found where it is used. */
  | { readonly kind: "portName"; readonly name: string }
  /** Both ends included. */
  | { readonly kind: "range"; readonly from: bigint; readonly to: bigint }
  /** In seconds, both ends included. */
  | { readonly kind: "durations"; readonly from: Fraction; readonly to: Fraction }
  | { readonly kind: "list"; readonly items: readonly Value[] }
  /** `fits`: the type that it was made to fit last, which it fits as it is. */
  | { readonly kind: "record"; readonly fields: ReadonlyMap<string, FieldValue>; readonly fits?: Type }
  | { readonly kind: "variant"; readonly name: string; readonly arguments: ReadonlyMap<string, FieldValue> }
  | { readonly kind: "late"; readonly source: LateSource }
  /** A declared object. */
  | { readonly kind: "object"; readonly object: ObjectHandle }
  /** A block as a policy reads it. */
  | { readonly kind: "block"; readonly block: RuledBlock }
  /** A whole family, named without an index. */
  | { readonly kind: "family"; readonly word: string; readonly members: readonly ObjectHandle[] }
  /** A member of the pod or container around: a volume, a container. */
  | { readonly kind: "member"; readonly word: string; readonly name: string }
  | {
      readonly kind: "selection";
      readonly of: "pods" | "nodes";
      readonly requirements: readonly Requirement[];
    };

export interface FieldValue {
  readonly value: Value;
  readonly keySpan: Span;
  readonly span: Span;
  /** It is a label, and its key is the one in Kubernetes: the names of the module that it goes on to do not count. */
  readonly label?: true;
}

/** What exists only in the cluster, read where the container starts. */
export type LateSource =
  | { readonly from: "secret"; readonly secret: ObjectHandle; readonly key: string }
  | { readonly from: "config"; readonly config: ObjectHandle; readonly key: string }
  /** `metadata.name`, `status.podIP`, `spec.nodeName` … (Kubernetes' `fieldRef`). */
  | { readonly from: "field"; readonly path: string }
  /** `limits.memory` of a container (Kubernetes' `resourceFieldRef`). */
  | { readonly from: "resource"; readonly container?: string; readonly resource: string }
  /** `env("X")`, `file("./x")`: only as a secret's value. */
  | { readonly from: "env"; readonly name: string }
  | { readonly from: "file"; readonly path: string };

/** An object that exists: its identity, known before any of its fields is evaluated. */
export interface ObjectHandle {
  /** As written: "rc", "service", "node", … */
  readonly word: string;
  /** The Kubernetes kind. */
  readonly objectKind: string;
  readonly name: string;
  /** Absent for kinds without one. */
  readonly namespace?: string | undefined;
  /** It lives outside of the program: nothing is made of it. */
  readonly external?: true | undefined;
  /** Its evaluated block; evaluated on first use, once. */
  readonly block: () => Block;
  /** In place of its block, for an object of which there are many: what tells it from the others. */
  cast?: Cast | undefined;
  /** Its name where it is declared. */
  readonly span: Span;
}

/**
 * A block with everything in it evaluated: `if` and `for` members are expanded, spreads merged, names resolved and
 * every value checked against the block's schema. Lowering turns it into a Kubernetes object and needs nothing else.
 */
export interface Block {
  readonly word: string;
  readonly name?: string;
  /** The name, or the word where there is none. */
  readonly span: Span;
  /** The whole declaration. */
  readonly extent: Span;
  readonly value?: FieldValue;
  readonly target?: FieldValue;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** Nested declarations in their order. A `mount v at p readonly` is a member `mount` with fields volume, path, readonly. */
  readonly members: readonly Block[];
}

/** A block that a policy asks about, with the object that it is or stands in, and the block around it. */
export interface RuledBlock {
  readonly block: Block;
  readonly object: ObjectHandle;
  readonly around: RuledBlock | undefined;
}

/** What evaluation hands to lowering. */
export interface Program {
  readonly clusterName?: string;
  /** In the order of declaration, families expanded. */
  readonly objects: readonly ObjectHandle[];
  /** What lives outside and is only referred to. */
  readonly external: readonly ObjectHandle[];
  /** The `cluster { … }` block, if there is one. */
  readonly cluster?: Block;
  /** Parameter values by name. */
  readonly params: ReadonlyMap<string, Value>;
  readonly scenarios: readonly EvaluatedScenario[];
}

/** A scenario as the plan holds it, but for the objects of its changes, which lowering fills in. */
export interface EvaluatedScenario {
  readonly scenario: Scenario;
  readonly span: Span;
  /** Where its steps and expressions were written. */
  readonly spans: WeakMap<object, Span>;
  /** In the order of the steps; each has all before it in force too. */
  readonly changes: readonly Change[];
}

/** An `update` or an `apply`. */
export interface Change {
  readonly what:
    | { readonly kind: "update"; readonly extension: Extension }
    | { readonly kind: "apply"; readonly values: ReadonlyMap<string, Value> };
  readonly step: UpdateStepDraft;
  readonly span: Span;
  /** The use of the template that the scenario stands in. */
  readonly use:
    | { readonly template: TemplateSymbol; readonly name: string; readonly namespace: string }
    | undefined;
  readonly iterations: readonly { readonly member: ForMember; readonly ordinal: number }[];
  /** The program with this change and those before it. */
  program?: Program;
}

export type UpdateStepDraft = {
  -readonly [Key in keyof Extract<Step, { type: "update" }>]: Extract<Step, { type: "update" }>[Key];
};
