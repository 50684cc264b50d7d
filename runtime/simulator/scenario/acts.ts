import type { Pod } from "../../../model/core.ts";
import { controllerOf, keyOf, type Stored } from "../../../model/meta.ts";
import type { Act, Expression, Step } from "../../../model/scenario.ts";
import { formatDuration } from "./durations.ts";
import { evaluate, wantSet } from "./expressions.ts";
import { look, numberAt, type Run } from "./run.ts";
import {
  type Environment,
  EvaluationError,
  kindOf,
  memberName,
  nameOf,
  type Reference,
  shortName,
} from "./values.ts";
import { objectOf, podsOf } from "./view.ts";

/** What is done to the cluster at one instant: all acts but those that take time (`settle`, `wait`, `chaos`) and `let`. */
export type Strike = Exclude<Act, { readonly type: "settle" | "wait" | "chaos" | "let" }>;

/** A node, or a pod or one container of it. */
export type Target = { readonly node: string } | { readonly pod: Stored<Pod>; readonly container?: string };

/** The nodes and pods that an act's operand stands for now; an rc or a service stands for its pods. */
export function targetsOf(run: Run, expression: Expression, environment: Environment): readonly Target[] {
  const set = wantSet(evaluate(run.view, expression, environment));
  return set.members.flatMap((member) => resolve(run, member));
}

function resolve(run: Run, { key, container }: Reference): readonly Target[] {
  if (kindOf(key) === "Node") {
    if (!objectOf(run.view, key)) throw missing(key);
    return [{ node: nameOf(key) }];
  }
  if (!objectOf(run.view, key)) throw missing(key);
  return podsOf(run.view, key).map((pod) => ({ pod, ...(container !== undefined && { container }) }));
}

const missing = (key: string) => new EvaluationError(`there is no ${key} at this moment`, undefined);

export const targetName = (target: Target): string =>
  "node" in target
    ? target.node
    : memberName({
        key: `Pod/${target.pod.metadata.namespace}/${target.pod.metadata.name}`,
        ...(target.container !== undefined && { container: target.container }),
      });

export const targetKey = (target: Target): string =>
  "node" in target
    ? `Node/${target.node}`
    : `Pod/${target.pod.metadata.namespace}/${target.pod.metadata.name}`;

/** Does it, and says in a few words what was done and to whom. */
export function strike(
  run: Run,
  act: Strike,
  environment: Environment,
): { readonly text: string; readonly struck: readonly string[] } {
  const { faults } = run.simulation;
  switch (act.type) {
    case "scale": {
      const { members } = wantSet(evaluate(run.view, act.target, environment));
      const to = numberAt(run, act.to, environment);
      for (const { key } of members) faults.scale(key, to);
      return {
        text: `scale ${members.map(memberName).join(" + ")} to ${to}`,
        struck: members.map(({ key }) => key),
      };
    }
    case "update":
      return update(run, act);
    case "cut":
    case "heal": {
      const targets = targetsOf(run, act.target, environment);
      const from = act.from && nodesOf(targetsOf(run, act.from, environment));
      (act.type === "cut" ? cut : heal)(run, nodesOf(targets), from);
      const side = from ? ` from ${from.join(" + ")}` : "";
      return { text: `${act.type} ${list(targets)}${side}`, struck: targets.map(targetKey) };
    }
    case "slow": {
      const by = numberAt(run, act.by, environment);
      const targets = targetsOf(run, act.target, environment);
      for (const target of targets) slow(run, target, by, Number.POSITIVE_INFINITY);
      slowLater(run, act.target, by, environment);
      return { text: `slow ${list(targets)} by ${formatDuration(by)}`, struck: targets.map(targetKey) };
    }
    default: {
      const targets = targetsOf(run, act.target, environment);
      for (const target of targets) one(run, act.type, target);
      return {
        text: `${act.type} ${list(targets)}${act.type === "drain" ? kept(run, targets) : ""}`,
        struck: targets.map(targetKey),
      };
    }
  }
}

function update(run: Run, act: Extract<Strike, { readonly type: "update" }>): ReturnType<typeof strike> {
  const { objects, removed, behaviour, updates } = act;
  const { refused } = run.simulation.faults.update(objects, removed, {
    ...(behaviour && { behaviour }),
    ...(updates && { updates }),
  });
  const [first] = refused;
  if (first) throw new EvaluationError(`${first.key} is refused by the API: ${first.message}`, undefined);
  const struck = [...objects.map(keyOf), ...removed];
  const names = struck.map((key) => `${objectWord(key)} ${shortName(key)}`);
  return { text: `update ${names.join(", ") || "nothing"}`, struck };
}

