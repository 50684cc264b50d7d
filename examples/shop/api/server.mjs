// The shop's API: articles as JSON, kept in the store.
import { createServer } from "node:http";

const { HOST = "127.0.0.1", PORT = "8080", STORE_HOST, STORE_PORT } = process.env;
const store = `http://${STORE_HOST}:${STORE_PORT}/articles`;
const first = [
  { name: "a cup", price: 7 },
  { name: "a kettle", price: 42 },
];

async function articles() {
  const answer = await fetch(store);
  if (answer.status !== 404) return answer.text();
  await fetch(store, { method: "PUT", body: JSON.stringify(first) });
  return JSON.stringify(first);
}

const server = createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok\n");
  if (request.url !== "/articles") return response.writeHead(404).end("no such thing\n");
  articles().then(
    (text) => response.writeHead(200, { "content-type": "application/json" }).end(text),
    (error) => response.writeHead(502).end(`the store does not answer: ${error.message}\n`),
  );
});

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${PORT}, store at ${store}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
