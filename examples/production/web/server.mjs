// The front end: GET shows where the parcels are, POST /NAME hands one in.
import { createServer } from "node:http";

const {
  HOST = "127.0.0.1",
  PORT = "8080",
  POD_NAME = "?",
  NODE_NAME = "?",
  STORE,
  PASSWORD = "",
} = process.env;
const { TITLE = "Parcels" } = process.env;
const headers = { authorization: `Bearer ${PASSWORD}` };

async function answer({ method, url }, response) {
  if (url === "/healthz") return response.end("ok\n");
  const name = url.slice(1);
  if (method === "POST" && name) await fetch(`${STORE}/${name}/post%20office`, { method: "PUT", headers });
  const parcels = await fetch(`${STORE}/`, { headers }).then((reply) => reply.json());
  const lines = Object.entries(parcels).map(([parcel, place]) => `${parcel}: ${place}\n`);
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.end(`${TITLE}\n${lines.join("") || "none yet\n"}served by ${POD_NAME} on ${NODE_NAME}\n`);
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) =>
    response.writeHead(502).end(`the store does not answer: ${error.message}\n`),
  );
});

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${PORT}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
