import { blockSchemas } from "../../types/blocks/index.ts";
import { aliasesOf, type PodAround, typedField, writeContainer } from "./container.ts";
import { field, type Member, record, type Written } from "./layout.ts";
import { quoted } from "./literals.ts";
import { writeLabels, writeMetadata } from "./metadata.ts";
import { writePlacement } from "./placement.ts";
import { giveBack, isRecord, items, type Part, take, textMapOf, textOf } from "./reader.ts";
import type { Scene, Workload } from "./scene.ts";
import { type Around, writeFields } from "./typed.ts";
import { writeVolume } from "./volumes.ts";

/** What stands in a pod, alone or in an rc. `part` holds `metadata` and `spec`. */

const restarts: Readonly<Record<string, string>> = { OnFailure: "on-failure", Never: "never" };

/** What Kubernetes fills in by itself, and nobody would write. */
const defaults: Readonly<Record<string, unknown>> = {
  dnsPolicy: "ClusterFirst",
  schedulerName: "default-scheduler",
  enableServiceLinks: true,
  preemptionPolicy: "PreemptLowerPriority",
  hostNetwork: false,
  hostPID: false,
  hostIPC: false,
};

export function writePod(scene: Scene, workload: Workload, part: Part, after?: Written): Member[] {
  const namespace = workload.declared.namespace ?? "default";
  const own: Around = { scene, namespace };
  const spec = take(part, "spec");
  const members: Member[] = [];
  const add = (...more: (Member | undefined)[]) => members.push(...more.filter((one) => one !== undefined));
  add(...podLabels(scene, workload, part));
  add(...writeMetadata(scene, take(part, "metadata"), { without: ["labels"] }));
  if (!spec) return members;
  if (after !== undefined) add(field("after", after));
  add(...writePlacement(own, spec), writeTolerations(take(spec, "tolerations")));
  const restart = take(spec, "restartPolicy");
  const policy = restarts[textOf(restart) ?? ""];
  if (policy !== undefined) add(field("restart", quoted(policy), restart?.path));
  const grace = take(spec, "terminationGracePeriodSeconds");
  if (grace && grace.value !== 30) add(typedField(own, "pod", "grace", grace));
  const deadline = take(spec, "activeDeadlineSeconds");
  if (deadline) add(typedField(own, "pod", "deadline", deadline));
  const priority = take(spec, "priority");
  if (priority && priority.value !== 0) add(typedField(own, "pod", "priority", priority));
  add(...account(own, spec));
  for (const [name, value] of Object.entries(defaults)) {
    const given = take(spec, name);
    if (given && given.value !== value) giveBack(given);
  }
  const security = take(spec, "securityContext");
  if (security && !(isRecord(security.value) && Object.keys(security.value).length === 0)) giveBack(security);
  const [volumes, inits, containers] = ["volumes", "initContainers", "containers"].map((name) =>
    items(take(spec, name)),
  );
  const around: PodAround = {
    scene,
    namespace,
    volumes: aliasesOf(volumes!, "volume"),
    containers: aliasesOf([...inits!, ...containers!], "container"),
  };
  add(...writeFields({ scene, namespace }, blockSchemas.pod!.fields, part));
  volumes!.forEach((volume, index) => {
    const written = writeVolume(scene, namespace, volume, around.volumes);
    add(written && { ...written, apart: index === 0 });
  });
  const alone = volumes!.length + inits!.length + containers!.length === 1;
  const programs = [
    ...inits!.map((init) => writeContainer(around, init, "init")),
    ...containers!.map((container) => writeContainer(around, container, "container")),
  ];
  add(...programs.map((program) => ({ ...program, apart: !alone })));
  return members;
}

/** The labels that selectors use are the identity; all others are labels. */
function podLabels(scene: Scene, { identity }: Workload, part: Part): Member[] {
  const labels = take(take(part, "metadata"), "labels");
  if (!labels) return [];
  const all = textMapOf(labels.value);
  const own = Object.entries(all).filter(([key]) => Object.hasOwn(identity, key));
  const others = Object.entries(all).filter(([key]) => !Object.hasOwn(identity, key));
  return [
    writeLabels(scene, "identity", Object.fromEntries(own), labels.path),
    writeLabels(scene, "labels", Object.fromEntries(others), own.length > 0 ? undefined : labels.path),
  ].filter((one) => one !== undefined);
}

/** The account has two names in Kubernetes, of which one is old. */
function account(around: Around, spec: Part): Member[] {
  const name = take(spec, "serviceAccountName");
  const old = take(spec, "serviceAccount");
  const given = name ?? old;
  if (!given || given.value === "") return [];
  const written = typedField(around, "pod", "account", given);
  return written ? [written] : [];
}

function writeTolerations(part: Part | undefined): Member | undefined {
  if (!part) return undefined;
  const list: Written[] = [];
  for (const one of items(part)) {
    const operator = textOf(take(one, "operator")) ?? "Equal";
    const key = textOf(take(one, "key"));
    const value = textOf(take(one, "value")) ?? "";
    const effect = textOf(take(one, "effect"));
    const seconds = take(one, "tolerationSeconds")?.value;
    const members: Member[] = [];
    if (key) members.push(field("key", quoted(key)));
    if (operator === "Equal" || value !== "") members.push(field("value", quoted(value)));
    if (effect) members.push(field("effect", quoted(effect)));
    if (typeof seconds === "number") members.push(field("seconds", `${seconds}s`));
    list.push(record(members));
  }
  return list.length > 0 ? field("tolerate", { items: list }, part.path) : undefined;
}
