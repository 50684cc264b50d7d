import type { ReplicationController } from "../model/core.ts";
import { kinds, ROLLOUT_ANNOTATION, type Stored, timestamp } from "../model/meta.ts";
import { connect } from "./client.ts";
import { CommandError, exitCodes } from "./error.ts";
import { joinKind, rcName } from "./scale.ts";
import { objectPath } from "./target.ts";

export interface RestartOptions {
  readonly cluster?: string;
  readonly namespace?: string;
}

/** What makes the template another one, so that there is something to roll to. */
const restartedAt = "kdsl.dev/restartedAt";

/** `kdsl restart rc/web`: replaces all pods of an rc, one after the other, so that it goes on serving. */
export async function restart(words: readonly string[], options: RestartOptions): Promise<number> {
  if (words.length === 0) throw new CommandError("say what: kdsl restart rc/web", exitCodes.usage);
  const names = joinKind(words).map(rcName);
  const client = connect(options);
  for (const name of names) {
    const path = objectPath(kinds.ReplicationController, options.namespace ?? "default", name);
    const { metadata } = await client.json<Stored<ReplicationController>>(path);
    await client.json(path, {
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body: {
        // One that is under way already goes on as it was asked to.
        metadata: {
          annotations: {
            [ROLLOUT_ANNOTATION]: metadata.annotations?.[ROLLOUT_ANNOTATION] ?? "surge=1,unavailable=0",
          },
        },
        spec: { template: { metadata: { annotations: { [restartedAt]: timestamp(Date.now()) } } } },
      },
    });
    console.log(`replicationcontroller/${name} restarted`);
  }
  return exitCodes.success;
}
