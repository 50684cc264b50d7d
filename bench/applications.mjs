// The workload: COUNT applications, each a replication controller (two containers, a config volume, requests and limits)
// and a service, written in the ways that a user might choose. `node bench/applications.mjs SHAPE COUNT > main.kdsl`.

const tiers = ["web", "api", "batch"];
const levels = ["debug", "info", "warn"];

/** What tells application `index` from the others. */
export const parameters = (index) => ({
  name: `app-${index}`,
  image: `team-${index % 20}/app:${index % 7}.${index % 11}.0`,
  replicas: (index % 5) + 1,
  port: 8000 + (index % 1000),
  tier: tiers[index % 3],
  level: levels[index % 3],
  shard: `${index % 16}`,
  size: (index % 4) + 1,
  config: `config-${index}`,
});

/** The objects of one application, as Kubernetes has them, without defaults: what every way of writing it has to give. */
export const objects = (index) => objectsOf(parameters(index));

export function objectsOf({ name, image, replicas, port, tier, level, shard, size, config }) {
  const labels = { app: name, tier, "managed-by": "bench" };
  const metadata = { name, namespace: "default", labels };
  const tcp = (portName, containerPort) => ({ name: portName, containerPort, protocol: "TCP" });
  const mounts = (mountPath) => [{ name: "config", mountPath, readOnly: true }];
  const main = {
    name: "main",
    image,
    ports: [tcp("http", port), tcp("metrics", 9100)],
    env: [
      { name: "APP_NAME", value: name },
      { name: "LOG_LEVEL", value: level },
      { name: "SHARD", value: shard },
      { name: "PORT", value: `${port}` },
    ],
    resources: {
      requests: { cpu: milli(100 * size), memory: mebi(128 * size) },
      limits: { cpu: milli(200 * size), memory: mebi(256 * size) },
    },
    volumeMounts: mounts("/etc/config"),
  };
  const sidecar = {
    name: "sidecar",
    image: "infra/proxy:0.9.1",
    ports: [tcp("proxy", 15001)],
    env: [{ name: "UPSTREAM", value: `127.0.0.1:${port}` }],
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "100m", memory: "128Mi" } },
    volumeMounts: mounts("/etc/proxy"),
  };
  const volumes = [{ name: "config", configMap: { name: config } }];
  const template = { metadata: { labels }, spec: { containers: [main, sidecar], volumes } };
  const ports = [
    { name: "http", port: 80, targetPort: port, protocol: "TCP" },
    { name: "metrics", port: 9100, targetPort: 9100, protocol: "TCP" },
  ];
  const selector = { app: name };
  return [
    {
      apiVersion: "v1",
      kind: "ReplicationController",
      metadata,
      spec: { replicas, selector, template },
    },
    { apiVersion: "v1", kind: "Service", metadata, spec: { selector, ports } },
  ];
}

/** Kubernetes' canonical quantities. */
const milli = (amount) => (amount % 1000 === 0 ? `${amount / 1000}` : `${amount}m`);
const mebi = (amount) => (amount % 1024 === 0 ? `${amount / 1024}Gi` : `${amount}Mi`);

const labels = `label app
label tier: "web" | "api" | "batch"
label "managed-by" as managedBy: "bench"
`;

const amounts = ({ cpu, memory }, times) => `{ cpu: ${cpu(100 * times)}, memory: ${memory(128 * times)} }`;

/** The members of an application's pod and service; `values` gives the text of what differs. */
const application = (values) => `rc ${values.rc} {
  replicas: ${values.replicas}
  labels: { app: ${values.name}, tier: ${values.tier}, "managed-by": "bench" }
  pod {
    identity: { app: ${values.name} }
    labels: { tier: ${values.tier}, "managed-by": "bench" }
    volume config: config(${values.config})
    container main {
      image: ${values.image}
      port http: ${values.port}
      port metrics: 9100
      env: { APP_NAME: ${values.name}, LOG_LEVEL: ${values.level}, SHARD: ${values.shard}, PORT: ${values.port} }
      requests: ${values.requests ?? amounts(values, 1)}
      limits: ${values.limits ?? amounts(values, 2)}
      mount config at "/etc/config" readonly
    }
    container sidecar {
      image: "infra/proxy:0.9.1"
      port proxy: 15001
      env: { UPSTREAM: ${values.upstream} }
      requests: { cpu: 50m, memory: 64Mi }
      limits: { cpu: 100m, memory: 128Mi }
      mount config at "/etc/proxy" readonly
    }
  }
}

service ${values.service} {
  labels: { app: ${values.name}, tier: ${values.tier}, "managed-by": "bench" }
  select: ${values.select}
  port http: 80 -> ${values.port}
  port metrics: 9100 -> 9100
}
`;

