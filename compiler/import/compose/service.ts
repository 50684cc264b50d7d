import { block, field, list, type Member, record, type Written } from "../write/layout.ts";
import { key, quoted, text } from "../write/literals.ts";
import { entries, isRecord, items, leftOver, numberOf, type Part, take, textOf } from "../write/reader.ts";
import { aliasFor, nameWritten } from "../write/scene.ts";
import {
  scalar,
  variablesOf,
  withoutSecrets,
  writeLocalText,
  writeText,
  writeVariables,
} from "./environment.ts";
import { fileSecrets, type Outside, writeFilesOf } from "./files.ts";
import { writeHealth } from "./health.ts";
import { type ComposePort, type ComposeService, completedBefore } from "./model.ts";
import { composeCommand } from "./shell.ts";
import { cpuOf, durationOf, memoryOf } from "./units.ts";
import { addMount, addTmpfs, type Storage } from "./volumes.ts";

/** One service of a compose file: an rc or a pod, and the service that others reach it by. */

export function writeComposeService(outside: Outside, service: ComposeService): Member[] {
  const { part } = service;
  const word = isLasting(service) ? "rc" : "pod";
  const storage: Storage = { volumes: [], mounts: [], files: new Map(), notes: [] };
  const container = writeContainer(outside, service, storage, "container");
  const firsts = completedBefore(part.value).flatMap((host) => {
    const first = outside.compose.services.find((one) => one.host === host);
    return first ? [writeContainer(outside, first, storage, "init")] : [];
  });
  const pod = [
    field("identity", record([field(key(outside.app), quoted(service.name))])),
    ...podFields(outside, service),
    ...storage.volumes.map((volume, index): Member => ({ ...volume, apart: index === 0 })),
    ...firsts.map((first): Member => ({ ...first, apart: true })),
    { ...container, apart: storage.volumes.length + firsts.length > 0 },
  ];
  const body = word === "pod" ? pod : [...replicas(service), { head: "pod ", value: block(pod) }];
  const notes = [...storage.notes, ...unmapped(service)];
  const head: Member = {
    head: `${word} ${nameWritten(service.name, service.alias)} `,
    value: block(body),
    path: part.path,
    apart: true,
    ...(notes.length > 0 ? { notes } : {}),
  };
  const own = storage.files.size === 0 ? [] : [writeFilesOf(outside, service, storage.files)];
  return [...own, head, ...reached(outside, service)];
}

/** `no` and `on-failure` are not for what an rc keeps running. */
const isLasting = ({ part }: ComposeService): boolean => {
  const restart = isRecord(part.value) ? part.value.restart : undefined;
  return !(restart === "no" || restart === false || /^on-failure/.test(String(restart)));
};

const deployOf = (part: Part): Part | undefined => take(part, "deploy");

function replicas({ part }: ComposeService): Member[] {
  const given = numberOf(take(deployOf(part), "replicas")) ?? numberOf(take(part, "scale"));
  return given === undefined || given === 1 ? [] : [field("replicas", String(given))];
}

// ── The pod ────────────────────────────────────────────────────────────────────────────────────────────────

function podFields(outside: Outside, service: ComposeService): Member[] {
  const { part } = service;
  const members: Member[] = [];
  const after = dependencies(outside, service);
  if (after.length > 0) members.push(field("after", after.length === 1 ? after[0]! : list(...after)));
  const restart = take(part, "restart");
  if (restart && !isLasting(service))
    members.push(
      field("restart", quoted(/^on-failure/.test(String(restart.value)) ? "on-failure" : "never")),
    );
  const grace = durationOf(take(part, "stop_grace_period")?.value);
  if (grace !== undefined) members.push(field("grace", grace));
  const hostname = textOf(take(part, "hostname"));
  if (hostname !== undefined) members.push(field("hostname", quoted(hostname)));
  const labels = variablesOf(take(part, "labels")).map(([name, value]) =>
    field(key(name), text(value ?? "")),
  );
  if (labels.length > 0) members.push(field("annotations", { members: labels }));
  return members;
}

