import { CommandError, exitCodes } from "../error.ts";
import { buildAll } from "../run/build.ts";
import { type ClusterFlags, compareWith, putPlan } from "./cluster.ts";

/**
 * `kdsl apply [FILE]`: makes a running cluster as its plan says again, or as FILE says now. What the plan does not
 * have, objects and fields, stays as it is.
 */
export async function apply(path: string | undefined, options: ClusterFlags): Promise<number> {
  const compared = await compareWith(path, options);
  if (!compared) return exitCodes.failure;
  const { client, compiled } = compared;
  if (compiled?.plan) await buildAll(compiled.plan);
  const { created, updated, deleted, held, refused } = await putPlan(client, {
    ...(compiled?.plan && { plan: compiled.plan }),
    ...(compiled?.secretValues && { secretValues: [...compiled.secretValues] }),
  });
  const lines = [
    ...created.map((key) => `${nameOf(key)} created`),
    ...updated.map((key) => `${nameOf(key)} changed`),
    ...deleted.map((key) => `${nameOf(key)} deleted`),
    ...held.map((key) => `${nameOf(key)} waits for what has to be ready or gone first`),
  ];
  for (const line of lines) console.log(line);
  if (lines.length === 0 && refused.length === 0) console.log("nothing in the cluster changes");
  if (refused.length === 0) return exitCodes.success;
  throw new CommandError(
    refused.map(({ key, message }) => `${nameOf(key)} was refused: ${message}`).join("\n"),
  );
}

/** `rc/web` of `ReplicationController/default/web`. */
function nameOf(key: string): string {
  const [kind = "", ...rest] = key.split("/");
  return `${kind.toLowerCase()}/${rest.at(-1) ?? ""}`;
}
