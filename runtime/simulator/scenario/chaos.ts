import { naturalLogarithm } from "../../../base/logarithm.ts";
import { hash32, type Random, seededRandom } from "../../../base/random.ts";
import type { Act, ChaosFault, Step } from "../../../model/scenario.ts";
import { cut, ignoreMissing, one, slow, type Target, targetKey, targetName, targetsOf } from "./acts.ts";
import { look, type Run, runUntil, type Work } from "./run.ts";
import type { Environment } from "./values.ts";

type Chaos = Step & Extract<Act, { readonly type: "chaos" }>;

interface ChaosEvent {
  readonly id: string;
  readonly at: number;
  readonly fault: ChaosFault;
  readonly random: Random;
}

/** By how much starts are slowed where chaos does not say. */
const slowness = 30_000;

/** Strikes at random, from the run's seed, for as long as it says. What is left out changes nothing of the rest. */
export function* chaos(
  run: Run,
  id: string,
  step: Chaos,
  during: number,
  environment: Environment,
): Work<void> {
  const start = run.view.now();
  const { skip } = run.options.spec;
  for (const event of eventsOf(run, id, step, during)) {
    if (skip.has(event.id)) continue;
    yield* runUntil(run, start + event.at);
    happen(run, step, event, environment);
  }
  yield* runUntil(run, start + during);
}

/** When what happens, in order, and no further ahead than is asked: a long time may hold more than there is room for. */
function* eventsOf(run: Run, id: string, step: Chaos, during: number): Iterable<ChaosEvent> {
  const coming = step.faults.map((fault, index) => {
    const events = eventsOfFault(run, `${id}!${index}`, `${id}/${index}`, fault, during);
    return { events, next: events.next().value };
  });
  for (;;) {
    let first: (typeof coming)[number] | undefined;
    for (const each of coming)
      if (each.next && (!first?.next || isBefore(each.next, first.next))) first = each;
    if (!first?.next) return;
    yield first.next;
    first.next = first.events.next().value;
  }
}

const isBefore = (a: ChaosEvent, b: ChaosEvent) => a.at < b.at || (a.at === b.at && a.id < b.id);

/** Of one fault: the times between two are exponential, as of what has no memory. */
function* eventsOfFault(
  run: Run,
  id: string,
  stream: string,
  fault: ChaosFault,
  during: number,
): Generator<ChaosEvent, undefined> {
  const { seed, picks } = run.options.spec;
  const random = seededRandom(hash32(`${seed}/${picks.slice(0, run.forks.length).join(".")}/${stream}`));
  const mean = fault.count > 0 ? fault.per / fault.count : Number.POSITIVE_INFINITY;
  let at = 0;
  for (let number = 0; ; number++) {
    at += Math.max(1, Math.round(-naturalLogarithm((random.below(1_000_000) + 1) / 1_000_001) * mean));
    if (!(at < during)) return undefined;
    yield { id: `${id}.${number}`, at, fault, random: random.fork(`target ${number}`) };
  }
}

function happen(run: Run, step: Chaos, { id, fault, random }: ChaosEvent, environment: Environment): void {
  const possible = candidates(run, fault, environment);
  if (possible.length === 0) return;
  const target = possible[random.below(possible.length)]!;
  const until = fault.lasting === undefined ? Number.POSITIVE_INFINITY : run.view.now() + fault.lasting;
  run.history.push({
    revision: run.simulation.cluster.store.revision,
    id,
    place: step.place,
    at: run.view.now(),
    text: `chaos: ${fault.fault} ${targetName(target)}`,
    kind: "fault",
    struck: [targetKey(target)],
  });
  inflict(run, fault, target, until);
  run.view.struck();
  look(run);
}

function inflict(run: Run, { fault, by = slowness }: ChaosFault, target: Target, until: number): void {
  const { faults } = run.simulation;
  const afterwards = (lift: () => void) => run.lifts.push({ at: until, lift: () => ignoreMissing(lift) });
  if (fault === "slow") slow(run, target, by, until);
  else if (!("node" in target)) one(run, fault === "kill" ? "kill" : "crash", target);
  else if (fault === "cut") cut(run, [target.node], undefined, until);
  else if (fault === "kill") {
    faults.killNode(target.node);
    afterwards(() => faults.reviveNode(target.node));
  } else {
    faults.drain(target.node);
    afterwards(() => faults.cordon(target.node, false));
  }
}

/** Whom a fault can meet now: nodes that it has not met already, pods that run. */
function candidates(run: Run, fault: ChaosFault, environment: Environment): readonly Target[] {
  const targets = fault.target
    ? targetsOf(run, fault.target, environment)
    : fault.fault === "crash"
      ? run.view.client.list("Pod").map((pod) => ({ pod }))
      : run.view.client.list("Node").map((node) => ({ node: node.metadata.name }));
  return targets.filter((target) =>
    "node" in target ? isUp(run, target.node) : target.pod.status?.phase === "Running",
  );
}

/** Whether the node is thought to be well and takes pods: what is ill already is not struck again. */
function isUp(run: Run, name: string): boolean {
  const node = run.view.client.get("Node", undefined, name);
  const ready = node?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
  return ready && node?.spec.unschedulable !== true;
}