/** What a drain has not been allowed to take away. */
function kept({ simulation }: Run, targets: readonly Target[]): string {
  const left = targets.flatMap((target) =>
    "node" in target ? (simulation.faults.kept.get(target.node) ?? []) : [],
  );
  const [first] = left;
  if (!first) return "";
  const more = left.length > 1 ? ` and ${left.length - 1} more` : "";
  return `, which pod ${first.pod}${more} may not leave: ${first.why}`;
}

const objectWord = (key: string) =>
  kindOf(key) === "ReplicationController" ? "rc" : kindOf(key).toLowerCase();

const list = (targets: readonly Target[]) => targets.map(targetName).join(" + ") || "nothing";

type Simple = "kill" | "revive" | "cordon" | "uncordon" | "drain" | "crash" | "fill";

/** What is done to one node or pod. */
export function one(run: Run, type: Simple, target: Target): void {
  const { faults } = run.simulation;
  if ("node" in target) {
    const { node } = target;
    if (type === "kill") faults.killNode(node);
    else if (type === "revive") faults.reviveNode(node);
    else if (type === "cordon" || type === "uncordon") faults.cordon(node, type === "cordon");
    else if (type === "drain") faults.drain(node);
    else if (type === "fill") {
      faults.fillNode(node, true);
      run.lifts.push({ at: Number.POSITIVE_INFINITY, lift: () => faults.fillNode(node, false) });
    } else throw new EvaluationError(`${type} is about containers, and ${node} is a node`, undefined);
    return;
  }
  const { pod, container } = target;
  if (type === "kill" || type === "crash") faults.crash(pod.metadata.uid, container);
  else if (type === "fill") faults.exhaustMemory(pod.metadata.uid, container);
  else throw new EvaluationError(`${type} is about nodes, and ${pod.metadata.name} is a pod`, undefined);
}

export function slow(run: Run, target: Target, by: number, until: number): void {
  const { faults } = run.simulation;
  const set = (milliseconds: number) =>
    "node" in target
      ? faults.slowNode(target.node, milliseconds)
      : faults.slowPod(target.pod.metadata.uid, milliseconds);
  set(by);
  run.lifts.push({ at: until, lift: () => ignoreMissing(() => set(0)) });
}

/** The containers of an rc are also those of pods that it makes later: the new ones of a roll-out, above all. */
function slowLater(run: Run, target: Expression, by: number, environment: Environment): void {
  if (target.type !== "containers") return;
  const { members } = wantSet(evaluate(run.view, target.of, environment));
  const owners = new Set(members.map(({ key }) => objectOf(run.view, key)?.metadata.uid));
  const { client } = run.view;
  const stop = client.watch("Pod", ({ type, object }) => {
    const owner = controllerOf(object)?.uid;
    if (type === "ADDED" && owner !== undefined && owners.has(owner))
      run.simulation.faults.slowPod(object.metadata.uid, by);
  });
  run.lifts.push({ at: Number.POSITIVE_INFINITY, lift: stop });
}

/** The nodes of targets: a pod's is the one it is on. */
function nodesOf(targets: readonly Target[]): readonly string[] {
  const names = targets.map((target) => ("node" in target ? target.node : (target.pod.spec.nodeName ?? "")));
  return [...new Set(names.filter((name) => name !== ""))];
}

export function cut(
  run: Run,
  nodes: readonly string[],
  from: readonly string[] | undefined,
  until = Number.POSITIVE_INFINITY,
): void {
  const { faults } = run.simulation;
  eachLink(
    nodes,
    from,
    (node) => faults.cutNode(node),
    (a, b) => faults.cutBetween(a, b),
  );
  run.lifts.push({ at: until, lift: () => heal(run, nodes, from) });
}

function heal(run: Run, nodes: readonly string[], from: readonly string[] | undefined): void {
  const { faults } = run.simulation;
  eachLink(
    nodes,
    from,
    (node) => ignoreMissing(() => faults.healNode(node)),
    (a, b) => ignoreMissing(() => faults.healBetween(a, b)),
  );
}

function eachLink(
  nodes: readonly string[],
  from: readonly string[] | undefined,
  api: (node: string) => void,
  between: (a: string, b: string) => void,
): void {
  for (const node of nodes) {
    if (!from) api(node);
    else for (const other of from) if (other !== node) between(node, other);
  }
}

/** What is to end may have gone by itself: a node that was removed, a pod. */
export function ignoreMissing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

const healing: ReadonlySet<string> = new Set(["revive", "heal", "uncordon"]);

/** After each act there is a state. */
export function struck(
  run: Run,
  step: Step,
  id: string,
  revision: number,
  done: ReturnType<typeof strike>,
): void {
  run.view.struck();
  run.history.push({
    revision,
    id,
    place: step.place,
    at: run.view.now(),
    text: done.text,
    kind: "fault",
    struck: done.struck,
    ...(healing.has(step.type) && { heals: true }),
  });
  look(run);
}
