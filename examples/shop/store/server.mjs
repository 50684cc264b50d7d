// The shop's store: values by key over HTTP, each a file of the pod's volume.
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const { HOST = "127.0.0.1", PORT = "7000" } = process.env;
const directory = process.env.KDSL_VOLUME_DATA ?? process.env.DATA ?? ".";

async function answer(request, response) {
  const key = request.url.slice(1);
  if (!/^[a-z]+$/.test(key)) return response.writeHead(400).end("a key is letters\n");
  const file = join(directory, key);
  if (request.method === "PUT") {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    await writeFile(file, Buffer.concat(chunks));
    return response.writeHead(204).end();
  }
  const value = await readFile(file).catch(() => undefined);
  return value ? response.end(value) : response.writeHead(404).end("nothing there\n");
}

const server = createServer((request, response) => {
  answer(request, response).catch((error) => response.writeHead(500).end(`${error.message}\n`));
});

server.listen(Number(PORT), HOST, () => console.log(`storing in ${directory}, listening on ${HOST}:${PORT}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
