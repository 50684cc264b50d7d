// The shop's front end: shows the articles that the API has, and how often this copy was visited, which it asks of
// the other container of its pod. A visit is a line in a file of the volume that both containers share.
import { appendFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const {
  HOST = "127.0.0.1",
  PORT = "8080",
  API,
  COUNTER_PORT = "8081",
  POD_NAME = "?",
  NODE_NAME = "?",
} = process.env;
const visits = process.env.KDSL_VOLUME_VISITS ?? process.env.VISITS ?? ".";

async function page(response) {
  await appendFile(join(visits, "visits.log"), `${POD_NAME}\n`);
  const [articles, count] = await Promise.all([
    fetch(`${API}/articles`).then((answer) => answer.json()),
    fetch(`http://${HOST}:${COUNTER_PORT}/`).then((answer) => answer.text()),
  ]);
  const rows = articles.map(({ name, price }) => `<li>${name}: ${price} €</li>`).join("\n");
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(
    `<h1>The shop</h1>\n<ul>\n${rows}\n</ul>\n<p>served by ${POD_NAME} on ${NODE_NAME}, visit ${count}</p>\n`,
  );
}

const server = createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok\n");
  page(response).catch((error) => response.writeHead(502).end(`the API does not answer: ${error.message}\n`));
});

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${PORT}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
