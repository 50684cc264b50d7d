import type { Clock } from "../../../base/clock.ts";

/** What the processes of one instance of a container have used up to now. */
export interface UsageSample {
  readonly podUid: string;
  readonly container: string;
  /** Which instance: what another one has used says nothing of this one. */
  readonly attempt: number;
  /** When the instance was started; milliseconds since the epoch, as `at`. */
  readonly startedAt: number;
  /** When its processes were looked at. */
  readonly at: number;
  /** Processor time since the start. */
  readonly cpuNanoseconds: number;
  /** The memory that it holds now. */
  readonly memoryBytes: number;
}

/** Looks at the processes of all containers that run now. */
export type UsageReader = () => Promise<readonly UsageSample[]>;

/** What a container uses: its processor time as a rate over the window that ends at `at`, its memory at `at`. */
export interface ContainerUsage {
  readonly podUid: string;
  readonly container: string;
  readonly at: number;
  readonly windowMilliseconds: number;
  /** Billionths of a core. */
  readonly nanocores: number;
  readonly memoryBytes: number;
}

/** What all containers use. */
export interface Measurement {
  readonly at: number;
  readonly windowMilliseconds: number;
  readonly containers: readonly ContainerUsage[];
}

/** Shorter windows would show the grain of the kernel's clock (10 ms) and not the program. */
const shortestWindow = 1000;

/** A rate over a longer time than this would not be what is used now; a fresh start is measured instead. */
const longestWindow = 15_000;

/**
 * Measures only when it is asked: a rate needs two looks, and the last look of an earlier question serves as the first
 * where it is neither too near nor too far. Else it looks, waits for a second, and looks again. Questions of one
 * second share one answer, so that their number costs nothing.
 */
export function createUsageMeter(read: UsageReader, clock: Clock): () => Promise<Measurement> {
  let last: Look | undefined;
  let answer: Measurement | undefined;
  let measuring: Promise<Measurement> | undefined;

  const look = async (): Promise<Look> => ({ samples: await read(), at: clock.now() });
  const measure = async () => {
    let before = last;
    if (!before || clock.now() - before.at < shortestWindow || clock.now() - before.at > longestWindow) {
      before = await look();
      await new Promise<void>((done) => clock.schedule(before!.at + shortestWindow, done));
    }
    last = await look();
    answer = {
      at: last.at,
      windowMilliseconds: last.at - before.at,
      containers: rates(before, last),
    };
    return answer;
  };
  return () => {
    if (answer && clock.now() - answer.at < shortestWindow) return Promise.resolve(answer);
    measuring ??= measure().finally(() => {
      measuring = undefined;
    });
    return measuring;
  };
}

interface Look {
  readonly samples: readonly UsageSample[];
  readonly at: number;
}

const keyOf = ({ podUid, container, attempt }: UsageSample) => `${podUid}/${container}/${attempt}`;

/** An instance that was not there at the first look had used nothing when it was started. */
function rates(before: Look, after: Look): readonly ContainerUsage[] {
  const earlier = new Map(before.samples.map((sample) => [keyOf(sample), sample]));
  return after.samples.flatMap((sample) => {
    const { podUid, container, at, startedAt, cpuNanoseconds, memoryBytes } = sample;
    const from = earlier.get(keyOf(sample)) ?? { at: startedAt, cpuNanoseconds: 0 };
    const windowMilliseconds = at - from.at;
    if (windowMilliseconds <= 0) return [];
    // Less than before is the time of a daemon that ended with nobody to tell.
    const used = Math.max(0, cpuNanoseconds - from.cpuNanoseconds);
    const nanocores = Math.round((used * 1000) / windowMilliseconds);
    return [{ podUid, container, at, windowMilliseconds, nanocores, memoryBytes }];
  });
}
