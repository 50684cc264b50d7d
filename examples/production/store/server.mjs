// The store: parcels and where they are, in a file of its volume. Answers those who know the password.
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const { HOST = "127.0.0.1", PORT = "5432", PASSWORD = "" } = process.env;
const file = join(process.env.KDSL_VOLUME_DATA ?? ".", "parcels.json");
const parcels = JSON.parse(await readFile(file, "utf8").catch(() => "{}"));

async function answer({ method, url, headers }, response) {
  if (headers.authorization !== `Bearer ${PASSWORD}`) return response.writeHead(401).end("wrong password\n");
  const [, name, place] = url.split("/").map(decodeURIComponent);
  if (method === "PUT" && name && place) {
    parcels[name] = place;
    await writeFile(file, JSON.stringify(parcels));
  }
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(parcels));
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(`${error.message}\n`));
});

server.listen(Number(PORT), HOST, () => console.log(`storing in ${file}, listening on ${HOST}:${PORT}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
