// The guestbook's front end: writes entries to the redis primary, reads them from a replica.
import { createServer } from "node:http";
import { connect } from "node:net";

const {
  HOST = "127.0.0.1",
  PORT = "8080",
  PRIMARY_HOST,
  PRIMARY_PORT,
  REPLICA_HOST,
  REPLICA_PORT,
  POD_NAME,
} = process.env;

/** One command to redis over a connection of its own; gives the reply as text lines (RESP, as far as lists and numbers). */
function redis(host, port, ...words) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    let text = "";
    socket
      .setEncoding("utf8")
      .setTimeout(2000, () => socket.destroy(new Error(`${host}:${port} does not answer`)));
    socket.on("error", reject).on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\r\n");
      if (lines.length < 2) return;
      const items = lines[0].startsWith("*") ? Number(lines[0].slice(1)) : 0;
      if (lines.length - 2 < items * 2) return;
      socket.destroy();
      if (lines[0].startsWith("-")) reject(new Error(lines[0].slice(1)));
      else
        resolve(
          items
            ? lines
                .slice(1)
                .filter((_, index) => index % 2 === 1)
                .slice(0, items)
            : lines[0].slice(1),
        );
    });
    socket.write(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`,
    );
  });
}

async function answer(request, response) {
  if (request.method === "POST") {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const entry = Buffer.concat(chunks)
      .toString()
      .replace(/[\r\n]+/g, " ")
      .slice(0, 200);
    await redis(PRIMARY_HOST, PRIMARY_PORT, "RPUSH", "guestbook", entry);
    return response.writeHead(201).end("written\n");
  }
  const entries = await redis(REPLICA_HOST, REPLICA_PORT, "LRANGE", "guestbook", "0", "-1");
  response.writeHead(200, { "content-type": "application/json" });
  response.end(`${JSON.stringify({ servedBy: POD_NAME, entries: Array.isArray(entries) ? entries : [] })}\n`);
}

const server = createServer((request, response) => {
  if (request.url === "/healthz") return response.end("ok\n");
  answer(request, response).catch((error) => response.writeHead(502).end(`redis: ${error.message}\n`));
});

server.listen(Number(PORT), HOST, () => console.log(`listening on ${HOST}:${PORT}`));
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
