import { list, type Member, type Written, type WrittenCall } from "../write/layout.ts";
import { duration } from "../write/literals.ts";
import { numberOf, type Part, take } from "../write/reader.ts";
import { scalar } from "./environment.ts";
import { commandList } from "./shell.ts";
import { durationOf, seconds } from "./units.ts";

/** A health check: whether others may begin to use the container, which is what `ready` says. */
export function writeHealth(part: Part | undefined, write: (text: string) => Written): Member | undefined {
  if (!part || take(part, "disable")?.value === true) return undefined;
  const command = healthCommand(take(part, "test")?.value);
  if (!command) return undefined;
  const given: [string, Written][] = [];
  const time = (from: string, to: string, standard?: string) => {
    const length = durationOf(take(part, from)?.value) ?? standard;
    if (length !== undefined) given.push([to, length]);
  };
  time("interval", "every", "30s");
  // Where nothing else is said, an answer has half a minute; Kubernetes asks again after the interval all the same.
  const interval = seconds(take(part, "interval")?.value) || 30;
  time("timeout", "timeout", duration(Math.min(interval, 30)));
  time("start_period", "after");
  const retries = numberOf(take(part, "retries")) ?? Number(scalar(take(part, "retries")?.value) ?? 3);
  if (retries !== 3 && retries >= 1 && retries <= 1000) given.push(["failures", String(retries)]);
  const call: WrittenCall = {
    call: "exec",
    arguments: [[undefined, list(...command.map(write))], ...given],
  };
  return { head: "ready: ", value: call, path: part.path };
}

function healthCommand(test: unknown): string[] | undefined {
  if (typeof test === "string") return ["sh", "-c", test];
  if (!Array.isArray(test)) return undefined;
  const [how, ...rest] = test.map(String);
  if (how === "CMD") return rest;
  if (how === "CMD-SHELL") return ["sh", "-c", rest.join(" ")];
  return how === "NONE" ? undefined : commandList(test);
}
