import { field, type Member, record } from "../write/layout.ts";
import { quoted, text } from "../write/literals.ts";
import { isRecord, type Part, textOf } from "../write/reader.ts";
import { aliasFor } from "../write/scene.ts";
import { type Compose, type ComposeService, kubernetesName } from "./model.ts";
import { memoryOf } from "./units.ts";

/** Volumes and mounts of one service, and the configs that single files become. */

export interface Storage {
  readonly volumes: Member[];
  readonly mounts: Member[];
  /** Files that are mounted one by one, by key in the service's config. */
  readonly files: Map<string, string>;
  readonly notes: string[];
}

interface Mount {
  readonly source?: string;
  readonly target: string;
  readonly readonly: boolean;
  readonly kind: "volume" | "bind" | "tmpfs";
  readonly size?: string;
}

/** `data:/var/lib`, `./conf:/etc/x:ro`, `/var/lib`, `{ type, source, target, read_only }`. */
export function readMount(value: unknown): Mount | undefined {
  if (typeof value === "string") {
    const [first = "", second, mode = ""] = value.split(/:(?!\\)/);
    if (second === undefined) return { target: first, readonly: false, kind: "volume" };
    const kind = /^[./~]/.test(first) ? "bind" : "volume";
    return { source: first, target: second, readonly: /(?:^|,)ro(?:,|$)/.test(mode), kind };
  }
  if (!isRecord(value) || typeof value.target !== "string") return undefined;
  const { type, source, target } = value;
  const kind = type === "bind" || type === "tmpfs" ? type : "volume";
  const tmpfs = isRecord(value.tmpfs) ? memoryOf(value.tmpfs.size) : undefined;
  return {
    target,
    kind,
    readonly: value.read_only === true,
    ...(typeof source === "string" ? { source } : {}),
    ...(tmpfs === undefined ? {} : { size: tmpfs }),
  };
}

export function addMount(compose: Compose, service: ComposeService, storage: Storage, part: Part): void {
  const mount = readMount(part.value);
  if (!mount) {
    storage.notes.push(`not taken over: ${part.path}`);
    return;
  }
  const { source, target, kind } = mount;
  if (kind === "tmpfs") {
    addVolume(storage, mount, nameOfPath(target), "emptyDir", part.path);
    return;
  }
  if (kind === "bind" && source !== undefined) {
    addBind(compose, service, storage, mount, source, part.path);
    return;
  }
  const name = source === undefined ? nameOfPath(target) : kubernetesName(source);
  const shared = source !== undefined && sharers(compose, source).length > 1;
  const note = shared
    ? `the volume \`${source}\` is shared in the compose file; this pod has one of its own`
    : source === undefined
      ? undefined
      : "lives as long as its pod; a volume of the cluster's own outlives it";
  addVolume(storage, mount, name, "emptyDir", part.path, note);
}

const sharers = (compose: Compose, source: string): ComposeService[] =>
  compose.services.filter(({ part }) => {
    const given = isRecord(part.value) ? part.value.volumes : undefined;
    return Array.isArray(given) && given.some((one) => readMount(one)?.source === source);
  });

const nameOfPath = (path: string): string => kubernetesName(path.replace(/^\W+/, "")).slice(0, 60);

function addVolume(
  storage: Storage,
  { target, readonly, size, kind }: Mount,
  name: string,
  what: string,
  path: string,
  note?: string,
): void {
  let free = name;
  for (let count = 2; storage.volumes.some(({ head }) => head.startsWith(`volume ${free}:`)); count++)
    free = `${name}-${count}`;
  const alias = aliasFor(free, "volume");
  const memory = kind === "tmpfs" ? `${size ? `${size}, ` : ""}medium: "Memory"` : undefined;
  storage.volumes.push({
    head: `volume ${alias}: `,
    value: memory === undefined ? what : `${what}(${memory})`,
    path,
    ...(note === undefined ? {} : { trailing: note }),
  });
  storage.mounts.push({ head: `mount ${alias} at ${quoted(target)}${readonly ? " readonly" : ""}` });
}

/** A file beside becomes a key of a config; a folder stays one of this machine, unless the container runs from it. */
function addBind(
  compose: Compose,
  service: ComposeService,
  storage: Storage,
  mount: Mount,
  source: string,
  path: string,
): void {
  if (isSource(service, source)) {
    storage.notes.push(`\`${source}\` is where it runs from: \`local\` says so`);
    return;
  }
  if (compose.files.kind(source) === "file" && compose.files.read(source) !== undefined) {
    let key = source.slice(source.lastIndexOf("/") + 1);
    while (storage.files.has(key) && storage.files.get(key) !== source) key = `_${key}`;
    storage.files.set(key, source);
    storage.mounts.push({
      head: `mount files at ${quoted(mount.target)} readonly`,
      body: record([field("subPath", quoted(key))]),
      path,
    });
    return;
  }
  const absolute = compose.files.absolute(source);
  addVolume(
    storage,
    mount,
    nameOfPath(source),
    `hostPath(${asText(absolute)})`,
    path,
    "a folder of this machine",
  );
}

const asText = (value: string): string => {
  const written = text(value);
  return typeof written === "string" ? written : quoted(value);
};

/** Whether a folder is the service's own source, or holds it. */
function isSource({ build }: ComposeService, source: string): boolean {
  if (!build) return false;
  const plain = (path: string) => path.replace(/^\.\//, "").replace(/\/+$/, "") || ".";
  return plain(build.directory) === plain(source) || plain(source).startsWith(`${plain(build.directory)}/`);
}

/** `/run:size=64m` or only a path. */
export function addTmpfs(storage: Storage, part: Part): void {
  const [target = "", options = ""] = (textOf(part) ?? "").split(":");
  const size = memoryOf(/(?:^|,)size=([^,]+)/.exec(options)?.[1]);
  addVolume(
    storage,
    { target, readonly: false, kind: "tmpfs", ...(size === undefined ? {} : { size }) },
    nameOfPath(target),
    "emptyDir",
    part.path,
  );
}
