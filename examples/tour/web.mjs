// The front end: asks the database for the time that it keeps and writes each visit into the pod's volume.
import { appendFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";

const { HOST = "127.0.0.1", PORT = "8080", DB_HOST, DB_PORT, DB_PASS = "", LOG, POD_NAME } = process.env;
const cache = process.env.KDSL_VOLUME_CACHE ?? "/var/cache";

function query(text) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(DB_PORT), DB_HOST, () => socket.end(`${DB_PASS} ${text}\n`));
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk) => (answer += chunk));
    socket.on("end", () => resolve(answer.trim())).on("error", reject);
  });
}

const server = createServer(async (request, response) => {
  if (request.url === "/healthz") return response.end("ok\n");
  try {
    const answer = await query("visits");
    await appendFile(join(cache, "access.log"), `visit ${answer}\n`);
    if (LOG === "debug") console.log(`visit ${answer}`);
    response.end(`visit ${answer}, served by ${POD_NAME}\n`);
  } catch (error) {
    response.writeHead(502).end(`the database does not answer: ${error.message}\n`);
  }
});

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${PORT}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
