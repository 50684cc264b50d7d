import { podState } from "./progress.ts";
import type { Session } from "./session.ts";

/** The last lines of every container of each pod that is not as it should be, each under its name. */
export async function failedLogs(session: Session, lines = 40): Promise<string[]> {
  const result: string[] = [];
  for (const pod of session.cluster.client.list("Pod")) {
    const state = podState(pod);
    if (state.settled && !state.bad) continue;
    for (const status of pod.status?.containerStatuses ?? []) {
      const text: string[] = [];
      const request = { podUid: pod.metadata.uid, container: status.name, attempt: status.restartCount };
      const reading = {
        follow: false,
        tailLines: lines,
        timestamps: false,
        signal: new AbortController().signal,
      };
      try {
        for await (const line of session.host.logs({ ...request, ...reading }))
          text.push(...line.trimEnd().split("\n"));
      } catch {
        // A container that never started has printed nothing; its pod's state says why.
      }
      result.push(
        `── pod ${pod.metadata.name}, container ${status.name}: ${state.text}`,
        ...text.map((line) => `   ${line}`),
      );
    }
  }
  return result;
}
