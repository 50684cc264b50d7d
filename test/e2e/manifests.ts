/** Objects as JSON, for files that kubectl is given. */

interface Options {
  readonly replicas?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The manifest of an rc whose pods sleep. */
export function rc(name: string, { replicas = 1, env = { A: "1" }, labels = {} }: Options = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: { name, labels: { app: name, ...labels } },
    spec: {
      replicas,
      selector: { app: name },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            {
              name: "main",
              image: "host",
              command: ["sleep", "1000"],
              env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
            },
          ],
        },
      },
    },
  });
}

export const configMap = (name: string, data: object, metadata: object = {}) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data });
