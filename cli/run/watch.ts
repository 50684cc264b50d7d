import { relative, resolve, sep } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import type { ObjectKey } from "../../model/meta.ts";
import type { LocalRun, Plan } from "../../model/plan.ts";
import { runBuild } from "./build.ts";
import { globPattern } from "./globs.ts";

/** What `--watch` does with what it sees. */
export interface WatchHandlers {
  /** A source of the plan changed: compile again and apply. Gives the plan that is in force now. */
  readonly sourcesChanged: () => Promise<Plan>;
  /** A container's files changed and its build, if it has one, succeeded. */
  readonly restart: (owner: ObjectKey, container: string) => void;
  readonly say: (line: string) => void;
}

interface Watched {
  readonly owner: ObjectKey;
  readonly container: string;
  readonly local: LocalRun;
  readonly patterns: readonly RegExp[];
}

/** Watches the plan's sources and the files that its containers name. Changes within 50 ms are one. */
export function watchPlan(plan: Plan, root: string, handlers: WatchHandlers): { close(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const inTurn = (task: () => Promise<void>) => {
    running = running
      .then(task)
      .catch((error: unknown) => handlers.say(`watch: ${(error as Error).message}`));
  };

  let watched: readonly Watched[] = [];
  const changed = new Set<string>();
  const flush = debounce(() => {
    const names = [...changed];
    changed.clear();
    for (const entry of watched.filter((each) => names.some((name) => concerns(each, name)))) {
      inTurn(() => rebuild(entry, handlers));
    }
  });
  // The watchers stay, and only what they watch changes: an edit made while the one before is applied is not missed.
  const sources = watch([], { ignoreInitial: true }).on(
    "all",
    debounce(() => inTurn(async () => follow(await handlers.sourcesChanged()))),
  );
  const files = watch([], {
    ignoreInitial: true,
    ignored: /(^|[/\\])(node_modules|\.git)([/\\]|$)/,
  }).on("all", (_event, path) => {
    changed.add(path);
    flush();
  });
  const followSources = watchedPaths(sources);
  const followFiles = watchedPaths(files);
  const follow = (current: Plan) => {
    const paths = current.sources.map(({ path }) => resolve(root, path));
    followSources(paths.filter((path) => !path.includes(`${sep}std${sep}`)));
    watched = watchedContainers(current);
    followFiles(watched.map(({ local }) => local.directory));
  };
  follow(plan);
  return {
    close: async () => {
      await Promise.all([sources.close(), files.close()]);
    },
  };
}

/** Makes a watcher watch these paths and no others; those that it watches already are left alone. */
function watchedPaths(watcher: FSWatcher): (paths: readonly string[]) => void {
  let known: ReadonlySet<string> = new Set();
  return (paths) => {
    const wanted = new Set(paths);
    watcher.unwatch([...known].filter((path) => !wanted.has(path)));
    watcher.add([...wanted].filter((path) => !known.has(path)));
    known = wanted;
  };
}

function watchedContainers(plan: Plan): Watched[] {
  return Object.entries(plan.local).flatMap(([owner, containers]) =>
    Object.entries(containers).flatMap(([container, local]) =>
      local.watch?.length ? [{ owner, container, local, patterns: local.watch.map(globPattern) }] : [],
    ),
  );
}

function concerns({ local, patterns }: Watched, path: string): boolean {
  const name = relative(local.directory, path).split(sep).join("/");
  return !name.startsWith("../") && patterns.some((pattern) => pattern.test(name));
}

/** Builds and then restarts; a failed build leaves the old one serving. */
async function rebuild({ owner, container, local }: Watched, handlers: WatchHandlers): Promise<void> {
  const [, , name = owner] = owner.split("/");
  if (local.build?.length) {
    handlers.say(`${name}/${container}: building`);
    const { code, output } = await runBuild(local.build, local.directory);
    if (code !== 0) {
      handlers.say(
        `${name}/${container}: build failed (exit code ${code}), the old one keeps serving\n${output.trimEnd()}`,
      );
      return;
    }
  }
  handlers.say(`${name}/${container}: changed, restarting`);
  handlers.restart(owner, container);
}

function debounce(task: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(task, 50);
  };
}