/** Each object written out. */
function declarations(count) {
  const one = (index) => {
    const { name, image, replicas, port, tier, level, shard, size } = parameters(index);
    const values = {
      rc: `"${name}" as app${index}`,
      service: `"${name}" as service${index}`,
      select: `app${index}`,
      config: `config${index}`,
      name: `"${name}"`,
      image: `"${image}"`,
      replicas,
      port,
      tier: `"${tier}"`,
      level: `"${level}"`,
      shard: `"${shard}"`,
      cpu: (base) => `${base * size}m`,
      memory: (base) => `${base * size}Mi`,
      upstream: `"127.0.0.1:${port}"`,
    };
    return `config "config-${index}" as config${index} {}\n\n${application(values)}`;
  };
  return [labels, ...Array.from({ length: count }, (_, index) => one(index))].join("\n");
}

/** Families over a range. */
function family(count) {
  const values = {
    rc: "app[i in numbers]",
    service: `"app" as appService[i in numbers]`,
    select: "app[i]",
    config: "settings[i]",
    name: '"app-{i}"',
    image: '"team-{rem(i, 20)}/app:{rem(i, 7)}.{rem(i, 11)}.0"',
    replicas: "rem(i, 5) + 1",
    port: "8000 + rem(i, 1000)",
    tier: "tiers[rem(i, 3)]",
    level: "levels[rem(i, 3)]",
    shard: '"{rem(i, 16)}"',
    cpu: (base) => `${base}m * (rem(i, 4) + 1)`,
    memory: (base) => `${base}Mi * (rem(i, 4) + 1)`,
    upstream: '"127.0.0.1:{8000 + rem(i, 1000)}"',
  };
  return `${labels}
let numbers = 0..${count - 1}
let tiers = ["web", "api", "batch"]
let levels = ["debug", "info", "warn"]

config "config" as settings[i in numbers] {}

${application(values)}`;
}

/** One template, and a block of some lines for each application: what the peers are measured with. */
function template(count) {
  const values = {
    rc: "self",
    service: "self",
    select: "self",
    config: "settings",
    name: "self.name",
    image: "image",
    replicas: "copies",
    port: "number",
    tier: "kind",
    level: "level",
    shard: "shard",
    requests: "requests",
    limits: "limits",
    upstream: '"127.0.0.1:{number}"',
  };
  const use = (index) => {
    const { name, image, replicas, port, tier, level, shard, size } = parameters(index);
    return `App "${name}" as app${index} {
  image: "${image}"
  copies: ${replicas}
  number: ${port}
  kind: "${tier}"
  level: "${level}"
  shard: "${shard}"
  requests: { cpu: ${100 * size}m, memory: ${128 * size}Mi }
  limits: { cpu: ${200 * size}m, memory: ${256 * size}Mi }
  settings: config[${index}]
}
`;
  };
  const body = application(values)
    .split("\n")
    .map((line) => (line === "" ? line : `  ${line}`))
    .join("\n");
  return `${labels}
template App(
  image: Image,
  copies: Int(0..100) = 1,
  number: Int(1..65535) = 8080,
  kind: "web" | "api" | "batch" = "web",
  level: "debug" | "info" | "warn" = "info",
  shard: String = "0",
  requests: Resources = { cpu: 100m, memory: 128Mi },
  limits: Resources = { cpu: 200m, memory: 256Mi },
  settings: Config,
) {
${body}}

config "config" as config[i in 0..${count - 1}] {}

${Array.from({ length: count }, (_, index) => use(index)).join("\n")}`;
}

/** The ways to write it, by name. */
export const shapes = { declarations, family, template };

if (process.argv[1] === import.meta.filename) {
  const [shape = "declarations", count = "1000"] = process.argv.slice(2);
  process.stdout.write(shapes[shape](Number(count)));
}
