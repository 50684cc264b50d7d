import { compile } from "../../compiler/compile.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import type { Plan } from "../../model/plan.ts";

/** The plan of a text, which has to be free of errors. */
export function planOf(text: string): Plan {
  const { plan, diagnostics } = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => path,
  });
  const wrong = diagnostics.filter(({ severity }) => severity === "error");
  if (!plan || wrong.length > 0) throw new Error(wrong.map(({ message }) => message).join("\n"));
  return plan;
}

/** Three nodes in two zones, an rc of three web servers with its service, and a worker. */
export const shop = `
use std/probe { http }
label app: String
label zone: String

node w[i in 1..3] {
  labels: { zone: if i == 1 then "a" else "b" }
  capacity: { cpu: 2, memory: 4Gi }
}

rc web {
  replicas: 3
  pod {
    identity: { app: "web" }
    container server {
      image: "example/web:1"
      port http: 8080
      requests: { cpu: 200m, memory: 128Mi }
      limits: { memory: 256Mi }
      ready: http(http, path: "/")
    }
  }
}

service web {
  select: web
  port http: 80 -> http
}

rc worker {
  replicas: 2
  pod {
    identity: { app: "worker" }
    container worker {
      image: "example/worker:1"
      requests: { cpu: 100m, memory: 64Mi }
      limits: { memory: 128Mi }
    }
  }
}
`;
