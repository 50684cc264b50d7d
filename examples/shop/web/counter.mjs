// Counts the visits that the front end beside it wrote into the volume that the two containers share.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const { HOST = "127.0.0.1", PORT = "8081" } = process.env;
const file = join(process.env.KDSL_VOLUME_VISITS ?? process.env.VISITS ?? ".", "visits.log");

const server = createServer(async (request, response) => {
  if (request.url === "/healthz") return response.end("ok\n");
  const text = await readFile(file, "utf8").catch(() => "");
  response.end(String(text.split("\n").length - 1));
});

server.listen(Number(PORT), HOST, () => console.log(`counting on ${HOST}:${PORT}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
