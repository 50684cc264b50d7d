// Writes a file of COUNT applications, each a replication controller and its service as explicit blocks:
// `node bench/generate.mjs COUNT > main.kdsl`.

const tiers = ["web", "api", "batch"];
const levels = ["debug", "info", "warn"];

const application = (index) => {
  const name = `app-${index}`;
  const port = 8000 + (index % 1000);
  const size = (index % 4) + 1;
  return `rc "${name}" as app${index} {
  replicas: ${(index % 5) + 1}
  pod {
    identity: { app: "${name}", tier: "${tiers[index % 3]}" }
    container main {
      image: "team-${index % 20}/app:${index % 7}.${index % 11}.0"
      port http: ${port}
      port metrics: 9100
      env: { APP_NAME: "${name}", LOG_LEVEL: "${levels[index % 3]}", SHARD: "${index % 16}", PORT: ${port} }
      requests: { cpu: ${100 * size}m, memory: ${128 * size}Mi }
      limits: { cpu: ${200 * size}m, memory: ${256 * size}Mi }
    }
    container sidecar {
      image: "infra/proxy:0.9.1"
      port proxy: 15001
      env: { UPSTREAM: "localhost:${port}" }
      requests: { cpu: 50m, memory: 64Mi }
      limits: { cpu: 100m, memory: 128Mi }
    }
  }
}

service "${name}" as service${index} {
  select: app${index}
  port http: 80 -> http
  port metrics: 9100 -> metrics
}
`;
};

/** The text of a file with `count` applications. */
export function generate(count) {
  const labels = `label app\nlabel tier: ${tiers.map((tier) => `"${tier}"`).join(" | ")}\n`;
  return [labels, ...Array.from({ length: count }, (_, index) => application(index))].join("\n");
}

if (process.argv[1] === import.meta.filename) process.stdout.write(generate(Number(process.argv[2] ?? 1000)));
