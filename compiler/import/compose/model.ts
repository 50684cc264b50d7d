import { isRecord, type Part, take } from "../write/reader.ts";
import { aliasFor } from "../write/scene.ts";
import { resolve, type Variables } from "./interpolate.ts";
import { type Dockerfile, readDockerfile } from "./shell.ts";

/** A compose file as it is looked at before anything is written: its services, their ports, who waits for whom. */

/** What lies beside the compose file, as far as somebody gives access to it. Paths are as the file writes them. */
export interface FilesBeside {
  read(path: string): string | undefined;
  kind(path: string): "file" | "directory" | undefined;
  /** The path as the machine knows it. */
  absolute(path: string): string;
  /** The path as a program that is written where the output goes says it: beginning with `./`, `../` or `/`. */
  written(path: string): string;
}

export interface ComposePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: "TCP" | "UDP";
  /** On the machine; 0 for any. */
  readonly published?: number;
}

export interface ComposeService {
  /** As the compose file calls it, which is its host name there. */
  readonly host: string;
  /** As Kubernetes can call it. */
  readonly name: string;
  readonly alias: string;
  readonly part: Part;
  readonly ports: readonly ComposePort[];
  /** Runs to its end before others start: an init container of those. */
  readonly first: boolean;
  readonly build?: { readonly directory: string; readonly dockerfile: string };
  /** What its Dockerfile says, if that is there. */
  readonly docker?: Dockerfile;
}

export interface Compose {
  readonly services: readonly ComposeService[];
  readonly project: string;
  readonly variables: Variables;
  readonly files: FilesBeside;
}

/** A name that Kubernetes takes. */
export const kubernetesName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "") || "it";

export function readCompose(root: Part, project: string, files: FilesBeside): Compose {
  const variables: Variables = { found: new Map() };
  const given = take(root, "services");
  const names = isRecord(given?.value) ? Object.keys(given.value) : [];
  const firsts = new Set(
    names.flatMap((name) => completedBefore(isRecord(given?.value) ? given.value[name] : undefined)),
  );
  const used = new Set<string>();
  const services = names.flatMap((host): ComposeService[] => {
    const part = take(given, host);
    if (!part) return [];
    const name = kubernetesName(host);
    const alias = aliasFor(name, "service", used);
    used.add(alias);
    const build = buildOf(part.value);
    const docker = build && files.read(`${build.directory}/${build.dockerfile}`);
    const known = docker === undefined ? undefined : readDockerfile(docker);
    const ports = portsOf(part.value, known?.ports ?? []);
    return [
      {
        host,
        name,
        alias,
        part,
        ports,
        first: firsts.has(host),
        ...(build ? { build } : {}),
        ...(known ? { docker: known } : {}),
      },
    ];
  });
  return { services, project, variables, files };
}

/** The services that have to have run to their end before this one. */
export function completedBefore(service: unknown): string[] {
  const given = isRecord(service) ? service.depends_on : undefined;
  if (!isRecord(given)) return [];
  return Object.keys(given).filter((name) => {
    const how = given[name];
    return isRecord(how) && how.condition === "service_completed_successfully";
  });
}

function buildOf(service: unknown): ComposeService["build"] {
  const build = isRecord(service) ? service.build : undefined;
  if (typeof build === "string") return { directory: resolve(build) ?? build, dockerfile: "Dockerfile" };
  if (!isRecord(build)) return undefined;
  const directory = typeof build.context === "string" ? (resolve(build.context) ?? build.context) : ".";
  return { directory, dockerfile: typeof build.dockerfile === "string" ? build.dockerfile : "Dockerfile" };
}

// ── Ports ──────────────────────────────────────────────────────────────────────────────────────────────────

/** What is known to listen where. */
const wellKnown: Readonly<Record<number, string>> = {
  53: "dns",
  80: "http",
  443: "https",
  1433: "sql",
  1521: "sql",
  3000: "http",
  3306: "mysql",
  4222: "nats",
  5000: "http",
  5432: "postgres",
  5672: "amqp",
  6379: "redis",
  8000: "http",
  8080: "http",
  8443: "https",
  8888: "http",
  9000: "http",
  9092: "kafka",
  9200: "http",
  11211: "memcached",
  27017: "mongo",
};

/** Ports of images that need not be said because everybody knows them. */
const ofImages: Readonly<Record<string, number>> = {
  postgres: 5432,
  postgis: 5432,
  mysql: 3306,
  mariadb: 3306,
  redis: 6379,
  valkey: 6379,
  mongo: 27017,
  memcached: 11211,
  rabbitmq: 5672,
  nats: 4222,
  elasticsearch: 9200,
  nginx: 80,
  httpd: 80,
  caddy: 80,
};

export const imageName = (image: string): string => /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(image)?.[1] ?? image;

type RawPort = Omit<ComposePort, "name">;

function portsOf(service: unknown, exposed: readonly number[]): ComposePort[] {
  if (!isRecord(service)) return [];
  const given: RawPort[] = [
    ...(Array.isArray(service.ports) ? service.ports.flatMap(readPort) : []),
    ...(Array.isArray(service.expose)
      ? service.expose.flatMap((port) => readPort(`${port}`).map(unpublished))
      : []),
    ...exposed.map((number): RawPort => ({ number, protocol: "TCP" })),
  ];
  if (given.length === 0 && typeof service.image === "string") {
    const number = ofImages[imageName(resolve(service.image) ?? service.image)];
    if (number !== undefined) given.push({ number, protocol: "TCP" });
  }
  const ports: ComposePort[] = [];
  for (const port of given) {
    if (ports.some(({ number, protocol }) => number === port.number && protocol === port.protocol)) continue;
    const known = wellKnown[port.number];
    const base = known ?? `port-${port.number}`;
    const taken = ports.some(({ name }) => name === base);
    ports.push({ ...port, name: taken ? `${known ?? "p"}-${port.number}` : base });
  }
  return ports;
}

const unpublished = ({ published: _, ...port }: RawPort): RawPort => port;

/** `"8080:80"`, `"127.0.0.1:8080:80/udp"`, `"3000"`, `"3000-3002"`, `{ target, published, protocol }`. */
export function readPort(value: unknown): RawPort[] {
  if (isRecord(value)) {
    const number = Number(value.target);
    const published = value.published === undefined ? undefined : Number(value.published);
    const protocol = value.protocol === "udp" ? "UDP" : "TCP";
    if (!isPort(number)) return [];
    return [{ number, protocol, ...(published !== undefined && isPort(published) ? { published } : {}) }];
  }
  if (typeof value !== "string" && typeof value !== "number") return [];
  const text = resolve(String(value));
  const match =
    /^(?:(?:\d+(?:\.\d+){3}|\[[\da-f:]+\]):)?(?:(\d*)(?:-(\d+))?:)?(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/i.exec(
      text ?? "",
    );
  if (!match) return [];
  const [, from, , first = "", last, transport] = match;
  const protocol = transport?.toLowerCase() === "udp" ? "UDP" : "TCP";
  const count = last === undefined ? 1 : Number(last) - Number(first) + 1;
  if (!isPort(Number(first)) || count < 1 || count > 100) return [];
  return Array.from({ length: count }, (_, index) => ({
    number: Number(first) + index,
    protocol,
    published: from ? Number(from) + index : 0,
  }));
}

const isPort = (number: number): boolean => Number.isInteger(number) && number >= 1 && number <= 65535;