/** What has to be ready before; what has to have ended runs in the pod itself. */
function dependencies({ compose }: Outside, { part }: ComposeService): string[] {
  const given = take(part, "depends_on");
  const ended = completedBefore(part.value);
  const own = Array.isArray(given?.value)
    ? items(given).map((one) => String(one.value))
    : entries(given).map(([name]) => name);
  // An init container waits for nothing of its own: its pod does.
  const inherited = ended.flatMap((host) => {
    const first = compose.services.find((one) => one.host === host);
    const needs = isRecord(first?.part.value) ? first.part.value.depends_on : undefined;
    return Array.isArray(needs) ? needs.map(String) : isRecord(needs) ? Object.keys(needs) : [];
  });
  const all = [...new Set([...own, ...inherited])].filter((host) => !ended.includes(host));
  return all.flatMap((host) => {
    const needed = compose.services.find((one) => one.host === host);
    if (!needed || needed.first) return [];
    const word = isLasting(needed) ? "rc" : "pod";
    return [needed.ports.length > 0 ? `${word}.${needed.alias}` : needed.alias];
  });
}

// ── The container ──────────────────────────────────────────────────────────────────────────────────────────

function writeContainer(
  outside: Outside,
  service: ComposeService,
  storage: Storage,
  word: "container" | "init",
): Member {
  const { compose } = outside;
  const { part, build } = service;
  const write = (one: string): Written => writeText(compose, one);
  const members: Member[] = [];
  const add = (name: string, value: Written | undefined, path?: string) => {
    if (value !== undefined) members.push(field(name, value, path));
  };
  const image = take(part, "image");
  const named = textOf(image);
  add(
    "image",
    named === undefined ? quoted(`${compose.project}/${service.name}:local`) : write(named),
    image?.path,
  );
  const command = composeCommand(take(part, "command")?.value);
  const entrypoint = composeCommand(take(part, "entrypoint")?.value);
  const env = take(part, "environment");
  const started = withoutSecrets(outside.vault, env, [...(entrypoint ?? []), ...(command ?? [])]);
  const own = command && started.words.slice(entrypoint?.length ?? 0);
  if (build) {
    const local = own?.map((one) => writeLocalText(compose, one));
    members.push(...writeLocal(service, compose.files.written(build.directory), entrypoint, local));
  }
  const words = started.words.map(write);
  const starting = words.splice(0, entrypoint?.length ?? 0);
  if (entrypoint) add("command", list(...starting), `${part.path}.entrypoint`);
  // What is built here and has no entry point of its own is started by its command alone.
  const alone = build && !entrypoint && (service.docker?.entrypoint ?? []).length === 0;
  if (command) add(alone ? "command" : "args", list(...words), `${part.path}.command`);
  const directory = textOf(take(part, "working_dir"));
  if (directory !== undefined) add("workingDirectory", write(directory));
  for (const name of ["ports", "expose"]) take(part, name);
  if (word === "container") members.push(...service.ports.map((port) => portMember(port)));
  const variables = [...writeVariables(compose, outside.vault, env), ...started.variables];
  if (variables.length > 0) add("env", { members: variables }, env?.path);
  const sources = fileSecrets(outside, service, take(part, "env_file"));
  if (sources.length > 0) add("envFrom", list(...sources));
  members.push(...resources(part));
  for (const one of items(take(part, "volumes"))) addMount(compose, service, storage, one);
  const tmpfs = take(part, "tmpfs");
  for (const one of Array.isArray(tmpfs?.value) ? items(tmpfs) : tmpfs ? [tmpfs] : []) addTmpfs(storage, one);
  outside.mountGiven(service, storage);
  if (storage.files.size > 0 && !storage.volumes.some(({ head }) => head.startsWith("volume files:")))
    storage.volumes.push({ head: "volume files: ", value: `config(${outside.filesAlias(service)})` });
  members.push(...storage.mounts.splice(0));
  const health = writeHealth(take(part, "healthcheck"), write);
  if (health && word === "container") {
    outside.probes.add("exec");
    members.push(health);
  }
  for (const [from, to] of [
    ["stdin_open", "stdin"],
    ["tty", "tty"],
  ] as const)
    if (take(part, from)?.value === true) add(to, "true");
  const security = securityContext(part);
  if (security.length > 0) add("securityContext", record(security));
  const alias = aliasFor(service.name, "container");
  return { head: `${word} ${nameWritten(service.name, alias)} `, value: block(members) };
}

/**
 * How it runs here: what its Dockerfile starts, in the folder that it is built from. What the compose file starts is
 * the container's own command already.
 */
