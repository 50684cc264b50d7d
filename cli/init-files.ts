/** What `kdsl init` writes. */

export const firstFile = `// Two copies of a small web server behind one address.
//
//   kdsl run main.kdsl            starts it; Ctrl-C takes it down
//   curl http://localhost:30800   asks one of the copies
//   kdsl get pods                 from another terminal; kdsl --help lists more

use std/probe { http }

/// How many copies of the server run.
param copies: Int(1..20) = 2

label app

rc web {
  replicas: copies
  pod {
    identity: { app: "web" }

    container server {
      image: "web:dev"
      local { command: ["node", "server.mjs"], watch: ["*.mjs"] }
      port http: 8080
      ready: http(http, path: "/healthz")
    }
  }
}

service web {
  select: web
  port http: 8080 -> http
  expose: node(30800)
}
`;

export const firstServer = `import { createServer } from "node:http";

// Every pod has an address of its own: HOST and PORT say where this one is to listen.
const { HOST, PORT, POD_NAME } = process.env;

const server = createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok\\n");
  console.log(request.method, request.url);
  response.end(\`hello from \${POD_NAME}\\n\`);
});

server.listen(Number(PORT), HOST, () => console.log(\`listening on http://\${HOST}:\${PORT}\`));

// Kubernetes asks a program to end by SIGTERM: finish what is being answered, then go.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
`;
