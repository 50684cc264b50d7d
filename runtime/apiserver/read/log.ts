import type { Clock } from "../../../base/clock.ts";
import type { ContainerStatus, Pod } from "../../../model/core.ts";
import type { Stored } from "../../../model/meta.ts";
import type { LogReader, LogRequest } from "../backend.ts";
import type { ApiRequest, ResponseSink, StreamResponse } from "../http.ts";
import { flag, wholeNumber } from "../options.ts";
import { badRequest } from "../status.ts";

/** GET of `pods/NAME/log`: what one container of a pod wrote, as plain text. */
export function podLog(logs: LogReader, clock: Clock, pod: Stored<Pod>, request: ApiRequest): StreamResponse {
  const { query } = request;
  const limitBytes = wholeNumber(query, "limitBytes");
  if (limitBytes === 0) throw badRequest("limitBytes: Invalid value: 0: must be greater than 0");
  const container = chooseContainer(pod, query.get("container") ?? "");
  const tailLines = wholeNumber(query, "tailLines");
  const sinceTime = sinceOf(query, clock.now());
  const asked: Omit<LogRequest, "signal"> = {
    podUid: pod.metadata.uid,
    container,
    previous: isBeforeLast(pod, container, flag(query, "previous")),
    follow: flag(query, "follow"),
    timestamps: flag(query, "timestamps"),
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceTime !== undefined && { sinceTime }),
  };
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private" },
    open: (sink) => {
      const controller = new AbortController();
      pump(logs({ ...asked, signal: controller.signal }), sink, limitBytes, controller.signal).catch(
        (error) => {
          if (!controller.signal.aborted) sink.write(`${error instanceof Error ? error.message : error}\n`);
          sink.end();
        },
      );
      return () => controller.abort();
    },
  };
}

async function pump(
  chunks: AsyncIterable<string>,
  sink: ResponseSink,
  limitBytes: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const encoder = new TextEncoder();
  let left = limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const chunk of chunks) {
    if (signal.aborted) return;
    const bytes = limitBytes === undefined ? 0 : encoder.encode(chunk).byteLength;
    if (bytes > left) {
      // Cut between characters, never within one.
      const cut = new TextDecoder().decode(encoder.encode(chunk).subarray(0, left), { stream: true });
      sink.write(cut);
      break;
    }
    left -= bytes;
    sink.write(chunk);
    await sink.drained();
  }
  sink.end();
}

/** `sinceSeconds` or `sinceTime`, not both; milliseconds since the epoch. */
function sinceOf(query: URLSearchParams, now: number): number | undefined {
  const seconds = wholeNumber(query, "sinceSeconds");
  const time = query.get("sinceTime");
  if (seconds !== undefined && time)
    throw badRequest("at most one of `sinceTime` or `sinceSeconds` may be specified");
  if (seconds === 0) throw badRequest("sinceSeconds: Invalid value: 0: must be greater than 0");
  if (seconds !== undefined) return now - seconds * 1000;
  if (!time) return undefined;
  const at = Date.parse(time);
  if (Number.isNaN(at)) throw badRequest(`sinceTime: ${JSON.stringify(time)} is not an RFC 3339 time`);
  return at;
}

/** The pod's only container where none is named (Kubernetes' texts where that does not decide it). */
function chooseContainer(pod: Stored<Pod>, named: string): string {
  const { containers, initContainers = [] } = pod.spec;
  const names = containers.map(({ name }) => name);
  const initNames = initContainers.map(({ name }) => name);
  if (named !== "") {
    if ([...names, ...initNames].includes(named)) return named;
    throw badRequest(`container ${named} is not valid for pod ${pod.metadata.name}`);
  }
  if (names.length === 1) return names[0]!;
  const init = initNames.length > 0 ? ` or one of the init containers: [${initNames.join(" ")}]` : "";
  throw badRequest(
    `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(" ")}]${init}`,
  );
}

/**
 * Whether the instance before the last is meant: with `previous`, unless the last one has ended and is the previous
 * one itself. Throws 400 where there is no such instance (Kubernetes' `validateContainerLogStatus`).
 */
function isBeforeLast(pod: Stored<Pod>, container: string, previous: boolean): boolean {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const status: ContainerStatus | undefined = statuses.find(({ name }) => name === container);
  const which = `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)}`;
  if (!status)
    throw badRequest(
      pod.spec.nodeName === undefined
        ? `pod ${pod.metadata.name} does not have a host assigned`
        : `${which} is not available`,
    );
  const { state, lastState } = status;
  if (previous) {
    if (!lastState.terminated) throw badRequest(`previous terminated ${which} not found`);
    return state.waiting === undefined;
  }
  if (state.running || state.terminated || lastState.terminated) return false;
  throw badRequest(
    state.waiting?.reason
      ? `${which} is waiting to start: ${state.waiting.reason}`
      : `${which} is waiting to start - no logs yet`,
  );
}