function writeLocal(
  { part, docker }: ComposeService,
  directory: string,
  entrypoint: readonly string[] | undefined,
  command: readonly Written[] | undefined,
): Member[] {
  const build = take(part, "build");
  for (const name of ["context", "dockerfile"]) take(build, name);
  const inFile = docker?.entrypoint ?? [];
  const isOwn = entrypoint !== undefined || (command !== undefined && inFile.length === 0);
  const written = (docker?.command ?? []).map((one) => quoted(one));
  const starts = isOwn ? [] : [...inFile.map((one) => quoted(one)), ...(command ?? written)];
  const members = [field("directory", quoted(directory))];
  if (starts.length > 0) members.push(field("command", list(...starts)));
  const known = isOwn || starts.length > 0;
  const note =
    'how it is built and started here is to be filled in: build: ["npm", "ci"], command: ["npm", "start"]';
  return [{ head: "local ", value: record(members), ...(known ? {} : { comments: [note] }) }];
}

const portMember = ({ name, number, protocol }: ComposePort, body: readonly Member[] = []): Member => {
  const all = [...(protocol === "UDP" ? [field("protocol", quoted("UDP"))] : []), ...body];
  return { head: `port ${name}: ${number}`, ...(all.length > 0 ? { body: record(all) } : {}) };
};

function resources(part: Part): Member[] {
  const given = take(deployOf(part), "resources");
  const of = (from: Part | undefined, cpuName: string, memoryName: string): Member[] => {
    const cpu = cpuOf(scalar(take(from, cpuName)?.value));
    const memory = memoryOf(take(from, memoryName)?.value);
    return [
      ...(cpu === undefined ? [] : [field("cpu", cpu)]),
      ...(memory === undefined ? [] : [field("memory", memory)]),
    ];
  };
  const requests = [...of(take(given, "reservations"), "cpus", "memory"), ...of(part, "", "mem_reservation")];
  const limits = [...of(take(given, "limits"), "cpus", "memory"), ...of(part, "cpus", "mem_limit")];
  return [
    ...(requests.length > 0 ? [field("requests", record(requests))] : []),
    ...(limits.length > 0 ? [field("limits", record(limits))] : []),
  ];
}

function securityContext(part: Part): Member[] {
  const members: Member[] = [];
  const user = /^(\d+)(?::(\d+))?$/.exec(scalar(take(part, "user")?.value) ?? "");
  if (user) members.push(field("runAsUser", user[1]!));
  if (user?.[2]) members.push(field("runAsGroup", user[2]));
  if (take(part, "privileged")?.value === true) members.push(field("privileged", "true"));
  if (take(part, "read_only")?.value === true) members.push(field("readOnlyRootFilesystem", "true"));
  const capabilities = (["add", "drop"] as const).flatMap((how) => {
    const names = items(take(part, `cap_${how}`)).map(({ value }) => quoted(String(value)));
    return names.length > 0 ? [field(how, list(...names))] : [];
  });
  if (capabilities.length > 0) members.push(field("capabilities", record(capabilities)));
  return members;
}

// ── The service ────────────────────────────────────────────────────────────────────────────────────────────

/** Where others reach it: at the ports that it listens on, and on nodes at those that were published. */
function reached(outside: Outside, service: ComposeService): Member[] {
  const { ports, name, alias } = service;
  if (ports.length === 0) return [];
  const published = ports.filter((port) => port.published !== undefined);
  const members: Member[] = [field("select", alias)];
  const [only] = published;
  const single = ports.length === 1 && only !== undefined;
  for (const port of ports) {
    const node = port.published ? outside.nodePort(port.published) : undefined;
    const body = node !== undefined && !single ? [field("node", String(node))] : [];
    const member = portMember(port, body);
    members.push({ ...member, head: `${member.head} -> ${port.name}` });
    if (single)
      members.push({
        head: `expose: ${node === undefined ? "node" : `node(${node})`}`,
        ...because(port, node),
      });
  }
  if (published.length > 0 && !single) members.push({ head: "expose: node", ...because(only!, -1) });
  return [{ head: `service ${nameWritten(name, alias)} `, value: block(members), apart: true }];
}

function because({ published }: ComposePort, node: number | undefined): { trailing?: string } {
  if (!published || node === undefined || node === published) return {};
  return { trailing: `published as ${published}; node ports are 30000 to 32767` };
}

/** Keys of the service that have no counterpart, or that need a hand. */
function unmapped(service: ComposeService): string[] {
  const { part } = service;
  // What is said of it otherwise, or goes without saying.
  for (const name of ["depends_on", "restart", "healthcheck", "networks"]) take(part, name);
  const prefix = `${part.path}.`;
  const left = leftOver(part)
    .map((path) => path.slice(prefix.length))
    .filter((path) => !path.startsWith("x-"));
  return left.length === 0 ? [] : [`not taken over: ${left.join(", ")}`];
}
